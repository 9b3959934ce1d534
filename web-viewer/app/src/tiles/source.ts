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

/** Browsers open six connections to a host; more requests would queue where they can't be withdrawn cheaply. */
const MAX_IN_FLIGHT = 6;

/** Tiles of a viewer host. */
export class HttpTileSource implements TileSource {
  readonly #base: string;
  readonly #generations: ReadonlyMap<number, string>;
  readonly #waiting: (() => void)[] = [];
  #inFlight = 0;

  /** `base` is the host's address without a trailing slash, or empty for the page's own host. */
  constructor(base: string, manifest: Manifest) {
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
      const response = await fetch(`${this.#base}/${group}/${level}/${index}?g=${g}`, { signal });
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
