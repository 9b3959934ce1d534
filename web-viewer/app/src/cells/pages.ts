/** As much as a screen and what lies around it, so that a flick of the wheel finds it loaded. */
export const PAGE_ROWS = 200;

/** Some hundred screens. */
const MAX_PAGES = 64;

export interface Page<T> {
  readonly rows: readonly T[];
  /** Of the whole list. */
  readonly total: number;
  /** Whether there may be more rows behind those that are known by now. */
  readonly grows?: boolean;
}

export type AskForPage<T> = (from: number, count: number, signal: AbortSignal) => Promise<Page<T>>;

/** A request under way, and the pages it is for. */
interface Asked {
  readonly controller: AbortController;
  readonly pages: Set<number>;
}

/** The pages of a list of any length: those that are looked at are asked for, those looked at longest ago are forgotten. */
export class Pages<T> {
  readonly #ask: AskForPage<T>;
  readonly #changed: () => void;
  readonly #loaded = new Map<number, readonly T[]>();
  readonly #underWay = new Map<number, Asked>();
  readonly #most: number;
  /** Not asked for again while they are looked at: an answer that fails would be asked for without end. */
  readonly #failed = new Set<number>();
  #total: number | null = null;
  #grows = false;
  #problem: string | null = null;

  /** `changed` is called after each answer, and never while a method runs. `most` rows are asked for at once, at least a page's: where somebody looks at two pages, one request answers. */
  constructor(ask: AskForPage<T>, changed: () => void, most = PAGE_ROWS) {
    this.#ask = ask;
    this.#changed = changed;
    this.#most = Math.max(1, Math.floor(most / PAGE_ROWS));
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
    for (const asked of new Set(this.#underWay.values())) {
      if ([...asked.pages].some((page) => wanted.has(page))) continue;
      asked.controller.abort();
      for (const page of asked.pages) this.#underWay.delete(page);
    }
    for (const page of this.#failed) if (!wanted.has(page)) this.#failed.delete(page);
    let missing: number[] = [];
    for (const page of wanted) {
      const rows = this.#loaded.get(page);
      if (rows) {
        // Map keeps the order of insertion: what is looked at goes to its end.
        this.#loaded.delete(page);
        this.#loaded.set(page, rows);
      }
      if (this.#isWhole(page, rows) || this.#underWay.has(page) || this.#failed.has(page)) continue;
      if (missing.length > 0 && (missing.at(-1) !== page - 1 || missing.length === this.#most)) {
        void this.#load(missing);
        missing = [];
      }
      missing.push(page);
    }
    if (missing.length > 0) void this.#load(missing);
  }

  /** Tells how many rows are known by now: those that are loaded stay where they are, as others come behind them. */
  grow(total: number, grows: boolean): void {
    if (this.#total !== null && total < this.#total) this.#loaded.clear();
    [this.#total, this.#grows] = [total, grows];
  }

  dispose(): void {
    for (const { controller } of this.#underWay.values()) controller.abort();
    this.#underWay.clear();
  }

  /** A page that was asked for at the end of a list has fewer rows; of a list that has grown since, it is asked for again. */
  #isWhole(page: number, rows: readonly T[] | undefined): boolean {
    return rows !== undefined && (rows.length === PAGE_ROWS || page * PAGE_ROWS + rows.length >= (this.#total ?? 0));
  }

  async #load(pages: readonly number[]): Promise<void> {
    const asked: Asked = { controller: new AbortController(), pages: new Set(pages) };
    for (const page of pages) this.#underWay.set(page, asked);
    const isMine = (page: number): boolean => this.#underWay.get(page) === asked;
    try {
      const first = pages[0]! * PAGE_ROWS;
      const { rows, total, grows = false } = await this.#ask(first, pages.length * PAGE_ROWS, asked.controller.signal);
      if (!pages.some(isMine)) return;
      // A page beyond the end knows nothing of those before it.
      if (rows.length > 0 || first === 0) {
        // Where the list turns out to be longer or shorter, rows behind that are elsewhere.
        if (this.#total !== null && this.#total !== total && !(this.#grows && total > this.#total)) this.#loaded.clear();
        [this.#total, this.#grows] = [total, grows];
      }
      this.#problem = null;
      pages.forEach((page, i) => this.#loaded.set(page, rows.slice(i * PAGE_ROWS, (i + 1) * PAGE_ROWS)));
      for (const oldest of this.#loaded.keys()) {
        if (this.#loaded.size <= MAX_PAGES) break;
        this.#loaded.delete(oldest);
      }
    } catch (problem) {
      if (!pages.some(isMine)) return;
      this.#problem = problem instanceof Error ? problem.message : String(problem);
      for (const page of pages) this.#failed.add(page);
    }
    for (const page of pages) if (isMine(page)) this.#underWay.delete(page);
    this.#changed();
  }
}
