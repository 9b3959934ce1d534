import { LEVELS } from '../../src/pages/levels';

type Json = Record<string, unknown>;

export interface LogRow {
  readonly time_ns: string;
  readonly level: string;
  readonly thread: string;
  readonly target: string;
  readonly message: string;
}

/** Lines in order of time. */
export interface LogList {
  readonly length: number;
  slice(from: number, to: number): readonly LogRow[];
}

const BARS = 240;

/** So many lines, too many to make them all: a microsecond apart, told apart by their place. */
export function manyLogs(length: number, beginNs: bigint): LogList {
  return {
    length,
    slice: (from, to) => Array.from({ length: Math.max(0, Math.min(to, length) - from) }, (_, i) => ({
      time_ns: String(beginNs + BigInt(from + i) * 1000n), level: 'info', thread: 'main', target: 'many', message: `line ${from + i}`,
    })),
  };
}

/** What the host answers of rows, counts and patterns. A long list is not looked into: its lines are found by place alone. */
export function fakeLogs(what: string, query: URLSearchParams, list: LogList, lookedAt = Infinity): Json {
  const all = Array.isArray(list) ? (list.slice(0, lookedAt) as LogRow[]) : list;
  const found = Array.isArray(all) ? filtered(query, all as LogRow[], what === 'counts') : all;
  const looked = { read: all.length, lines: list.length };
  const [first, limit] = [Number(query.get('first') ?? 0), Number(query.get('limit') ?? 200)];
  if (what === 'counts') {
    const own = Array.isArray(all) ? filtered(query, all as LogRow[], false).length : all.length;
    return { ...looked, total: own, ...counts(found, Array.isArray(all) || query.has('for_ms')) };
  }
  if (what === 'patterns') return patterns(found.slice(0, found.length));
  const at = query.get('at_ns');
  if (at === null) return { ...looked, total: found.length, first, rows: found.slice(first, first + limit) };
  let [low, high] = [0, found.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (BigInt(found.slice(middle, middle + 1)[0]!.time_ns) < BigInt(at)) low = middle + 1;
    else high = middle;
  }
  const from = Math.max(0, low - Math.floor(limit / 2));
  return { ...looked, total: found.length, first: from, found: low, rows: found.slice(from, from + limit) };
}

function patternOf(message: string): string {
  return message.replace(/[0-9]+(\.[0-9]+)*/g, '<*>');
}

function filtered(query: URLSearchParams, all: readonly LogRow[], allLevels: boolean): readonly LogRow[] {
  const from = BigInt(query.get('from_ns') ?? '0');
  const to = BigInt(query.get('to_ns') ?? '9223372036854775807');
  const least = allLevels ? 0 : Math.max(0, LEVELS.findIndex((level) => level === query.get('min_level')));
  const terms = (query.get('search') ?? '').toLowerCase().split(' ').filter((term) => term !== '');
  const pattern = query.get('pattern');
  return all.filter((row) => {
    const time = BigInt(row.time_ns);
    const text = row.message.toLowerCase();
    return time >= from && time <= to && LEVELS.findIndex((level) => level === row.level) >= least && (pattern === null || patternOf(row.message) === pattern)
      && terms.every((term) => (term.startsWith('-') ? !text.includes(term.slice(1)) : text.includes(term)));
  });
}

/** Of a long list, the first half is counted only where somebody asks for it. */
function counts(rows: LogList, isCounted: boolean): Json {
  const levels: Record<string, number> = {};
  if (!Array.isArray(rows)) {
    const begin = BigInt(rows.slice(0, 1)[0]!.time_ns);
    const step = (rows.length * 1000) / BARS;
    const bars = isCounted ? BARS / 2 : 0;
    return {
      read: isCounted ? rows.length / 2 : 0, lines: rows.length, known_to_ns: String(begin + BigInt(bars * step)), steps: BARS, levels: { info: (rows.length / BARS) * bars }, from_ns: String(begin), step_ns: String(step),
      bars: Array.from({ length: bars }, (_, step) => ({ step, counts: { info: rows.length / BARS } })),
    };
  }
  const own = rows as readonly LogRow[];
  if (own.length === 0) return { levels, known_to_ns: '0', steps: 0, from_ns: '0', step_ns: '1', bars: [] };
  const begin = BigInt(own[0]!.time_ns);
  const step = (BigInt(own.at(-1)!.time_ns) - begin) / BigInt(BARS) + 1n;
  const bars: Record<string, number>[] = [];
  for (const row of own) {
    levels[row.level] = (levels[row.level] ?? 0) + 1;
    const bar = (bars[Number((BigInt(row.time_ns) - begin) / step)] ??= {});
    bar[row.level] = (bar[row.level] ?? 0) + 1;
  }
  return { levels, known_to_ns: own.at(-1)!.time_ns, steps: 0, from_ns: String(begin), step_ns: String(step), bars: Object.entries(bars).map(([at, of]) => ({ step: Number(at), counts: of })) };
}

function patterns(rows: readonly LogRow[]): Json {
  const found = new Map<string, { pattern: string; count: number; level: string; example: string }>();
  for (const row of rows) {
    const pattern = patternOf(row.message);
    const known = found.get(pattern);
    if (known) known.count++;
    else found.set(pattern, { pattern, count: 1, level: row.level, example: row.message });
  }
  return { read: rows.length, total: rows.length, from_ns: rows[0]?.time_ns ?? '0', to_ns: rows.at(-1)?.time_ns ?? '0', patterns: [...found.values()].sort((a, b) => b.count - a.count).slice(0, 200) };
}
