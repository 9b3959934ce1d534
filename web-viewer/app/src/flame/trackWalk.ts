import { spanOf, type View } from './view';

/** Marks closer than this, in pixels, are one to the eye. */
const LEAST_STEP_PIXELS = 3;

export interface MarkRow {
  /** Its middle, pixels below the top of the tracks. */
  readonly y: number;
  /** When its marks are, nanoseconds from the origin, in order. */
  readonly marks: () => readonly number[];
}

export interface Place {
  readonly y: number;
  readonly at: number;
}

/** Goes over the tracks by keys: from mark to mark in a row, and from row to row at the same moment. */
export class TrackWalk {
  #row = 0;
  #at: number | null = null;

  /** Where it is; `null` while it goes nowhere. */
  place(rows: readonly MarkRow[]): Place | null {
    const row = rows[Math.min(this.#row, rows.length - 1)];
    return row && this.#at !== null ? { y: row.y, at: this.#at } : null;
  }

  /** To the next mark of the row, or the one before; the first step goes to the mark closest to the middle of the view. */
  along(rows: readonly MarkRow[], view: View, width: number, direction: 1 | -1): void {
    const marks = rows[Math.min(this.#row, rows.length - 1)]?.marks() ?? [];
    const here = this.#at;
    if (here === null) return this.#near(marks, (view.begin + view.end) / 2);
    const step = (LEAST_STEP_PIXELS / Math.max(1, width)) * spanOf(view);
    const next = direction > 0 ? marks.find((at) => at >= here + step) : marks.findLast((at) => at <= here - step);
    this.#at = next ?? here;
  }

  /** To the row below, or above. */
  across(rows: readonly MarkRow[], view: View, direction: 1 | -1): void {
    if (this.#at !== null) this.#row = Math.max(0, Math.min(rows.length - 1, Math.min(this.#row, rows.length - 1) + direction));
    this.#near(rows[this.#row]?.marks() ?? [], this.#at ?? (view.begin + view.end) / 2);
  }

  stop(): void {
    this.#at = null;
  }

  #near(marks: readonly number[], at: number): void {
    this.#at = marks.reduce<number>((best, mark) => (Math.abs(mark - at) < Math.abs(best - at) ? mark : best), marks[0] ?? at);
  }
}
