import { ROW_HEIGHT } from './lanes';
import type { MergedFrame, MergedFunction, MergedSpans, MergedTree } from './mergedSpans';

const BAND_GAP = 7;

/** A rectangle: a frame, what is left out beside it, or the function in the middle of a sandwich. */
export interface Box {
  readonly band: Band;
  /** Pixels below the first band, without scrolling. */
  readonly top: number;
  /** Nanoseconds of total time. */
  readonly begin: number;
  readonly end: number;
  readonly frame: MergedFrame | null;
  readonly middle: MergedFunction | null;
  /** Call paths that this stands for instead of being one; 0 for frames. */
  readonly leftOut: number;
}

/** A tree, or the function in the middle. */
export interface Band {
  readonly title: string;
  readonly tree: MergedTree | null;
  readonly top: number;
  readonly rows: number;
  /** What all its frames are shares of, nanoseconds. */
  readonly wholeNs: number;
}

/** Where everything is drawn. */
export class MergedLayout {
  readonly bands: readonly Band[];
  /** Parents before their children. */
  readonly boxes: readonly Box[];
  readonly height: number;
  /** Time that is as wide as the chart, so that widths of all bands can be compared. */
  readonly wholeNs: number;
  readonly #rows = new Map<number, Box[]>();
  readonly #isSandwich: boolean;

  /** `titles`: of callers and callees. */
  constructor(spans: MergedSpans, titles: { readonly callers: string; readonly callees: string }) {
    const bands: Band[] = [];
    const boxes: Box[] = [];
    const { middle } = spans;
    this.#isSandwich = middle !== null;
    let top = 0;
    const band = (title: string, tree: MergedTree | null, rows: number, wholeNs: number): Band => {
      const made = { title, tree, top, rows, wholeNs };
      bands.push(made);
      top += rows * ROW_HEIGHT + BAND_GAP;
      return made;
    };
    const tree = (of: MergedTree, title: string, upward: boolean): void => {
      const rows = of.frames.reduce((most, frame) => Math.max(most, frame.depth + (frame.leftOut > 0 ? 2 : 1)), 1);
      const made = band(title, of, rows, middle ? middle.totalNs : of.totalNs);
      const topOf = (depth: number): number => made.top + (upward ? rows - 1 - depth : depth) * ROW_HEIGHT;
      for (const frame of of.frames) {
        boxes.push({ band: made, top: topOf(frame.depth), begin: frame.begin, end: frame.begin + frame.totalNs, frame, middle: null, leftOut: 0 });
        if (frame.leftOut === 0) continue;
        const begin = frame.begin + frame.childrenNs;
        boxes.push({ band: made, top: topOf(frame.depth + 1), begin, end: begin + frame.leftOutNs, frame, middle: null, leftOut: frame.leftOut });
      }
      if (of.leftOut > 0) boxes.push({ band: made, top: topOf(0), begin: of.totalNs - of.leftOutNs, end: of.totalNs, frame: null, middle: null, leftOut: of.leftOut });
    };
    if (middle) {
      tree(spans.trees[0]!, titles.callers, true);
      const made = band('', null, 1, middle.totalNs);
      boxes.push({ band: made, top: made.top, begin: 0, end: middle.totalNs, frame: null, middle, leftOut: 0 });
      tree(spans.trees[1]!, titles.callees, false);
    } else for (const of of spans.trees) tree(of, of.title, false);
    this.bands = bands;
    this.boxes = boxes;
    this.height = top;
    this.wholeNs = Math.max(1, middle ? middle.totalNs : Math.max(0, ...spans.trees.map((each) => each.totalNs)));
    for (const box of boxes) {
      const row = this.#rows.get(box.top);
      if (row) row.push(box);
      else this.#rows.set(box.top, [box]);
    }
    for (const row of this.#rows.values()) row.sort((a, b) => a.begin - b.begin);
  }

  /** What lies at `y` pixels below the first band, and at some nanoseconds of total time. */
  at(y: number, ns: number): Box | null {
    for (const band of this.bands) {
      const row = Math.floor((y - band.top) / ROW_HEIGHT);
      if (row < 0 || row >= band.rows) continue;
      return this.#rows.get(band.top + row * ROW_HEIGHT)?.find((box) => ns >= box.begin && ns < box.end) ?? null;
    }
    return null;
  }

  boxOf(frame: MergedFrame): Box | null {
    return this.boxes.find((box) => box.frame === frame && box.leftOut === 0) ?? null;
  }

  /** The frame a row above (-1) or below (+1) another: the one it lies on, or the heaviest of those that lie on it. */
  beyond(box: Box, direction: 1 | -1): Box | null {
    const tops = [...this.#rows.keys()].sort((a, b) => a - b);
    const row = this.#rows.get(tops[tops.indexOf(box.top) + direction] ?? Number.NaN) ?? [];
    return row.filter((each) => each.leftOut === 0 && each.begin < box.end && each.end > box.begin && (this.#isSandwich || each.band === box.band))
      .reduce<Box | null>((most, each) => (most && most.end - most.begin >= each.end - each.begin ? most : each), null);
  }

  /** The heaviest frame of the thread after (or before) that of another. */
  ofNextBand(box: Box, direction: 1 | -1): Box | null {
    const band = this.bands[this.bands.indexOf(box.band) + direction];
    return this.boxes.find((each) => each.band === band && each.leftOut === 0) ?? null;
  }

  /** The frame after (or before) another in its row. */
  beside(box: Box, direction: 1 | -1): Box | null {
    const row = (this.#rows.get(box.top) ?? []).filter((each) => each.leftOut === 0);
    return row[row.indexOf(box) + direction] ?? null;
  }
}
