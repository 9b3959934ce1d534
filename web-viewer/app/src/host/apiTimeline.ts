import type { AsyncSpan, AsyncSpans, Attachment, Counters, LogBuckets, Marker, SeriesInfo, SeriesKind, TimelineSource } from '../flame/timeline';
import type { TimeRange } from '../flame/view';
import type { AsyncWindow, ViewerApi } from './api';
import { nanoseconds, plainProperties } from './apiSpans';

/** Who answers about the timeline: a host, the kernel of a notebook, or what a report carries. */
export type TimelineApi = Pick<ViewerApi, 'asyncSpans' | 'series' | 'seriesWindow' | 'markers' | 'attachmentWindow' | 'logWindow'>;

/** Asks what lies on the timeline beside the spans of threads. */
export class ApiTimeline implements TimelineSource {
  readonly #api: TimelineApi;
  readonly #process: string;

  constructor(api: TimelineApi, process: string) {
    this.#api = api;
    this.#process = process;
  }

  async asyncSpans(range: TimeRange, signal: AbortSignal): Promise<AsyncSpans> {
    const { spans, lanes } = await this.#api.asyncSpans(this.#process, range, signal);
    return { lanes, spans: spans.map(asyncSpanOf) };
  }

  async series(signal: AbortSignal): Promise<readonly SeriesInfo[]> {
    const { series } = await this.#api.series(this.#process, signal);
    return series.map((each) => ({ ...each, kind: kindOf(each.kind) }));
  }

  async counters(names: readonly string[], range: TimeRange, signal: AbortSignal): Promise<Counters> {
    const answer = await this.#api.seriesWindow(this.#process, names, range, signal);
    const stepNs = Number(answer.step_ns);
    const counters = answer.series.map(({ name, unit, kind, buckets }) => ({
      name, unit, kind: kindOf(kind),
      buckets: buckets.map(([at, least, greatest, value]) => ({ at: at * stepNs, least, greatest, value })),
    }));
    return { stepNs, counters };
  }

  async markers(range: TimeRange, signal: AbortSignal): Promise<readonly Marker[]> {
    const { markers } = await this.#api.markers(this.#process, range, signal);
    return markers.map(({ time_ns, name, thread, properties, count }) => ({ timeNs: nanoseconds(time_ns), name, thread, properties: plainProperties(properties), count }));
  }

  async attachments(range: TimeRange, signal: AbortSignal): Promise<readonly Attachment[]> {
    const { attachments } = await this.#api.attachmentWindow(this.#process, range, signal);
    return attachments.map(({ attachment_id, time_ns, last_ns, name, media_type, bytes, complete, count }) => ({
      id: attachment_id, timeNs: nanoseconds(time_ns), lastNs: nanoseconds(last_ns), name, mediaType: media_type, bytes: Number(bytes), complete, count,
    }));
  }

  async logs(range: TimeRange, signal: AbortSignal): Promise<LogBuckets> {
    const answer = await this.#api.logWindow(this.#process, range, signal);
    const stepNs = Number(answer.step_ns);
    const buckets = answer.buckets.map(({ bucket, time_ns, message, counts }) => ({
      at: bucket * stepNs, counts: Object.entries(counts), message, timeNs: nanoseconds(time_ns),
    }));
    return { stepNs, buckets };
  }
}

export function asyncSpanOf(span: AsyncWindow['spans'][number]): AsyncSpan {
  return {
    span: BigInt(span.span_id),
    name: span.name,
    beginNs: nanoseconds(span.begin_ns),
    endNs: nanoseconds(span.end_ns),
    durationNs: nanoseconds(span.duration_ns),
    count: span.count,
    lane: span.lane,
  };
}

/** What a newer host may say beyond these is drawn as a curve. */
function kindOf(kind: string): SeriesKind {
  return kind === 'count' || kind === 'frame' ? kind : 'gauge';
}
