import { parseNs } from '../time/ns';
import type { MergedMode } from './mode';
import type { TimeRange } from './view';

/** Spans of one name under the same ancestors. Durations are nanoseconds. */
export interface MergedFrame {
  readonly name: string;
  /** `null` for a root. */
  readonly parent: MergedFrame | null;
  readonly depth: number;
  readonly count: number;
  readonly totalNs: number;
  readonly selfNs: number;
  /** Call paths below it that are not in the answer, and the time of those of them that it calls itself. */
  readonly leftOut: number;
  readonly leftOutNs: number;
  /** Time of what lies left of it, from the edge of its tree. */
  readonly begin: number;
  /** Time of its children that are there: what is left out follows them. */
  readonly childrenNs: number;
}

export interface MergedTree {
  /** The thread; of a sandwich, callers or callees. */
  readonly title: string;
  /** The thread's stream of spans; `null` in a sandwich. */
  readonly stream: string | null;
  readonly totalNs: number;
  /** Parents before their children, siblings with the heaviest first. */
  readonly frames: readonly MergedFrame[];
  readonly leftOut: number;
  readonly leftOutNs: number;
}

/** A name, whatever its callers. */
export interface MergedFunction {
  readonly name: string;
  readonly count: number;
  /** Those within another of the same name are not counted again. */
  readonly totalNs: number;
  readonly selfNs: number;
}

export interface MergedSpans {
  readonly range: TimeRange;
  readonly spans: number;
  readonly paths: number;
  /** Of a sandwich, what is in its middle; `null` otherwise. */
  readonly middle: MergedFunction | null;
  /** One for each thread; of a sandwich callers and callees, or neither where nobody can be asked for them. */
  readonly trees: readonly MergedTree[];
  readonly functions: readonly MergedFunction[];
  readonly functionsLeftOut: number;
}

export interface MergedQuestion {
  readonly mode: MergedMode;
  readonly range: TimeRange;
  /** `null`: the one of most self time. */
  readonly fn: string | null;
}

/** Where merged spans come from. */
export interface MergedSource {
  read(question: MergedQuestion, signal: AbortSignal): Promise<MergedSpans>;
}

/** Call paths that an answer doesn't show. */
export function leftOutOf({ trees }: MergedSpans): number {
  return trees.reduce((sum, tree) => sum + tree.leftOut + tree.frames.reduce((of, frame) => of + frame.leftOut, 0), 0);
}

/** From the root to the frame. */
export function pathOf(frame: MergedFrame): readonly string[] {
  return frame.parent ? [...pathOf(frame.parent), frame.name] : [frame.name];
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads the viewer's JSON of merged spans; what it lacks is an error that says so. */
export function parseMerged(json: unknown): MergedSpans {
  const root = fields(json);
  const names = list(root, 'names').map(String);
  const [beginNs, endNs] = [parseNs(String(root['from_ns'])), parseNs(String(root['to_ns']))];
  if (beginNs === null || endNs === null) throw new Error('expected from_ns and to_ns of merged spans');
  const nameOf = (number: number): string => {
    const name = names[number];
    if (name === undefined) throw new Error(`expected a name below ${names.length}, saw ${number}`);
    return name;
  };
  const functionOf = (row: unknown): MergedFunction => {
    const [name, count, totalNs, selfNs] = numbers(row, 4);
    return { name: nameOf(name!), count: count!, totalNs: totalNs!, selfNs: selfNs! };
  };
  return {
    range: { beginNs, endNs },
    spans: number(root, 'spans'),
    paths: number(root, 'paths'),
    middle: root['middle'] === null || root['middle'] === undefined ? null : functionOf(root['middle']),
    trees: list(root, 'trees').map((tree) => treeOf(fields(tree), nameOf)),
    functions: list(root, 'functions').map(functionOf),
    functionsLeftOut: number(root, 'functions_left_out'),
  };
}

function treeOf(tree: Fields, nameOf: (number: number) => string): MergedTree {
  const frames: (MergedFrame & { childrenNs: number })[] = [];
  let roots = 0;
  for (const row of list(tree, 'frames')) {
    const [at, name, count, totalNs, selfNs, leftOut, leftOutNs] = numbers(row, 7) as [number, number, number, number, number, number, number];
    const parent = at < 0 ? null : frames[at];
    if (parent === undefined) throw new Error(`expected a parent before frame ${frames.length}, saw ${at}`);
    const begin = parent ? parent.begin + parent.childrenNs : roots;
    if (parent) parent.childrenNs += totalNs;
    else roots += totalNs;
    frames.push({ name: nameOf(name), parent, depth: parent ? parent.depth + 1 : 0, count, totalNs, selfNs, leftOut, leftOutNs, begin, childrenNs: 0 });
  }
  const stream = tree['stream_id'];
  return {
    title: String(tree['title'] ?? ''), stream: typeof stream === 'string' ? stream : null, totalNs: number(tree, 'total_ns'),
    frames, leftOut: number(tree, 'left_out'), leftOutNs: number(tree, 'left_out_ns'),
  };
}

function fields(value: unknown): Fields {
  if (typeof value !== 'object' || value === null) throw new Error(`expected an object of merged spans, saw ${JSON.stringify(value)}`);
  return value as Fields;
}

function list(of: Fields, key: string): readonly unknown[] {
  const value = of[key];
  if (!Array.isArray(value)) throw new Error(`expected a list as ${key} of merged spans, saw ${JSON.stringify(value)}`);
  return value;
}

function number(of: Fields, key: string): number {
  const value = of[key];
  if (typeof value !== 'number') throw new Error(`expected a number as ${key} of merged spans, saw ${JSON.stringify(value)}`);
  return value;
}

function numbers(row: unknown, length: number): readonly number[] {
  if (!Array.isArray(row) || row.length !== length || !row.every((value) => typeof value === 'number'))
    throw new Error(`expected ${length} numbers of merged spans, saw ${JSON.stringify(row)}`);
  return row as number[];
}
