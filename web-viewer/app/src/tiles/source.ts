import type { Manifest } from './manifest';

export interface TileRequest {
  readonly group: number;
  readonly level: number;
  readonly index: number;
  /** Aborted when the tile is no longer worth waiting for. */
  readonly signal: AbortSignal;
}

/**
 * Where tiles come from. One call per view change, never one per tile, because some transports cost the same
 * for one tile as for fifty. The promises answer the requests in order, each as soon as its bytes are there;
 * `null` means that the source will never have that tile.
 */
export interface TileSource {
  fetch(requests: readonly TileRequest[]): Promise<Uint8Array | null>[];
}

/** Tiles that travel inside the page, as base64 by "group/level/index". */
export class EmbeddedTileSource implements TileSource {
  readonly #tiles: ReadonlyMap<string, string>;

  constructor(tiles: Readonly<Record<string, string>>) {
    this.#tiles = new Map(Object.entries(tiles));
  }

  fetch(requests: readonly TileRequest[]): Promise<Uint8Array | null>[] {
    return requests.map(async ({ group, level, index }) => {
      const base64 = this.#tiles.get(`${group}/${level}/${index}`);
      return base64 === undefined ? null : Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    });
  }
}

/** Asks for tiles by "group/level/index", all at once; the answer has them in the same order. Aborted when nobody wants any of them. */
export type AskForTiles = (names: readonly string[], signal: AbortSignal) => Promise<readonly (Uint8Array | null)[]>;

/** One question may be about a view that takes long, while the reader is elsewhere already. More would only queue. */
const MAX_QUESTIONS = 2;

/**
 * Tiles of a notebook's kernel, which answers a question in one message, however many tiles it names: fifty of them cost
 * what one does. What is wanted while enough questions are under way goes with the next one, if it is still wanted then.
 */
export class CommTileSource implements TileSource {
  readonly #ask: AskForTiles;
  #waiting: WantedTile[] = [];
  #underWay = 0;

  constructor(ask: AskForTiles) {
    this.#ask = ask;
  }

  fetch(requests: readonly TileRequest[]): Promise<Uint8Array | null>[] {
    const wanted = requests.map((request) => new WantedTile(request));
    this.#waiting.push(...wanted);
    void this.#next();
    return wanted.map((tile) => tile.answer);
  }

  async #next(): Promise<void> {
    if (this.#underWay >= MAX_QUESTIONS) return;
    const wanted = this.#waiting.filter((tile) => !tile.dropIfAborted());
    this.#waiting = [];
    if (wanted.length === 0) return;
    this.#underWay++;
    const controller = new AbortController();
    for (const { signal } of wanted)
      signal.addEventListener('abort', () => wanted.every((tile) => tile.signal.aborted) && controller.abort(), { once: true });
    try {
      const tiles = await this.#ask(wanted.map((tile) => tile.name), controller.signal);
      wanted.forEach((tile, i) => tile.resolve(tiles[i] ?? null));
    } catch (problem) {
      for (const tile of wanted) tile.reject(problem);
    } finally {
      this.#underWay--;
    }
    void this.#next();
  }
}

class WantedTile {
  readonly name: string;
  readonly signal: AbortSignal;
  readonly answer: Promise<Uint8Array | null>;
  resolve!: (bytes: Uint8Array | null) => void;
  reject!: (problem: unknown) => void;

  constructor({ group, level, index, signal }: TileRequest) {
    this.name = `${group}/${level}/${index}`;
    this.signal = signal;
    this.answer = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  dropIfAborted(): boolean {
    if (this.signal.aborted) this.reject(this.signal.reason);
    return this.signal.aborted;
  }
}

/** Browsers open six connections to a host; more requests would queue where they can't be withdrawn cheaply. */
const MAX_IN_FLIGHT = 6;

/** Tiles of a viewer host. */
export class HttpTileSource implements TileSource {
  readonly #base: string;
  readonly #link: string;
  readonly #generations: ReadonlyMap<number, string>;
  readonly #waiting: (() => void)[] = [];
  #inFlight = 0;

  /** `base` is the host's address without a trailing slash, or empty for the page's own host. `link`: the frozen link that the tiles are of. */
  constructor(base: string, manifest: Manifest, link: string | null = null) {
    this.#link = link === null ? '' : `&link=${encodeURIComponent(link)}`;
    this.#base = `${base}/tiles/${encodeURIComponent(manifest.process)}`;
    this.#generations = new Map(manifest.groups.map((g) => [g.group, g.generation]));
  }

  fetch(requests: readonly TileRequest[]): Promise<Uint8Array | null>[] {
    return requests.map((request) => this.#fetchOne(request));
  }

  async #fetchOne({ group, level, index, signal }: TileRequest): Promise<Uint8Array | null> {
    await this.#slot();
    try {
      signal.throwIfAborted();
      const g = encodeURIComponent(this.#generations.get(group) ?? '');
      const response = await fetch(`${this.#base}/${group}/${level}/${index}?g=${g}${this.#link}`, { signal });
      if (response.status === 404 || response.status === 204) return null;
      if (!response.ok) throw new Error(`tile ${group}/${level}/${index}: HTTP ${response.status}`);
      return new Uint8Array(await response.arrayBuffer());
    } finally {
      this.#release();
    }
  }

  async #slot(): Promise<void> {
    if (this.#inFlight < MAX_IN_FLIGHT) this.#inFlight++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Hands the slot to whoever waits longest. */
  #release(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#inFlight--;
  }
}
