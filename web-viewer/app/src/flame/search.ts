import { nextHit, type HitDensity, type SpanHit, type SpanLookup } from './lookup';
import type { TimeRange } from './view';

/** The text searched for, and the hits that Enter walks through. */
export class Search {
  readonly #lookup: SpanLookup;
  readonly #changed: () => void;
  #running: AbortController | null = null;
  query = '';
  hits: readonly SpanHit[] = [];
  total = 0;
  /** Where all hits are, also those that are not among `hits`; `null` while that is not known. */
  density: HitDensity | null = null;
  current: number | null = null;
  problem: string | null = null;
  busy = false;

  constructor(lookup: SpanLookup, changed: () => void) {
    this.#lookup = lookup;
    this.#changed = changed;
  }

  /** Highlights at once; the hits follow when the lookup answers. `whole`: the time over which they are counted. */
  async start(query: string, fromNs: bigint, whole: TimeRange): Promise<void> {
    if (query === this.query) return;
    this.#running?.abort();
    this.query = query;
    this.hits = [];
    this.total = 0;
    this.density = null;
    this.current = null;
    this.problem = null;
    this.busy = query !== '';
    this.#changed();
    if (query === '') return;
    const running = new AbortController();
    this.#running = running;
    void this.#count(query, whole, running.signal);
    try {
      const found = await this.#lookup.find(query, fromNs, running.signal);
      if (running.signal.aborted) return;
      this.hits = found.hits;
      this.total = found.total;
    } catch (error) {
      if (running.signal.aborted) return;
      this.problem = error instanceof Error ? error.message : String(error);
    }
    this.busy = false;
    this.#changed();
  }

  async #count(query: string, whole: TimeRange, signal: AbortSignal): Promise<void> {
    try {
      const density = await this.#lookup.density(query, whole, signal);
      if (signal.aborted) return;
      this.density = density;
    } catch (error) {
      if (signal.aborted) return;
      this.problem = error instanceof Error ? error.message : String(error);
    }
    this.#changed();
  }

  /** Whether hits can be numbered: not when only some of them are known. */
  get complete(): boolean {
    return this.hits.length === this.total;
  }

  step(direction: 1 | -1, fromNs: bigint): SpanHit | null {
    this.current = nextHit(this.hits, this.current, direction, fromNs);
    return this.current === null ? null : this.hits[this.current]!;
  }

  dispose(): void {
    this.#running?.abort();
  }
}
