import { describe, expect, test } from 'vitest';
import { isPicture, markAt, marksOf } from '../../src/flame/attachments';
import { TextFitter } from '../../src/flame/labels';
import type { Attachment } from '../../src/flame/timeline';

const ORIGIN = 1_795_375_475_123_456_789n;
const fitter = new TextFitter((text) => text.length * 6);
/** One pixel a nanosecond. */
const canvas = { view: { begin: 0, end: 1000 }, width: 1000, fitter, originNs: ORIGIN };
const file = (at: number, name: string, count = 1, mediaType = 'text/plain'): Attachment => ({
  id: name, timeNs: ORIGIN + BigInt(at), lastNs: ORIGIN + BigInt(at + count - 1), name, mediaType, bytes: 1, complete: true, count,
});

describe('marks of attachments', () => {
  test('are one where their sheets would touch, and say how many they are', () => {
    const marks = marksOf([file(10, 'a'), file(23, 'b'), file(24, 'c', 3), file(200, 'd', 2)], canvas);
    expect(marks.map(({ first, count, lastNs, label }) => [first.name, count, Number(lastNs - ORIGIN), label])).toEqual([['a', 2, 23, ''], ['c', 3, 26, 'c +2'], ['d', 2, 201, 'd +1']]);
    expect(marks.reduce((sum, { count }) => sum + count, 0)).toBe(7);
  });

  test('are bounded by the width, however many files there are', () => {
    const marks = marksOf(Array.from({ length: 1000 }, (_, i) => file(i, 'x')), canvas);
    expect(marks.length).toBe(Math.ceil(1000 / 14));
    expect(marks.reduce((sum, { count }) => sum + count, 0)).toBe(1000);
  });

  test('at one time are one', () =>
    expect(marksOf([file(5, 'a'), file(5, 'b'), file(5, 'c')], canvas).map(({ first, count }) => [first.name, count])).toEqual([['a', 3]]));

  test('are those in sight, and show what would reorder text', () =>
    expect(marksOf([file(-11, 'before'), file(0, 'a\u202eb'), file(999, 'last'), file(1000, 'after')], canvas).map(({ x, label }) => [x, label])).toEqual([[0, 'a·b'], [999, '']]));

  test('are meant by a pointer close to them', () => {
    const marks = marksOf([file(10, 'save'), file(100, 'go')], canvas);
    expect([5, 6, 10, 48, 52, 53, 96].map((x) => markAt(marks, x)?.first.name ?? null)).toEqual([null, 'save', 'save', 'save', 'save', null, 'go']);
  });
});

test('pictures are of pixels alone', () =>
  expect(['image/png', 'IMAGE/JPEG', 'image/gif', 'image/webp', 'image/svg+xml', 'text/html', 'image/png;x', ''].filter((type) => isPicture(file(0, '', 1, type)))).toEqual(['image/png', 'IMAGE/JPEG', 'image/gif', 'image/webp']));
