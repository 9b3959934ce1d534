import { BEGIN_NS, type Stream } from './synthetic';

type Json = Record<string, unknown>;

/** Of a tree at most so many frames, so that something is left out. */
const MOST_FRAMES = 200;

class Node {
  count = 0;
  total = 0;
  self = 0;
  readonly children = new Map<string, Node>();

  constructor(readonly name: string, readonly parent: Node | null) {}

  child(name: string): Node {
    let child = this.children.get(name);
    if (!child) this.children.set(name, (child = new Node(name, this)));
    return child;
  }

  get sorted(): Node[] {
    return [...this.children.values()].sort((a, b) => b.total - a.total || (a.name < b.name ? -1 : 1));
  }

  get paths(): number {
    return [...this.children.values()].reduce((sum, child) => sum + 1 + child.paths, 0);
  }
}

/** What a host answers that merges the spans of a time by their call paths. */
export function fakeMerged(streams: readonly Stream[], query: URLSearchParams): Json {
  const from = Number(BigInt(query.get('from_ns')!) - BEGIN_NS);
  const to = Number(BigInt(query.get('to_ns')!) - BEGIN_NS);
  const lanes = streams.map((stream) => ({ stream, root: rootOf(stream, from, to) })).filter(({ root }) => root.children.size > 0);
  const functions = new Map<string, { count: number; total: number; self: number }>();
  const tally = (node: Node, around: readonly string[]): void => {
    for (const child of node.children.values()) {
      const sum = functions.get(child.name) ?? { count: 0, total: 0, self: 0 };
      functions.set(child.name, { count: sum.count + child.count, total: sum.total + (around.includes(child.name) ? 0 : child.total), self: sum.self + child.self });
      tally(child, [...around, child.name]);
    }
  };
  for (const { root } of lanes) tally(root, []);
  const names: string[] = [];
  const numberOf = (name: string): number => (names.includes(name) ? names.indexOf(name) : names.push(name) - 1);
  const rowOf = (name: string): number[] => {
    const { count, total, self } = functions.get(name) ?? { count: 0, total: 0, self: 0 };
    return [numberOf(name), count, total, self];
  };
  const sorted = [...functions.keys()].sort((a, b) => functions.get(b)!.total - functions.get(a)!.total);
  const heaviest = [...functions.keys()].sort((a, b) => functions.get(b)!.self - functions.get(a)!.self)[0];
  const middle = query.get('mode') === 'sandwich' ? (query.get('function') ?? heaviest ?? '') : null;
  const trees = middle === null ? lanes.map(({ stream, root }) => treeOf(stream.name, stream.id, root, numberOf)) : sandwichOf(lanes.map(({ root }) => root), middle).map(({ title, root }) => treeOf(title, null, root, numberOf));
  return {
    from_ns: query.get('from_ns'), to_ns: query.get('to_ns'),
    spans: [...functions.values()].reduce((sum, { count }) => sum + count, 0), paths: lanes.reduce((sum, { root }) => sum + root.paths, 0),
    middle: middle === null ? null : rowOf(middle), trees, functions: sorted.map(rowOf), functions_left_out: 0, names,
  };
}

function rootOf(stream: Stream, from: number, to: number): Node {
  const root = new Node('', null);
  const nodes = new Map<bigint, Node>();
  for (const span of stream.spans) {
    if (span.end < from || span.begin >= to) continue;
    const parent = span.parent === null ? root : nodes.get(span.parent)!;
    const node = parent.child(span.name);
    nodes.set(span.id, node);
    const duration = Math.min(span.end, to) - Math.max(span.begin, from);
    node.count++;
    node.total += duration;
    node.self += duration;
    parent.self -= duration;
  }
  return root;
}

function sandwichOf(roots: readonly Node[], name: string): { title: string; root: Node }[] {
  const callers = new Node('', null);
  const callees = new Node('', null);
  const merge = (into: Node, from: Node): void => {
    into.count += from.count;
    into.total += from.total;
    into.self += from.self;
    for (const child of from.children.values()) merge(into.child(child.name), child);
  };
  const visit = (node: Node): void => {
    for (const child of node.children.values()) {
      if (child.name !== name) {
        visit(child);
        continue;
      }
      merge(callees, child);
      let at = callers;
      for (let caller = child.parent; caller?.parent; caller = caller.parent) {
        at = at.child(caller.name);
        at.count += child.count;
        at.total += child.total;
      }
    }
  };
  roots.forEach(visit);
  return [{ title: 'callers', root: callers }, { title: 'callees', root: callees }];
}

function treeOf(title: string, stream: string | null, root: Node, numberOf: (name: string) => number): Json {
  const shown = new Set<Node>();
  const waiting = root.sorted;
  while (shown.size < MOST_FRAMES && waiting.length > 0) {
    waiting.sort((a, b) => b.total - a.total);
    const node = waiting.shift()!;
    shown.add(node);
    waiting.push(...node.sorted);
  }
  const leftOut = (node: Node): [number, number] =>
    node.sorted.filter((child) => !shown.has(child)).reduce<[number, number]>(([paths, ns], child) => [paths + 1 + child.paths, ns + child.total], [0, 0]);
  const frames: number[][] = [];
  const add = (node: Node, index: number): void => {
    for (const child of node.sorted) {
      if (!shown.has(child)) continue;
      frames.push([index, numberOf(child.name), child.count, child.total, child.self, ...leftOut(child)]);
      add(child, frames.length - 1);
    }
  };
  add(root, -1);
  const [left_out, left_out_ns] = leftOut(root);
  return { title, stream_id: stream, total_ns: root.sorted.reduce((sum, child) => sum + child.total, 0), left_out, left_out_ns, frames };
}
