import type { Manifest, StreamLane } from '../tiles/manifest';

export const ROW_HEIGHT = 18;
const LANE_GAP = 7;

/** What stands for the stream of async spans, which belong to no thread. */
export const ASYNC_STREAM = 'async';

/** No group of tiles has this number. */
export const ASYNC_GROUP = -1;

export interface Lane {
  readonly group: number;
  /** Index within the group, as tiles number it. */
  readonly index: number;
  readonly stream: string;
  readonly name: string;
  readonly threadId: string;
  readonly depth: number;
  /** Pixels below the first lane, without scrolling. */
  readonly top: number;
  readonly rows: number;
  readonly collapsed: boolean;
}

export interface LaneRow {
  readonly lane: Lane;
  readonly depth: number;
}

/** The lane of async spans, below all threads. */
export interface AsyncRows {
  readonly name: string;
  readonly rows: number;
}

/** Where each stream is drawn, from top to bottom. Immutable: collapsing a lane makes a new layout. */
export class LaneLayout {
  readonly lanes: readonly Lane[];
  readonly height: number;
  readonly #manifest: Manifest;
  readonly #collapsed: ReadonlySet<string>;
  readonly #asyncSpans: AsyncRows | null;
  readonly #byStream = new Map<string, Lane>();
  readonly #byGroup = new Map<number, Lane[]>();

  constructor(manifest: Manifest, collapsed: ReadonlySet<string> = new Set(), asyncSpans: AsyncRows | null = null) {
    this.#manifest = manifest;
    this.#collapsed = collapsed;
    this.#asyncSpans = asyncSpans;
    const lanes: Lane[] = [];
    let top = 0;
    const add = (group: number, streams: readonly (StreamLane & { readonly index: number })[]): void => {
      const ofGroup = streams.map((stream): Lane => {
        const isCollapsed = collapsed.has(stream.stream);
        // A stream without spans still gets one row, so that its name can be read.
        const rows = isCollapsed ? 1 : Math.max(1, stream.depth);
        const lane: Lane = { ...stream, group, top, rows, collapsed: isCollapsed };
        top += rows * ROW_HEIGHT + LANE_GAP;
        return lane;
      });
      this.#byGroup.set(group, ofGroup);
      for (const lane of ofGroup) this.#byStream.set(lane.stream, lane);
      lanes.push(...ofGroup);
    };
    for (const { group, streams } of manifest.groups) {
      const numbered = streams.map((stream, index) => ({ ...stream, index }));
      // Beside async spans, threads that only begin and end those are many, and empty.
      add(group, asyncSpans ? numbered.filter((stream) => stream.depth > 0) : numbered);
    }
    if (asyncSpans) add(ASYNC_GROUP, [{ stream: ASYNC_STREAM, name: asyncSpans.name, threadId: '', depth: asyncSpans.rows, index: 0 }]);
    this.lanes = lanes;
    this.height = top;
  }

  ofStream(stream: string): Lane | undefined {
    return this.#byStream.get(stream);
  }

  /** The lanes of a group that are shown, in order; `index` is that of their tiles. */
  ofGroup(group: number): readonly Lane[] {
    return this.#byGroup.get(group) ?? [];
  }

  inGroup(group: number, index: number): Lane | undefined {
    const lanes = this.ofGroup(group);
    return lanes[index]?.index === index ? lanes[index] : lanes.find((lane) => lane.index === index);
  }

  /** What lies at `y` pixels below the first lane. The gap below a lane belongs to nobody. */
  rowAt(y: number): LaneRow | null {
    const lane = this.laneAt(y);
    if (!lane) return null;
    const depth = Math.floor((y - lane.top) / ROW_HEIGHT);
    return depth < lane.rows ? { lane, depth } : null;
  }

  laneAt(y: number): Lane | null {
    let low = 0;
    let high = this.lanes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.lanes[middle]!.top <= y) low = middle + 1;
      else high = middle;
    }
    return this.lanes[low - 1] ?? null;
  }

  /** Groups of which at least one lane is visible between two heights. */
  groupsBetween(from: number, to: number): number[] {
    const groups = new Set<number>();
    for (const lane of this.lanes)
      if (lane.top < to && lane.top + lane.rows * ROW_HEIGHT > from) groups.add(lane.group);
    return [...groups];
  }

  toggled(stream: string): LaneLayout {
    const collapsed = new Set(this.#collapsed);
    if (!collapsed.delete(stream)) collapsed.add(stream);
    return new LaneLayout(this.#manifest, collapsed, this.#asyncSpans);
  }

  /** The same lanes folded, of what is known now. */
  of(manifest: Manifest): LaneLayout {
    return new LaneLayout(manifest, this.#collapsed, this.#asyncSpans);
  }

  /** The same with another number of rows of async spans. */
  withAsyncSpans(asyncSpans: AsyncRows): LaneLayout {
    return new LaneLayout(this.#manifest, this.#collapsed, asyncSpans);
  }
}
