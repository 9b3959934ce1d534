import { stepNs } from '../../src/tiles/grid';

export interface Rectangle {
  readonly id: bigint;
  readonly durationNs: bigint;
  readonly offset: number;
  readonly width: number;
  readonly name: string;
  readonly count: number;
  readonly lane: number;
  readonly depth: number;
  readonly busy: number;
}

export function rectangle(given: Partial<Rectangle>): Rectangle {
  return { id: 1n, durationNs: 1024n, offset: 0, width: 1, name: 'span', count: 1, lane: 0, depth: 0, busy: 255, ...given };
}

/** Writes a tile the way a host does, independently of how the viewer reads it. */
export function encodeTile(level: number, baseNs: bigint, rectangles: readonly Rectangle[]): Uint8Array {
  const names = [...new Set(rectangles.map((r) => r.name))];
  const texts = names.map((name) => new TextEncoder().encode(name));
  const n = rectangles.length;
  const columns = 32 + 37 * n;
  const ends = columns + ((4 - (columns % 4)) % 4);
  const bytes = new Uint8Array(ends + 4 * texts.length + texts.reduce((sum, text) => sum + text.length, 0));
  const view = new DataView(bytes.buffer);
  bytes.set([0x4c, 0x47, 0x54, 0x4c]);
  view.setUint16(4, 1, true);
  view.setUint16(6, level, true);
  view.setBigInt64(8, baseNs, true);
  view.setBigUint64(16, BigInt(stepNs(level)), true);
  view.setUint32(24, n, true);
  view.setUint32(28, names.length, true);
  rectangles.forEach((r, i) => {
    view.setBigUint64(32 + 8 * i, r.id, true);
    view.setBigUint64(32 + 8 * n + 8 * i, r.durationNs, true);
    view.setUint32(32 + 16 * n + 4 * i, r.offset, true);
    view.setUint32(32 + 20 * n + 4 * i, r.width, true);
    view.setUint32(32 + 24 * n + 4 * i, names.indexOf(r.name), true);
    view.setUint32(32 + 28 * n + 4 * i, r.count, true);
    view.setUint16(32 + 32 * n + 2 * i, r.lane, true);
    view.setUint16(32 + 34 * n + 2 * i, r.depth, true);
    view.setUint8(32 + 36 * n + i, r.busy);
  });
  let at = 0;
  texts.forEach((text, i) => {
    bytes.set(text, ends + 4 * texts.length + at);
    at += text.length;
    view.setUint32(ends + 4 * i, at, true);
  });
  return bytes;
}
