import { isNumeric, type ResultColumn, type ResultTable } from './result';
import { unitOf } from './units';

/** As many as can be told apart by their colours. */
export const MOST_CURVES = 6;

/** Of a list of bars: more are looked at in the table. */
export const MOST_BARS = 200;

export interface ChartColumns {
  readonly x: ResultColumn;
  readonly y: readonly ResultColumn[];
}

/** What can stand on either axis. How large a point in time is says nothing. */
export function candidates({ columns }: ResultTable, units: ReadonlyMap<string, string>): { x: readonly ResultColumn[]; y: readonly ResultColumn[] } {
  return { x: columns.filter((column) => isNumeric(column) || column.kind === 'text'), y: columns.filter((column) => isNumeric(column) && !isInstant(column, units)) };
}

/**
 * The columns that somebody chose, as far as the result has them; otherwise a time over which, or a text by which, or the first number, and the first number that is another.
 * `null`: there is nothing to draw.
 */
export function chosenColumns(table: ResultTable, x: string | null, y: readonly string[] | null, units: ReadonlyMap<string, string>): ChartColumns | null {
  const { x: horizontal, y: vertical } = candidates(table, units);
  const over = horizontal.find(({ name }) => name === x) ?? horizontal.find((column) => isInstant(column, units)) ?? horizontal.find(({ kind }) => kind === 'text') ?? horizontal[0];
  if (!over) return null;
  const named = y === null ? [] : vertical.filter(({ name }) => y.includes(name));
  const usual = vertical.find((column) => column !== over && !/_id$/.test(column.name)) ?? vertical.find((column) => column !== over);
  const drawn = named.length > 0 ? named : usual && y?.length !== 0 ? [usual] : [];
  return { x: over, y: drawn.slice(0, MOST_CURVES) };
}

/** Whether a column is of points in time. */
export function isInstant(column: ResultColumn, units: ReadonlyMap<string, string>): boolean {
  return column.kind === 'time' || unitOf(column, units) === 'ns UTC';
}

/** Numbers to draw: of instants, nanoseconds after `originNs`. */
export interface Plotted {
  readonly originNs: bigint | null;
  /** Ascending. */
  readonly x: Float64Array;
  /** NaN where there is no value. */
  readonly y: readonly Float64Array[];
  /** The row of each point. */
  readonly rows: Int32Array;
  /** Rows without a number on the axis, which are not drawn. */
  readonly leftOut: number;
}

/** The points of a result in the order of their axis. */
export function plotted({ x, y }: ChartColumns, rows: number, units: ReadonlyMap<string, string>): Plotted {
  const isTime = isInstant(x, units);
  let originNs: bigint | null = null;
  if (isTime) {
    for (let row = 0; row < rows; row++) {
      const ns = x.integer(row);
      if (ns !== null && (originNs === null || ns < originNs)) originNs = ns;
    }
    originNs ??= 0n;
  }
  const at = (row: number): number => {
    if (originNs === null || x.kind === 'time') return x.number(row, originNs ?? 0n);
    const ns = x.integer(row);
    return ns === null ? NaN : Number(ns - originNs);
  };
  const all = Float64Array.from({ length: rows }, (_, row) => at(row));
  const drawn = Array.from(all.keys()).filter((row) => Number.isFinite(all[row]!)).sort((a, b) => all[a]! - all[b]! || a - b);
  const finite = (value: number): number => (Number.isFinite(value) ? value : NaN);
  return {
    originNs,
    x: Float64Array.from(drawn, (row) => all[row]!),
    y: y.map((column) => Float64Array.from(drawn, (row) => finite(column.number(row, 0n)))),
    rows: Int32Array.from(drawn),
    leftOut: rows - drawn.length,
  };
}

/** What a list of bars has: a row each, as they came. */
export interface Bar {
  readonly row: number;
  readonly value: number;
}

export function barsOf(column: ResultColumn, rows: number): { bars: readonly Bar[]; least: number; greatest: number } {
  const bars: Bar[] = [];
  let [least, greatest] = [0, 0];
  for (let row = 0; row < Math.min(rows, MOST_BARS); row++) {
    const value = column.number(row, 0n);
    bars.push({ row, value });
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }
  return { bars, least, greatest };
}
