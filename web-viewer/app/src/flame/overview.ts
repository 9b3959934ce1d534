import type { Translate } from '../locale/text';
import { formatDuration } from '../time/ns';
import type { TileCache } from '../tiles/cache';
import type { Tile } from '../tiles/tile';
import { GUTTER_WIDTH } from './decor';
import { LABEL_FONT, type TextFitter } from './labels';
import { Layer } from './layer';
import type { HitDensity } from './lookup';
import { overviewLevel, type Window } from './slots';
import type { Theme } from './theme';
import { fit, nsAt, spanOf, xOf, type View } from './view';

export const OVERVIEW_HEIGHT = 26;

/** Of the strip that hits hang from its top in, where the most are. */
const DENSITY_HEIGHT = 12;
const LEAST_DENSITY_PIXELS = 2;

/** A window of a moment can still be seen and taken hold of. */
const MIN_WINDOW_PIXELS = 6;

/** Share of lanes that are busy in each column of pixels, by what runs at depth 0. */
export function activity(tiles: Iterable<Tile>, originNs: bigint, lanes: number, range: View, width: number): Float32Array {
  const columns = new Float32Array(Math.max(1, Math.ceil(width)));
  for (const tile of tiles) {
    const base = Number(tile.baseNs - originNs);
    for (let i = 0; i < tile.size; i++) {
      if (tile.depths[i] !== 0) continue;
      const x0 = Math.max(0, xOf(range, width, base + tile.offsets[i]! * tile.stepNs));
      const x1 = Math.min(width, xOf(range, width, base + (tile.offsets[i]! + tile.widths[i]!) * tile.stepNs));
      const busy = tile.busy[i]! / 255 / Math.max(1, lanes);
      for (let column = Math.floor(x0); column < x1; column++)
        columns[column]! += busy * (Math.min(x1, column + 1) - Math.max(x0, column));
    }
  }
  return columns;
}

/** A bar of hits, pixels; its height is a share of that of the most. */
export interface DensityBar {
  readonly x0: number;
  readonly x1: number;
  readonly share: number;
}

/** Bars of where hits are: none is narrower than a pixel, so that a single hit is seen. Where several share a pixel the most count. */
export function densityBars({ range, stepNs, bins }: HitDensity, originNs: bigint, whole: View, width: number): readonly DensityBar[] {
  const most = Math.max(...bins.map(([, count]) => count));
  const base = Number(range.beginNs - originNs);
  return bins.map(([step, count]) => {
    const x0 = Math.round(xOf(whole, width, base + step * stepNs));
    return { x0, x1: Math.max(x0 + 1, Math.round(xOf(whole, width, base + (step + 1) * stepNs))), share: count / most };
  });
}

/** Where the part that is shown begins and ends in the strip, in pixels: wide enough to be seen, and within the strip also at its end. */
export function windowOf(whole: View, view: View, width: number): readonly [left: number, right: number] {
  const left = Math.max(0, Math.min(Math.round(xOf(whole, width, view.begin)), width - MIN_WINDOW_PIXELS));
  return [left, Math.min(width, Math.max(left + MIN_WINDOW_PIXELS, Math.round(xOf(whole, width, view.end))))];
}

export interface OverviewContent {
  readonly window: Window;
  readonly cache: TileCache;
  readonly theme: Theme;
  readonly fitter: TextFitter;
  /** Where all search hits are; `null`: only those of `marks` are known. */
  readonly density: HitDensity | null;
  /** Begins of search hits, nanoseconds from the origin. */
  readonly marks: readonly number[];
  /** Moments marked by a reader. */
  readonly marked: readonly number[];
}

/** All that is on the axis in a strip: how busy it was, and which part of it is shown. Dragging moves that part. */
export class Overview {
  readonly root: HTMLCanvasElement;
  readonly #t: Translate;
  readonly #layer = new Layer('overview');
  #whole: View = { begin: 0, end: 1 };
  #view: View = { begin: 0, end: 1 };
  #width = 1;
  /** The columns are summed again only when tiles have arrived, or everything reaches further. */
  #columns: Float32Array = new Float32Array();
  #summedOver: View = { begin: 0, end: 0 };
  #summed: readonly Tile[] | null = null;

  constructor(t: Translate, moved: (view: View) => void) {
    this.#t = t;
    this.root = this.#layer.canvas;
    this.root.title = t('overview-title');
    let grip: number | null = null;
    const move = (event: PointerEvent): void => {
      if (grip === null) return;
      const begin = nsAt(this.#whole, this.#width, this.#x(event)) - grip;
      moved({ begin, end: begin + spanOf(this.#view) });
    };
    this.root.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      const ns = nsAt(this.#whole, this.#width, this.#x(event));
      const inside = ns >= this.#view.begin && ns <= this.#view.end;
      grip = inside ? ns - this.#view.begin : spanOf(this.#view) / 2;
      this.root.setPointerCapture(event.pointerId);
      move(event);
    });
    this.root.addEventListener('pointermove', move);
    this.root.addEventListener('pointerup', () => (grip = null));
    this.root.addEventListener('pointercancel', () => (grip = null));
  }

  resize(width: number, pixelRatio: number): void {
    this.#width = width;
    this.#summed = null;
    this.#layer.resize(width + GUTTER_WIDTH, OVERVIEW_HEIGHT, pixelRatio);
  }

  draw({ window, cache, theme, fitter, density, marks, marked }: OverviewContent): void {
    this.#whole = fit(window.bounds);
    this.#view = window.view;
    this.#sum(window, cache);
    const whole = this.#whole;
    const view = this.#view;
    const context = this.#layer.cleared();
    context.fillStyle = theme.chrome;
    context.fillRect(0, 0, GUTTER_WIDTH + this.#width, OVERVIEW_HEIGHT);
    const [left, right] = windowOf(whole, view, this.#width);
    const [x0, x1] = [GUTTER_WIDTH + left, GUTTER_WIDTH + right];
    context.fillStyle = theme.background;
    context.fillRect(x0, 0, x1 - x0, OVERVIEW_HEIGHT - 1);
    const room = OVERVIEW_HEIGHT - 3;
    context.fillStyle = theme.activity;
    this.#columns.forEach((share, column) => {
      const height = Math.round(Math.min(1, share) * room);
      if (height > 0) context.fillRect(GUTTER_WIDTH + column, OVERVIEW_HEIGHT - 1 - height, 1, height);
    });
    context.fillStyle = theme.accent;
    if (density) this.#drawDensity(context, density, window.originNs, theme, fitter);
    else for (const mark of marks) context.fillRect(GUTTER_WIDTH + Math.round(xOf(whole, this.#width, mark)), 0, 1, 5);
    context.fillStyle = theme.mark;
    for (const at of marked) context.fillRect(GUTTER_WIDTH + Math.round(xOf(whole, this.#width, at)), 0, 1, OVERVIEW_HEIGHT - 1);
    context.fillStyle = theme.accent;
    context.fillRect(x0, 0, 1, OVERVIEW_HEIGHT - 1);
    context.fillRect(x1 - 1, 0, 1, OVERVIEW_HEIGHT - 1);
    context.fillStyle = theme.line;
    context.fillRect(0, OVERVIEW_HEIGHT - 1, GUTTER_WIDTH + this.#width, 1);
    context.fillRect(GUTTER_WIDTH - 1, 0, 1, OVERVIEW_HEIGHT);
  }

  #drawDensity(context: CanvasRenderingContext2D, density: HitDensity, originNs: bigint, theme: Theme, fitter: TextFitter): void {
    for (const { x0, x1, share } of densityBars(density, originNs, this.#whole, this.#width))
      context.fillRect(GUTTER_WIDTH + x0, 0, x1 - x0, Math.max(LEAST_DENSITY_PIXELS, Math.round(share * DENSITY_HEIGHT)));
    if (density.bins.length === 0) return;
    const most = Math.max(...density.bins.map(([, count]) => count));
    context.save();
    context.fillStyle = theme.muted;
    context.font = LABEL_FONT;
    context.textBaseline = 'middle';
    context.fillText(fitter.fit(this.#t('overview-hits', { most, step: formatDuration(density.stepNs) }), GUTTER_WIDTH - 12), 8, OVERVIEW_HEIGHT / 2);
    context.restore();
  }

  #sum(window: Window, cache: TileCache): void {
    const tiles: Tile[] = [];
    let lanes = 0;
    for (const member of window.processes.members) {
      const level = overviewLevel(window, member);
      for (const { group, streams } of member.manifest.groups) {
        const ofGroup = [...cache.loadedOf(group)].filter((tile) => tile.level === level);
        tiles.push(...ofGroup);
        if (ofGroup.length > 0) lanes += streams.length;
      }
    }
    const { begin, end } = fit(window.bounds);
    if (this.#summed && tiles.length === this.#summed.length && tiles.every((tile, i) => tile === this.#summed![i]) && begin === this.#summedOver.begin && end === this.#summedOver.end) return;
    this.#summed = tiles;
    this.#summedOver = { begin, end };
    this.#columns = activity(tiles, window.originNs, lanes, this.#whole, this.#width);
  }

  #x(event: PointerEvent): number {
    return event.clientX - this.root.getBoundingClientRect().left - GUTTER_WIDTH;
  }
}
