import { describe, expect, test } from 'vitest';
import { MIN_NS_PER_PIXEL, clamp, fit, nsAt, pan, revealing, spanOf, xOf, zoom, type View } from '../../src/flame/view';

const BOUNDS: View = { begin: 0, end: 10e9 };
const WIDTH = 1600;

describe('the view', () => {
  test('maps times to pixels and back', () => {
    const view = { begin: 1e9, end: 3e9 };
    expect(xOf(view, WIDTH, 2e9)).toBe(800);
    expect(nsAt(view, WIDTH, xOf(view, WIDTH, 1.37e9))).toBeCloseTo(1.37e9, 3);
  });

  test('zooming keeps what is under the pointer there', () => {
    let view: View = { begin: 2e9, end: 4e9 };
    for (let i = 0; i < 40; i++) {
      view = zoom(view, 3.3e9, 0.8, BOUNDS, WIDTH);
      expect(xOf(view, WIDTH, 3.3e9)).toBeCloseTo(1040, 3);
    }
  });

  test('stops zooming where edges would be wrong', () => {
    let view = fit(BOUNDS);
    for (let i = 0; i < 200; i++) view = zoom(view, 5e9, 0.5, BOUNDS, WIDTH);
    expect(spanOf(view)).toBeCloseTo(MIN_NS_PER_PIXEL * WIDTH, 3);
  });

  test('cannot leave the process', () => {
    expect(pan({ begin: 1e9, end: 2e9 }, -50e9, BOUNDS, WIDTH).begin).toBe(fit(BOUNDS).begin);
    expect(pan({ begin: 1e9, end: 2e9 }, 50e9, BOUNDS, WIDTH).end).toBe(fit(BOUNDS).end);
    expect(clamp({ begin: -1e12, end: 1e12 }, BOUNDS, WIDTH)).toEqual(fit(BOUNDS));
  });

  test('panning keeps the zoom', () => expect(spanOf(pan({ begin: 1e9, end: 2e9 }, 3e9, BOUNDS, WIDTH))).toBe(1e9));
});

describe('revealing', () => {
  const view = { begin: 1e9, end: 2e9 };
  test('moves nothing for what can be seen', () => expect(revealing(view, { begin: 1.2e9, end: 1.4e9 }, WIDTH)).toBeNull());
  test('centres what is outside, at the same zoom', () => expect(revealing(view, { begin: 5e9, end: 5.2e9 }, WIDTH)).toEqual({ begin: 4.6e9, end: 5.6e9 }));
  test('zooms out for what is longer than the view', () => {
    const target = revealing(view, { begin: 0, end: 4e9 }, WIDTH)!;
    expect(target.begin).toBeLessThan(0);
    expect(target.end).toBeGreaterThan(4e9);
  });
  test('zooms in for what is too short to be seen', () => {
    const target = revealing(view, { begin: 1.5e9, end: 1.5e9 + 1000 }, WIDTH)!;
    expect((1000 / spanOf(target)) * WIDTH).toBeCloseTo(24, 6);
  });
});
