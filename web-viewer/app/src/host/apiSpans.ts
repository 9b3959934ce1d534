import type { HitDensity, SpanDetails, SpanHit, SpanHits, SpanLinks, SpanLookup } from '../flame/lookup';
import { ASYNC_STREAM } from '../flame/processes';
import type { TimeRange } from '../flame/view';
import { parseNs } from '../time/ns';
import type { FoundSpan, ViewerApi } from './api';

/** Enough to walk through; the count beside them is that of all. */
const MAX_HITS = 1000;

/** Who answers about spans: a host, or the kernel of a notebook. */
export type SpanApi = Pick<ViewerApi, 'find' | 'density' | 'links' | 'asyncLinks' | 'span' | 'asyncSpan'>;

/** Asks the host about spans. */
export class ApiSpans implements SpanLookup {
  readonly #api: SpanApi;
  readonly #process: string;

  constructor(api: SpanApi, process: string) {
    this.#api = api;
    this.#process = process;
  }

  async find(text: string, fromNs: bigint, signal: AbortSignal): Promise<SpanHits> {
    const first = await this.#api.find(this.#process, text, null, MAX_HITS, signal);
    const hits = first.hits.map(hitOf);
    const last = hits.at(-1);
    if (hits.length >= first.total || !last || last.beginNs >= fromNs) return { hits, total: first.total };
    const following = await this.#api.find(this.#process, text, fromNs, MAX_HITS, signal);
    return { hits: [...hits, ...following.hits.map(hitOf).filter((hit) => hit.beginNs > last.beginNs)], total: first.total };
  }

  async density(text: string, range: TimeRange, signal: AbortSignal): Promise<HitDensity> {
    const { step_ns, bins } = await this.#api.density(this.#process, text, range, signal);
    return { range, stepNs: Number(step_ns), bins };
  }

  async links(stream: string, span: bigint, signal: AbortSignal): Promise<SpanLinks> {
    const found = stream === ASYNC_STREAM ? await this.#api.asyncLinks(this.#process, span, signal) : await this.#api.links(this.#process, stream, span, signal);
    return {
      leftOut: found.left_out,
      links: found.links.map((link) => ({
        direction: link.direction === 'next' ? 1 : -1, kind: link.kind === 'parent' || link.kind === 'child' ? link.kind : 'flow', name: link.name,
        fromNs: nanoseconds(link.from_ns), atNs: nanoseconds(link.at_ns), stream: link.stream_id, span: link.span && hitOf(link.span),
      })),
    };
  }

  async describe(stream: string, span: bigint, signal: AbortSignal): Promise<SpanDetails | null> {
    if (stream === ASYNC_STREAM) return this.#describeAsync(span, signal);
    const info = await this.#api.span(this.#process, stream, span, signal);
    return info && {
      beginNs: nanoseconds(info.begin_ns),
      endNs: info.end_ns === null ? null : nanoseconds(info.end_ns),
      durationNs: nanoseconds(info.duration_ns),
      selfNs: info.self_ns === null ? null : nanoseconds(info.self_ns),
      depth: info.depth,
      parent: info.parent_id === null ? null : BigInt(info.parent_id),
      name: info.name,
      target: info.target ?? '',
      file: info.file ?? '',
      line: info.line,
      thread: info.thread ?? '',
      properties: plainProperties(info.properties),
      truncated: info.truncated,
      async: null,
    };
  }

  async #describeAsync(span: bigint, signal: AbortSignal): Promise<SpanDetails | null> {
    const info = await this.#api.asyncSpan(this.#process, span, signal);
    return info && {
      beginNs: nanoseconds(info.begin_ns),
      endNs: info.end_ns === null ? null : nanoseconds(info.end_ns),
      durationNs: nanoseconds(info.duration_ns),
      selfNs: null,
      depth: 0,
      parent: info.parent_id === null ? null : BigInt(info.parent_id),
      name: info.name,
      target: info.target ?? '',
      file: info.file ?? '',
      line: info.line,
      thread: info.thread ?? '',
      properties: plainProperties(info.properties),
      truncated: false,
      async: { traceId: info.trace_id, endThread: info.end_thread },
    };
  }
}

function hitOf(found: FoundSpan): SpanHit {
  return {
    stream: found.stream_id,
    span: BigInt(found.span_id),
    name: found.name,
    beginNs: nanoseconds(found.begin_ns),
    durationNs: nanoseconds(found.duration_ns),
    depth: found.depth,
  };
}

/** Properties as text: what isn't text already is shown as JSON. */
export function plainProperties(properties: Readonly<Record<string, unknown>> | null): Record<string, string> {
  return Object.fromEntries(
    Object.entries(properties ?? {}).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]));
}

export function nanoseconds(text: string): bigint {
  const ns = parseNs(text);
  if (ns === null) throw new Error(`nanoseconds are a decimal string, got ${JSON.stringify(text)}`);
  return ns;
}
