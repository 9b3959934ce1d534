import { spanOf, type View } from './view';

/** A step of an end, as a share of what is shown: whoever needs a finer one zooms in. */
const STEP = 1 / 100;

/** The selected range as keys move it: one end stays while the other one goes. */
export class KeyedRange {
  #moves: 'begin' | 'end' = 'end';

  /** `offered`, where nothing is selected yet; otherwise the same range, of which the other end moves from now on. */
  chosen(range: View | null, offered: View): View {
    if (range) this.#moves = this.#moves === 'end' ? 'begin' : 'end';
    else this.#moves = 'end';
    return range ?? offered;
  }

  /** With the moving end a step further. Without a range it begins in the middle of the view; an end that passes the other one goes on as that. */
  extended(range: View | null, view: View, bounds: View, direction: 1 | -1): View {
    const middle = (view.begin + view.end) / 2;
    const from = range ?? { begin: middle, end: middle };
    if (!range) this.#moves = direction > 0 ? 'end' : 'begin';
    const [stays, went] = this.#moves === 'end' ? [from.begin, from.end] : [from.end, from.begin];
    const goes = Math.min(bounds.end, Math.max(bounds.begin, went + direction * STEP * spanOf(view)));
    this.#moves = goes === stays ? this.#moves : goes > stays ? 'end' : 'begin';
    return { begin: Math.min(stays, goes), end: Math.max(stays, goes) };
  }

  /** Where the moving end is. */
  movingEnd(range: View): number {
    return range[this.#moves];
  }
}
