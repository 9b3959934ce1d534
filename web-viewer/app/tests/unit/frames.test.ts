import { describe, expect, test } from 'vitest';
import { frameAt, frameColor, framesOf } from '../../src/flame/frames';
import { LIGHT } from '../../src/flame/theme';
import type { Counter } from '../../src/flame/timeline';

const MS = 1e6;
const range = { beginNs: 1_000_000_000n, endNs: 1_200_000_000n };

/** Times in milliseconds since the range's begin, durations in milliseconds. */
function series(...buckets: (readonly [at: number, least: number, greatest: number, last: number])[]): Counter {
  return { name: 'frames.game', unit: 's', kind: 'frame', buckets: buckets.map(([at, least, greatest, last]) => ({ at: at * MS, least: least / 1e3, greatest: greatest / 1e3, value: last / 1e3 })) };
}

function bars(of: Counter, stepMs: number): number[][] {
  return framesOf(of, range, stepMs * MS).bars.map(({ begin, end, least, greatest }) => [begin, end, least, greatest].map((ns) => Math.round((ns / MS) * 100) / 100));
}

describe('frames', () => {
  test('lie between their begin and their end, with the nearest beside the range', () => {
    // The buckets beside the range hold a minute: how long their other frames took is not meant.
    const of = series([-6, 2, 900, 10], [4, 10, 10, 10], [20, 16, 16, 16], [210, 5, 900, 12]);
    expect(bars(of, 0.1)).toEqual([[-16, -6, 10, 10], [-6, 4, 10, 10], [4, 20, 16, 16], [198, 210, 12, 12]]);
  });

  test('that end close together are one bar, without a gap', () =>
    expect(bars(series([18, 4, 9, 4], [38, 5, 20, 5], [59, 3, 3, 3]), 20)).toEqual([[14, 18, 4, 9], [18, 38, 5, 20], [38, 59, 3, 3]]));

  test('that were lost leave a gap', () => expect(bars(series([10, 10, 10, 10], [100, 10, 10, 10]), 1)).toEqual([[0, 10, 10, 10], [90, 100, 10, 10]]));

  test('are found while they run', () => {
    const frames = framesOf(series([10, 10, 10, 10], [26, 16, 16, 16], [100, 10, 10, 10]), range, MS);
    expect([-1, 0, 9.9, 10, 25, 26, 89, 90, 100].map((at) => (frameAt(frames, at * MS)?.end ?? NaN) / MS)).toEqual([NaN, 10, 10, 26, 26, NaN, NaN, 100, NaN]);
  });

  test('are measured by the median of the range alone', () => {
    const of = series([-6, 500, 500, 500], [4, 10, 10, 10], [20, 16, 16, 16], [30, 11, 11, 11], [210, 500, 500, 500]);
    expect(framesOf(of, range, MS).medianNs / MS).toBeCloseTo(11);
    expect(framesOf(series(), range, MS)).toEqual({ bars: [], medianNs: 0 });
  });

  test.each([[0.5, 0], [1, 0], [1.09, 0], [1.1, 1], [1.3, 2], [1.5, 3], [1.99, 3], [2, 4], [50, 4]])('of %d medians have colour %d of green to red', (times, color) =>
    expect(frameColor(LIGHT, times * 16e6, 16e6)).toBe(LIGHT.frames[color]));

  test('of no known median are green', () => expect(frameColor(LIGHT, 16e6, 0)).toBe(LIGHT.frames[0]));
});
