/** A time range in nanoseconds from the chart's origin, drawn over the full width of its lanes. */
export interface View {
  readonly begin: number;
  readonly end: number;
}

/** A time range since the Unix epoch, as it leaves the chart. */
export interface TimeRange {
  readonly beginNs: bigint;
  readonly endNs: bigint;
}

/** The finest step is 1,024 ns: closer than this a span's edges would be visibly wrong. */
export const MIN_NS_PER_PIXEL = 32;

/** Empty space kept at both ends when everything is shown, as a share of the range. */
const MARGIN = 0.01;

export function absolute(originNs: bigint, ns: number): bigint {
  return originNs + BigInt(Math.round(ns));
}

export function absoluteRange(originNs: bigint, { begin, end }: View): TimeRange {
  return { beginNs: absolute(originNs, begin), endNs: absolute(originNs, end) };
}

export function relativeRange(originNs: bigint, { beginNs, endNs }: TimeRange): View {
  return { begin: Number(beginNs - originNs), end: Number(endNs - originNs) };
}

export function spanOf(view: View): number {
  return view.end - view.begin;
}

export function nsPerPixel(view: View, width: number): number {
  return spanOf(view) / Math.max(1, width);
}

export function xOf(view: View, width: number, ns: number): number {
  return ((ns - view.begin) / spanOf(view)) * width;
}

export function nsAt(view: View, width: number, x: number): number {
  return view.begin + (x / Math.max(1, width)) * spanOf(view);
}

export function fit(bounds: View): View {
  const margin = Math.max(spanOf(bounds), 1000) * MARGIN;
  return { begin: bounds.begin - margin, end: bounds.end + margin };
}

/** `range` with room around it: a span zoomed to should show what it lies in. */
export function around(range: View, share = 0.1): View {
  const margin = spanOf(range) * share;
  return { begin: range.begin - margin, end: range.end + margin };
}

/** Keeps the view between the finest useful zoom and everything, with the process in sight. */
export function clamp(view: View, bounds: View, width: number): View {
  const all = fit(bounds);
  const least = Math.min(MIN_NS_PER_PIXEL * Math.max(1, width), spanOf(all));
  const span = Math.min(Math.max(spanOf(view), least), spanOf(all));
  const center = (view.begin + view.end) / 2;
  const begin = Math.min(Math.max(center - span / 2, all.begin), all.end - span);
  return { begin, end: begin + span };
}

/** Zooms by `factor` (below 1: closer); what lies at `anchor` stays where it is. */
export function zoom(view: View, anchor: number, factor: number, bounds: View, width: number): View {
  const all = fit(bounds);
  const least = Math.min(MIN_NS_PER_PIXEL * Math.max(1, width), spanOf(all));
  const span = Math.min(Math.max(spanOf(view) * factor, least), spanOf(all));
  const begin = anchor - ((anchor - view.begin) / spanOf(view)) * span;
  return clamp({ begin, end: begin + span }, bounds, width);
}

export function pan(view: View, deltaNs: number, bounds: View, width: number): View {
  return clamp({ begin: view.begin + deltaNs, end: view.end + deltaNs }, bounds, width);
}

/** The same to the eye: the edges of a span move by up to a step of its tile once its details are known. */
export function sameView(a: View, b: View): boolean {
  return Math.abs(a.begin - b.begin) + Math.abs(a.end - b.end) < spanOf(a) * 0.05;
}

/** What is revealed should measure at least this, so that the eye finds it. */
const MIN_REVEALED_PIXELS = 24;

/** The view in which `extent` can be seen; `null` when it is already. Zooms no more than needed. */
export function revealing(view: View, extent: View, width: number): View | null {
  const length = Math.max(1, spanOf(extent));
  const span = Math.min(Math.max(spanOf(view), length * 1.2), (length * width) / MIN_REVEALED_PIXELS);
  if (extent.begin >= view.begin && extent.end <= view.end && span >= spanOf(view) * 0.99) return null;
  const center = (extent.begin + extent.end) / 2;
  return { begin: center - span / 2, end: center + span / 2 };
}

/** What of a time lies within all of a process's; all of it where it lies beside. Both ends exclusive. */
export function spansWithin(range: TimeRange, whole: TimeRange): TimeRange {
  const beginNs = range.beginNs > whole.beginNs ? range.beginNs : whole.beginNs;
  const endNs = range.endNs < whole.endNs ? range.endNs : whole.endNs;
  return endNs > beginNs ? { beginNs, endNs } : range;
}
