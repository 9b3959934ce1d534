export interface Segment {
  readonly text: string;
  readonly hit: boolean;
}

/** The words, and texts in quotation marks, that a search wants: without those that a minus leaves out. The host reads a search in the same way. */
export function wantedTexts(search: string): string[] {
  return [...search.matchAll(/(-(?=\S))?(?:"([^"]*)"?|(\S+))/g)].flatMap(([, minus, quoted, word]) => (minus === undefined ? [quoted ?? word ?? ''] : [])).filter((text) => text !== '');
}

/** Cuts a text at what was searched for, regardless of case. */
export function highlight(text: string, wanted: readonly string[]): Segment[] {
  const lower = text.toLowerCase();
  // Lower-casing can change the length of a few letters; then positions don't fit and nothing is highlighted.
  if (lower.length !== text.length) return [{ text, hit: false }];
  const hits = wanted.flatMap((each) => placesOf(lower, each.toLowerCase())).sort(([a], [b]) => a - b);
  const segments: Segment[] = [];
  let from = 0;
  for (const [begin, end] of hits) {
    if (end <= from) continue;
    if (begin > from) segments.push({ text: text.slice(from, begin), hit: false });
    segments.push({ text: text.slice(Math.max(from, begin), end), hit: true });
    from = end;
  }
  if (from < text.length || segments.length === 0) segments.push({ text: text.slice(from), hit: false });
  return segments;
}

function placesOf(text: string, wanted: string): [number, number][] {
  const places: [number, number][] = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) places.push([at, at + wanted.length]);
  return places;
}
