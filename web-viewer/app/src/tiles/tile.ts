import { LANES_PER_GROUP, MAX_LEVEL, STEPS_PER_TILE, stepNs, tileNs } from './grid';

/**
 * One cacheable piece of one level: columns of `count` rectangles, views into the bytes as they came over the wire.
 * Ids and durations stay split into 32-bit halves or BigInt, because a 64-bit value does not fit a number.
 */
export interface Tile {
  readonly level: number;
  readonly baseNs: bigint;
  readonly stepNs: number;
  readonly size: number;
  /** Low and high halves of the id of the longest span, interleaved. */
  readonly ids: Uint32Array;
  readonly durationsNs: BigUint64Array;
  /** In steps from `baseNs`. */
  readonly offsets: Uint32Array;
  readonly widths: Uint32Array;
  readonly nameIndexes: Uint32Array;
  readonly counts: Uint32Array;
  readonly lanes: Uint16Array;
  readonly depths: Uint16Array;
  /** Covered share of the rectangle, of 255. */
  readonly busy: Uint8Array;
  readonly names: readonly string[];
  readonly bytes: number;
}

export class MalformedTile extends Error {
  override readonly name = 'MalformedTile';
}

const MAGIC = 0x4c54474c;
const VERSION = 1;
const HEADER_BYTES = 32;
const RECTANGLE_BYTES = 37;

export function spanIdOf(tile: Tile, rectangle: number): bigint {
  return (BigInt(tile.ids[rectangle * 2 + 1] ?? 0) << 32n) | BigInt(tile.ids[rectangle * 2] ?? 0);
}

/** Decodes a tile and refuses anything that could draw outside it or read beyond it. */
export function decodeTile(bytes: Uint8Array): Tile {
  // Typed arrays need aligned columns, and 64-bit ones start right behind the header.
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  if (aligned.byteLength < HEADER_BYTES)
    throw new MalformedTile(`a tile has a header of ${HEADER_BYTES} bytes, got ${aligned.byteLength} bytes`);
  const header = new DataView(aligned.buffer, aligned.byteOffset, aligned.byteLength);
  if (header.getUint32(0, true) !== MAGIC)
    throw new MalformedTile(`a tile starts with LGTL, got 0x${header.getUint32(0, false).toString(16).padStart(8, '0')}`);
  expect('version', header.getUint16(4, true), VERSION);
  const level = header.getUint16(6, true);
  if (level > MAX_LEVEL) throw new MalformedTile(`level is at most ${MAX_LEVEL}, got ${level}`);
  const baseNs = header.getBigInt64(8, true);
  const step = header.getBigUint64(16, true);
  if (step !== BigInt(stepNs(level)))
    throw new MalformedTile(`the step of level ${level} is ${stepNs(level)} ns, got ${step}`);
  if (baseNs % BigInt(tileNs(level)) !== 0n)
    throw new MalformedTile(`base ${baseNs} is not on the grid of level ${level}`);

  const size = header.getUint32(24, true);
  const strings = header.getUint32(28, true);
  const stringsAt = align4(HEADER_BYTES + RECTANGLE_BYTES * size);
  const blobAt = stringsAt + 4 * strings;
  if (blobAt > aligned.byteLength)
    throw new MalformedTile(`${size} rectangles and ${strings} strings need ${blobAt} bytes, got ${aligned.byteLength}`);

  const start = aligned.byteOffset;
  let at = start + HEADER_BYTES;
  const take = (bytesEach: number): number => {
    const column = at;
    at += bytesEach * size;
    return column;
  };
  const buffer = aligned.buffer;
  const tile: Tile = {
    level,
    baseNs,
    stepNs: Number(step),
    size,
    ids: new Uint32Array(buffer, take(8), 2 * size),
    durationsNs: new BigUint64Array(buffer, take(8), size),
    offsets: new Uint32Array(buffer, take(4), size),
    widths: new Uint32Array(buffer, take(4), size),
    nameIndexes: new Uint32Array(buffer, take(4), size),
    counts: new Uint32Array(buffer, take(4), size),
    lanes: new Uint16Array(buffer, take(2), size),
    depths: new Uint16Array(buffer, take(2), size),
    busy: new Uint8Array(buffer, take(1), size),
    names: decodeStrings(aligned, stringsAt, strings, blobAt),
    bytes: aligned.byteLength,
  };
  checkRectangles(tile);
  return tile;
}

function decodeStrings(bytes: Uint8Array, endsAt: number, count: number, blobAt: number): string[] {
  const ends = new Uint32Array(bytes.buffer, bytes.byteOffset + endsAt, count);
  const blobBytes = bytes.byteLength - blobAt;
  // A broken character costs that character, not the tile: decoding is deliberately lenient here.
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  const strings = new Array<string>(count);
  let begin = 0;
  for (let i = 0; i < count; i++) {
    const end = ends[i] ?? 0;
    if (end < begin || end > blobBytes)
      throw new MalformedTile(`string ${i} ends at ${end}, outside ${begin} to ${blobBytes}`);
    strings[i] = utf8.decode(bytes.subarray(blobAt + begin, blobAt + end));
    begin = end;
  }
  expect('length of the strings', blobBytes, begin);
  return strings;
}

function checkRectangles(tile: Tile): void {
  for (let i = 0; i < tile.size; i++) {
    const offset = tile.offsets[i] ?? 0;
    const width = tile.widths[i] ?? 0;
    if (width === 0 || offset + width > STEPS_PER_TILE)
      throw new MalformedTile(`rectangle ${i} covers steps ${offset} to ${offset + width}, outside 0 to ${STEPS_PER_TILE}`);
    if ((tile.nameIndexes[i] ?? 0) >= tile.names.length)
      throw new MalformedTile(`rectangle ${i} has name ${tile.nameIndexes[i]} of ${tile.names.length}`);
    if ((tile.lanes[i] ?? 0) >= LANES_PER_GROUP)
      throw new MalformedTile(`rectangle ${i} lies in lane ${tile.lanes[i]} of ${LANES_PER_GROUP}`);
    if ((tile.counts[i] ?? 0) === 0) throw new MalformedTile(`rectangle ${i} counts no span`);
  }
}

function align4(bytes: number): number {
  // Not by bits: sizes of a malformed header exceed 32.
  return Math.ceil(bytes / 4) * 4;
}

function expect(what: string, seen: number, expected: number): void {
  if (seen !== expected) throw new MalformedTile(`${what} is ${expected}, got ${seen}`);
}
