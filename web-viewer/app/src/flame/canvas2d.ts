import { STEPS_PER_TILE } from '../tiles/grid';
import type { Tile } from '../tiles/tile';
import { stylesOf, type ColorBy } from './color';
import { element } from './dom';
import { ROW_HEIGHT } from './lanes';
import { GAP_FROM_PIXELS, gapOf, type Placement, type RectSurface } from './surface';
import { DIMMED, HALVED, type Theme } from './theme';

/** Below this width a loop is faster than a call of `fill` for each line. */
const LOOP_BELOW_PIXELS = 8;

/**
 * Draws into a pixel buffer that is put on the canvas once a frame. Dense views have tens of thousands of rectangles
 * a pixel or two wide: writing those pixels takes a fraction of what as many calls of `fillRect` do.
 */
export class Canvas2DSurface implements RectSurface {
  readonly kind = 'canvas2d';
  readonly canvas = element('canvas', 'rectangles');
  readonly #context: CanvasRenderingContext2D;
  #styles = new WeakMap<Tile, Uint16Array>();
  #by: ColorBy = 'name';
  #image = new ImageData(1, 1);
  #pixels = new Uint32Array(this.#image.data.buffer);
  #fills: Uint32Array = new Uint32Array();
  #ratio = 1;

  constructor() {
    const context = this.canvas.getContext('2d', { alpha: false });
    if (!context) throw new Error('this browser gives no 2D canvas');
    this.#context = context;
  }

  resize(width: number, height: number, pixelRatio: number): void {
    this.canvas.width = Math.max(1, Math.round(width * pixelRatio));
    this.canvas.height = Math.max(1, Math.round(height * pixelRatio));
    this.#image = new ImageData(this.canvas.width, this.canvas.height);
    this.#pixels = new Uint32Array(this.#image.data.buffer);
    this.#ratio = pixelRatio;
  }

  begin(theme: Theme, by: ColorBy): void {
    if (by !== this.#by) this.#styles = new WeakMap();
    this.#by = by;
    this.#fills = theme.fills;
    this.#pixels.fill(theme.ground);
  }

  draw(tile: Tile, placement: Placement, emphasis: Uint8Array | null): void {
    const styles = this.#stylesOf(tile);
    const fills = this.#fills;
    const { offsets, widths, lanes, depths } = tile;
    const { laneTops, laneRows } = placement;
    const { width, height } = this.#image;
    const ratio = this.#ratio;
    // Everything below is in device pixels, on whole ones: a blurred edge would read as a shorter span.
    const x = placement.x * ratio;
    const perStep = placement.pixelsPerStep * ratio;
    const left = Math.max(0, Math.round(placement.clipLeft * ratio));
    const right = Math.min(width, Math.round(placement.clipRight * ratio));
    const gap = gapOf(ratio);
    const gapFrom = GAP_FROM_PIXELS * ratio;
    const row = ROW_HEIGHT * ratio;
    const thickness = Math.round(row) - gap;
    for (let i = 0; i < tile.size; i++) {
      const depth = depths[i]!;
      const lane = lanes[i]!;
      const laneTop = laneTops[lane]!;
      if (!(laneTop === laneTop) || depth >= laneRows[lane]!) continue;
      const top = Math.round(laneTop * ratio + depth * row);
      if (top >= height || top + thickness <= 0) continue;
      const stop = offsets[i]! + widths[i]!;
      let x0 = Math.round(x + offsets[i]! * perStep);
      let x1 = Math.round(x + stop * perStep);
      if (x1 === x0) x1++;
      if (x0 >= right || x1 <= left) continue;
      // A span that goes on in the next tile must not look as if it ended at this one's edge.
      if (x1 - x0 > gapFrom && (x1 < right || (x1 === right && stop < STEPS_PER_TILE))) x1 -= gap;
      const style = styles[i]! + (emphasis ? emphasis[i]! * DIMMED : 0);
      const bottom = top + thickness;
      this.#fill(Math.max(x0, left), Math.min(x1, right), Math.max(style < HALVED ? top : bottom - (thickness >> 1), 0), Math.min(bottom, height), fills[style]!);
    }
  }

  end(): void {
    this.#context.putImageData(this.#image, 0, 0);
  }

  /** A 2D canvas goes with its element: there is nothing to give back. */
  dispose(): void {}

  #fill(x0: number, x1: number, y0: number, y1: number, color: number): void {
    const pixels = this.#pixels;
    const stride = this.#image.width;
    for (let line = y0 * stride; line < y1 * stride; line += stride)
      if (x1 - x0 < LOOP_BELOW_PIXELS) for (let at = line + x0; at < line + x1; at++) pixels[at] = color;
      else pixels.fill(color, line + x0, line + x1);
  }

  #stylesOf(tile: Tile): Uint16Array {
    let styles = this.#styles.get(tile);
    if (!styles) {
      styles = stylesOf(tile, this.#by);
      this.#styles.set(tile, styles);
    }
    return styles;
  }
}
