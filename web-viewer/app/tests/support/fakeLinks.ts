import type { FakeAsyncSpan } from './fakeTimeline';
import { BEGIN_NS, HOSTILE, type Span, type Stream } from './synthetic';

export interface FlowPoint {
  readonly stream: Stream;
  readonly span: Span;
  readonly at: number;
}

type Json = Record<string, unknown>;

const absolute = (ns: number): string => String(BEGIN_NS + BigInt(Math.round(ns)));

/** Each frame's flow: from where the main thread submits it to where the render thread records, and later presents, it. */
export function fakeFlows([main, render]: readonly Stream[]): readonly (readonly FlowPoint[])[] {
  const [submits, records, presents] = ([[main!, 'Submit'], [render!, 'Record commands'], [render!, 'Present']] as const).map(([{ spans }, name]) => spans.filter((span) => span.name === name));
  return submits!.slice(0, -1).map((submit, frame) => [
    { stream: main!, span: submit, at: submit.begin + 1000 },
    { stream: render!, span: records![frame + 1]!, at: records![frame + 1]!.begin + 1000 },
    { stream: render!, span: presents![frame + 1]!, at: presents![frame + 1]!.begin + 1000 },
  ]);
}

/** What a host answers about the links of a span. */
export function fakeLinks(streams: readonly Stream[], stream: string, id: bigint): Json {
  const links: Json[] = [];
  for (const flow of fakeFlows(streams)) {
    const own = flow.findIndex((point) => point.stream.id === stream && point.span.id === id);
    if (own < 0) continue;
    for (const [direction, other] of [['previous', flow[own - 1]], ['next', flow[own + 1]]] as const) {
      if (!other) continue;
      links.push({
        direction, kind: 'flow', name: HOSTILE.name, from_ns: absolute(flow[own]!.at), at_ns: absolute(other.at), stream_id: other.stream.id,
        span: {
          stream_id: other.stream.id, span_id: String(other.span.id), name: other.span.name, depth: other.span.depth,
          begin_ns: absolute(other.span.begin), duration_ns: String(other.span.end - other.span.begin),
        },
      });
    }
  }
  return { links, left_out: 0 };
}

export function fakeAsyncLinks(spans: readonly FakeAsyncSpan[], id: bigint): Json {
  const own = spans.find((span) => span.id === id);
  const link = (direction: string, kind: string, other: FakeAsyncSpan, at: number): Json => ({
    direction, kind, name: '', from_ns: absolute(at), at_ns: absolute(at), stream_id: 'async',
    span: { stream_id: 'async', span_id: String(other.id), name: other.name, depth: 0, begin_ns: absolute(other.begin), duration_ns: String(other.end - other.begin) },
  });
  const parent = spans.find((span) => span.id === own?.parent);
  const child = spans.find((span) => span.parent === id);
  return { links: [...(own && parent ? [link('previous', 'parent', parent, own.begin)] : []), ...(child ? [link('next', 'child', child, child.begin)] : [])], left_out: 0 };
}
