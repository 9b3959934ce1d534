import type { ResultTable } from './result';

/** RFC 4180. Exact values; where there is none the field is empty, and a text of no characters has quotes. */
export function csvOf({ columns, rows }: ResultTable): string {
  const lines = [columns.map(({ name }) => field(name)).join(',')];
  for (let row = 0; row < rows; row++) lines.push(columns.map((column) => field(column.exact(row))).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

function field(text: string | null): string {
  if (text === null) return '';
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A cell of a notebook that asks the same. */
export function notebookCell(sql: string): string {
  return `#!legion sql\n${sql.trim()}\n`;
}
