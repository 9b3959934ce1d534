import { BEGIN_NS, type Stream } from './synthetic';

/** What a host answers about the spans that end in a time. */
export function fakeStatistics(streams: readonly Stream[], query: URLSearchParams): Record<string, unknown> {
  const from = Number(BigInt(query.get('from_ns')!) - BEGIN_NS);
  const to = Number(BigInt(query.get('to_ns')!) - BEGIN_NS);
  const byName = new Map<string, number[]>();
  for (const { name, begin, end } of streams.flatMap((stream) => stream.spans)) {
    if (end < from || end >= to) continue;
    const durations = byName.get(name);
    if (durations) durations.push(end - begin);
    else byName.set(name, [end - begin]);
  }
  const names = [...byName].map(([name, unsorted]) => {
    const durations = unsorted.sort((a, b) => a - b);
    const at = (share: number): number => durations[Math.floor(share * (durations.length - 1))]!;
    const total = durations.reduce((sum, each) => sum + each, 0);
    return {
      name, count: durations.length, total_ns: total, self_ns: total, min_ns: durations[0]!, max_ns: durations.at(-1)!, p50_ns: at(0.5), p90_ns: at(0.9), p99_ns: at(0.99), p999_ns: at(0.999),
      buckets: bucketsOf(durations),
    };
  }).sort((a, b) => b.total_ns - a.total_ns);
  return { from_ns: query.get('from_ns'), to_ns: query.get('to_ns'), spans: names.reduce((sum, { count }) => sum + count, 0), names_left_out: 0, names };
}

/** What a host answers about the durations of the spans of a name: columns as long as each other. */
export function fakeDurations(streams: readonly Stream[], query: URLSearchParams): Record<string, unknown> {
  const from = BigInt(query.get('from_ns')!);
  const step = (BigInt(query.get('to_ns')!) - from) / 120n + 1n;
  const name = query.get('name')!;
  const edges = Array.from({ length: 121 }, (_, i) => String(from + BigInt(i) * step));
  const counts = new Map<string, number>();
  for (const span of streams.flatMap((stream) => stream.spans)) {
    const column = Math.floor((span.end + Number(BEGIN_NS - from)) / Number(step));
    if (span.name !== name || column < 0 || column >= 120) continue;
    const key = `${column} ${quarterOf(span.end - span.begin)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const cells = [...counts].map(([key, count]) => [...key.split(' ').map(Number), count] as [number, number, number]).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const quarters = [...new Set(cells.map(([, quarter]) => quarter))].sort((a, b) => a - b);
  return { name, edges_ns: edges, buckets: quarters.map((quarter) => [2 ** (quarter / 4), 2 ** ((quarter + 1) / 4)]), cells: cells.map(([column, quarter, count]) => [column, quarters.indexOf(quarter), count]) };
}

function quarterOf(duration: number): number {
  return Math.floor(4 * Math.log2(Math.max(1, duration)));
}

/** Four double the duration. */
function bucketsOf(durations: readonly number[]): readonly (readonly [number, number, number])[] {
  const counts = new Map<number, number>();
  for (const duration of durations) {
    const quarter = quarterOf(duration);
    counts.set(quarter, (counts.get(quarter) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => a - b).map(([quarter, count]) => [2 ** (quarter / 4), 2 ** ((quarter + 1) / 4), count]);
}
