import { LIT, PERHAPS } from '../../src/flame/brush';
import { Canvas2DSurface } from '../../src/flame/canvas2d';
import { stylesOf, type ColorBy } from '../../src/flame/color';
import { GAP_FROM_PIXELS, gapOf, type Placement, type RectSurface } from '../../src/flame/surface';
import { DARK, DIMMED, LIGHT, type Theme } from '../../src/flame/theme';
import { nsPerPixel, xOf, type View } from '../../src/flame/view';
import { WebGL2Surface } from '../../src/flame/webgl2';
import { LANES_PER_GROUP, STEPS_PER_TILE, tileNs } from '../../src/tiles/grid';
import { decodeTile, type Tile } from '../../src/tiles/tile';
import { encodeTile, rectangle, type Rectangle } from './encodeTile';

/** What a test asks to be drawn, by both surfaces and by arithmetic. */
export interface SceneOptions {
  readonly seed: number;
  readonly rectangles: number;
  readonly level: number;
  /** The view, nanoseconds from the begin of the process. An odd length, so that no edge lies in the middle between two pixels. */
  readonly view: View;
  readonly theme: 'light' | 'dark';
  readonly by: ColorBy;
  /** Whether some rectangles stand out, some may, and others don't. */
  readonly emphasized: boolean;
  readonly pixelRatio: number;
}

export interface SceneResult {
  /** Pixels in which a surface differs from arithmetic. */
  readonly wrong: Readonly<Record<'webgl2' | 'canvas2d', number>>;
  /** The most by which a channel differs between the surfaces, of 255. */
  readonly apart: number;
  /** Rectangles in sight that measure a pixel or more, and those of them that have none of the pixels between their edges. */
  readonly wide: number;
  readonly missing: Readonly<Record<'webgl2' | 'canvas2d', number>>;
  /** Pixels that are not the ground. */
  readonly painted: number;
}

const WIDTH = 1200;
const HEIGHT = 600;
const ROW = 18;

interface Placed {
  readonly tile: Tile;
  readonly placement: Placement;
  readonly emphasis: Uint8Array | null;
  /** Nanoseconds from the begin of the process. */
  readonly begin: number;
}

/** Draws a scene by both surfaces and says how they compare with what arithmetic on whole numbers says of each pixel. */
export function compare(options: SceneOptions): SceneResult {
  const theme = options.theme === 'light' ? LIGHT : DARK;
  const placed = scene(options);
  const width = Math.round(WIDTH * options.pixelRatio);
  const height = Math.round(HEIGHT * options.pixelRatio);
  const webgl = WebGL2Surface.create({ lost: () => undefined, restored: () => undefined });
  if (!webgl) throw new Error('this browser gives no WebGL2');
  const pictures = { webgl2: picture(webgl, options, theme, placed), canvas2d: picture(new Canvas2DSurface(), options, theme, placed) };
  const expected = new Uint32Array(width * height).fill(theme.ground);
  let wide = 0;
  const missing = { webgl2: 0, canvas2d: 0 };
  for (const { tile, placement, emphasis, begin } of placed) {
    const styles = stylesOf(tile, options.by);
    for (let i = 0; i < tile.size; i++) {
      const [from, to] = [tile.offsets[i]!, tile.offsets[i]! + tile.widths[i]!];
      const top = placement.laneTops[tile.lanes[i]!]!;
      if (Number.isNaN(top) || tile.depths[i]! >= placement.laneRows[tile.lanes[i]!]!) continue;
      const y = nearest(top + tile.depths[i]! * ROW, options.pixelRatio);
      const [left, right] = [Math.round(placement.clipLeft * options.pixelRatio), Math.round(placement.clipRight * options.pixelRatio)];
      const x0 = edge(begin + from * tile.stepNs, options);
      let x1 = Math.max(x0 + 1, edge(begin + to * tile.stepNs, options));
      if (x0 >= right || x1 <= left) continue;
      if (x1 - x0 > GAP_FROM_PIXELS * options.pixelRatio && (x1 < right || (x1 === right && to < STEPS_PER_TILE))) x1 -= gapOf(options.pixelRatio);
      const color = theme.fills[styles[i]! + (emphasis?.[i] ?? LIT) * DIMMED]!;
      const bottom = y + nearest(ROW, options.pixelRatio) - gapOf(options.pixelRatio);
      const high = nearest(ROW, options.pixelRatio) - gapOf(options.pixelRatio);
      const upper = emphasis?.[i] === PERHAPS ? bottom - Math.floor(high / 2) : y;
      const [first, behind] = [Math.max(x0, left, 0), Math.min(x1, right, width)];
      for (let line = Math.max(0, upper); line < Math.min(bottom, height); line++)
        for (let x = first; x < behind; x++) expected[line * width + x] = color;
      const middle = bottom - 4;
      if (behind <= first || middle < 0 || middle >= height || (to - from) * tile.stepNs * WIDTH * options.pixelRatio < options.view.end - options.view.begin) continue;
      wide++;
      for (const kind of ['webgl2', 'canvas2d'] as const) {
        const row = pictures[kind].subarray(middle * width + first, middle * width + behind);
        if (!row.includes(color)) missing[kind]++;
      }
    }
  }
  const channels = (of: Uint32Array): Uint8Array => new Uint8Array(of.buffer);
  const [ofWebgl, ofCanvas] = [channels(pictures.webgl2), channels(pictures.canvas2d)];
  const count = (of: Uint32Array): number => of.reduce((sum, pixel, i) => sum + (pixel === expected[i] ? 0 : 1), 0);
  return {
    wrong: { webgl2: count(pictures.webgl2), canvas2d: count(pictures.canvas2d) },
    apart: ofWebgl.reduce((most, value, i) => Math.max(most, Math.abs(value - ofCanvas[i]!)), 0),
    wide,
    missing,
    painted: expected.reduce((sum, pixel) => sum + (pixel === theme.ground ? 0 : 1), 0),
  };
}

function picture(surface: RectSurface, { by, pixelRatio }: SceneOptions, theme: Theme, placed: readonly Placed[]): Uint32Array {
  surface.resize(WIDTH, HEIGHT, pixelRatio);
  surface.begin(theme, by);
  for (const { tile, placement, emphasis } of placed) surface.draw(tile, placement, emphasis);
  surface.end();
  const copy = document.createElement('canvas');
  [copy.width, copy.height] = [surface.canvas.width, surface.canvas.height];
  const context = copy.getContext('2d', { willReadFrequently: true })!;
  context.drawImage(surface.canvas, 0, 0);
  surface.dispose();
  return new Uint32Array(context.getImageData(0, 0, copy.width, copy.height).data.buffer);
}

/** The device pixel nearest to a moment, by whole numbers of any length. */
function edge(ns: number, { view, pixelRatio }: SceneOptions): number {
  const pixels = BigInt(Math.round(WIDTH * pixelRatio));
  const length = BigInt(view.end - view.begin);
  const twice = 2n * (BigInt(ns) - BigInt(view.begin)) * pixels + length;
  const quotient = twice / (2n * length);
  return Number(twice < 0n && quotient * 2n * length !== twice ? quotient - 1n : quotient);
}

/** CSS pixels, which are whole numbers here, in device pixels; ratios of tests are quarters. */
function nearest(pixels: number, ratio: number): number {
  return Math.floor((2 * pixels * 4 * ratio + 4) / 8);
}

/** Tiles side by side over the view, with lanes of several rows, one of them folded, one out of sight and one half above the edge. */
function scene({ seed, rectangles, level, view, emphasized }: SceneOptions): Placed[] {
  const random = seeded(seed);
  const first = Math.floor(view.begin / tileNs(level));
  const last = Math.floor(view.end / tileNs(level));
  const laneTops = Float64Array.from({ length: LANES_PER_GROUP }, (_, lane) => (lane === 5 ? Number.NaN : -20 + lane * (3 * ROW + 7)));
  const laneRows = Uint16Array.from({ length: LANES_PER_GROUP }, (_, lane) => (lane === 3 ? 1 : 3));
  const placed: Placed[] = [];
  for (let index = first; index <= last; index++) {
    const begin = index * tileNs(level);
    const tile = decodeTile(encodeTile(level, BigInt(begin), rows(random, Math.ceil(rectangles / (last - first + 1)))));
    const x = xOf(view, WIDTH, begin);
    placed.push({
      tile, begin, emphasis: emphasized ? Uint8Array.from({ length: tile.size }, (_, i) => i % 3) : null,
      placement: {
        x, pixelsPerStep: tile.stepNs / nsPerPixel(view, WIDTH), clipLeft: Math.max(0, x),
        clipRight: Math.min(WIDTH, xOf(view, WIDTH, begin + tileNs(level))), laneTops, laneRows,
      },
    });
  }
  return placed;
}

/** Spans of 16 lanes and 3 depths, one after the other, some without a gap and some a step wide, covered by any share. */
function rows(random: () => number, rectangles: number): Rectangle[] {
  const ofRow = Math.ceil(rectangles / (LANES_PER_GROUP * 3));
  const found: Rectangle[] = [];
  for (let row = 0; row < LANES_PER_GROUP * 3; row++) {
    const average = STEPS_PER_TILE / ofRow;
    for (let offset = random() < 0.5 ? 0 : 1, i = 0; i < ofRow && offset < STEPS_PER_TILE; i++) {
      const width = Math.max(1, Math.min(STEPS_PER_TILE - offset, Math.round(average * 1.6 * random() ** 2)));
      found.push(rectangle({
        id: BigInt(found.length + 1), offset, width, lane: row % LANES_PER_GROUP, depth: Math.floor(row / LANES_PER_GROUP),
        name: `span ${Math.floor(random() * 40)}`, durationNs: BigInt(Math.floor(10 ** (10 * random()))), busy: Math.floor(256 * random()),
      }));
      offset += width + (random() < 0.4 ? 0 : Math.round(average * random()));
    }
  }
  return found;
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
