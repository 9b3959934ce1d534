import type { Tile } from '../tiles/tile';
import { stylesOf, type ColorBy } from './color';
import { DIMMED } from './theme';

export const INSTANCE_BYTES = 16;
const WORDS = INSTANCE_BYTES / 4;

/** Lanes of a group are at most 16. */
export const LANE_BITS = 4;

/** The last step that differences of steps, which are signed, can reach from the first. */
const LAST_STEP = 2 ** 31 - 1;

/** Rectangles as the GPU reads them, four words each: first step, step behind the last, lane and depth, style. */
export function packed(tile: Tile, by: ColorBy, emphasis: Uint8Array | null): Uint32Array {
  const words = new Uint32Array(WORDS * tile.size);
  const styles = stylesOf(tile, by);
  const { offsets, widths, lanes, depths } = tile;
  for (let i = 0, at = 0; i < tile.size; i++, at += WORDS) {
    words[at] = offsets[i]!;
    words[at + 1] = Math.min(LAST_STEP, offsets[i]! + widths[i]!);
    words[at + 2] = lanes[i]! | (depths[i]! << LANE_BITS);
    words[at + 3] = styles[i]! + (emphasis ? emphasis[i]! * DIMMED : 0);
  }
  return words;
}

/** Two million rectangles: some forty screens of dense ones. */
const BUDGET_BYTES = 32 * 1024 * 1024;

/** The rectangles of a tile on the GPU. */
interface Uploaded {
  readonly vertices: WebGLVertexArrayObject;
  readonly buffer: WebGLBuffer;
  readonly bytes: number;
  by: ColorBy;
  emphasis: Uint8Array | null;
}

/**
 * Tiles on the GPU. Each is uploaded when it is first drawn, and again only when its colours change: what is coloured by, or what stands out.
 * What was drawn longest ago goes when there are too many; a tile that nobody else has is not kept.
 */
export class InstanceBuffers {
  readonly #gl: WebGL2RenderingContext;
  readonly #location: number;
  readonly #budgetBytes: number;
  readonly #byTile = new WeakMap<Tile, Uploaded>();
  /** In the order in which they were drawn, the latest last. */
  readonly #drawn = new Set<Uploaded>();
  #bytes = 0;

  /** `location`: of the attribute that takes the four words. */
  constructor(gl: WebGL2RenderingContext, location: number, budgetBytes = BUDGET_BYTES) {
    this.#gl = gl;
    this.#location = location;
    this.#budgetBytes = budgetBytes;
  }

  /** Makes the tile's rectangles the instances of the next draw call. */
  bind(tile: Tile, by: ColorBy, emphasis: Uint8Array | null): void {
    let uploaded = this.#byTile.get(tile);
    // What was freed is no longer among those drawn.
    if (!uploaded || !this.#drawn.delete(uploaded)) {
      uploaded = this.#upload(tile, by, emphasis);
      this.#byTile.set(tile, uploaded);
    } else if (uploaded.by !== by || uploaded.emphasis !== emphasis) {
      this.#gl.bindBuffer(this.#gl.ARRAY_BUFFER, uploaded.buffer);
      this.#gl.bufferSubData(this.#gl.ARRAY_BUFFER, 0, packed(tile, by, emphasis));
      uploaded.by = by;
      uploaded.emphasis = emphasis;
    }
    this.#drawn.add(uploaded);
    this.#gl.bindVertexArray(uploaded.vertices);
  }

  /** Frees what is beyond the budget. Called after a frame, whose tiles are the last to go. */
  trim(): void {
    for (const uploaded of this.#drawn) {
      if (this.#bytes <= this.#budgetBytes) return;
      this.#drawn.delete(uploaded);
      this.#bytes -= uploaded.bytes;
      this.#gl.deleteVertexArray(uploaded.vertices);
      this.#gl.deleteBuffer(uploaded.buffer);
    }
  }

  #upload(tile: Tile, by: ColorBy, emphasis: Uint8Array | null): Uploaded {
    const gl = this.#gl;
    const words = packed(tile, by, emphasis);
    const vertices = gl.createVertexArray();
    const buffer = gl.createBuffer();
    gl.bindVertexArray(vertices);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, words, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(this.#location);
    gl.vertexAttribIPointer(this.#location, WORDS, gl.UNSIGNED_INT, INSTANCE_BYTES, 0);
    gl.vertexAttribDivisor(this.#location, 1);
    this.#bytes += words.byteLength;
    return { vertices, buffer, bytes: words.byteLength, by, emphasis };
  }
}
