import { ASYNC_STREAM } from '../flame/processes';
import type { SpanRef } from '../flame/selection';
import type { TimeRange } from '../flame/view';
import { processRoute, type ProcessRoute } from '../pages/route';
import type { ResultColumn, ResultTable } from './result';

/** How much of the timeline is shown on both sides of a moment. */
const AROUND_NS = 10_000_000n;

const MIN_NS = -(2n ** 63n);
const MAX_NS = 2n ** 63n - 1n;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** The names of columns, as the views have them, by which a row is found in the pages of its process. */
const NAMES = ['process_id', 'stream_id', 'span_id', 'begin_ns', 'end_ns', 'time_ns', 'begin_time', 'end_time', 'time', 'begin_stream_id'] as const;

type Names = Readonly<Record<(typeof NAMES)[number], ResultColumn | undefined>>;

/** Where a row is seen in the timeline, or its process where it tells no time; `null` where it names none. */
export function rowLinks({ columns }: ResultTable): ((row: number) => ProcessRoute | null) | null {
  const named = Object.fromEntries(NAMES.map((name) => [name, columns.find((column) => column.name === name)])) as Names;
  const { process_id: processes } = named;
  if (!processes) return null;
  return (row) => {
    const process = processes.exact(row);
    if (process === null || !UUID.test(process)) return null;
    const time = timeOf(named, row);
    const selection = spanOf(named, row);
    return time || selection ? processRoute('timeline', process, { time, selection }) : processRoute('process', process);
  };
}

function timeOf({ begin_ns, end_ns, time_ns, begin_time, end_time, time }: Names, row: number): TimeRange | null {
  const ns = (...from: readonly (ResultColumn | undefined)[]): bigint | null => from.map((column) => column?.integer(row) ?? null).find((value) => value !== null) ?? null;
  const begin = ns(begin_ns, begin_time, time_ns, time);
  if (begin === null) return null;
  const end = ns(end_ns, end_time) ?? begin;
  // A tenth on both sides, so that what is meant stands in the middle.
  const margin = end > begin ? (end - begin) / 10n + 1n : AROUND_NS;
  const [beginNs, endNs] = [begin - margin, (end > begin ? end : begin) + margin];
  return beginNs >= MIN_NS && endNs <= MAX_NS ? { beginNs, endNs } : null;
}

/** Async spans belong to no thread: their ids are unique in the process. */
function spanOf({ stream_id, span_id, begin_stream_id, time_ns }: Names, row: number): SpanRef | null {
  const span = span_id?.integer(row) ?? null;
  if (span === null || span < 0n) return null;
  if (begin_stream_id) return { stream: ASYNC_STREAM, span };
  const stream = stream_id?.exact(row) ?? null;
  // A line of a log names the span that was open then.
  return stream === null || time_ns !== undefined ? null : { stream, span };
}
