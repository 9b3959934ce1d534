import type { TimeRange } from '../flame/view';

/** Spans of one name that ended in a part of the time and took from one duration up to another; nanoseconds. */
export interface HeatCell {
  readonly column: number;
  readonly beginNs: bigint;
  readonly endNs: bigint;
  readonly lowNs: number;
  readonly highNs: number;
  readonly count: number;
}

/** The spans of one name by when they ended and how long they took. */
export interface Heat {
  readonly name: string;
  /** By column, then by duration; those without a span are left out. */
  readonly cells: readonly HeatCell[];
}

/** Where durations come from. */
export interface DurationSource {
  /** Names of spans in a time, those of most time first. */
  names(range: TimeRange, signal: AbortSignal): Promise<readonly string[]>;
  heat(name: string, range: TimeRange, signal: AbortSignal): Promise<Heat>;
}

/** Reads the viewer's JSON; what it lacks is an error that says so. */
export function parseHeat(json: unknown): Heat {
  const root = json as { name?: unknown; edges_ns?: unknown; buckets?: unknown; cells?: unknown } | null;
  if (typeof root?.name !== 'string' || !Array.isArray(root.edges_ns) || !Array.isArray(root.buckets) || !Array.isArray(root.cells)) {
    throw new Error(`expected name, edges_ns, buckets and cells of durations, saw ${JSON.stringify(json)?.slice(0, 200)}`);
  }
  const edges = root.edges_ns.map((edge) => BigInt(edge as string));
  const buckets = root.buckets as readonly (readonly [number, number])[];
  const cells = (root.cells as readonly (readonly [number, number, number])[]).map(([column, bucket, count]) => {
    const [beginNs, endNs, durations] = [edges[column], edges[column + 1], buckets[bucket]];
    if (beginNs === undefined || endNs === undefined || !durations) throw new Error(`expected a column and durations that are there, saw cell ${column}, ${bucket}`);
    return { column, beginNs, endNs, lowNs: durations[0], highNs: durations[1], count };
  });
  return { name: root.name, cells };
}

/** Steps of the scale of colours. */
export const SHADES = 6;

/** The step of a count, on a logarithmic scale: the last one is that of the most. */
export function shadeOf(count: number, most: number): number {
  return most <= 1 ? SHADES - 1 : Math.min(SHADES - 1, Math.floor((Math.log(count) / Math.log(most)) * SHADES));
}

/** The least count of each step, for a legend; steps that no count has are left out. */
export function shadeFloors(most: number): readonly { readonly shade: number; readonly from: number }[] {
  if (most <= 1) return [{ shade: SHADES - 1, from: 1 }];
  const floors = Array.from({ length: SHADES }, (_, shade) => ({ shade, from: Math.max(1, Math.ceil(most ** (shade / SHADES) - 1e-9)) }));
  return floors.filter(({ shade, from }) => shadeOf(from, most) === shade);
}

export type HeatStep = 'left' | 'right' | 'longer' | 'shorter';

/** The next cell that has spans: of longer or shorter ones at the same time, or of the durations closest to these before or after it. The same where there is none. */
export function nextCell(cells: readonly HeatCell[], from: HeatCell, step: HeatStep): HeatCell {
  if (step === 'longer' || step === 'shorter') {
    const column = cells.filter((cell) => cell.column === from.column).sort((a, b) => a.lowNs - b.lowNs);
    return (step === 'longer' ? column.find((cell) => cell.lowNs > from.lowNs) : column.findLast((cell) => cell.lowNs < from.lowNs)) ?? from;
  }
  const beside = step === 'right' ? cells.find((cell) => cell.column > from.column) : cells.findLast((cell) => cell.column < from.column);
  if (!beside) return from;
  const far = (cell: HeatCell): number => Math.abs(Math.log2((cell.highNs + 1) / (from.highNs + 1)));
  return cells.filter((cell) => cell.column === beside.column).reduce((best, cell) => (far(cell) < far(best) ? cell : best));
}

/** The cell of another answer that has the middle of one. */
export function sameCell(cells: readonly HeatCell[], wanted: HeatCell): HeatCell | null {
  const at = (wanted.beginNs + wanted.endNs) / 2n;
  return cells.find((cell) => cell.beginNs <= at && at < cell.endNs && cell.lowNs === wanted.lowNs) ?? null;
}
