import type { Lane, LaneLayout } from './lanes';
import type { SpanDetails, SpanHit } from './lookup';
import type { DrawnSpan } from './spans';
import type { View } from './view';

/** What identifies a span across pages and sessions. */
export interface SpanRef {
  readonly stream: string;
  readonly span: bigint;
}

/** A selected span, with as much as is known of it: more once its details have arrived. */
export interface Selection extends SpanRef {
  readonly lane: Lane;
  readonly name: string;
  readonly depth: number;
  readonly count: number;
  readonly durationNs: number;
  /** Nanoseconds from the chart's origin. */
  readonly extent: View;
  readonly details: SpanDetails | null;
}

export function selectionOfDrawn(span: DrawnSpan): Selection {
  return { ...span, stream: span.lane.stream, span: span.id, details: null };
}

export function selectionOfHit(hit: SpanHit, layout: LaneLayout, originNs: bigint): Selection | null {
  const lane = layout.ofStream(hit.stream);
  if (!lane) return null;
  const begin = Number(hit.beginNs - originNs);
  const durationNs = Number(hit.durationNs);
  return {
    stream: hit.stream, span: hit.span, lane, name: hit.name, depth: hit.depth, count: 1, durationNs,
    extent: { begin, end: begin + durationNs }, details: null,
  };
}

/** The selection of a link: nothing of it is drawn yet, the details say it all. */
export function selectionOfDetails(ref: SpanRef, details: SpanDetails, layout: LaneLayout, originNs: bigint): Selection | null {
  const lane = layout.ofStream(ref.stream);
  if (!lane) return null;
  return withDetails({ ...ref, lane, name: '', depth: 0, count: 1, durationNs: 0, extent: { begin: 0, end: 0 }, details: null }, details, originNs);
}

export function withDetails(selection: Selection, details: SpanDetails, originNs: bigint): Selection {
  const begin = Number(details.beginNs - originNs);
  const durationNs = Number(details.durationNs);
  return { ...selection, name: details.name, depth: details.depth, durationNs, extent: { begin, end: begin + durationNs }, details };
}

export function sameSpan(a: SpanRef | null, b: SpanRef | null): boolean {
  return a === b || (a !== null && b !== null && a.stream === b.stream && a.span === b.span);
}
