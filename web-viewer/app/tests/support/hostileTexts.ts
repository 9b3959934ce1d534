/** Texts that telemetry may bring: what would run, load, hide, mislead or break a layout if it were taken for anything but text. */
export const HOSTILE_TEXTS: readonly string[] = [
  '<script>window.hostile=1</script>',
  '</script><script>window.hostile=1</script>',
  '</title><script>window.hostile=1</script>',
  '</style><svg onload=window.hostile=1>',
  '<img src=x onerror="window.hostile=1">',
  '<img src="https://hostile.example/pixel.png">',
  '<iframe srcdoc="<script>parent.hostile=1</script>"></iframe>',
  '<link rel=stylesheet href=https://hostile.example/a.css>',
  '<base href="https://hostile.example/">',
  '<meta http-equiv=refresh content="0;url=https://hostile.example/">',
  '<form action=https://hostile.example/><button autofocus onfocus=window.hostile=1>',
  '<details open ontoggle=window.hostile=1>',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.hostile=1&gt;">',
  '<template shadowrootmode=open><script>window.hostile=1</script></template>',
  '<x is="x" contenteditable onblur=window.hostile=1 tabindex=0 id=attributes>',
  '<a id=location><a id=location name=href href="javascript:window.hostile=1">',
  '" onmouseover="window.hostile=1" x="',
  "' autofocus onfocus='window.hostile=1' x='",
  '` onpointerenter=window.hostile=1 `',
  'javascript:window.hostile=1',
  'JaVaScRiPt:window.hostile=1//',
  'data:text/html,<script>window.hostile=1</script>',
  '//hostile.example/x',
  'https://user@hostile.example/?a=<b>',
  '${window.hostile=1}',
  '{{constructor.constructor("window.hostile=1")()}}',
  '{ $count -> [one] x *[other] y }',
  '{-term}{"}"}',
  'expression(window.hostile=1);background:url(https://hostile.example/)',
  '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'then',
  '=HYPERLINK("https://hostile.example/","x")', '@SUM(1)', '-- DROP TABLE spans; /*', "'; SELECT 1; --",
  '\u202egnp.exe\u202c', '\u2066\u2067\u2069\u200f\u061c', '\u200b\u200c\u200d\ufeff', 'a\u0000b\u0001\u001b[31mc\u007f', 'line\nfeed\r\nand\ttab\u2028\u2029',
  'Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324\u031e\u0349\u035a\u032f\u031e\u0320\u034dA\u036b\u0357\u0334\u0362\u0335\u031c\u0330\u0354L',
  '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}\u200d\u{1f466}', '\u{e0041}\u{e0042}', 'ﷺ'.repeat(20), '漢字'.repeat(60), 'العربية ١٢٣ English',
  'W'.repeat(2000), 'word '.repeat(400), '\u00a0'.repeat(300), '.', '..', '../../etc/passwd', '%00%2e%2e%2f', '%', '&lt;b&gt;', '&#x3c;script&#x3e;', 'null', 'NaN', '0',
];

/** Fields of the host's JSON that hold what somebody wrote, and no id, number or word of ours. */
const FIELDS: ReadonlySet<string> = new Set([
  'exe', 'user', 'computer', 'os', 'cpu', 'runtime', 'end_reason', 'name', 'thread_id', 'thread', 'unit', 'target', 'file', 'message', 'detail', 'media_type', 'summary', 'by',
]);

/** Lists in which each text is to be once. */
const LISTS: ReadonlySet<string> = new Set(['processes', 'children', 'streams', 'problems', 'attachments', 'series']);

/** An id that differs in its last digits. */
function idOf(id: unknown, i: number): unknown {
  return typeof id === 'string' && i > 0 ? id.slice(0, -4) + (0xa000 + i).toString(16) : id;
}

/** An answer of the host as it would be if somebody had written these texts wherever somebody can write one. */
export function hostileJson(json: unknown, text = HOSTILE_TEXTS[4]!): unknown {
  if (Array.isArray(json)) return json.map((each, i) => hostileJson(each, HOSTILE_TEXTS[i % HOSTILE_TEXTS.length]));
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(Object.entries(json).map(([key, value]) => {
    if (key === 'properties') return [key, Object.fromEntries(HOSTILE_TEXTS.map((each) => [each, each]))];
    if (FIELDS.has(key) && typeof value === 'string') return [key, text];
    if (LISTS.has(key) && Array.isArray(value) && value.length > 0) {
      const listed = HOSTILE_TEXTS.map((each, i) => {
        const made = hostileJson(value[i % value.length], each) as Record<string, unknown>;
        for (const id of ['process_id', 'stream_id', 'attachment_id']) if (id in made) made[id] = idOf(made[id], i < value.length ? 0 : i);
        return made;
      });
      return [key, listed];
    }
    return [key, hostileJson(value, text)];
  }));
}
