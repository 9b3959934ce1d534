export interface Segment {
  readonly text: string;
  readonly hit: boolean;
}

/** Cuts a text at what was searched for, regardless of case. */
export function highlight(text: string, query: string): Segment[] {
  if (query === '') return [{ text, hit: false }];
  const segments: Segment[] = [];
  // Lower-casing can change the length of a few letters; then positions don't fit and nothing is highlighted.
  const lower = text.toLowerCase();
  const wanted = query.toLowerCase();
  if (lower.length !== text.length) return [{ text, hit: false }];
  let from = 0;
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
    if (at > from) segments.push({ text: text.slice(from, at), hit: false });
    segments.push({ text: text.slice(at, at + wanted.length), hit: true });
    from = at + wanted.length;
  }
  if (from < text.length) segments.push({ text: text.slice(from), hit: false });
  return segments;
}
