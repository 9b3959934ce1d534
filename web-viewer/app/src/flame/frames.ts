import type { Theme } from './theme';
import type { Counter } from './timeline';
import { COUNTER_HEIGHT, type TrackCanvas } from './trackDrawing';
import { xOf, type TimeRange } from './view';

/** A frame, or several that end close together. Times are nanoseconds since the range's begin. */
export interface FrameBar {
  readonly begin: number;
  readonly end: number;
  readonly least: number;
  readonly greatest: number;
}

export interface Frames {
  readonly bars: readonly FrameBar[];
  /** What a frame of this series usually takes, as far as the range tells. */
  readonly medianNs: number;
}

const NS_PER_SECOND = 1e9;

/** A bar is as high as its track at so many medians: a hitch should not flatten all other frames. */
const FULL_HEIGHT = 3;

/** From how many medians on a frame has the next colour of the theme's. */
const COLOR_STEPS = [1.1, 1.25, 1.5, 2] as const;

/** Space above the highest bar. */
const PADDING = 3;

/** The frames of a series whose values are their durations in seconds, each at its end. */
export function framesOf(series: Counter, range: TimeRange, stepNs: number): Frames {
  const length = Number(range.endNs - range.beginNs);
  const bars: FrameBar[] = [];
  const durations: number[] = [];
  for (const { at, least, greatest, value } of series.buckets) {
    const last = value * NS_PER_SECOND;
    // Beside the range there is one bucket on each side, of a length of its own: of those the nearest frame is meant.
    const inRange = at >= 0 && at < length;
    const longest = inRange ? greatest * NS_PER_SECOND : last;
    // Frames follow each other, so that those of a bucket begin where those before it ended, unless some were lost.
    const before = bars.at(-1)?.end ?? -Infinity;
    const begin = inRange && before >= at - stepNs - longest ? before : Math.max(before, at - last);
    bars.push({ begin, end: at, least: inRange ? least * NS_PER_SECOND : last, greatest: longest });
    if (inRange) durations.push(last);
  }
  durations.sort((a, b) => a - b);
  return { bars, medianNs: durations[durations.length >> 1] ?? 0 };
}

/** The frame that runs at a moment. */
export function frameAt({ bars }: Frames, at: number): FrameBar | null {
  const bar = bars.find(({ end }) => end > at);
  return bar && bar.begin <= at ? bar : null;
}

/** Green to red by how long a frame takes, compared to the usual one. */
export function frameColor(theme: Theme, durationNs: number, medianNs: number): string {
  const passed = COLOR_STEPS.filter((step) => durationNs >= step * medianNs).length;
  return theme.frames[medianNs > 0 ? passed : 0]!;
}

/** A bar for each frame from begin to end, as high as it is long, and a line at the usual duration. */
export function drawFrames({ context, theme, view, width }: TrackCanvas, top: number, { bars, medianNs }: Frames, base: number): void {
  const room = COUNTER_HEIGHT - PADDING;
  const bottom = top + COUNTER_HEIGHT;
  const heightOf = (ns: number): number => Math.max(2, Math.min(room, medianNs > 0 ? (ns / medianNs / FULL_HEIGHT) * room : room));
  for (const { begin, end, greatest } of bars) {
    const x0 = Math.round(xOf(view, width, base + begin));
    const x1 = Math.round(xOf(view, width, base + end));
    if (x1 < 0 || x0 > width) continue;
    context.fillStyle = frameColor(theme, greatest, medianNs);
    const height = heightOf(greatest);
    // A pixel between bars, as long as there is one to spare.
    context.fillRect(x0, bottom - height, Math.max(1, x1 - x0 - (x1 - x0 > 2 ? 1 : 0)), height);
  }
  const [first, last] = [bars[0], bars.at(-1)];
  if (!first || !last || medianNs <= 0) return;
  const x0 = Math.max(0, xOf(view, width, base + first.begin));
  const x1 = Math.min(width, xOf(view, width, base + last.end));
  context.fillStyle = theme.muted;
  context.globalAlpha = 0.6;
  if (x1 > x0) context.fillRect(x0, Math.round(bottom - heightOf(medianNs)), x1 - x0, 1);
  context.globalAlpha = 1;
}
