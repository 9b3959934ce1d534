import type { Tile } from '../tiles/tile';
import type { ColorBy } from './color';
import type { Theme } from './theme';

/** Where a tile lies on the surface, in CSS pixels. */
export interface Placement {
  /** Left edge of the tile's first step. */
  readonly x: number;
  readonly pixelsPerStep: number;
  /** Only what lies between these belongs to this tile; the rest is drawn by its neighbours. */
  readonly clipLeft: number;
  readonly clipRight: number;
  /** Top of each lane of the group; NaN where the lane is out of sight. */
  readonly laneTops: Float64Array;
  /** Depths drawn of each lane. */
  readonly laneRows: Uint16Array;
}

/** By what rectangles are drawn; tests and people who report what they see read it from the page. */
export type SurfaceKind = 'webgl2' | 'canvas2d';

/**
 * What draws rectangles. It knows tiles and pixels, and nothing of time, lanes or selections.
 * All surfaces draw the same picture: a rectangle covers whole device pixels, at least one of them in width.
 */
export interface RectSurface {
  readonly kind: SurfaceKind;
  readonly canvas: HTMLCanvasElement;
  resize(width: number, height: number, pixelRatio: number): void;
  begin(theme: Theme, by: ColorBy): void;
  /** `emphasis` has one byte a rectangle: whether it stands out. `null`: all do. */
  draw(tile: Tile, placement: Placement, emphasis: Uint8Array | null): void;
  /** Shows what was drawn since `begin`. */
  end(): void;
  /** Gives back at once what the browser has few of. */
  dispose(): void;
}

/** Rectangles wider than this end with a gap, so that neighbours of one colour stay apart; CSS pixels. */
export const GAP_FROM_PIXELS = 5;

/** The gap at the end of a rectangle, and that below it, in device pixels. */
export function gapOf(pixelRatio: number): number {
  return Math.max(1, Math.round(pixelRatio));
}
