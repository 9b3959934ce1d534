import type { Liveness } from '../host/api';
import { pause, untilVisible } from './whileLive';

/** A round of questions takes as long at most, so that nothing is heard of later than that, */
const LONGEST_ROUND_MS = 2000;
/** and at least as long as this: as often as what is shown changes. */
const SHORTEST_ROUND_MS = 1000;

/**
 * Tells when more of some processes is stored, with one question at a time: each waits for its answer, and a browser has six connections to a host, of which tiles need some.
 * A process is not asked about any more when nothing comes of it.
 */
export class NewsOfMany {
  readonly #ask: (process: string, seen: string, signal: AbortSignal) => Promise<Liveness>;
  readonly #tell: (process: string) => void;
  readonly #ended = new AbortController();
  /** The version that was seen of each. */
  readonly #seen = new Map<string, string>();
  #running = false;

  /** `ask` holds until there is another version than the one that was seen. */
  constructor(ask: (process: string, seen: string, signal: AbortSignal) => Promise<Liveness>, tell: (process: string) => void) {
    this.#ask = ask;
    this.#tell = tell;
  }

  follow(process: string, version: string): void {
    this.#seen.set(process, version);
    if (!this.#running) void this.#run();
  }

  leave(process: string): void {
    this.#seen.delete(process);
  }

  dispose(): void {
    this.#ended.abort();
  }

  async #run(): Promise<void> {
    this.#running = true;
    const { signal } = this.#ended;
    while (this.#seen.size > 0 && !signal.aborted) {
      await untilVisible(signal);
      const shortest = pause(SHORTEST_ROUND_MS, signal);
      const share = LONGEST_ROUND_MS / this.#seen.size;
      for (const [process, seen] of [...this.#seen]) {
        if (signal.aborted) break;
        await this.#askAbout(process, seen, share);
      }
      await shortest;
    }
    this.#running = false;
  }

  async #askAbout(process: string, seen: string, longestMs: number): Promise<void> {
    const waiting = new AbortController();
    const stop = (): void => waiting.abort();
    const timer = setTimeout(stop, longestMs);
    this.#ended.signal.addEventListener('abort', stop);
    try {
      const now = await this.#ask(process, seen, waiting.signal);
      // Nobody follows it any more.
      if (!this.#seen.has(process) || this.#ended.signal.aborted) return;
      if (now.live) this.#seen.set(process, now.version);
      else this.#seen.delete(process);
      if (now.version !== seen || !now.live) this.#tell(process);
    } catch {
      // Nothing new by now, or no answer: it is asked again in the next round.
    } finally {
      clearTimeout(timer);
      this.#ended.signal.removeEventListener('abort', stop);
    }
  }
}
