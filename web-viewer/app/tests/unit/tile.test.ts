import { describe, expect, test } from 'vitest';
import { tileBaseNs } from '../../src/tiles/grid';
import { MalformedTile, decodeTile, spanIdOf } from '../../src/tiles/tile';
import { encodeTile, rectangle } from '../support/encodeTile';
import { HOSTILE } from '../support/synthetic';

const BASE = tileBaseNs(2, 1_000_000);
const SAMPLE = [
  rectangle({ id: 0xfedc_ba98_7654_3210n, durationNs: 9_007_199_254_740_993n, offset: 0, width: 2048, name: 'Frame', depth: 0 }),
  rectangle({ id: 7n, durationNs: 900n, offset: 17, width: 1, name: HOSTILE.name, count: 12, lane: 15, depth: 300, busy: 90 }),
  rectangle({ id: 8n, offset: 40, width: 3, name: 'größer ≥ 日本', depth: 1 }),
];

function patched(change: (view: DataView, bytes: Uint8Array) => void): Uint8Array {
  const bytes = encodeTile(2, BASE, SAMPLE);
  change(new DataView(bytes.buffer), bytes);
  return bytes;
}

describe('a tile', () => {
  test('gives back what was written, 64-bit values exactly', () => {
    const tile = decodeTile(encodeTile(2, BASE, SAMPLE));
    expect(tile).toMatchObject({ level: 2, baseNs: BASE, stepNs: 16384, size: 3 });
    expect(spanIdOf(tile, 0)).toBe(0xfedc_ba98_7654_3210n);
    expect(tile.durationsNs[0]).toBe(9_007_199_254_740_993n);
    expect([...tile.offsets]).toEqual([0, 17, 40]);
    expect([...tile.widths]).toEqual([2048, 1, 3]);
    expect([...tile.counts]).toEqual([1, 12, 1]);
    expect([...tile.lanes]).toEqual([0, 15, 0]);
    expect([...tile.depths]).toEqual([0, 300, 1]);
    expect([...tile.busy]).toEqual([255, 90, 255]);
    expect([...tile.nameIndexes].map((i) => tile.names[i])).toEqual(['Frame', HOSTILE.name, 'größer ≥ 日本']);
  });

  test('may be empty', () => expect(decodeTile(encodeTile(0, 0n, []))).toMatchObject({ size: 0, names: [] }));

  test('may lie at any offset of a larger buffer', () => {
    const bytes = encodeTile(2, BASE, SAMPLE);
    const larger = new Uint8Array(bytes.length + 3);
    larger.set(bytes, 3);
    expect(spanIdOf(decodeTile(larger.subarray(3)), 1)).toBe(7n);
  });

  test('keeps its rectangles when a name is broken UTF-8', () => {
    const tile = decodeTile(patched((_, bytes) => (bytes[bytes.length - 1] = 0xff)));
    expect(tile.size).toBe(3);
    expect(tile.names[2]).toContain('\ufffd');
  });
});

test.each<[string, (view: DataView) => void, RegExp]>([
  ['another magic', (v) => v.setUint8(0, 0x50), /LGTL, got 0x5047544c/],
  ['a later version', (v) => v.setUint16(4, 2, true), /version is 1, got 2/],
  ['a level beyond time', (v) => v.setUint16(6, 22, true), /level is at most 21, got 22/],
  ['a step of another level', (v) => v.setBigUint64(16, 1024n, true), /step of level 2 is 16384 ns, got 1024/],
  ['a base off the grid', (v) => v.setBigInt64(8, BASE + 1n, true), /not on the grid/],
  ['more rectangles than bytes', (v) => v.setUint32(24, 0xffffffff, true), /need .* bytes, got/],
  ['more strings than bytes', (v) => v.setUint32(28, 0xffffffff, true), /need .* bytes, got/],
  ['a rectangle past the edge', (v) => v.setUint32(32 + 20 * 3, 2049, true), /covers steps 0 to 2049/],
  ['a rectangle without width', (v) => v.setUint32(32 + 20 * 3 + 4, 0, true), /covers steps 17 to 17/],
  ['a name that is not there', (v) => v.setUint32(32 + 24 * 3, 3, true), /has name 3 of 3/],
  ['a lane beyond the group', (v) => v.setUint16(32 + 32 * 3, 16, true), /lane 16 of 16/],
  ['an empty bucket', (v) => v.setUint32(32 + 28 * 3, 0, true), /counts no span/],
  ['strings that run backwards', (v) => v.setUint32(144 + 4, 1, true), /string 1 ends at 1/],
  ['strings beyond the blob', (v) => v.setUint32(144, 9999, true), /string 0 ends at 9999/],
])('a tile with %s is refused', (_, change, message) => {
  const bytes = patched(change);
  expect(() => decodeTile(bytes)).toThrow(MalformedTile);
  expect(() => decodeTile(bytes)).toThrow(message);
});

test('every shortened tile is refused, never read beyond', () => {
  const bytes = encodeTile(2, BASE, SAMPLE);
  for (let length = 0; length < bytes.length; length++)
    expect(() => decodeTile(bytes.slice(0, length)), `${length} bytes`).toThrow(MalformedTile);
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  expect(() => decodeTile(longer)).toThrow(/length of the strings/);
});

test('damaged bytes give a tile or a MalformedTile, nothing else', () => {
  let state = 1;
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  let refused = 0;
  for (let round = 0; round < 3000; round++) {
    const bytes = encodeTile(2, BASE, SAMPLE);
    for (let k = 0; k < 4; k++) bytes[random(bytes.length)] = random(256);
    try {
      decodeTile(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(MalformedTile);
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(100);
});
