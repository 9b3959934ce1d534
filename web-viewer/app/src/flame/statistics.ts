import type { TimeRange } from './view';

/** How many spans took from one duration up to another; nanoseconds. */
export interface DurationBucket {
  readonly lowNs: number;
  readonly highNs: number;
  readonly count: number;
}

/** The spans of a name that end in a time, with their full durations; nanoseconds. Percentiles are right to 1 %. */
export interface NameStatistics {
  readonly name: string;
  readonly count: number;
  readonly totalNs: number;
  readonly selfNs: number;
  readonly minNs: number;
  readonly maxNs: number;
  readonly p50Ns: number;
  readonly p90Ns: number;
  readonly p99Ns: number;
  readonly p999Ns: number;
  /** Ascending; empty ones are left out. */
  readonly buckets: readonly DurationBucket[];
}

export interface Statistics {
  readonly spans: number;
  /** Those of most time first. */
  readonly names: readonly NameStatistics[];
  readonly namesLeftOut: number;
}

/** Where statistics come from. */
export interface StatisticsSource {
  read(range: TimeRange, signal: AbortSignal): Promise<Statistics>;
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads the viewer's JSON of statistics; what it lacks is an error that says so. */
export function parseStatistics(json: unknown): Statistics {
  const root = fields(json);
  return { spans: number(root, 'spans'), names: list(root['names']).map(nameOf), namesLeftOut: number(root, 'names_left_out') };
}

function nameOf(json: unknown): NameStatistics {
  const of = fields(json);
  return {
    name: String(of['name']), count: number(of, 'count'), totalNs: number(of, 'total_ns'), selfNs: number(of, 'self_ns'), minNs: number(of, 'min_ns'), maxNs: number(of, 'max_ns'),
    p50Ns: number(of, 'p50_ns'), p90Ns: number(of, 'p90_ns'), p99Ns: number(of, 'p99_ns'), p999Ns: number(of, 'p999_ns'),
    buckets: list(of['buckets']).map((bucket) => {
      const [lowNs, highNs, count] = list(bucket).map(Number);
      return { lowNs: lowNs!, highNs: highNs!, count: count! };
    }),
  };
}

function fields(value: unknown): Fields {
  if (typeof value !== 'object' || value === null) throw new Error(`expected an object of statistics, saw ${JSON.stringify(value)}`);
  return value as Fields;
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`expected a list of statistics, saw ${JSON.stringify(value)}`);
  return value;
}

function number(of: Fields, key: string): number {
  const value = of[key];
  if (typeof value !== 'number') throw new Error(`expected a number as ${key} of statistics, saw ${JSON.stringify(value)}`);
  return value;
}
