import type { Lane, LaneLayout, LaneRow } from './lanes';
import type { Selection } from './selection';
import type { DrawnSpan } from './spans';
import type { View } from './view';

export interface Drawn {
  rowOf(span: Pick<Selection, 'stream' | 'span' | 'depth'>, layout: LaneLayout): LaneRow | null;
  near(row: LaneRow, at: number, within: View): DrawnSpan | null;
}

/** The lane that keys are at: that of the selected span, or one that they went to. */
export class LaneCursor {
  readonly #drawn: Drawn;
  #stream: string | null = null;

  constructor(drawn: Drawn) {
    this.#drawn = drawn;
  }

  /** `null`: none yet. */
  lane(layout: LaneLayout): Lane | null {
    return (this.#stream !== null && layout.ofStream(this.#stream)) || null;
  }

  follow(selection: Selection | null): void {
    if (selection) this.#stream = selection.stream;
  }

  to(lane: Lane): void {
    this.#stream = lane.stream;
  }

  /** Goes to the lane after (or before) this one; `null` where there is none at all. */
  step(layout: LaneLayout, direction: 1 | -1): Lane | null {
    const { lanes } = layout;
    const here = this.lane(layout);
    const at = here ? lanes.indexOf(here) + direction : direction > 0 ? 0 : lanes.length - 1;
    const lane = lanes[Math.min(lanes.length - 1, Math.max(0, at))];
    if (lane) this.#stream = lane.stream;
    return lane ?? null;
  }

  /** The span in the lane's first row that is closest to the middle of the view. */
  first(lane: Lane, view: View): DrawnSpan | null {
    return this.#drawn.near({ lane, depth: 0 }, middleOf(view), view);
  }

  /** The span a row above (-1) or below (+1) the selected one, where what is shown of it has its middle; below, only within it. */
  beyond(selection: Selection, layout: LaneLayout, view: View, direction: 1 | -1): DrawnSpan | null {
    const row = this.#drawn.rowOf(selection, layout);
    const depth = (row?.depth ?? 0) + direction;
    if (!row || depth < 0 || depth >= row.lane.rows) return null;
    const seen = { begin: Math.max(view.begin, selection.extent.begin), end: Math.min(view.end, selection.extent.end) };
    // Beside the view it is where it is.
    const extent = seen.end > seen.begin ? seen : selection.extent;
    return this.#drawn.near({ lane: row.lane, depth }, middleOf(extent), extent);
  }
}

function middleOf({ begin, end }: View): number {
  return (begin + end) / 2;
}
