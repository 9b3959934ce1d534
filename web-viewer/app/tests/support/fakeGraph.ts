import { BEGIN_NS, type Span, type Stream } from './synthetic';

type Json = Record<string, unknown>;

interface Sum {
  count: number;
  total: number;
  self: number;
}

interface Sums {
  readonly functions: ReadonlyMap<string, Sum & { depth: number }>;
  readonly calls: readonly { caller: string | null; callee: string; count: number; total: number }[];
  readonly spans: number;
  readonly all: number;
}

/** Of each time that was asked for: there are a million spans. */
const kept = new WeakMap<readonly Stream[], Map<string, Sums>>();

function sumsOf(streams: readonly Stream[], from: number, to: number): Sums {
  const functions = new Map<string, Sum & { depth: number }>();
  const calls = new Map<string, Map<string, { caller: string | null; callee: string; count: number; total: number }>>();
  let spans = 0;
  let all = 0;
  for (const stream of streams) {
    const parentOf = ({ parent }: Span): Span | null => (parent === null ? null : stream.spans[Number(parent) - 1]!);
    for (const span of stream.spans) {
      if (span.end < from || span.begin >= to) continue;
      const duration = Math.min(span.end, to) - Math.max(span.begin, from);
      const parent = parentOf(span);
      let isRecursive = false;
      for (let above = parent; above && !isRecursive; above = parentOf(above)) isRecursive = above.name === span.name;
      let sum = functions.get(span.name);
      if (!sum) functions.set(span.name, (sum = { count: 0, total: 0, self: 0, depth: span.depth }));
      sum.count++;
      sum.total += isRecursive ? 0 : duration;
      sum.self += duration;
      if (parent) functions.get(parent.name)!.self -= duration;
      else all += duration;
      const caller = parent?.name ?? null;
      let ofCaller = calls.get(caller ?? '\0');
      if (!ofCaller) calls.set(caller ?? '\0', (ofCaller = new Map()));
      let call = ofCaller.get(span.name);
      if (!call) ofCaller.set(span.name, (call = { caller, callee: span.name, count: 0, total: 0 }));
      call.count++;
      call.total += isRecursive ? 0 : duration;
      spans++;
    }
  }
  return { functions, calls: [...calls.values()].flatMap((each) => [...each.values()]), spans, all };
}

/** What a host answers of who calls whom: functions, the calls around one, or all of them laid out, here simply by their depth. */
export function fakeGraph(streams: readonly Stream[], what: string | undefined, query: URLSearchParams): Json {
  const [from, to] = ['from_ns', 'to_ns'].map((key) => Number(BigInt(query.get(key)!) - BEGIN_NS)) as [number, number];
  const times = kept.get(streams) ?? new Map<string, Sums>();
  kept.set(streams, times);
  const sums = times.get(`${from} ${to}`) ?? sumsOf(streams, from, to);
  times.set(`${from} ${to}`, sums);
  const { functions, calls, spans, all } = sums;
  const range = { from_ns: query.get('from_ns'), to_ns: query.get('to_ns') };
  const rowOf = (name: string): unknown[] => {
    const { count, total, self } = functions.get(name) ?? { count: 0, total: 0, self: 0 };
    return [name, count, total, self];
  };
  const names = [...functions.keys()].sort((a, b) => functions.get(b)!.total - functions.get(a)!.total);
  const heaviest = [...calls].sort((a, b) => b.total - a.total);
  if (what === 'functions') return { ...range, spans, total_ns: all, functions: names.map(rowOf), functions_left_out: 0 };
  if (what === 'calls') {
    const fn = query.get('function') ?? '';
    return {
      ...range, middle: rowOf(fn),
      callers: heaviest.filter(({ callee }) => callee === fn).map(({ caller, count, total }) => [caller, count, total]), callers_left_out: 0, callers_left_out_ns: 0,
      callees: heaviest.filter(({ caller }) => caller === fn).map(({ callee, count, total }) => [callee, count, total]), callees_left_out: 2, callees_left_out_ns: 1500,
    };
  }
  const rows = new Map<number, number>();
  const points = names.map((name) => {
    const { depth } = functions.get(name)!;
    const row = rows.get(depth) ?? 0;
    rows.set(depth, row + 1);
    return [depth * 4, row];
  });
  const drawn = heaviest.filter(({ caller }) => caller !== null).map(({ caller, callee, count, total }) => [names.indexOf(caller!), names.indexOf(callee), count, total]);
  return { ...range, functions: names.map(rowOf), points, calls: drawn, functions_left_out: 3, calls_left_out: 41 };
}
