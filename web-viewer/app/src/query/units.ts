import type { ViewInfo } from '../host/api';
import { count, exact } from '../locale/format';
import { formatDuration, formatInstant, parseNs } from '../time/ns';
import { formatQuantity } from '../time/quantity';
import type { ResultColumn } from './result';

/** Of microseconds: finer ones stand in what is exact. */
const INSTANT_DIGITS = 6;

/** What gives values of the unit that its argument has, as the engine names such a column: max(end_ns). */
const KEEPS_UNIT = /^(?:min|max|any_value|first|last|arg_min|arg_max|avg|median|sum|mode)\("?(\w+)"?[^()]*\)$/i;

/** Integers that name something: groups of digits would only hide it. */
const NAMES_SOMETHING = /(?:^|_)(?:id|line|number|version|ordinal|sequence)$/i;

/** The units of columns by their names, as far as all views that have one of a name agree. */
export function unitsOf(views: readonly ViewInfo[]): ReadonlyMap<string, string> {
  const units = new Map<string, string>();
  for (const { columns } of views)
    for (const { name, unit } of columns) units.set(name, units.has(name) && units.get(name) !== unit ? '' : unit);
  return units;
}

/** A result has no units: a column that is named as one of the views, or is the greatest of it, has that one's. */
export function unitOf({ name, kind }: ResultColumn, units: ReadonlyMap<string, string>): string {
  if (kind !== 'integer' && kind !== 'float') return '';
  const unit = units.get(name) ?? units.get(KEEPS_UNIT.exec(name)?.[1] ?? '') ?? '';
  // A mean of points in time is no whole number of nanoseconds.
  return unit === 'ns UTC' && kind !== 'integer' ? '' : unit;
}

/** A value as it is shown; `null` where there is none. `raw`: with all digits, and no unit. */
export function shownText(column: ResultColumn, row: number, unit: string, raw: boolean): string | null {
  const text = column.exact(row);
  if (text === null || raw) return text;
  if (column.kind === 'time') {
    const ns = column.integer(row)!;
    return column.type === 'DATE' || isoFails(text) ? text : formatInstant(ns, INSTANT_DIGITS);
  }
  if (column.kind === 'integer') {
    const value = column.integer(row)!;
    if (unit === 'ns UTC') {
      const ns = parseNs(text);
      return ns === null ? text : formatInstant(ns, INSTANT_DIGITS);
    }
    if (unit === 'ns') return formatDuration(Number(value));
    if (unit === 'bytes') return formatQuantity(Number(value), 'bytes');
    return NAMES_SOMETHING.test(column.name) ? text : count(value);
  }
  if (column.kind === 'float') {
    const value = column.number(row, 0n);
    if (unit === 'ns') return formatDuration(value);
    if (unit === 'bytes') return formatQuantity(value, 'bytes');
    // A decimal may have more digits than a number.
    return Number(text) === value && String(value) === text ? exact(value) : text;
  }
  return text;
}

/** A time before or after all that a Date knows stays the number that it is. */
function isoFails(text: string): boolean {
  return !text.includes('-', 1);
}
