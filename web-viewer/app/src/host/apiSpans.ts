import type { SpanDetails, SpanHits, SpanLookup } from '../flame/lookup';
import { parseNs } from '../time/ns';
import type { ViewerApi } from './api';

/** Enough to walk through; the count beside them is that of all. */
const MAX_HITS = 1000;

/** Asks the host about spans. */
export class ApiSpans implements SpanLookup {
  readonly #api: ViewerApi;
  readonly #process: string;

  constructor(api: ViewerApi, process: string) {
    this.#api = api;
    this.#process = process;
  }

  async find(text: string, signal: AbortSignal): Promise<SpanHits> {
    const { hits, total } = await this.#api.find(this.#process, text, MAX_HITS, signal);
    return {
      total,
      hits: hits.map((hit) => ({
        stream: hit.stream_id,
        span: BigInt(hit.span_id),
        name: hit.name,
        beginNs: nanoseconds(hit.begin_ns),
        durationNs: nanoseconds(hit.duration_ns),
        depth: hit.depth,
      })),
    };
  }

  async describe(stream: string, span: bigint, signal: AbortSignal): Promise<SpanDetails | null> {
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
    };
  }
}

/** Properties as text: what isn't text already is shown as JSON. */
export function plainProperties(properties: Readonly<Record<string, unknown>> | null): Record<string, string> {
  return Object.fromEntries(
    Object.entries(properties ?? {}).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]));
}

function nanoseconds(text: string): bigint {
  const ns = parseNs(text);
  if (ns === null) throw new Error(`nanoseconds are a decimal string, got ${JSON.stringify(text)}`);
  return ns;
}
