import { STEPS_PER_TILE } from '../tiles/grid';
import type { Tile } from '../tiles/tile';
import { ROW_HEIGHT } from './lanes';
import type { Placement, RectSurface } from './surface';
import { DIMMED, hashOf, styleOf, type Theme } from './theme';

/** Rectangles wider than this end with a gap, so that neighbours of one colour stay apart. */
const GAP_FROM_PIXELS = 5;

interface StyledTile {
  readonly styles: Uint16Array;
  /** Rectangles ordered by style: changing the fill is what costs on a 2D canvas. */
  readonly order: Uint32Array;
}

export class Canvas2DSurface implements RectSurface {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #styled = new WeakMap<Tile, StyledTile>();
  #theme: Theme | null = null;
  #width = 0;
  #height = 0;
  #ratio = 1;

  constructor(canvas: HTMLCanvasElement) {
    const context = canvas.getContext('2d', { alpha: false });
    if (!context) throw new Error('this browser gives no 2D canvas');
    this.#canvas = canvas;
    this.#context = context;
  }

  resize(width: number, height: number, pixelRatio: number): void {
    this.#width = Math.round(width * pixelRatio);
    this.#height = Math.round(height * pixelRatio);
    this.#ratio = pixelRatio;
    this.#canvas.width = this.#width;
    this.#canvas.height = this.#height;
  }

  begin(theme: Theme): void {
    this.#theme = theme;
    this.#context.fillStyle = theme.background;
    this.#context.fillRect(0, 0, this.#width, this.#height);
  }

  draw(tile: Tile, placement: Placement, matches: Uint8Array | null): void {
    const fills = this.#theme?.fills;
    if (!fills) return;
    const { styles, order } = this.#style(tile);
    const { offsets, widths, lanes, depths, nameIndexes } = tile;
    const { laneTops, laneRows } = placement;
    const context = this.#context;
    const ratio = this.#ratio;
    // Everything below is in device pixels, on whole ones: a blurred edge would read as a shorter span.
    const x = placement.x * ratio;
    const perStep = placement.pixelsPerStep * ratio;
    const left = Math.max(0, Math.round(placement.clipLeft * ratio));
    const right = Math.min(this.#width, Math.round(placement.clipRight * ratio));
    const gap = Math.max(1, Math.round(ratio));
    const row = ROW_HEIGHT * ratio;
    const height = Math.round(row) - gap;
    let current = -1;
    for (let k = 0; k < order.length; k++) {
      const i = order[k]!;
      const offset = offsets[i]!;
      let x0 = Math.round(x + offset * perStep);
      let x1 = Math.round(x + (offset + widths[i]!) * perStep);
      // A span that goes on in the next tile must not look as if it ended at this one's edge.
      const ends = x1 < right || (x1 === right && offset + widths[i]! < STEPS_PER_TILE);
      if (x1 === x0) x1++;
      if (x0 >= right || x1 <= left) continue;
      const lane = lanes[i]!;
      const laneTop = laneTops[lane]!;
      if (!(laneTop === laneTop) || depths[i]! >= laneRows[lane]!) continue;
      const y = Math.round(laneTop * ratio + depths[i]! * row);
      if (y >= this.#height || y + height <= 0) continue;
      if (x0 < left) x0 = left;
      if (x1 > right) x1 = right;
      const style = styles[i]! + (matches && matches[nameIndexes[i]!] === 0 ? DIMMED : 0);
      if (style !== current) {
        current = style;
        context.fillStyle = fills[style]!;
      }
      const width = x1 - x0;
      context.fillRect(x0, y, ends && width > GAP_FROM_PIXELS * ratio ? width - gap : width, height);
    }
  }

  #style(tile: Tile): StyledTile {
    let styled = this.#styled.get(tile);
    if (!styled) {
      const hashes = Uint32Array.from(tile.names, hashOf);
      const styles = new Uint16Array(tile.size);
      for (let i = 0; i < tile.size; i++) styles[i] = styleOf(hashes[tile.nameIndexes[i]!]!, tile.busy[i]!);
      const order = new Uint32Array(tile.size).map((_, i) => i).sort((a, b) => styles[a]! - styles[b]!);
      styled = { styles, order };
      this.#styled.set(tile, styled);
    }
    return styled;
  }
}
