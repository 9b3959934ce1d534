import { ASYNC_STREAM } from '../flame/processes';
import type { TimeRange } from '../flame/view';
import type { AsyncSpanInfo, FoundDensity, FoundLinks, FoundSpan, SpanInfo } from '../host/api';
import type { SpanApi } from '../host/apiSpans';
import type { CellComm } from './comm';

/** Asks the kernel about spans, as a page asks its host. */
export class CommSpanApi implements SpanApi {
  readonly #comm: CellComm;

  constructor(comm: CellComm) {
    this.#comm = comm;
  }

  async find(_process: string, text: string, from: bigint | null, limit: number, signal: AbortSignal): Promise<{ hits: readonly FoundSpan[]; total: number }> {
    const { json } = await this.#comm.ask({ find: { text, from_ns: from?.toString() ?? null, limit } }, signal);
    return { hits: (json['hits'] ?? []) as readonly FoundSpan[], total: Number(json['total'] ?? 0) };
  }

  async density(_process: string, text: string, { beginNs, endNs }: TimeRange, signal: AbortSignal): Promise<FoundDensity> {
    const { json } = await this.#comm.ask({ density: { text, from_ns: String(beginNs), to_ns: String(endNs) } }, signal);
    return { step_ns: String(json['step_ns'] ?? 1), bins: (json['bins'] ?? []) as FoundDensity['bins'] };
  }

  async links(_process: string, stream: string, span: bigint, signal: AbortSignal): Promise<FoundLinks> {
    const { json } = await this.#comm.ask({ links: { stream_id: stream, span_id: span.toString() } }, signal);
    return { links: (json['links'] ?? []) as FoundLinks['links'], left_out: Number(json['left_out'] ?? 0) };
  }

  asyncLinks(process: string, span: bigint, signal: AbortSignal): Promise<FoundLinks> {
    return this.links(process, ASYNC_STREAM, span, signal);
  }

  async span(_process: string, stream: string, span: bigint, signal: AbortSignal): Promise<SpanInfo | null> {
    const { json } = await this.#comm.ask({ span: { stream_id: stream, span_id: span.toString() } }, signal);
    return (json['span'] ?? null) as SpanInfo | null;
  }

  async asyncSpan(_process: string, span: bigint, signal: AbortSignal): Promise<AsyncSpanInfo | null> {
    const { json } = await this.#comm.ask({ span: { stream_id: ASYNC_STREAM, span_id: span.toString() } }, signal);
    return (json['span'] ?? null) as AsyncSpanInfo | null;
  }
}

/** The tiles that an answer has, in the order of the question: it names each by the index of its buffer, or has none. */
export async function askForTiles(comm: CellComm, names: readonly string[], signal: AbortSignal): Promise<(Uint8Array | null)[]> {
  const { json, buffers } = await comm.ask({ tiles: names }, signal);
  const indexes = json['tiles'];
  if (!Array.isArray(indexes) || indexes.length !== names.length) throw new Error(`expected ${names.length} tiles of the kernel, saw ${JSON.stringify(indexes)}`);
  return indexes.map((index: unknown) => (typeof index === 'number' ? (buffers[index] ?? null) : null));
}
