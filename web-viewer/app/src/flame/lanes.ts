import type { StreamLane } from '../tiles/manifest';
import { asyncGroup, Processes, streamOnAxis, ASYNC_STREAM, type Member } from './processes';

export const ROW_HEIGHT = 18;
const LANE_GAP = 7;

/** Of a lane that has no spans. */
const NO_GROUP = Number.NEGATIVE_INFINITY;

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
  /** The one that it is of, where there are several; `null`: there is only one. */
  readonly process: Member | null;
  /** Stands above the lanes of its process, which are folded with it. */
  readonly header: boolean;
}

export interface LaneRow {
  readonly lane: Lane;
  readonly depth: number;
}

/** The lane of async spans of a process, below all its threads. */
export interface AsyncRows {
  readonly name: string;
  readonly rows: number;
}

/** Where each stream is drawn, from top to bottom: below the header of its process, where there are several. Immutable: collapsing a lane makes a new layout. */
export class LaneLayout {
  readonly lanes: readonly Lane[];
  readonly height: number;
  readonly #processes: Processes;
  readonly #collapsed: ReadonlySet<string>;
  /** By the numbers of processes. */
  readonly #asyncSpans: ReadonlyMap<number, AsyncRows>;
  readonly #byStream = new Map<string, Lane>();
  readonly #byGroup = new Map<number, Lane[]>();

  constructor(processes: Processes, collapsed: ReadonlySet<string> = new Set(), asyncSpans: ReadonlyMap<number, AsyncRows> = new Map()) {
    this.#processes = processes;
    this.#collapsed = collapsed;
    this.#asyncSpans = asyncSpans;
    const lanes: Lane[] = [];
    let top = 0;
    const add = (group: number, process: Member | null, streams: readonly (StreamLane & { readonly index: number })[], header = false): void => {
      const ofGroup = streams.map((stream): Lane => {
        const isCollapsed = collapsed.has(stream.stream);
        // A stream without spans still gets one row, so that its name can be read.
        const rows = isCollapsed ? 1 : Math.max(1, stream.depth);
        const lane: Lane = { ...stream, group, top, rows, collapsed: isCollapsed, process, header };
        top += rows * ROW_HEIGHT + LANE_GAP;
        return lane;
      });
      if (!header) this.#byGroup.set(group, ofGroup);
      for (const lane of ofGroup) this.#byStream.set(lane.stream, lane);
      lanes.push(...ofGroup);
    };
    for (const member of processes.members) {
      const process = processes.shared ? member : null;
      if (process) add(NO_GROUP, process, [{ stream: headerStream(member), name: member.name, threadId: '', depth: 0, index: 0 }], true);
      if (process && collapsed.has(headerStream(member))) continue;
      const ofAsync = asyncSpans.get(member.number);
      for (const { group, streams } of member.manifest.groups) {
        const numbered = streams.map((stream, index) => ({ ...stream, index }));
        // Beside async spans, threads that only begin and end those are many, and empty.
        add(group, process, ofAsync ? numbered.filter((stream) => stream.depth > 0) : numbered);
      }
      if (ofAsync) add(asyncGroup(member.number), process, [{ stream: streamOnAxis(member, ASYNC_STREAM), name: ofAsync.name, threadId: '', depth: ofAsync.rows, index: 0 }]);
    }
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

  /** Of a process that shares the axis with others. */
  headerOf(member: Member): Lane | undefined {
    return this.#byStream.get(headerStream(member));
  }

  asyncSpansOf(number: number): AsyncRows | undefined {
    return this.#asyncSpans.get(number);
  }

  /** Between which heights the lanes of a process are; nothing where they are folded. */
  extentOf(member: Member): readonly [top: number, bottom: number] {
    if (!this.#processes.shared) return [0, Infinity];
    const lanes = this.lanes.filter((lane) => lane.process?.number === member.number && !lane.header);
    const last = lanes.at(-1);
    return last ? [lanes[0]!.top, last.top + last.rows * ROW_HEIGHT] : [0, 0];
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
      if (!lane.header && lane.top < to && lane.top + lane.rows * ROW_HEIGHT > from) groups.add(lane.group);
    return [...groups];
  }

  /** With a lane folded that was not, or the other way round; with that of a header, all lanes of its process. */
  toggled(stream: string): LaneLayout {
    const collapsed = new Set(this.#collapsed);
    if (!collapsed.delete(stream)) collapsed.add(stream);
    return new LaneLayout(this.#processes, collapsed, this.#asyncSpans);
  }

  /** The same lanes folded, of what is known now. */
  of(processes: Processes): LaneLayout {
    return new LaneLayout(processes, this.#collapsed, this.#asyncSpans);
  }

  /** The same with another number of rows of a process's async spans. */
  withAsyncSpans(number: number, rows: AsyncRows): LaneLayout {
    return new LaneLayout(this.#processes, this.#collapsed, new Map([...this.#asyncSpans, [number, rows]]));
  }
}

/** No stream of a process is called like this: theirs are ids. */
function headerStream({ process }: Member): string {
  return `process@${process}`;
}
