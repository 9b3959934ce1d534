import { ancestorIndex, descendants } from './grid';
import type { TileSource } from './source';
import { decodeTile, type Tile } from './tile';

export interface TileKey {
  readonly group: number;
  readonly level: number;
  readonly index: number;
}

/** Half of what the viewer may take in a browser; the rest belongs to drawing. */
const DEFAULT_BUDGET_BYTES = 120 * 1024 * 1024;

/** How many levels below the sharp one are searched for something to draw meanwhile: 4^3 tiles at most. */
const MAX_FINER_LEVELS = 3;

interface Entry {
  readonly key: TileKey;
  readonly tile: Tile;
  used: number;
}

/** Loaded tiles of one process, and what is drawn in place of those still on their way. */
export class TileCache {
  #source: TileSource;
  #maxLevel: number;
  readonly #budgetBytes: number;
  readonly #changed: () => void;
  readonly #loaded = new Map<string, Entry>();
  readonly #inFlight = new Map<string, AbortController>();
  /** Tiles that the source doesn't have, or whose bytes were refused: never asked for again. */
  readonly #absent = new Set<string>();
  /** Loaded tiles of a generation that is over: drawn until those that take their place are there. */
  readonly #stale = new Set<string>();
  #bytes = 0;
  #clock = 0;
  /** Why wanted tiles are missing. */
  readonly #failed = new Map<string, string>();

  /** `changed` is called after each arrival or failure, and never while a method of the cache runs. */
  constructor(source: TileSource, maxLevel: number, changed: () => void, budgetBytes = DEFAULT_BUDGET_BYTES) {
    this.#source = source;
    this.#maxLevel = maxLevel;
    this.#budgetBytes = budgetBytes;
    this.#changed = changed;
  }

  get loading(): number {
    return this.#inFlight.size;
  }

  /** Why a tile that the view needs is missing, if any is. */
  get problem(): string | null {
    return this.#failed.values().next().value ?? null;
  }

  /** Takes over where tiles come from now. Those of groups that are not the same are asked for again when they are wanted, and stay until the answer. */
  renew(source: TileSource, maxLevel: number, isSame: (group: number) => boolean): void {
    this.#source = source;
    this.#maxLevel = maxLevel;
    const groupOf = (name: string): number => Number(name.slice(0, name.indexOf('/')));
    for (const [name, controller] of this.#inFlight) {
      if (isSame(groupOf(name))) continue;
      controller.abort();
      this.#inFlight.delete(name);
    }
    for (const name of this.#absent) if (!isSame(groupOf(name))) this.#absent.delete(name);
    for (const [name, { key }] of this.#loaded) if (!isSame(key.group)) this.#stale.add(name);
    this.#failed.clear();
  }

  /** Tells which tiles the view needs, the most urgent first. What is under way and no longer needed is withdrawn. */
  want(keys: readonly TileKey[]): void {
    this.#clock++;
    const wanted = new Set<string>();
    const missing: TileKey[] = [];
    for (const key of keys) {
      const name = nameOf(key);
      if (wanted.has(name)) continue;
      wanted.add(name);
      const entry = this.#loaded.get(name);
      if (entry) entry.used = this.#clock;
      if (entry && !this.#stale.has(name)) continue;
      if (!this.#inFlight.has(name) && !this.#absent.has(name)) missing.push(key);
    }
    for (const [name, controller] of this.#inFlight) {
      if (wanted.has(name)) continue;
      controller.abort();
      this.#inFlight.delete(name);
    }
    for (const name of this.#failed.keys()) if (!wanted.has(name)) this.#failed.delete(name);
    if (missing.length > 0) this.#request(missing);
  }

  get(key: TileKey): Tile | undefined {
    return this.#touch(nameOf(key));
  }

  /** True when nothing better than what `closest` gives will come without a new request. */
  settled(key: TileKey): boolean {
    const name = nameOf(key);
    return (this.#loaded.has(name) && !this.#stale.has(name)) || this.#absent.has(name);
  }

  /** The tile itself, else the finest loaded one above it, else whatever is loaded below it. */
  closest(key: TileKey): Tile[] {
    const { group, level, index } = key;
    const exact = this.get(key);
    if (exact) return [exact];
    for (let coarser = level + 1; coarser <= this.#maxLevel; coarser++) {
      const tile = this.get({ group, level: coarser, index: ancestorIndex(level, index, coarser) });
      if (tile) return [tile];
    }
    for (let finer = level - 1; finer >= Math.max(0, level - MAX_FINER_LEVELS); finer--) {
      const { first, count } = descendants(level, index, finer);
      const tiles: Tile[] = [];
      for (let i = 0; i < count; i++) {
        const tile = this.get({ group, level: finer, index: first + i });
        if (tile) tiles.push(tile);
      }
      if (tiles.length > 0) return tiles;
    }
    return [];
  }

  *loadedOf(group: number): Iterable<Tile> {
    for (const { key, tile } of this.#loaded.values()) if (key.group === group) yield tile;
  }

  dispose(): void {
    for (const controller of this.#inFlight.values()) controller.abort();
    this.#inFlight.clear();
    this.#loaded.clear();
    this.#stale.clear();
    this.#bytes = 0;
  }

  #request(keys: readonly TileKey[]): void {
    const controllers = keys.map((key) => {
      const controller = new AbortController();
      this.#inFlight.set(nameOf(key), controller);
      return controller;
    });
    const answers = this.#source.fetch(keys.map((key, i) => ({ ...key, signal: controllers[i]!.signal })));
    answers.forEach((answer, i) => void this.#receive(keys[i]!, controllers[i]!, answer));
  }

  async #receive(key: TileKey, controller: AbortController, answer: Promise<Uint8Array | null>): Promise<void> {
    const name = nameOf(key);
    try {
      const bytes = await answer;
      if (this.#inFlight.get(name) !== controller) return;
      if (bytes === null) {
        this.#drop(name);
        this.#absent.add(name);
      } else this.#store(name, key, bytes);
    } catch (error) {
      if (this.#inFlight.get(name) !== controller) return;
      this.#failed.set(name, error instanceof Error ? error.message : String(error));
    }
    this.#inFlight.delete(name);
    this.#changed();
  }

  #store(name: string, key: TileKey, bytes: Uint8Array): void {
    let tile: Tile;
    try {
      tile = decodeTile(bytes);
    } catch (error) {
      this.#absent.add(name);
      throw error;
    }
    this.#drop(name);
    this.#loaded.set(name, { key, tile, used: this.#clock });
    this.#bytes += tile.bytes;
    this.#failed.delete(name);
    this.#evict();
  }

  /** Drops what was needed longest ago. What the current view needs stays, even beyond the budget. */
  #evict(): void {
    if (this.#bytes <= this.#budgetBytes) return;
    const oldestFirst = [...this.#loaded].sort(([, a], [, b]) => a.used - b.used);
    for (const [name, entry] of oldestFirst) {
      if (this.#bytes <= this.#budgetBytes || entry.used === this.#clock) return;
      this.#drop(name);
    }
  }

  #drop(name: string): void {
    this.#bytes -= this.#loaded.get(name)?.tile.bytes ?? 0;
    this.#loaded.delete(name);
    this.#stale.delete(name);
  }

  #touch(name: string): Tile | undefined {
    const entry = this.#loaded.get(name);
    if (entry) entry.used = this.#clock;
    return entry?.tile;
  }
}

function nameOf({ group, level, index }: TileKey): string {
  return `${group}/${level}/${index}`;
}
