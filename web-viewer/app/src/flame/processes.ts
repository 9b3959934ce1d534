import type { Manifest } from '../tiles/manifest';
import { fit, type View } from './view';

/** What stands for the stream of async spans, which belong to no thread. */
export const ASYNC_STREAM = 'async';

/** More than anybody compares, and as many as a host answers without queues. */
export const MOST_PROCESSES = 16;

/** Groups of a manifest have 32 bits. */
const GROUPS_PER_PROCESS = 2 ** 32;

/** Of an id, where programs alone would not tell processes apart: their ends differ, as they begin with a time. */
const TAIL_CHARACTERS = 6;

/** A process on the axis. */
export interface Member {
  /** As long as the chart is there: 0 is the process that the chart is of. */
  readonly number: number;
  readonly process: string;
  /** The file name of its program, as it came; empty where nobody knows it. */
  readonly program: string;
  /** What tells it from the others in a line: the program, and of its id as much as is needed. */
  readonly name: string;
  /** With the groups and streams of the axis. */
  readonly manifest: Manifest;
}

/** Which processes share an axis: that of the chart, and those that a reader has shown beside it. Groups and streams have other names on the axis than in their own process, so that all are different. */
export class Processes {
  /** In the order in which they began: a parent is above its children. */
  readonly members: readonly Member[];
  /** That of the chart. */
  readonly main: Member;
  readonly #byNumber: ReadonlyMap<number, Member>;
  readonly #byProcess: ReadonlyMap<string, Member>;
  readonly #wide: boolean;

  /** `wide`: the axis reaches over all events, not only over spans. */
  constructor(given: readonly Pick<Member, 'number' | 'program' | 'manifest'>[], wide: boolean) {
    this.#wide = wide;
    const members = given.map(({ number, program, manifest }): Member => ({ number, process: manifest.process, program, name: nameAmong(given, program, manifest.process), manifest: onAxis(manifest, number) }));
    this.members = members.sort((a, b) => compare(a.manifest.firstNs, b.manifest.firstNs) || a.number - b.number);
    this.#byNumber = new Map(members.map((member) => [member.number, member]));
    this.#byProcess = new Map(members.map((member) => [member.process, member]));
    const main = this.#byNumber.get(0);
    if (!main) throw new Error('expected process 0 among those on the axis, saw none');
    this.main = main;
  }

  /** A process by itself. */
  static of(manifest: Manifest, wide = false): Processes {
    return new Processes([{ number: 0, program: '', manifest }], wide);
  }

  /** Whether there are several. */
  get shared(): boolean {
    return this.members.length > 1;
  }

  get maxLevel(): number {
    return Math.max(...this.members.map(({ manifest }) => manifest.maxLevel));
  }

  ofNumber(number: number): Member | undefined {
    return this.#byNumber.get(number);
  }

  /** Of which a group of the axis is. */
  ofGroup(group: number): Member {
    return this.#byNumber.get(numberOfGroup(group)) ?? this.main;
  }

  /** Of which a stream of the axis is; `undefined`: of one that is not shown. */
  ofStream(stream: string): Member | undefined {
    const at = stream.lastIndexOf('@');
    return at < 0 ? this.main : this.#byProcess.get(stream.slice(at + 1));
  }

  /** How far one of them reaches, nanoseconds from the origin. A process of no length is still drawn: as its first microsecond. */
  reachOf({ manifest: { beginNs, endNs, firstNs, lastNs } }: Member, originNs: bigint): View {
    const at = (ns: bigint): number => Number(ns - originNs);
    const begin = Math.min(at(beginNs), this.#wide ? at(firstNs) : Infinity);
    return { begin, end: Math.max(begin + 1000, at(endNs), this.#wide ? at(lastNs) : -Infinity) };
  }

  /** How far all of them reach together. */
  bounds(originNs: bigint): View {
    const reaches = this.members.map((member) => this.reachOf(member, originNs));
    return { begin: Math.min(...reaches.map(({ begin }) => begin)), end: Math.max(...reaches.map(({ end }) => end)) };
  }

  /** Whether any of a process can lie in a view. One that has the axis for itself can always. */
  touches(member: Member, view: View, originNs: bigint): boolean {
    if (!this.shared) return true;
    const { begin, end } = fit(this.reachOf(member, originNs));
    return begin < view.end && end > view.begin;
  }
}

/** A group of a process, as it is numbered on the axis. */
export function groupOnAxis(number: number, group: number): number {
  return number * GROUPS_PER_PROCESS + group;
}

/** The group that async spans of a process have on the axis: below all that have tiles. */
export function asyncGroup(number: number): number {
  return -1 - number;
}

export function numberOfGroup(group: number): number {
  return group < 0 ? -1 - group : Math.floor(group / GROUPS_PER_PROCESS);
}

/** As its own process numbers it. */
export function groupInProcess(group: number): number {
  return group % GROUPS_PER_PROCESS;
}

/** Streams of the chart's own process keep their names, so that a link with others leads to the same span as one without. */
export function streamOnAxis({ number, process }: Pick<Member, 'number' | 'process'>, stream: string): string {
  return number === 0 ? stream : `${stream}@${process}`;
}

/** As its own process calls it. */
export function streamInProcess(stream: string): string {
  const at = stream.lastIndexOf('@');
  return at < 0 ? stream : stream.slice(0, at);
}

export function isAsync(stream: string): boolean {
  return streamInProcess(stream) === ASYNC_STREAM;
}

function onAxis(manifest: Manifest, number: number): Manifest {
  if (number === 0) return manifest;
  const member = { number, process: manifest.process };
  return {
    ...manifest,
    groups: manifest.groups.map(({ group, generation, streams }) => ({
      group: groupOnAxis(number, group), generation, streams: streams.map((stream) => ({ ...stream, stream: streamOnAxis(member, stream.stream) })),
    })),
  };
}

function nameAmong(all: readonly Pick<Member, 'program'>[], program: string, process: string): string {
  const alike = all.filter((each) => each.program === program).length;
  if (program === '') return process;
  return alike > 1 ? `${program} …${process.slice(-TAIL_CHARACTERS)}` : program;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
