import type { Tile } from '../tiles/tile';
import { brushed, DIM, LIT, type Brush } from './brush';
import { matchesText } from './lookup';

/** Which rectangles stand out: those that are brushed, or else those whose name is searched for. */
export class Emphasis {
  #query = '';
  #brush: Brush | null = null;
  /** One byte a rectangle; the same array as long as nothing else stands out, so that a tile on the GPU stays as it is. */
  #ofTile = new WeakMap<Tile, Uint8Array>();

  show(query: string, brush: Brush | null): void {
    if (query === this.#query && brush === this.#brush) return;
    // While something is brushed, a search changes nothing.
    if (brush === null || brush !== this.#brush) this.#ofTile = new WeakMap();
    this.#query = query;
    this.#brush = brush;
  }

  /** `null`: all do. */
  of(tile: Tile): Uint8Array | null {
    if (this.#query === '' && !this.#brush) return null;
    let flags = this.#ofTile.get(tile);
    if (!flags) {
      flags = this.#brush ? brushed(tile, this.#brush) : matching(tile, this.#query);
      this.#ofTile.set(tile, flags);
    }
    return flags;
  }
}

/** Of several spans drawn as one the name is that of the longest. */
function matching(tile: Tile, query: string): Uint8Array {
  const names = tile.names.map((name) => (matchesText(name, query) ? LIT : DIM));
  return Uint8Array.from(tile.nameIndexes, (name) => names[name]!);
}
