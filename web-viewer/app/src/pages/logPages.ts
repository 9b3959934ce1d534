import type { LogPage, LogRow } from '../host/api';
import { parseNs } from '../time/ns';

export type FetchLogs = (after: string | null, signal: AbortSignal) => Promise<LogPage>;

/** A link to a moment loads at most this many pages before it; a range further away should be narrowed. */
const MAX_PAGES_TO_MOMENT = 20;

/** Log rows of one query, loaded page by page as far as somebody scrolls. */
export class LogPages {
  readonly #fetch: FetchLogs;
  readonly #ended = new AbortController();
  #rows: readonly LogRow[] = [];
  #after: string | null = null;
  /** Behind the last row. */
  #last: string | null = null;
  #started = false;
  #loading: Promise<void> | null = null;

  constructor(fetch: FetchLogs) {
    this.#fetch = fetch;
  }

  get rows(): readonly LogRow[] {
    return this.#rows;
  }

  get complete(): boolean {
    return this.#started && this.#after === null;
  }

  /** Done when nothing is being loaded. */
  get settled(): Promise<void> {
    return this.#loading ?? Promise.resolve();
  }

  /** Loads one more page; calls while one is under way wait for the same one. */
  more(): Promise<void> {
    if (this.complete) return Promise.resolve();
    this.#loading ??= this.#load(this.#after).finally(() => (this.#loading = null));
    return this.#loading;
  }

  /** Looks for rows behind the last one, once all that there were are loaded. */
  newer(): Promise<void> {
    if (!this.complete) return this.more();
    this.#loading ??= this.#load(this.#last).finally(() => (this.#loading = null));
    return this.#loading;
  }

  /** Loads until the moment is reached, and gives the first row at or after it. */
  async until(ns: bigint): Promise<number | null> {
    for (let page = 0; page < MAX_PAGES_TO_MOMENT; page++) {
      const found = this.#rows.findIndex((row) => (parseNs(row.time_ns) ?? ns) >= ns);
      if (found >= 0) return found;
      if (this.complete) break;
      await this.more();
    }
    return this.#rows.length > 0 ? this.#rows.length - 1 : null;
  }

  dispose(): void {
    this.#ended.abort();
  }

  async #load(after: string | null): Promise<void> {
    const page = await this.#fetch(after, this.#ended.signal);
    this.#rows = [...this.#rows, ...page.rows];
    this.#after = page.next;
    this.#last = page.last ?? this.#last;
    this.#started = true;
  }
}
