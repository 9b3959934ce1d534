import type { TileRequest, TileSource } from '../tiles/source';
import type { HitDensity, SpanDetails, SpanHit, SpanHits, SpanLinks, SpanLookup } from './lookup';
import { compareHits } from './lookup';
import { groupInProcess, numberOfGroup, Processes, streamInProcess, streamOnAxis, type Member } from './processes';
import type { TimeRange } from './view';

/** Tiles of all processes on an axis: each request goes to the source of its process. */
export class SharedTiles implements TileSource {
  readonly #sources: ReadonlyMap<number, TileSource>;

  /** By the processes' numbers. */
  constructor(sources: ReadonlyMap<number, TileSource>) {
    this.#sources = sources;
  }

  fetch(requests: readonly TileRequest[]): Promise<Uint8Array | null>[] {
    const answers = new Array<Promise<Uint8Array | null>>(requests.length);
    for (const number of new Set(requests.map(({ group }) => numberOfGroup(group)))) {
      const places = requests.flatMap(({ group }, i) => (numberOfGroup(group) === number ? [i] : []));
      const source = this.#sources.get(number);
      const asked = places.map((i) => ({ ...requests[i]!, group: groupInProcess(requests[i]!.group) }));
      // One call each: some transports cost the same for one tile as for fifty.
      const given = source?.fetch(asked);
      places.forEach((place, i) => (answers[place] = given?.[i] ?? Promise.resolve(null)));
    }
    return answers;
  }
}

/** What is known of spans of all processes on an axis. */
export class SharedSpans implements SpanLookup {
  #processes: Processes;
  #lookups: ReadonlyMap<number, SpanLookup>;

  /** By the processes' numbers. */
  constructor(processes: Processes, lookups: ReadonlyMap<number, SpanLookup>) {
    this.#processes = processes;
    this.#lookups = lookups;
  }

  /** Takes over which processes there are now. */
  show(processes: Processes, lookups: ReadonlyMap<number, SpanLookup>): void {
    this.#processes = processes;
    this.#lookups = lookups;
  }

  async find(text: string, fromNs: bigint, signal: AbortSignal): Promise<SpanHits> {
    const found = await this.#askAll(async (member, lookup) => {
      const { hits, total } = await lookup.find(text, fromNs, signal);
      return { hits: hits.map((hit) => hitOnAxis(member, hit)), total };
    });
    if (found.length === 1) return found[0]!;
    return { hits: found.flatMap(({ hits }) => hits).sort(compareHits), total: found.reduce((sum, { total }) => sum + total, 0) };
  }

  async density(text: string, range: TimeRange, signal: AbortSignal): Promise<HitDensity | null> {
    const found = await this.#askAll((_, lookup) => lookup.density(text, range, signal));
    const known = found.filter((density) => density !== null);
    return known.length < found.length ? null : together(known);
  }

  async links(stream: string, span: bigint, signal: AbortSignal): Promise<SpanLinks> {
    const [member, lookup] = this.#of(stream);
    if (!member || !lookup) return { links: [], leftOut: 0 };
    const { links, leftOut } = await lookup.links(streamInProcess(stream), span, signal);
    return { leftOut, links: links.map((link) => ({ ...link, stream: streamOnAxis(member, link.stream), span: link.span && hitOnAxis(member, link.span) })) };
  }

  async describe(stream: string, span: bigint, signal: AbortSignal): Promise<SpanDetails | null> {
    const [, lookup] = this.#of(stream);
    return lookup ? lookup.describe(streamInProcess(stream), span, signal) : null;
  }

  #of(stream: string): readonly [Member | undefined, SpanLookup | undefined] {
    const member = this.#processes.ofStream(stream);
    return [member, member && this.#lookups.get(member.number)];
  }

  #askAll<T>(ask: (member: Member, lookup: SpanLookup) => Promise<T>): Promise<T[]> {
    return Promise.all(this.#processes.members.flatMap((member) => {
      const lookup = this.#lookups.get(member.number);
      return lookup ? [ask(member, lookup)] : [];
    }));
  }
}

function hitOnAxis(member: Member, hit: SpanHit): SpanHit {
  return member.number === 0 ? hit : { ...hit, stream: streamOnAxis(member, hit.stream) };
}

/** All were asked about one range. Where their steps differ, those of the longest hold. */
function together(densities: readonly HitDensity[]): HitDensity | null {
  const [first] = densities;
  if (!first || densities.length === 1) return first ?? null;
  const stepNs = Math.max(...densities.map((density) => density.stepNs));
  const bins = new Map<number, number>();
  for (const density of densities) {
    for (const [step, count] of density.bins) {
      const at = Math.floor((step * density.stepNs) / stepNs);
      bins.set(at, (bins.get(at) ?? 0) + count);
    }
  }
  return { range: first.range, stepNs, bins: [...bins].sort(([a], [b]) => a - b) };
}
