import { STEPS_PER_TILE } from '../tiles/grid';
import type { Tile } from '../tiles/tile';

/** One for each power of two that a width can reach. */
const CLASSES = 32;

/**
 * The rectangles of a tile by width. Those with room for a name are few however many there are in all,
 * and are found without looking at the others.
 */
export class RectanglesByWidth {
  static readonly #known = new WeakMap<Tile, RectanglesByWidth>();
  readonly #offsets: Uint32Array;
  /** Those at an edge of the tile: they may go on in its neighbour, and be wide together. */
  readonly #atEdge: Uint32Array;
  /** The others: class by class, the narrowest first, and within a class in the order of time. */
  readonly #order: Uint32Array;
  /** Where each class begins in the order. */
  readonly #begins = new Uint32Array(CLASSES + 1);

  private constructor({ size, offsets, widths }: Tile) {
    this.#offsets = offsets;
    const byTime = Uint32Array.from({ length: size }, (_, i) => i);
    if (byTime.some((i) => i > 0 && offsets[i]! < offsets[i - 1]!)) byTime.sort((a, b) => offsets[a]! - offsets[b]! || a - b);
    const atEdge = (i: number): boolean => offsets[i] === 0 || offsets[i]! + widths[i]! === STEPS_PER_TILE;
    this.#atEdge = byTime.filter(atEdge);
    const others = byTime.filter((i) => !atEdge(i));
    for (const i of others) this.#begins[classOf(widths[i]!) + 1]!++;
    for (let each = 0; each < CLASSES; each++) this.#begins[each + 1]! += this.#begins[each]!;
    this.#order = new Uint32Array(others.length);
    const next = this.#begins.slice();
    for (const i of others) this.#order[next[classOf(widths[i]!)]!++] = i;
  }

  static of(tile: Tile): RectanglesByWidth {
    let known = this.#known.get(tile);
    if (!known) {
      known = new RectanglesByWidth(tile);
      this.#known.set(tile, known);
    }
    return known;
  }

  /**
   * Visits all that touch what is between the steps `from` and `to` and measure at least `least` steps, each once. Those at the tile's edge
   * are visited whatever they measure, and some that are more than half as wide, or end before `from`, as well.
   */
  visit(least: number, from: number, to: number, visit: (rectangle: number) => void): void {
    for (const i of this.#atEdge) visit(i);
    for (let each = classOf(Math.min(2 ** (CLASSES - 1), Math.max(1, Math.floor(least)))); each < CLASSES; each++) {
      const end = this.#begins[each + 1]!;
      for (let at = this.#firstFrom(from - 2 ** (each + 1), this.#begins[each]!, end); at < end; at++) {
        const i = this.#order[at]!;
        if (this.#offsets[i]! >= to) break;
        visit(i);
      }
    }
  }

  /** The first place from `low` to `high` whose rectangle begins at a step or later. */
  #firstFrom(step: number, low: number, high: number): number {
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#offsets[this.#order[middle]!]! < step) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The power of two that a width, of at least 1, reaches. */
function classOf(width: number): number {
  return 31 - Math.clz32(width);
}
