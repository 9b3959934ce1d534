/** Words that SQL takes for its own where a name could stand. */
const RESERVED = new Set(
  ('all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create default deferrable desc describe distinct do else end except false fetch for foreign from '
    + 'grant group having in initially intersect into lambda lateral leading limit not null offset on only or order pivot placing primary qualify references returning select show some summarize symmetric '
    + 'table then to trailing true union unique unpivot user using variadic when where window with').split(' '));

/** A name of a view, a column or an event type as SQL has to write it. */
export function sqlName(name: string): string {
  // What is one of the words in another case is one of them all the same.
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !RESERVED.has(name.toLowerCase()) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** A view's name: that of an event type stands behind the name of its schema. */
export function sqlView(name: string): string {
  const dot = name.indexOf('.');
  return dot < 0 ? sqlName(name) : `${sqlName(name.slice(0, dot))}.${sqlName(name.slice(dot + 1))}`;
}

/** A value in SQL. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The word at a position, or the one character; at the end the last one. Positions count UTF-16 units, as texts of a browser do. */
export function wordAt(text: string, position: number): { from: number; to: number } {
  const from = Math.max(0, Math.min(position, text.length - 1));
  const word = /^[\p{L}\p{N}_$]+|^./su.exec(text.slice(from))?.[0] ?? '';
  return { from, to: from + word.length };
}
