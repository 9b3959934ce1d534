/** The fixed grid that all tiles lie on. Its origin is the Unix epoch. */

export const STEPS_PER_TILE = 2048;
export const LANES_PER_GROUP = 16;

/** Level 21 has tiles longer than the range of a signed 64-bit time. */
export const MAX_LEVEL = 21;

const BASE_STEP_NS = 1024;
const LEVEL_FACTOR = 4;

/** The sharp level is the coarsest one whose step is no wider than this many CSS pixels. */
const MAX_STEP_PIXELS = 2;

export function stepNs(level: number): number {
  return BASE_STEP_NS * LEVEL_FACTOR ** level;
}

export function tileNs(level: number): number {
  return STEPS_PER_TILE * stepNs(level);
}

export function tileBaseNs(level: number, index: number): bigint {
  return BigInt(index) * BigInt(tileNs(level));
}

/** Index of the tile that contains `ns`. Stays below 2^53 at every level for every 64-bit time. */
export function tileIndex(level: number, ns: bigint): number {
  const span = BigInt(tileNs(level));
  const quotient = ns / span;
  return Number(ns < 0n && quotient * span !== ns ? quotient - 1n : quotient);
}

export function levelFor(nsPerPixel: number, maxLevel: number): number {
  const ratio = (nsPerPixel * MAX_STEP_PIXELS) / BASE_STEP_NS;
  const level = ratio < 1 ? 0 : Math.floor(Math.log2(ratio) / Math.log2(LEVEL_FACTOR) + 1e-9);
  return Math.min(level, maxLevel);
}

/** Index at `coarser` of the tile that covers tile `index` of `level`. */
export function ancestorIndex(level: number, index: number, coarser: number): number {
  return Math.floor(index / LEVEL_FACTOR ** (coarser - level));
}

/** First index and number of tiles at `finer` that together cover tile `index` of `level`. */
export function descendants(level: number, index: number, finer: number): { first: number; count: number } {
  const count = LEVEL_FACTOR ** (level - finer);
  return { first: index * count, count };
}
