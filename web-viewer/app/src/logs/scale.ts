/** Height of a row in CSS pixels, as logs.css has it. */
export const ROW_PIXELS = 20;

/** Browsers place nothing reliably beyond some ten million pixels: a longer list is scrolled by its share. */
const MAX_PIXELS = 8_000_000;

/**
 * What a scroll bar of limited height stands for. Rows are told in fractions, so that a list moves pixel by pixel however long it is: where a pixel of the bar is
 * many rows, the bar follows the list.
 */
export class ScrollScale {
  readonly height: number;
  /** A pixel of the bar is more than one of the list. */
  readonly isShare: boolean;
  readonly #rows: number;
  readonly #viewport: number;

  constructor(rows: number, viewport: number) {
    this.#rows = rows;
    this.#viewport = viewport;
    this.isShare = rows * ROW_PIXELS > MAX_PIXELS;
    this.height = Math.min(rows * ROW_PIXELS, MAX_PIXELS);
  }

  /** The row at the top where the list is at its end. */
  get lastTop(): number {
    return Math.max(0, this.#rows - this.#viewport / ROW_PIXELS);
  }

  clamp(top: number): number {
    return Math.min(Math.max(0, top), this.lastTop);
  }

  /** The row at the top, by where the bar is. */
  topOf(scrollTop: number): number {
    return this.clamp(this.isShare ? (scrollTop / this.#range) * this.lastTop : scrollTop / ROW_PIXELS);
  }

  /** Where the bar is, by the row at the top. */
  scrollOf(top: number): number {
    return this.isShare ? (top / this.lastTop) * this.#range : top * ROW_PIXELS;
  }

  get #range(): number {
    return Math.max(1, this.height - this.#viewport);
  }
}
