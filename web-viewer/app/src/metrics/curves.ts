import type { Loaded } from '../flame/ranges';
import { hashOf } from '../flame/theme';
import type { CounterBucket, Counters, SeriesInfo, SeriesKind } from '../flame/timeline';
import type { View } from '../flame/view';
import type { CountsPer } from './options';

/** A series as it is drawn; times are nanoseconds from the origin. */
export interface Curve {
  readonly name: string;
  /** Of the values that are drawn: of counts a second it is another than the metric's. */
  readonly unit: string;
  readonly kind: SeriesKind;
  readonly color: string;
  /** Colours come round again: the second time dashed. */
  readonly isDashed: boolean;
  /** As they arrived. */
  readonly points: readonly CounterBucket[];
  /** Of a count, what is drawn: the increments of each step, or how many that is a second; at the middle of the step. */
  readonly bars: readonly Bar[];
  /** Of the bars: one step of the answer or several, so that each is wide enough to be seen and is the mean of its time. */
  readonly stepNs: number;
  /** Its metric's unit, in which increments add up. */
  readonly sumUnit: string;
}

export interface Bar {
  readonly at: number;
  readonly value: number;
}

/** Curves of one unit share an axis. */
export interface UnitPanel {
  readonly unit: string;
  readonly curves: readonly Curve[];
}

const NS_PER_SECOND = 1e9;

/** Narrower bars nobody tells apart: where each has one increment or none, they would look like one of the highest of them. */
const LEAST_BAR_PIXELS = 4;

/** Steps lie on another grid than bars of several: of fewer than these, one more or less would be seen. */
const LEAST_MERGED = 4;

/** How many steps make a bar. It changes by powers of two, so that a small zoom changes nothing. */
export function stepsOfBar(stepNs: number, nsPerPixel: number): number {
  const least = (LEAST_BAR_PIXELS * nsPerPixel) / stepNs;
  return least <= 1 ? 1 : Math.max(LEAST_MERGED, 2 ** Math.ceil(Math.log2(least)));
}

/** One panel for each unit, in the order in which its first series was chosen; a series that has not arrived yet has its place there. */
export function panelsOf(
  names: readonly string[], series: readonly SeriesInfo[], loaded: Loaded<Counters> | null, originNs: bigint, per: CountsPer, steps: number, palette: readonly string[],
): readonly UnitPanel[] {
  const base = loaded ? Number(loaded.range.beginNs - originNs) : 0;
  const stepNs = (loaded?.value.stepNs ?? NS_PER_SECOND) * steps;
  const panels = new Map<string, { unit: string; curves: Curve[] }>();
  for (const name of names) {
    const counter = loaded?.value.counters.find((each) => each.name === name);
    const info = counter ?? series.find((each) => each.name === name);
    if (!info) continue;
    const { kind } = info;
    const isRate = kind === 'count' && per === 'second';
    const unit = isRate ? `${info.unit}/s` : info.unit;
    const key = kind === 'count' && !isRate ? `sum ${unit}` : `value ${unit}`;
    let panel = panels.get(key);
    if (!panel) panels.set(key, panel = { unit, curves: [] });
    const points = counter?.buckets.map((bucket) => ({ ...bucket, at: base + bucket.at })) ?? [];
    panel.curves.push({
      name, unit, kind, ...colorOf(name, panel.curves, palette), sumUnit: info.unit, points, stepNs,
      bars: kind === 'count' ? barsOf(points, stepNs, steps, isRate ? NS_PER_SECOND / stepNs : 1) : [],
    });
  }
  return [...panels.values()];
}

function barsOf(points: readonly CounterBucket[], stepNs: number, steps: number, factor: number): readonly Bar[] {
  if (steps === 1) return points.map(({ at, value }) => ({ at, value: value * factor }));
  const bars: { at: number; value: number }[] = [];
  for (const { at, value } of points) {
    const middle = (Math.floor(at / stepNs) + 0.5) * stepNs;
    const last = bars[bars.length - 1];
    if (last?.at === middle) last.value += value * factor;
    else bars.push({ at: middle, value: value * factor });
  }
  return bars;
}

/** The same name has the same colour everywhere, unless a neighbour has it already. */
function colorOf(name: string, beside: readonly Curve[], palette: readonly string[]): { color: string; isDashed: boolean } {
  const round = Math.floor(beside.length / palette.length);
  const taken = beside.slice(round * palette.length).map(({ color }) => color);
  for (let slot = hashOf(name) % palette.length; ; slot = (slot + 1) % palette.length)
    if (!taken.includes(palette[slot]!)) return { color: palette[slot]!, isDashed: round > 0 };
}

/** Columns of one table for curves of their own times: of each curve least, greatest and value, or of counts the value three times. */
export function columnsOf(curves: readonly Curve[]): [number[], ...(number | null)[][]] {
  const drawn = curves.map(({ kind, points, bars }) => (kind === 'count' ? bars.map(({ at, value }) => ({ at, least: value, greatest: value, value })) : points));
  const times = [...new Set(drawn.flatMap((points) => points.map(({ at }) => at)))].sort((a, b) => a - b);
  const rows = new Map(times.map((at, row) => [at, row]));
  const columns = drawn.flatMap((points) => {
    const three = [0, 1, 2].map(() => new Array<number | null>(times.length).fill(null));
    for (const { at, least, greatest, value } of points) {
      const row = rows.get(at)!;
      [three[0]![row], three[1]![row], three[2]![row]] = [least, greatest, value];
    }
    return three;
  });
  return [times, ...columns];
}

/** What an axis shows of values from `low` to `high`. Curves that move little, far from zero, are looked at for how they move. */
export function valueRange(low: number, high: number, fromZero: boolean): [number, number] {
  if (!Number.isFinite(high - low)) return [0, 1];
  const isNear = (near: number, far: number): boolean => fromZero || Math.abs(far) >= 2 * Math.abs(near);
  const room = (high - low || Math.abs(high) || 1) * 0.08;
  return [low >= 0 && isNear(low, high) ? 0 : low - room, high <= 0 && low < 0 && isNear(high, low) ? 0 : high + room];
}

/** Round values from `low` to `high`, at most about `most` of them. `bytes`: how many bytes one of the unit is; `null` where it counts none. */
export function valueTicks(low: number, high: number, most: number, bytes: number | null): number[] {
  const least = (high - low) / Math.max(1, most);
  if (!(least > 0) || !Number.isFinite(least)) return [];
  const unit = bytes === null ? 1 : 1024 ** Math.max(0, Math.floor(Math.log(least * bytes) / Math.log(1024))) / bytes;
  const round = roundUp(least / unit);
  const step = (bytes !== null && round >= 1000 ? 1024 : round) * unit;
  const at: number[] = [];
  // Adding zero, as a step below none is none, too.
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high && at.length <= 2 * most; i++) at.push(i * step + 0);
  return at;
}

/** The next 1, 2 or 5 of a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5].find((factor) => factor * power >= value * (1 - 1e-9)) ?? 10) * power;
}

/** The last point at or before a moment; `null` where there is none. */
export function pointAt<T extends { readonly at: number }>(points: readonly T[], at: number): T | null {
  let [from, to] = [0, points.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (points[middle]!.at <= at) from = middle + 1;
    else to = middle;
  }
  return points[from - 1] ?? null;
}

/** What a curve says at a moment: a sample holds until the next, an increment belongs to its step. */
export function valueAt(curve: Curve, at: number): CounterBucket | null {
  if (curve.kind !== 'count') return pointAt(curve.points, at);
  const bar = pointAt(curve.bars, at + curve.stepNs / 2);
  const value = bar !== null && bar.at >= at - curve.stepNs / 2 ? bar.value : 0;
  return curve.points.length === 0 ? null : { at, least: value, greatest: value, value };
}

/** What there is of a curve in a time. `null` where it says nothing of it. */
export interface Summary {
  /** Of samples. */
  readonly least: number | null;
  readonly greatest: number | null;
  readonly last: number | null;
  /** Of increments. */
  readonly total: number | null;
  readonly perSecond: number | null;
}

export function summaryOf(curve: Curve, { begin, end }: View): Summary {
  const inside = curve.points.filter(({ at }) => at >= begin && at <= end);
  if (curve.kind === 'count') {
    const total = inside.reduce((sum, { value }) => sum + value, 0);
    return { least: null, greatest: null, last: null, total, perSecond: total / Math.max(1e-9, (end - begin) / NS_PER_SECOND) };
  }
  const held = pointAt(curve.points, end);
  const shown = inside.length > 0 ? inside : held ? [{ ...held, least: held.value, greatest: held.value }] : [];
  if (shown.length === 0) return { least: null, greatest: null, last: null, total: null, perSecond: null };
  let [least, greatest] = [Infinity, -Infinity];
  for (const point of shown) [least, greatest] = [Math.min(least, point.least), Math.max(greatest, point.greatest)];
  return { least, greatest, last: shown[shown.length - 1]!.value, total: null, perSecond: null };
}
