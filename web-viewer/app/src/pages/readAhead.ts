import type { TimeRange } from '../flame/view';
import type { Manifest } from '../tiles/manifest';

/** What is shown may be read piece by piece; who looks sees more as often as that at first, then half as often each time: what is shown is made anew each time, by the same processors. */
const PATIENCE_MS = 1000;
const MAX_PATIENCE_MS = 4000;
/** After the host did not answer. */
const RETRY_MS = 2000;

/** Asks which tiles there are of a time (`null`: of all), and waits no longer than `patienceMs` for more of them. */
export type AskForManifest = (window: TimeRange | null, patienceMs: number, signal: AbortSignal) => Promise<Manifest>;

/**
 * Asks again and again which tiles there are by now, until all that is shown was read; after that only when something else is shown, or more may be there.
 * Nothing is read that nobody looks at.
 */
export class ReadAhead {
  readonly #ask: AskForManifest;
  readonly #tell: (manifest: Manifest) => void;
  readonly #ended = new AbortController();
  #window: TimeRange | null;
  #asked: TimeRange | null;
  #known: Manifest;
  #isOld = false;
  #patienceMs = PATIENCE_MS;
  #running = false;

  /** `known` is the answer to a question about `window`. */
  constructor(known: Manifest, window: TimeRange | null, ask: AskForManifest, tell: (manifest: Manifest) => void) {
    this.#known = known;
    this.#window = this.#asked = window;
    this.#ask = ask;
    this.#tell = tell;
    void this.#run();
  }

  /** Takes over what is shown. */
  shows(window: TimeRange | null): void {
    this.#window = window;
    void this.#run();
  }

  /** More may be there. */
  again(): void {
    this.#isOld = true;
    void this.#run();
  }

  dispose(): void {
    this.#ended.abort();
  }

  get #isDue(): boolean {
    const { unread, pieces } = this.#known;
    const isElsewhere = !sameWindow(this.#window, this.#asked);
    return this.#isOld || (unread.length > 0 && (isElsewhere || (pieces !== null && pieces.read < pieces.wanted)));
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    const { signal } = this.#ended;
    while (this.#isDue && !signal.aborted) {
      const [window, wasOld] = [this.#window, this.#isOld];
      this.#isOld = false;
      if (!sameWindow(window, this.#asked)) this.#patienceMs = PATIENCE_MS;
      try {
        this.#known = await this.#ask(window, this.#patienceMs, signal);
        this.#asked = window;
        this.#patienceMs = Math.min(2 * this.#patienceMs, MAX_PATIENCE_MS);
        if (!signal.aborted) this.#tell(this.#known);
      } catch {
        this.#isOld ||= wasOld;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    this.#running = false;
  }
}

function sameWindow(a: TimeRange | null, b: TimeRange | null): boolean {
  return a?.beginNs === b?.beginNs && a?.endNs === b?.endNs;
}
