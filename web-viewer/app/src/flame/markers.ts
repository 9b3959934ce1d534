import { count } from '../locale/format';
import type { Translate } from '../locale/text';
import { formatInstant } from '../time/ns';
import { LABEL_FONT, visibleText } from './labels';
import { RangeLoader, rangeFor } from './ranges';
import { hashOf } from './theme';
import type { Marker, TimelineSource } from './timeline';
import { drawTitle, type TrackCanvas } from './trackDrawing';
import { xOf, type View } from './view';

/** Just above the axis, whose ticks the flags' poles reach. */
export const MARKER_HEIGHT = 20;

const FLAG_HEIGHT = 14;
const MOST_FLAG_PIXELS = 140;
const PADDING = 4;
/** A flag without a label. */
const PENNANT_PIXELS = 6;
/** Below this a label would be an ellipsis. */
const LEAST_LABEL_PIXELS = 22;
/** How far beside a flag a pointer still means it, in pixels. */
const REACH = 4;
const MOST_PROPERTIES = 12;

interface Flag {
  readonly marker: Marker;
  /** Of the pole. */
  readonly x: number;
  /** Of the flag, which flies to the right of its pole, except at the edge of the view. */
  readonly left: number;
  readonly width: number;
  readonly label: string;
}

/** Markers as flags on the axis: as much of each name as fits before the next flag. */
export class MarkerRow {
  readonly #t: Translate;
  readonly #loader: RangeLoader<readonly Marker[]>;
  readonly #originNs: bigint;
  #seen = false;
  #flags: readonly Flag[] = [];

  constructor(t: Translate, source: TimelineSource, originNs: bigint, changed: () => void) {
    this.#t = t;
    this.#originNs = originNs;
    this.#loader = new RangeLoader((range, signal) => source.markers(range, signal), changed);
  }

  /** Nothing until there is a marker; after that the row stays, so that others don't jump. */
  get height(): number {
    this.#seen ||= (this.#loader.current?.value.length ?? 0) > 0;
    return this.#seen ? MARKER_HEIGHT : 0;
  }

  get settled(): boolean {
    return !this.#loader.loading;
  }

  get problem(): string | null {
    return this.#loader.problem;
  }

  /** When they are, nanoseconds from the origin, in order. */
  get moments(): readonly number[] {
    return (this.#loader.current?.value ?? []).map(({ timeNs }) => Number(timeNs - this.#originNs));
  }

  want(view: View): void {
    this.#loader.want(rangeFor(view, this.#originNs));
  }

  /** More may be there. */
  renew(): void {
    this.#loader.renew();
  }

  /** Draws into the lanes; the title stands beside them, in the gutter. */
  draw(canvas: TrackCanvas, top: number): void {
    const { context, theme } = canvas;
    this.#flags = flagsOf(this.#loader.current?.value ?? [], canvas);
    context.font = LABEL_FONT;
    context.textBaseline = 'middle';
    for (const { marker, x, left, width, label } of this.#flags) {
      const color = theme.counters[hashOf(marker.name) % theme.counters.length]!;
      context.fillStyle = color;
      context.fillRect(x, top + 2, 1, MARKER_HEIGHT - 2);
      if (label === '') {
        context.beginPath();
        context.moveTo(x, top + 2);
        context.lineTo(x + width, top + 2 + FLAG_HEIGHT / 4);
        context.lineTo(x, top + 2 + FLAG_HEIGHT / 2);
        context.fill();
        continue;
      }
      context.globalAlpha = 0.22;
      context.fillRect(left, top + 2, width, FLAG_HEIGHT);
      context.globalAlpha = 1;
      context.fillStyle = theme.text;
      context.fillText(label, left + PADDING, top + 2 + FLAG_HEIGHT / 2 + 0.5);
    }
  }

  drawTitle(canvas: TrackCanvas, top: number): void {
    const { view } = canvas;
    const inSight = (this.#loader.current?.value ?? []).filter(({ timeNs }) => Number(timeNs - this.#originNs) >= view.begin && Number(timeNs - this.#originNs) <= view.end);
    drawTitle(canvas, top, MARKER_HEIGHT, this.#t('track-markers'), count(inSight.reduce((sum, marker) => sum + marker.count, 0)));
  }

  /** What is said of the flag at `x`: its marker's name, then when, where, and its properties. */
  describe(x: number): readonly string[] | null {
    const flag = flagAt(this.#flags, x);
    if (!flag) return null;
    const { name, timeNs, thread, properties, count: close } = flag.marker;
    const given = Object.entries(properties);
    const lines = given.slice(0, MOST_PROPERTIES).map(([key, value]) => `${key}: ${value}`);
    if (given.length > MOST_PROPERTIES) lines.push(this.#t('marker-properties', { count: given.length - MOST_PROPERTIES }));
    if (close > 1) lines.push(this.#t('marker-others', { count: close - 1 }));
    return [name, [formatInstant(timeNs, 6), thread].filter((text) => text !== '').join(' · '), ...lines];
  }

  dispose(): void {
    this.#loader.dispose();
  }
}

/** Flags from left to right. One that begins beside the view is left out, so that no label stands without its pole. */
export function flagsOf(markers: readonly Marker[], { view, width, fitter, originNs }: Pick<TrackCanvas, 'view' | 'width' | 'fitter' | 'originNs'>): readonly Flag[] {
  const flags: Flag[] = [];
  const places = markers.map((marker) => Math.round(xOf(view, width, Number(marker.timeNs - originNs))));
  markers.forEach((marker, i) => {
    const x = places[i]!;
    if (x < 0 || x >= width) return;
    const text = visibleText(marker.count > 1 ? `${marker.name} +${count(marker.count - 1)}` : marker.name);
    const wanted = Math.min(MOST_FLAG_PIXELS, Math.ceil(fitter.width(text)) + 2 * PADDING);
    const after = Math.min(places[i + 1] ?? Infinity, width) - x - 2;
    const before = x - ((flags.at(-1)?.left ?? 0) + (flags.at(-1)?.width ?? 0)) - 2;
    const fliesLeft = x + wanted > width && before > after;
    const room = Math.min(MOST_FLAG_PIXELS, fliesLeft ? before : after) - 2 * PADDING;
    const label = room >= LEAST_LABEL_PIXELS || fitter.width(text) <= room ? fitter.fit(text, room) : '';
    const pixels = label === '' ? PENNANT_PIXELS : Math.ceil(fitter.width(label)) + 2 * PADDING;
    flags.push({ marker, x, left: fliesLeft && label !== '' ? x - pixels : x, width: pixels, label });
  });
  return flags;
}

/** The flag drawn at `x`, or the nearest within reach. */
export function flagAt(flags: readonly Flag[], x: number): Flag | null {
  let nearest = REACH;
  let found: Flag | null = null;
  for (const flag of flags) {
    const distance = Math.max(0, flag.left - x, x - (flag.left + flag.width));
    // Of two under the pointer, the later one lies on top.
    if (distance > nearest) continue;
    nearest = distance;
    found = flag;
  }
  return found;
}
