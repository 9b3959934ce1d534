import type { TimeRange } from '../flame/view';
import { parseNs } from '../time/ns';

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

/** A range as messages have it, `begin_ns` and `end_ns` as decimal strings; `null` where it is none. */
export function rangeOf(value: unknown): TimeRange | null {
  const { begin_ns, end_ns } = fields(value);
  const beginNs = parseNs(typeof begin_ns === 'string' ? begin_ns : null);
  const endNs = parseNs(typeof end_ns === 'string' ? end_ns : null);
  return beginNs !== null && endNs !== null && endNs > beginNs ? { beginNs, endNs } : null;
}

/** Only addresses that a browser fetches; anything else could be script. */
export function httpAddress(value: unknown): string | null {
  return typeof value === 'string' && /^https?:\/\//i.test(value) ? value.replace(/\/+$/, '') : null;
}
