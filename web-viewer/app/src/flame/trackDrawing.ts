import { formatQuantity } from '../time/quantity';
import { GUTTER_WIDTH } from './decor';
import { LABEL_FONT, visibleText, type TextFitter } from './labels';
import type { Loaded } from './ranges';
import { hashOf, type Theme } from './theme';
import type { Counter, CounterBucket, LogBucket, LogBuckets } from './timeline';
import { xOf, type View } from './view';

export const LOG_HEIGHT = 28;
export const COUNTER_HEIGHT = 34;

/** Space between a curve and the edges of its track. */
const PADDING = 4;
const LEAST_MARK_PIXELS = 3;
/** A level with a single entry among thousands still has to be seen. */
const LEAST_LEVEL_PIXELS = 3;

/** What all tracks are drawn on: the lanes' view, in CSS pixels from the left edge of the lanes. */
export interface TrackCanvas {
  readonly context: CanvasRenderingContext2D;
  readonly theme: Theme;
  readonly fitter: TextFitter;
  readonly view: View;
  readonly width: number;
  readonly originNs: bigint;
  /** Where the pointer is, nanoseconds from the origin. */
  readonly cursor: number | null;
}

export function countOf(bucket: LogBucket): number {
  return bucket.counts.reduce((sum, [, count]) => sum + count, 0);
}

/** Log entries: as high as there are many (by the logarithm), the most severe on top. */
export function drawLogs(canvas: TrackCanvas, top: number, loaded: Loaded<LogBuckets>): void {
  const { context, theme, view, width } = canvas;
  const base = Number(loaded.range.beginNs - canvas.originNs);
  const { stepNs, buckets } = loaded.value;
  const stepPixels = (stepNs / (view.end - view.begin)) * width;
  const room = LOG_HEIGHT - 2 * PADDING;
  const most = Math.max(1, ...buckets.map((bucket) => Math.log2(1 + countOf(bucket))));
  for (const bucket of buckets) {
    const x = xOf(view, width, base + bucket.at);
    if (x + stepPixels < 0 || x > width) continue;
    const barWidth = Math.max(LEAST_MARK_PIXELS, Math.min(8, stepPixels - 1));
    const total = countOf(bucket);
    const height = Math.max(LEAST_LEVEL_PIXELS * bucket.counts.length, (Math.log2(1 + total) / most) * room);
    let y = top + LOG_HEIGHT - PADDING - Math.min(room, height);
    let left = Math.min(room, height);
    bucket.counts.forEach(([level, count], index) => {
      const others = bucket.counts.length - 1 - index;
      const share = others === 0 ? left : Math.max(LEAST_LEVEL_PIXELS, Math.min(left - others * LEAST_LEVEL_PIXELS, (count / total) * height));
      context.fillStyle = theme.levels[level] ?? theme.muted;
      context.fillRect(Math.round(x), y, barWidth, share);
      y += share;
      left -= share;
    });
  }
}

/** A counter over time, scaled to what is in sight. */
export function drawCounter(canvas: TrackCanvas, top: number, counter: Counter, rangeBeginNs: bigint, stepNs: number): void {
  const { context, theme, view, width } = canvas;
  const base = Number(rangeBeginNs - canvas.originNs);
  const points = counter.buckets.map((bucket) => ({ ...bucket, at: base + bucket.at }));
  const inSight = visiblePoints(points, view);
  if (inSight.length === 0) return;
  const isCount = counter.kind === 'count';
  const low = Math.min(0, ...inSight.map((point) => (isCount ? point.value : point.least)));
  const high = Math.max(low + Number.MIN_VALUE, ...inSight.map((point) => (isCount ? point.value : point.greatest)));
  const room = COUNTER_HEIGHT - 2 * PADDING;
  const bottom = top + COUNTER_HEIGHT - PADDING;
  const yOf = (value: number): number => bottom - ((value - low) / (high - low || 1)) * room;
  const color = theme.counters[hashOf(counter.name) % theme.counters.length]!;
  context.fillStyle = color;
  context.strokeStyle = color;
  if (isCount) {
    const barWidth = Math.max(2, (stepNs / (view.end - view.begin)) * width - 1);
    for (const point of inSight) {
      const x = xOf(view, width, point.at);
      const y = Math.min(bottom - 1, yOf(point.value));
      context.fillRect(Math.round(x - barWidth / 2), y, barWidth, bottom - y);
    }
    return;
  }
  area(context, inSight.map((point) => [xOf(view, width, point.at), yOf(point.value)] as const), yOf(Math.max(0, low)));
  context.globalAlpha = 0.35;
  for (const point of inSight) {
    if (point.least === point.greatest) continue;
    const x = Math.round(xOf(view, width, point.at));
    context.fillRect(x - 1, yOf(point.greatest), 2, Math.max(1, yOf(point.least) - yOf(point.greatest)));
  }
  context.globalAlpha = 1;
}

/** Those within the view, and one on each side, so that the line reaches the edges. */
export function visiblePoints<T extends { readonly at: number }>(points: readonly T[], view: View): readonly T[] {
  const first = points.findIndex((point) => point.at >= view.begin);
  const following = points.findIndex((point) => point.at > view.end);
  return points.slice(Math.max(0, (first < 0 ? points.length : first) - 1), following < 0 ? points.length : following + 1);
}

/** The bucket that holds at a moment: the last one before it. */
export function bucketAt(buckets: readonly CounterBucket[], at: number): CounterBucket | null {
  let found: CounterBucket | null = null;
  for (const bucket of buckets) {
    if (bucket.at > at) break;
    found = bucket;
  }
  return found;
}

/** What stands beside a curve: under the pointer the value there, otherwise the greatest in sight (of a counter: the sum). */
export function readout(counter: Counter, rangeBegin: number, view: View, cursor: number | null): string {
  if (cursor !== null && counter.kind === 'gauge') {
    const bucket = bucketAt(counter.buckets, cursor - rangeBegin);
    return bucket ? formatQuantity(bucket.value, counter.unit) : '';
  }
  const inSight = counter.buckets.filter(({ at }) => rangeBegin + at >= view.begin && rangeBegin + at <= view.end);
  if (counter.kind === 'count') return `Σ ${formatQuantity(inSight.reduce((sum, { value }) => sum + value, 0), counter.unit)}`;
  return inSight.length === 0 ? '' : `≤ ${formatQuantity(Math.max(...inSight.map(({ greatest }) => greatest)), counter.unit)}`;
}

/** A track's name and what is said of it, in the gutter. */
export function drawTitle({ context, theme, fitter }: TrackCanvas, top: number, height: number, title: string, note: string): void {
  context.font = LABEL_FONT;
  context.textBaseline = 'middle';
  const lines = height >= COUNTER_HEIGHT ? [top + 11, top + 24] : [top + height / 2, top + height / 2];
  context.fillStyle = theme.text;
  const room = GUTTER_WIDTH - 16 - (lines[0] === lines[1] ? fitter.width(note) + 8 : 0);
  context.fillText(fitter.fit(tail(visibleText(title), room, fitter), room), 8, lines[0]!);
  context.fillStyle = theme.muted;
  const fitted = fitter.fit(visibleText(note), GUTTER_WIDTH - 16);
  context.fillText(fitted, lines[0] === lines[1] ? GUTTER_WIDTH - 8 - fitter.width(fitted) : 8, lines[1]!);
}

/** Names of metrics say most at their end: leading parts go first. */
export function tail(name: string, room: number, fitter: TextFitter): string {
  for (let from = 0; ; ) {
    const text = from === 0 ? name : `…${name.slice(from)}`;
    const dot = name.indexOf('.', from);
    if (fitter.width(text) <= room || dot < 0) return text;
    from = dot + 1;
  }
}

function area(context: CanvasRenderingContext2D, points: readonly (readonly [number, number])[], ground: number): void {
  context.beginPath();
  points.forEach(([x, y], i) => (i === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
  context.lineWidth = 1.25;
  context.stroke();
  context.lineTo(points[points.length - 1]![0], ground);
  context.lineTo(points[0]![0], ground);
  context.globalAlpha = 0.18;
  context.fill();
  context.globalAlpha = 1;
  // A single sample has no line.
  if (points.length === 1) context.fillRect(points[0]![0] - 1, points[0]![1] - 1, 3, 3);
}
