import type { Tile } from '../tiles/tile';
import { AsyncLane } from './asyncLane';
import type { LaneLayout, LaneRow } from './lanes';
import { numberOfGroup, type Member, type Processes } from './processes';
import type { Selection } from './selection';
import type { Slot, Window } from './slots';
import type { DrawnSpan } from './spans';
import type { AsyncSource } from './timeline';
import type { View } from './view';

/** The async spans of all processes on the axis, each in a lane below its threads. */
export class AsyncLanes {
  readonly #name: string;
  readonly #originNs: bigint;
  readonly #changed: () => void;
  /** By the numbers of processes. */
  readonly #lanes = new Map<number, AsyncLane>();
  #processes: Processes;

  constructor(name: string, processes: Processes, source: AsyncSource, originNs: bigint, changed: () => void) {
    this.#name = name;
    this.#originNs = originNs;
    this.#changed = changed;
    this.#processes = processes;
    this.#add(processes.main, source);
  }

  get settled(): boolean {
    return [...this.#lanes.values()].every((lane) => lane.settled);
  }

  get problem(): string | null {
    return [...this.#lanes.values()].map((lane) => lane.problem).find((problem) => problem !== null) ?? null;
  }

  /** Takes over which processes there are; `sources` has those beside the chart's own. */
  show(processes: Processes, sources: ReadonlyMap<number, AsyncSource>): void {
    this.#processes = processes;
    for (const [number, lane] of this.#lanes) {
      if (processes.ofNumber(number)) continue;
      lane.dispose();
      this.#lanes.delete(number);
    }
    for (const [number, source] of sources) {
      const member = processes.ofNumber(number);
      if (member && !this.#lanes.has(number)) this.#add(member, source);
    }
  }

  /** Of those whose lanes are not folded, and who have any time in the view. */
  want(view: View, layout: LaneLayout): void {
    for (const [number, lane] of this.#lanes) {
      const member = this.#processes.ofNumber(number);
      if (member && !layout.headerOf(member)?.collapsed && this.#processes.touches(member, view, this.#originNs)) lane.want(view);
    }
  }

  /** More of a process may be there. */
  renew(number: number): void {
    this.#lanes.get(number)?.renew();
  }

  tilesOf(group: number): readonly Tile[] {
    return this.#lanes.get(numberOfGroup(group))?.tiles ?? [];
  }

  /** The layout with as many rows as the spans take now; the same one where nothing changes. */
  layoutOf(layout: LaneLayout, selected: string | null = null): LaneLayout {
    return [...this.#lanes.values()].reduce((known, lane) => lane.layoutOf(known, selected), layout);
  }

  slots(window: Window): readonly Slot[] {
    return [...this.#lanes.values()].flatMap((lane) => lane.slots(window));
  }

  spanAt(row: LaneRow, x: number): DrawnSpan | null {
    return this.#lanes.get(numberOfGroup(row.lane.group))?.spanAt(row, x) ?? null;
  }

  /** Where a span is drawn now; `null` where it is not. */
  rowOf(stream: string, span: bigint, layout: LaneLayout): LaneRow | null {
    return this.#of(stream)?.rowOf(span, layout) ?? null;
  }

  beside(selection: Selection, layout: LaneLayout, direction: 1 | -1): DrawnSpan | null {
    return this.#of(selection.stream)?.beside(selection, layout, direction) ?? null;
  }

  dispose(): void {
    for (const lane of this.#lanes.values()) lane.dispose();
  }

  #of(stream: string): AsyncLane | undefined {
    const member = this.#processes.ofStream(stream);
    return member && this.#lanes.get(member.number);
  }

  #add(member: Member, source: AsyncSource): void {
    this.#lanes.set(member.number, new AsyncLane(this.#name, source, this.#originNs, this.#changed, member));
  }
}
