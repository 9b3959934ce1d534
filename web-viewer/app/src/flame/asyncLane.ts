import { LANES_PER_GROUP } from '../tiles/grid';
import { spanIdOf, type Tile } from '../tiles/tile';
import { ROW_HEIGHT, type Lane, type LaneLayout, type LaneRow } from './lanes';
import { ASYNC_STREAM, streamOnAxis, type Member } from './processes';
import { RangeLoader, rangeFor, type Loaded } from './ranges';
import type { Selection } from './selection';
import type { Slot, Window } from './slots';
import { spanAt, spanBeside, type DrawnSpan } from './spans';
import type { AsyncSource, AsyncSpans } from './timeline';
import { nsPerPixel, xOf, type TimeRange, type View } from './view';

/** Offsets within a tile are 32-bit. */
const MOST_STEPS = 2 ** 31;

/** The async spans of a range as one tile, so that they are drawn, found and labelled like those of threads: a row each lane. */
export function tileOf({ spans }: AsyncSpans, range: TimeRange): Tile {
  const size = spans.length;
  const length = Number(range.endNs - range.beginNs);
  const stepNs = Math.max(1, Math.ceil(length / MOST_STEPS));
  const steps = Math.ceil(length / stepNs);
  const names = [...new Set(spans.map((span) => span.name))];
  const indexes = new Map(names.map((name, index) => [name, index]));
  const tile = {
    level: 0, baseNs: range.beginNs, stepNs, size, names, bytes: 0,
    ids: new Uint32Array(2 * size), durationsNs: new BigUint64Array(size), offsets: new Uint32Array(size), widths: new Uint32Array(size),
    nameIndexes: new Uint32Array(size), counts: new Uint32Array(size), lanes: new Uint16Array(size), depths: new Uint16Array(size), busy: new Uint8Array(size),
  };
  spans.forEach((span, i) => {
    const step = (ns: bigint): number => Math.min(steps, Math.max(0, Number(ns - range.beginNs) / stepNs));
    const from = Math.floor(step(span.beginNs));
    tile.ids[2 * i] = Number(span.span & 0xffffffffn);
    tile.ids[2 * i + 1] = Number(span.span >> 32n);
    tile.durationsNs[i] = span.durationNs;
    tile.offsets[i] = from;
    tile.widths[i] = Math.max(1, Math.ceil(step(span.endNs)) - from);
    tile.nameIndexes[i] = indexes.get(span.name)!;
    tile.counts[i] = span.count;
    tile.depths[i] = span.lane;
    // Several drawn as one are paler, as in the tiles of threads.
    tile.busy[i] = span.count > 1 ? 128 : 255;
  });
  return tile;
}

/** The tile in its place; nothing where its lane is out of sight. */
export function slotOf(tile: Tile, range: TimeRange, lane: Lane, window: Window): Slot | null {
  const top = lane.top - window.scrollTop;
  const x = xOf(window.view, window.width, Number(range.beginNs - window.originNs));
  const clipLeft = Math.max(0, x);
  const clipRight = Math.min(window.width, xOf(window.view, window.width, Number(range.endNs - window.originNs)));
  if (top >= window.height || top + lane.rows * ROW_HEIGHT <= 0 || clipRight <= clipLeft) return null;
  const laneTops = new Float64Array(LANES_PER_GROUP).fill(Number.NaN);
  const laneRows = new Uint16Array(LANES_PER_GROUP);
  laneTops[0] = top;
  laneRows[0] = lane.rows;
  return { group: lane.group, tile, placement: { x, pixelsPerStep: tile.stepNs / nsPerPixel(window.view, window.width), clipLeft, clipRight, laneTops, laneRows } };
}

export function rowOfSpan(tile: Tile, span: bigint): number | null {
  for (let i = 0; i < tile.size; i++) if (spanIdOf(tile, i) === span) return tile.depths[i]!;
  return null;
}

/** The async spans around what is shown: where they are drawn, which of them lies at a position, and where a selected one is. */
export class AsyncLane {
  readonly #name: string;
  readonly #loader: RangeLoader<AsyncSpans>;
  readonly #originNs: bigint;
  /** Of the process on the axis, and what stands for the stream of its async spans. */
  readonly #number: number;
  readonly #stream: string;
  #of: Loaded<AsyncSpans> | null = null;
  #tile: Tile | null = null;
  /** What was drawn last: that is what a pointer points at. */
  #slots: readonly Slot[] = [];

  constructor(name: string, source: AsyncSource, originNs: bigint, changed: () => void, member: Pick<Member, 'number' | 'process'>) {
    this.#number = member.number;
    this.#stream = streamOnAxis(member, ASYNC_STREAM);
    this.#name = name;
    this.#originNs = originNs;
    this.#loader = new RangeLoader((range, signal) => source.asyncSpans(range, signal), changed);
  }

  get settled(): boolean {
    return !this.#loader.loading;
  }

  get problem(): string | null {
    return this.#loader.problem;
  }

  get tiles(): readonly Tile[] {
    const loaded = this.#loader.current;
    if (loaded !== this.#of) {
      this.#of = loaded;
      this.#tile = loaded && tileOf(loaded.value, loaded.range);
    }
    return this.#tile ? [this.#tile] : [];
  }

  want(view: View): void {
    this.#loader.want(rangeFor(view, this.#originNs));
  }

  /** More may be there. */
  renew(): void {
    this.#loader.renew();
  }

  /** The layout with as many rows as the spans take now; the same one where nothing changes. */
  layoutOf(layout: LaneLayout, selected: string | null = null): LaneLayout {
    const known = layout.asyncSpansOf(this.#number);
    const rows = this.#loader.current?.value.lanes ?? 0;
    // Once there were any their lane stays, so that others don't jump. A link may select one before any is drawn.
    if (known ? known.rows === rows : rows === 0 && selected !== this.#stream) return layout;
    return layout.withAsyncSpans(this.#number, { name: this.#name, rows });
  }

  /** What is to be drawn of them; nothing where their lane is not there or out of sight. */
  slots(window: Window): readonly Slot[] {
    const lane = window.layout.ofStream(this.#stream);
    const [tile] = this.tiles;
    const slot = lane && tile && slotOf(tile, this.#of!.range, lane, window);
    this.#slots = slot ? [slot] : [];
    return this.#slots;
  }

  spanAt(row: LaneRow, x: number): DrawnSpan | null {
    return spanAt(this.#slots, row, x, this.tiles, this.#originNs);
  }

  /** Where a span is drawn now: rows are given anew with each range. `null` where it is not. */
  rowOf(span: bigint, layout: LaneLayout): LaneRow | null {
    const lane = layout.ofStream(this.#stream);
    const [tile] = this.tiles;
    const depth = tile ? rowOfSpan(tile, span) : null;
    return lane && depth !== null ? { lane, depth } : null;
  }

  /** The span before or after the selected one, in the row that it has now. */
  beside(selection: Selection, layout: LaneLayout, direction: 1 | -1): DrawnSpan | null {
    const row = this.rowOf(selection.span, layout);
    return row && spanBeside(this.#slots, row, selection.extent, direction, this.tiles, this.#originNs);
  }

  dispose(): void {
    this.#loader.dispose();
  }
}
