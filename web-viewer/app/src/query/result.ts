/** How values are shown: numbers at the right, times as dates. */
export type ColumnKind = 'integer' | 'float' | 'time' | 'text' | 'other';

/** A column of a result. Its values are read from the arrays that came, when they are asked for. */
export interface ResultColumn {
  readonly name: string;
  /** As SQL writes it. */
  readonly type: string;
  readonly kind: ColumnKind;
  /** Exactly what came, as text: all digits of an integer, a time with its nanoseconds; `null` where there is no value. */
  exact(row: number): string | null;
  /** For a chart: a time is nanoseconds after `originNs`, and what is no number is NaN. */
  number(row: number, originNs: bigint): number;
  /** An integer, or a time in nanoseconds since the Unix epoch; `null` for anything else. */
  integer(row: number): bigint | null;
}

export interface ResultTable {
  readonly columns: readonly ResultColumn[];
  readonly rows: number;
}

/** Whether charts can have its values as an axis of numbers. */
export function isNumeric({ kind }: ResultColumn): boolean {
  return kind === 'integer' || kind === 'float' || kind === 'time';
}

