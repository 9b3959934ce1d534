import type { TileCache } from '../tiles/cache';
import type { Manifest } from '../tiles/manifest';
import { spanIdOf } from '../tiles/tile';
import type { LaneLayout } from './lanes';
import { ASYNC_STREAM } from './processes';
import type { AsyncSpan } from './timeline';
import type { TimeRange } from './view';

export interface SpanHit {
  readonly stream: string;
  readonly span: bigint;
  readonly name: string;
  readonly beginNs: bigint;
  readonly durationNs: bigint;
  readonly depth: number;
}

export interface SpanHits {
  /** Ordered by begin. */
  readonly hits: readonly SpanHit[];
  /** All that match, of which `hits` may be a part. */
  readonly total: number;
}

/** How many of all that match begin in which step of a time; steps without any are left out. */
export interface HitDensity {
  readonly range: TimeRange;
  readonly stepNs: number;
  readonly bins: readonly (readonly [step: number, count: number])[];
}

/** What an event of a span is linked to: the neighbouring point of a flow, or the async span that it is a part of, or the first of its parts. */
export interface SpanLink {
  /** Whether it follows or leads there. */
  readonly direction: 1 | -1;
  readonly kind: 'flow' | 'parent' | 'child';
  /** Of the flow's point at the other end. */
  readonly name: string;
  /** When it is at the span, and at the other end. */
  readonly fromNs: bigint;
  readonly atNs: bigint;
  /** Of the other end. */
  readonly stream: string;
  /** The innermost span there; `null`: none was open. */
  readonly span: SpanHit | null;
}

export interface SpanLinks {
  readonly links: readonly SpanLink[];
  /** Points of flows beyond those whose links are here. */
  readonly leftOut: number;
}

export interface SpanDetails {
  readonly beginNs: bigint;
  /** `null` while the span is open. */
  readonly endNs: bigint | null;
  readonly durationNs: bigint;
  readonly selfNs: bigint | null;
  readonly depth: number;
  readonly parent: bigint | null;
  readonly name: string;
  readonly target: string;
  readonly file: string;
  readonly line: number | null;
  readonly thread: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly truncated: boolean;
  /** Of async spans; `null` for those of threads. */
  readonly async: AsyncDetails | null;
}

export interface AsyncDetails {
  readonly traceId: string | null;
  /** `null` while the span is open. */
  readonly endThread: string | null;
}

/** What tiles don't carry: search over all spans of the process, and everything known of one. */
export interface SpanLookup {
  /** Where there are too many hits to give them all, those after `fromNs` are among them. */
  find(text: string, fromNs: bigint, signal: AbortSignal): Promise<SpanHits>;
  /** `null`: only what is loaded is known. */
  density(text: string, range: TimeRange, signal: AbortSignal): Promise<HitDensity | null>;
  /** In order of their moments at the span. */
  links(stream: string, span: bigint, signal: AbortSignal): Promise<SpanLinks>;
  /** `null`: nothing more is known than what is drawn. */
  describe(stream: string, span: bigint, signal: AbortSignal): Promise<SpanDetails | null>;
}

export function matchesText(name: string, text: string): boolean {
  return name.toLowerCase().includes(text.toLowerCase());
}

export function compareHits(a: SpanHit, b: SpanHit): number {
  if (a.beginNs !== b.beginNs) return a.beginNs < b.beginNs ? -1 : 1;
  return a.depth - b.depth || (a.stream < b.stream ? -1 : a.stream > b.stream ? 1 : 0);
}

/** Index of the hit after (or before) the current one, wrapping; without one, the first at or after `fromNs`. */
export function nextHit(hits: readonly SpanHit[], current: number | null, direction: 1 | -1, fromNs: bigint): number | null {
  if (hits.length === 0) return null;
  if (current !== null) return (current + direction + hits.length) % hits.length;
  const following = hits.findIndex((hit) => hit.beginNs >= fromNs);
  if (direction > 0) return following < 0 ? 0 : following;
  return following <= 0 ? hits.length - 1 : following - 1;
}

/** Where nobody can be asked: looks through the tiles that are loaded, and the async spans that are there. */
export class LoadedSpans implements SpanLookup {
  readonly #manifest: Manifest;
  readonly #layout: LaneLayout;
  readonly #cache: TileCache;
  readonly #asyncSpans: readonly AsyncSpan[];

  constructor(manifest: Manifest, layout: LaneLayout, cache: TileCache, asyncSpans: readonly AsyncSpan[]) {
    this.#manifest = manifest;
    this.#layout = layout;
    this.#cache = cache;
    this.#asyncSpans = asyncSpans;
  }

  async find(text: string): Promise<SpanHits> {
    const found = new Map<string, SpanHit & { readonly step: number }>();
    for (const { group } of this.#manifest.groups) {
      for (const tile of this.#cache.loadedOf(group)) {
        const matching = tile.names.map((name) => matchesText(name, text));
        for (let i = 0; i < tile.size; i++) {
          const lane = this.#layout.inGroup(group, tile.lanes[i]!);
          if (!lane || !matching[tile.nameIndexes[i]!]) continue;
          const span = spanIdOf(tile, i);
          const key = `${lane.stream}:${span}`;
          const known = found.get(key);
          const beginNs = tile.baseNs + BigInt(tile.offsets[i]!) * BigInt(tile.stepNs);
          // A long span is in many tiles: its first piece says where it begins, the finest level says it best.
          const better = !known || (tile.stepNs === known.step ? beginNs < known.beginNs : tile.stepNs < known.step && beginNs <= known.beginNs + BigInt(known.step));
          if (!better) continue;
          const name = tile.names[tile.nameIndexes[i]!]!;
          found.set(key, { stream: lane.stream, span, name, beginNs, durationNs: tile.durationsNs[i]!, depth: tile.depths[i]!, step: tile.stepNs });
        }
      }
    }
    const ofAsync = this.#asyncSpans.filter(({ name }) => matchesText(name, text))
      .map(({ span, name, beginNs, durationNs }) => ({ stream: ASYNC_STREAM, span, name, beginNs, durationNs, depth: 0 }));
    const hits = [...found.values(), ...ofAsync].sort(compareHits);
    return { hits, total: hits.length };
  }

  async density(): Promise<HitDensity | null> {
    return null;
  }

  async links(): Promise<SpanLinks> {
    return { links: [], leftOut: 0 };
  }

  async describe(): Promise<SpanDetails | null> {
    return null;
  }
}
