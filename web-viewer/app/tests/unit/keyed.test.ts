import { describe, expect, test } from 'vitest';
import { KeyedRange } from '../../src/flame/keyedRange';
import { commandOf, motionOf, type KeyPress } from '../../src/flame/keys';
import { TrackWalk, type MarkRow } from '../../src/flame/trackWalk';

const VIEW = { begin: 0, end: 1000 };
const BOUNDS = { begin: -100, end: 5000 };

describe('a range by keys', () => {
  test('begins in the middle of the view and grows by a hundredth of it', () => {
    const keyed = new KeyedRange();
    const first = keyed.extended(null, VIEW, BOUNDS, 1);
    expect(first).toEqual({ begin: 500, end: 510 });
    expect(keyed.extended(first, { begin: 500, end: 600 }, BOUNDS, 1)).toEqual({ begin: 500, end: 511 });
  });

  test('is what is offered, and then moves its other end', () => {
    const keyed = new KeyedRange();
    const range = keyed.chosen(null, { begin: 100, end: 200 });
    expect(keyed.movingEnd(range)).toBe(200);
    expect(keyed.chosen(range, VIEW)).toBe(range);
    expect(keyed.movingEnd(range)).toBe(100);
    expect(keyed.extended(range, VIEW, BOUNDS, -1)).toEqual({ begin: 90, end: 200 });
  });

  test('turns round where an end passes the other one', () => {
    const keyed = new KeyedRange();
    const range = keyed.extended({ begin: 100, end: 105 }, VIEW, BOUNDS, -1);
    expect(range).toEqual({ begin: 95, end: 100 });
    expect(keyed.extended(range, VIEW, BOUNDS, -1)).toEqual({ begin: 85, end: 100 });
  });

  test('ends where everything ends', () => {
    const keyed = new KeyedRange();
    expect(keyed.extended({ begin: 100, end: 4999 }, VIEW, BOUNDS, 1)).toEqual({ begin: 100, end: 5000 });
  });
});

describe('over the tracks', () => {
  const rows = (...marks: readonly (readonly number[])[]): MarkRow[] => marks.map((of, i) => ({ y: 10 * i, marks: () => of }));

  test('from mark to mark, over those that are one to the eye, and no further than the last', () => {
    const of = rows([400, 480, 481, 700]);
    const walk = new TrackWalk();
    const places: (number | undefined)[] = [];
    for (const direction of [1, 1, 1, -1, -1, -1, -1] as const) {
      walk.along(of, VIEW, 1000, direction);
      places.push(walk.place(of)?.at);
    }
    // The first step goes to what is closest to the middle of the view.
    expect(places).toEqual([481, 700, 700, 481, 400, 400, 400]);
  });

  test('from row to row at the same moment', () => {
    const of = rows([100, 400], [110, 390], []);
    const walk = new TrackWalk();
    walk.across(of, VIEW, 1);
    expect(walk.place(of)).toEqual({ y: 0, at: 400 });
    walk.across(of, VIEW, 1);
    expect(walk.place(of)).toEqual({ y: 10, at: 390 });
    walk.across(of, VIEW, 1);
    expect(walk.place(of)).toEqual({ y: 20, at: 390 });
    // Rows can go while somebody is in the last one.
    expect(walk.place(of.slice(0, 1))).toEqual({ y: 0, at: 390 });
    walk.stop();
    expect(walk.place(of)).toBeNull();
  });
});

describe('arrows', () => {
  const press = (code: string, shiftKey: boolean): KeyPress => ({ key: code, code, shiftKey, ctrlKey: false, altKey: false, metaKey: false });
  test('move, and with Shift they select', () => {
    expect([motionOf(press('ArrowLeft', false)), commandOf(press('ArrowLeft', false))]).toEqual(['left', null]);
    expect([motionOf(press('ArrowLeft', true)), commandOf(press('ArrowLeft', true))]).toEqual([null, 'extend-left']);
  });
});
