import type { Tile } from '../tiles/tile';
import type { DurationBucket } from './statistics';

/** The spans of a name that took from one duration up to another; whole nanoseconds, the second one exclusive. */
export interface Brush {
  readonly name: string;
  readonly fromNs: number;
  readonly toNs: number;
}

/** How a rectangle stands out from others, in the order of the styles of a theme. */
export const LIT = 0;
export const DIM = 1;
/** Drawn half as high and grey: among its spans there may be some that are meant, and no tile of this level can tell. */
export const PERHAPS = 2;

/**
 * Which rectangles of a tile hold spans that are brushed. Of several spans drawn as one only the longest is known: where it is meant itself the rectangle is lit,
 * where it is shorter than all that are meant none of the others can be, and else some of them may.
 */
export function brushed(tile: Tile, { name, fromNs, toNs }: Brush): Uint8Array {
  const meant = tile.names.indexOf(name);
  return Uint8Array.from({ length: tile.size }, (_, i) => {
    const longestNs = Number(tile.durationsNs[i]!);
    if (tile.nameIndexes[i] === meant && longestNs >= fromNs && longestNs < toNs) return LIT;
    return tile.counts[i]! > 1 && longestNs >= fromNs ? PERHAPS : DIM;
  });
}

/** The durations of a bucket in whole nanoseconds: spans have no others. */
export function wholeNs({ lowNs, highNs }: Omit<DurationBucket, 'count'>): readonly [fromNs: number, toNs: number] {
  const from = Math.ceil(lowNs);
  return [from, Math.max(from + 1, Math.ceil(highNs))];
}

export function isBrushed(bucket: Omit<DurationBucket, 'count'>, { fromNs, toNs }: Brush): boolean {
  const [from, to] = wholeNs(bucket);
  return from < toNs && to > fromNs;
}

export function sameBrush(a: Brush | null, b: Brush | null): boolean {
  return a === b || (a !== null && b !== null && a.name === b.name && a.fromNs === b.fromNs && a.toNs === b.toNs);
}

/** As an address has it: the durations, then the name, which may contain anything. */
export function brushText({ name, fromNs, toNs }: Brush): string {
  return `${fromNs}~${toNs}~${name}`;
}

/** `null` where the text names none. */
export function brushOf(text: string | null): Brush | null {
  const [, from, to, name] = /^(\d{1,16})~(\d{1,16})~(.+)$/s.exec(text ?? '') ?? [];
  const brush = { name: name ?? '', fromNs: Number(from), toNs: Number(to) };
  return brush.name !== '' && brush.fromNs < brush.toNs ? brush : null;
}
