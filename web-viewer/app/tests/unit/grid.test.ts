import { describe, expect, test } from 'vitest';
import { ancestorIndex, descendants, levelFor, stepNs, tileBaseNs, tileIndex, tileNs } from '../../src/tiles/grid';

describe('the grid', () => {
  test.each([[0, 1024], [1, 4096], [6, 4194304], [21, 1024 * 4 ** 21]])('level %i has steps of %i ns', (level, step) => expect(stepNs(level)).toBe(step));

  test.each([0, 3, 7, 20])('at level %i a time lies in the tile of its index', (level) => {
    for (const ns of [0n, 1n, 1_795_375_475_123_456_789n, 2n ** 63n - 1n, -1n, -(2n ** 62n)]) {
      const base = tileBaseNs(level, tileIndex(level, ns));
      expect(base <= ns && ns < base + BigInt(tileNs(level)), `${ns}`).toBe(true);
    }
  });

  test('an ancestor covers its descendants exactly', () => {
    const index = tileIndex(1, 1_795_375_475_123_456_789n);
    const above = ancestorIndex(1, index, 4);
    const { first, count } = descendants(4, above, 1);
    expect(count).toBe(64);
    expect(tileBaseNs(1, first)).toBe(tileBaseNs(4, above));
    expect(index >= first && index < first + count).toBe(true);
  });
});

describe('the level of a view', () => {
  test.each([[1, 0], [512, 0], [2047, 0], [2048, 1], [8191, 1], [8192, 2], [1e6, 5]])('at %d ns a pixel is %i', (ns, level) => expect(levelFor(ns, 21)).toBe(level));
  test('has steps of half a pixel to two pixels', () => {
    for (let ns = 512; ns < 1e12; ns *= 1.37) {
      const pixels = stepNs(levelFor(ns, 21)) / ns;
      expect(pixels).toBeLessThanOrEqual(2);
      expect(pixels).toBeGreaterThan(0.5);
    }
  });
  test('is never coarser than there is', () => expect(levelFor(1e15, 4)).toBe(4));
});
