import type { TileCache } from '../tiles/cache';
import type { Tile } from '../tiles/tile';
import type { AsyncLanes } from './asyncLanes';
import type { LaneLayout, LaneRow } from './lanes';
import { isAsync } from './processes';
import type { Selection, SpanRef } from './selection';
import { visibleSlots, type Slot, type Window } from './slots';
import { spanAt, spanBeside, spanNear, type DrawnSpan } from './spans';
import type { View } from './view';

/** The spans of threads that are drawn, and where each is; async spans answer for themselves. */
export class DrawnSpans {
  readonly #cache: TileCache;
  readonly #async: AsyncLanes | null;
  readonly #originNs: bigint;
  #ofThreads: readonly Slot[] = [];
  #all: readonly Slot[] = [];

  constructor(cache: TileCache, async: AsyncLanes | null, originNs: bigint) {
    this.#cache = cache;
    this.#async = async;
    this.#originNs = originNs;
  }

  /** All that is drawn, async spans included. */
  get slots(): readonly Slot[] {
    return this.#all;
  }

  /** Takes over what is to be drawn now, and says whether the spans of threads are as sharp as they get. */
  show(window: Window): boolean {
    const { slots, complete } = visibleSlots(window, this.#cache);
    this.#ofThreads = slots;
    this.#all = [...slots, ...(this.#async?.slots(window) ?? [])];
    return complete;
  }

  /** Tiles that may show a piece of a span of this group. */
  tilesOf(group: number): Iterable<Tile> {
    return group < 0 ? (this.#async?.tilesOf(group) ?? []) : this.#cache.loadedOf(group);
  }

  at(row: LaneRow, x: number): DrawnSpan | null {
    if (row.lane.group < 0) return this.#async?.spanAt(row, x) ?? null;
    return spanAt(this.#ofThreads, row, x, this.tilesOf(row.lane.group), this.#originNs);
  }

  /** Where a span is drawn now; `null` where it is not. */
  rowOf({ stream, span, depth }: SpanRef & { readonly depth: number }, layout: LaneLayout): LaneRow | null {
    if (isAsync(stream)) return this.#async?.rowOf(stream, span, layout) ?? null;
    const lane = layout.ofStream(stream);
    return lane ? { lane, depth } : null;
  }

  /** The span of a row that is closest to a moment, of those within a range. */
  near(row: LaneRow, at: number, within: View): DrawnSpan | null {
    return spanNear(this.#all, row, at, within, this.tilesOf(row.lane.group), this.#originNs);
  }

  /** The span before (-1) or after (+1) the selected one in its row. */
  beside(selection: Selection, layout: LaneLayout, direction: 1 | -1): DrawnSpan | null {
    if (isAsync(selection.stream)) return this.#async?.beside(selection, layout, direction) ?? null;
    const row = this.rowOf(selection, layout);
    return row && spanBeside(this.#ofThreads, row, selection.extent, direction, this.tilesOf(row.lane.group), this.#originNs);
  }
}
