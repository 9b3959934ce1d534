/** As much as a screen and what lies around it, so that a flick of the wheel finds it loaded. */
export const PAGE_ROWS = 200;

/** Some hundred screens. */
const MAX_PAGES = 64;

export interface Page<T> {
  readonly rows: readonly T[];
  /** Of the whole list. */
  readonly total: number;
}

export type AskForPage<T> = (from: number, count: number, signal: AbortSignal) => Promise<Page<T>>;

/** The pages of a list of any length: those that are looked at are asked for, those looked at longest ago are forgotten. */
export class Pages<T> {
  readonly #ask: AskForPage<T>;
  readonly #changed: () => void;
  readonly #loaded = new Map<number, readonly T[]>();
  readonly #underWay = new Map<number, AbortController>();
  /** Not asked for again while they are looked at: an answer that fails would be asked for without end. */
  readonly #failed = new Set<number>();
  #total: number | null = null;
  #problem: string | null = null;

  /** `changed` is called after each answer, and never while a method runs. */
  constructor(ask: AskForPage<T>, changed: () => void) {
    this.#ask = ask;
    this.#changed = changed;
  }

  /** `null` until the first answer. */
  get total(): number | null {
    return this.#total;
  }

  get problem(): string | null {
    return this.#problem;
  }

  at(index: number): T | undefined {
    return this.#loaded.get(Math.floor(index / PAGE_ROWS))?.[index % PAGE_ROWS];
  }

  /** Tells which rows are looked at, the last one exclusive. What is under way for others is taken back. */
  want(begin: number, end: number): void {
    const wanted = new Set<number>();
    for (let page = Math.floor(begin / PAGE_ROWS); page * PAGE_ROWS < end; page++) wanted.add(page);
    for (const [page, controller] of this.#underWay) {
      if (wanted.has(page)) continue;
      controller.abort();
      this.#underWay.delete(page);
    }
    for (const page of this.#failed) if (!wanted.has(page)) this.#failed.delete(page);
    for (const page of wanted) {
      const rows = this.#loaded.get(page);
      if (rows) {
        // Map keeps the order of insertion: what is looked at goes to its end.
        this.#loaded.delete(page);
        this.#loaded.set(page, rows);
      } else if (!this.#underWay.has(page) && !this.#failed.has(page)) void this.#load(page);
    }
  }

  dispose(): void {
    for (const controller of this.#underWay.values()) controller.abort();
    this.#underWay.clear();
  }

  async #load(page: number): Promise<void> {
    const controller = new AbortController();
    this.#underWay.set(page, controller);
    try {
      const { rows, total } = await this.#ask(page * PAGE_ROWS, PAGE_ROWS, controller.signal);
      if (this.#underWay.get(page) !== controller) return;
      // A page beyond the end knows nothing of those before it.
      if (rows.length > 0 || page === 0) {
        // Where the list turns out to be longer or shorter, rows behind that are elsewhere.
        if (this.#total !== null && this.#total !== total) this.#loaded.clear();
        this.#total = total;
      }
      this.#problem = null;
      this.#loaded.set(page, rows);
      for (const oldest of this.#loaded.keys()) {
        if (this.#loaded.size <= MAX_PAGES) break;
        this.#loaded.delete(oldest);
      }
    } catch (problem) {
      if (this.#underWay.get(page) !== controller) return;
      this.#problem = problem instanceof Error ? problem.message : String(problem);
      this.#failed.add(page);
    }
    this.#underWay.delete(page);
    this.#changed();
  }
}
