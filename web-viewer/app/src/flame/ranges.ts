import type { TimeRange, View } from './view';
import { spanOf } from './view';

/** A motion asks for many ranges; the first waits until it may have come to rest. */
const PAUSE_MS = 60;

/**
 * The range to load for a view: more than is shown on both sides, on a grid, so that small motions need nothing new
 * and two readers of one link ask the same.
 */
export function rangeFor(view: View, originNs: bigint): TimeRange {
  const grid = 2n ** BigInt(Math.max(0, Math.floor(Math.log2(Math.max(1, spanOf(view) / 2)))));
  const begin = originNs + BigInt(Math.floor(view.begin));
  const end = originNs + BigInt(Math.ceil(view.end));
  return { beginNs: within((begin / grid) * grid - grid, 0n), endNs: within((end / grid) * grid + 2n * grid, 1n) };
}

/** The host's grid of time: from the Unix epoch to the year 2116. */
const LAST_NS = 2n ** 62n - 1n;

function within(ns: bigint, least: bigint): bigint {
  return ns < least ? least : ns > LAST_NS - 1n + least ? LAST_NS - 1n + least : ns;
}

export interface Loaded<T> {
  readonly range: TimeRange;
  readonly value: T;
}

/** Loads what belongs to the range that is wanted now, and keeps what it had until that is there. */
export class RangeLoader<T> {
  readonly #load: (range: TimeRange, signal: AbortSignal) => Promise<T>;
  readonly #changed: () => void;
  readonly #ended = new AbortController();
  #wanted: TimeRange | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running = false;
  current: Loaded<T> | null = null;
  problem: string | null = null;

  constructor(load: (range: TimeRange, signal: AbortSignal) => Promise<T>, changed: () => void) {
    this.#load = load;
    this.#changed = changed;
  }

  get loading(): boolean {
    return this.#running || this.#timer !== undefined;
  }

  want(range: TimeRange): void {
    if (this.#wanted && sameRange(this.#wanted, range)) return;
    this.#wanted = range;
    this.#soon();
  }

  /** Loads the same range again, because something else is asked of it. */
  again(): void {
    this.current = null;
    this.renew();
  }

  /** Loads the same range again, because there may be more in it, and keeps what it had until then. */
  renew(): void {
    if (this.#wanted) this.#wanted = { ...this.#wanted };
    this.#soon();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#ended.abort();
  }

  #soon(): void {
    if (this.#running || this.#wanted === null || this.#ended.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#run(), PAUSE_MS);
  }

  async #run(): Promise<void> {
    const range = this.#wanted!;
    const { signal } = this.#ended;
    this.#timer = undefined;
    this.#running = true;
    try {
      const value = await this.#load(range, signal);
      this.current = { range, value };
      this.problem = null;
    } catch (problem) {
      this.problem = problem instanceof Error ? problem.message : String(problem);
    }
    this.#running = false;
    if (signal.aborted) return;
    if (this.#wanted !== range) this.#soon();
    this.#changed();
  }
}

function sameRange(a: TimeRange, b: TimeRange): boolean {
  return a.beginNs === b.beginNs && a.endNs === b.endNs;
}
