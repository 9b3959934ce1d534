/** What a notebook front end gives a cell. Only `get` is always there: a report has nobody to talk back to. */
export interface CellModel {
  get(key: string): unknown;
  set?(key: string, value: unknown): void;
  save_changes?(): void;
}

export type Fields = Readonly<Record<string, unknown>>;

/** The fields of an object; of anything else, none. */
export function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

export function messageOf(problem: unknown): string {
  return problem instanceof Error ? problem.message : String(problem);
}
