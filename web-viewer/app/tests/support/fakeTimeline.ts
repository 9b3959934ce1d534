import { BEGIN_NS, DURATION_NS, HOSTILE } from './synthetic';

/** An async span of the synthetic process; times are nanoseconds after it began. */
export interface FakeAsyncSpan {
  readonly id: bigint;
  readonly parent: bigint | null;
  readonly begin: number;
  readonly end: number;
  readonly name: string;
}

const REQUESTS = 60;
const BUCKETS = { series: 2000, logs: 600, markers: 600 };
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/** Requests a fifth of a second apart, each with two calls in it; ids need all of their 64 bits. */
export function fakeAsyncSpans(): readonly FakeAsyncSpan[] {
  const top = 2n ** 63n;
  return Array.from({ length: REQUESTS }, (_, i) => {
    const begin = 5e7 + i * 1.9e8;
    const end = begin + 1.2e8 + (i % 7) * 6e7;
    const id = top + BigInt(i * 3 + 1);
    return [
      { id, parent: null, begin, end, name: i === 20 ? HOSTILE.name : `GET /levels/${i % 4}` },
      { id: id + 1n, parent: id, begin: begin + 1e7, end: begin + 6e7, name: 'SELECT tiles' },
      { id: id + 2n, parent: id, begin: begin + 7e7, end: end - 5e6, name: 'POST cdn/chunk' },
    ];
  }).flat();
}

type Json = Record<string, unknown>;
type Query = URLSearchParams;

interface Range {
  readonly from: number;
  readonly to: number;
}

function rangeOf(query: Query): Range {
  return { from: Number(BigInt(query.get('from_ns')!) - BEGIN_NS), to: Number(BigInt(query.get('to_ns')!) - BEGIN_NS) };
}

const absolute = (ns: number): string => String(BEGIN_NS + BigInt(Math.round(ns)));

export function fakeAsyncWindow(spans: readonly FakeAsyncSpan[], query: Query): Json {
  const { from, to } = rangeOf(query);
  const free: number[] = [];
  const laneOf = new Map<bigint, number>();
  const given = spans.filter((span) => span.begin < to && span.end >= from).sort((a, b) => a.begin - b.begin || b.end - a.end).map((span) => {
    let lane = span.parent !== null && laneOf.has(span.parent) ? laneOf.get(span.parent)! + 1 : 0;
    while (lane < free.length && free[lane]! > span.begin) lane++;
    free[lane] = span.end;
    laneOf.set(span.id, lane);
    return { span_id: String(span.id), name: span.name, begin_ns: absolute(span.begin), end_ns: absolute(span.end), duration_ns: String(span.end - span.begin), count: 1, lane };
  });
  return { spans: given, lanes: free.length };
}

export function fakeAsyncSpan(spans: readonly FakeAsyncSpan[], id: bigint): Json | null {
  const span = spans.find((each) => each.id === id);
  return span ? {
    span_id: String(id), parent_id: span.parent === null ? null : String(span.parent), trace_id: '0af7651916cd43dd8448eb211c80319c',
    begin_ns: absolute(span.begin), end_ns: absolute(span.end), duration_ns: String(span.end - span.begin), name: span.name,
    target: HOSTILE.target, file: HOSTILE.file, line: 7, thread: 'main', end_thread: 'worker 3', properties: { [HOSTILE.key]: HOSTILE.value, status: 200 },
  } : null;
}

interface FakeSeries {
  readonly name: string;
  readonly unit: string;
  readonly kind: 'gauge' | 'count' | 'frame';
  readonly usual: boolean;
  /** From a sample to the next. */
  readonly everyNs: number | ((sample: number) => number);
  readonly value: (seconds: number, sample: number) => number;
}

/** Frames at 60 a second, of which each fiftieth takes three times as long. */
export const FRAMES = `frames.${HOSTILE.key}`;
export const FRAME_NS = 16_666_667;
export const HITCH_NS = 3 * FRAME_NS;
export const FRAMES_TO_HITCH = 50;

function frameNs(frame: number): number {
  return frame % FRAMES_TO_HITCH === FRAMES_TO_HITCH - 1 ? HITCH_NS : FRAME_NS;
}

/** Samples of a series, in order: nanoseconds after the process began, and the value. */
function samplesOf({ everyNs, value }: FakeSeries): (readonly [at: number, value: number])[] {
  const samples: (readonly [number, number])[] = [];
  for (let at = 0, i = 0; at < DURATION_NS; at += typeof everyNs === 'number' ? everyNs : everyNs(i), i++) samples.push([at, value(at / 1e9, i)]);
  return samples;
}

const SERIES: readonly FakeSeries[] = [
  { name: 'dotnet.gc.collections', unit: '{collection}', kind: 'count', usual: true, everyNs: 7e8, value: (s) => 1 + (s % 3) },
  { name: 'dotnet.gc.heap.size', unit: 'By', kind: 'gauge', usual: true, everyNs: 1e8, value: (s) => 4e7 + 2e7 * (s % 2.5) },
  { name: 'dotnet.process.cpu.utilization.of.all.processors', unit: '%', kind: 'gauge', usual: true, everyNs: 5e7, value: (s) => 45 + 40 * Math.sin(s * 2) },
  { name: `frame time ${HOSTILE.name}`, unit: HOSTILE.value, kind: 'gauge', usual: false, everyNs: 16e6, value: (s) => 16 + (s % 1) },
  { name: 'frames', unit: '{frame}', kind: 'count', usual: false, everyNs: 16e6, value: () => 1 },
  { name: FRAMES, unit: 's', kind: 'frame', usual: false, everyNs: (frame) => frameNs(frame + 1), value: (_, frame) => frameNs(frame) / 1e9 },
];

export function fakeSeries(): Json {
  return { series: SERIES.map((series) => ({ name: series.name, unit: series.unit, kind: series.kind, usual: series.usual, samples: samplesOf(series).length })) };
}

export function fakeSeriesWindow(query: Query): Json {
  const { from, to } = rangeOf(query);
  const step = Math.ceil((to - from) / BUCKETS.series);
  const series = SERIES.filter(({ name }) => query.getAll('name').includes(name)).map((given) => {
    const { name, unit, kind } = given;
    const buckets = new Map<number, number[]>();
    for (const [at, sample] of samplesOf(given)) {
      const bucket = Math.min(BUCKETS.series, Math.max(-1, Math.floor((at - from) / step)));
      const known = buckets.get(bucket) ?? [0, sample, sample, kind === 'count' ? 0 : sample];
      if (bucket === BUCKETS.series && buckets.has(bucket)) continue;
      buckets.set(bucket, [(at - from) / step, Math.min(known[1]!, sample), Math.max(known[2]!, sample), kind === 'count' ? known[3]! + sample : sample]);
    }
    return { name, unit, kind, buckets: [...buckets].sort(([a], [b]) => a - b).map(([, bucket]) => bucket) };
  });
  return { step_ns: String(step), series };
}

/** Moments worth a mark: milliseconds after the process began. Two of them lie a millisecond apart. */
export const MARKERS: readonly { readonly at: number; readonly name: string; readonly properties: Json }[] = [
  { at: 900, name: 'level loaded', properties: { level: 'harbour', bytes: 73_400_320 } },
  { at: 4200, name: HOSTILE.name, properties: { [HOSTILE.key]: HOSTILE.value, [HOSTILE.file]: null } },
  { at: 8000, name: 'save', properties: { slot: 3 } },
  { at: 8001, name: 'autosave', properties: { slot: 4 } },
  { at: 11_950, name: 'leaving the harbour for good', properties: {} },
];

export function fakeMarkerWindow(query: Query): Json {
  const { from, to } = rangeOf(query);
  const step = Math.ceil((to - from) / BUCKETS.markers);
  const buckets = new Map<number, (typeof MARKERS)[number][]>();
  for (const marker of MARKERS) {
    const ns = marker.at * 1e6;
    if (ns < from || ns >= to) continue;
    const bucket = Math.floor((ns - from) / step);
    buckets.set(bucket, [...(buckets.get(bucket) ?? []), marker]);
  }
  return { markers: [...buckets.values()].map((all) => ({ time_ns: absolute(all[0]!.at * 1e6), name: all[0]!.name, thread: 'main', properties: all[0]!.properties, count: all.length })) };
}

export interface FakeLog {
  readonly time_ns: string;
  readonly level: string;
  readonly message: string;
}

export function fakeLogWindow(rows: readonly FakeLog[], query: Query): Json {
  const { from, to } = rangeOf(query);
  const step = Math.ceil((to - from) / BUCKETS.logs);
  const buckets = new Map<number, FakeLog[]>();
  for (const row of rows) {
    const at = Number(BigInt(row.time_ns) - BEGIN_NS);
    if (at < from || at >= to) continue;
    const bucket = Math.floor((at - from) / step);
    const known = buckets.get(bucket);
    if (known) known.push(row);
    else buckets.set(bucket, [row]);
  }
  return {
    step_ns: String(step),
    buckets: [...buckets].map(([bucket, all]) => {
      const levels = [...new Set(all.map((row) => row.level))].sort((a, b) => LEVELS.indexOf(b) - LEVELS.indexOf(a));
      const first = all.find((row) => row.level === levels[0])!;
      return { bucket, time_ns: first.time_ns, message: first.message, counts: Object.fromEntries(levels.map((level) => [level, all.filter((row) => row.level === level).length])) };
    }),
  };
}
