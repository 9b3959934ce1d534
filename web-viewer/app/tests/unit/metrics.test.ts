import { describe, expect, test } from 'vitest';
import type { Counter, SeriesInfo, SeriesKind } from '../../src/flame/timeline';
import type { Loaded } from '../../src/flame/ranges';
import type { Counters } from '../../src/flame/timeline';
import { firstChosen, inOrder, matching, toggled } from '../../src/metrics/choice';
import { columnsOf, panelsOf, pointAt, stepsOfBar, summaryOf, valueAt, valueRange, valueTicks } from '../../src/metrics/curves';
import { bytesOfUnit, unitBeside } from '../../src/time/quantity';

const info = (name: string, unit = '', kind: SeriesKind = 'gauge', usual = false): SeriesInfo => ({ name, unit, kind, usual, samples: 1 });
const counter = (name: string, unit: string, kind: SeriesKind, ...buckets: number[][]): Counter =>
  ({ name, unit, kind, buckets: buckets.map(([at, least, greatest, value]) => ({ at: at!, least: least!, greatest: greatest!, value: value! })) });
const loaded = (...counters: Counter[]): Loaded<Counters> => ({ range: { beginNs: 1100n, endNs: 2000n }, value: { stepNs: 10, counters } });
const palette = ['#1', '#2', '#3'];
const panels = (names: string[], what: Loaded<Counters> | null, per: 'second' | 'step' = 'second', series: SeriesInfo[] = []): ReturnType<typeof panelsOf> => panelsOf(names, series, what, 1000n, per, 1, palette);

describe('series', () => {
  const all = inOrder([info('process.cpu', '%', 'gauge', true), info('frames.Game', 's', 'frame', true), info('b', 'By'), info('a', 'items'), info('c'), info('d')]);
  test('of the program come first, then frames, then those of every program', () => expect(all.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'frames.Game', 'process.cpu']));
  test('the first few are drawn until somebody chooses, of a report those that it has', () => {
    expect(firstChosen(all, null)).toEqual(['a', 'b', 'c', 'd']);
    expect(firstChosen(all, ['process.cpu', 'c'])).toEqual(['c', 'process.cpu']);
  });
  test.each([['', 6], [' A', 2], ['by', 1], ['%', 1], ['nothing', 0]])('%j finds %i of them', (text, count) => expect(matching(all, text).length).toBe(count));
  test('too many make the oldest go', () => {
    const twelve = Array.from({ length: 12 }, (_, i) => `m${i}`);
    expect([toggled(['a', 'b'], 'a'), toggled(['a'], 'b'), toggled(twelve, 'new').length, toggled(twelve, 'new')[0]]).toEqual([['b'], ['a', 'b'], 12, 'm1']);
  });
});

describe('panels', () => {
  const gauge = counter('heap', 'By', 'gauge', [0, 1, 5, 2], [30, 4, 4, 4]);
  const count = counter('calls', '{call}', 'count', [5, 1, 1, 3]);

  test('are one for each unit, in the order of what was chosen, with times from the origin', () => {
    const made = panels(['calls', 'heap', 'other heap', 'unknown'], loaded(gauge, count), 'second', [info('other heap', 'By')]);
    expect(made.map(({ unit, curves }) => [unit, ...curves.map(({ name }) => name)])).toEqual([['{call}/s', 'calls'], ['By', 'heap', 'other heap']]);
    expect(made[1]!.curves.map(({ points }) => points.map(({ at }) => at))).toEqual([[100, 130], []]);
  });

  test('draw counts a second or a step, each on an axis of its own', () => {
    const unlike = counter('level', '{call}', 'gauge', [0, 1, 1, 1]);
    const [rate] = panels(['calls'], loaded(count));
    expect([rate!.unit, rate!.curves[0]!.bars]).toEqual(['{call}/s', [{ at: 105, value: 3e8 }]]);
    const steps = panels(['calls', 'level'], loaded(count, unlike), 'step');
    expect(steps.map(({ unit, curves }) => [unit, curves[0]!.bars.map(({ value }) => value)])).toEqual([['{call}', [3]], ['{call}', []]]);
  });

  test('make bars of several steps where one is too narrow to be seen, which keep the sum and tell the mean', () => {
    const dense = counter('frames', '', 'count', ...Array.from({ length: 40 }, (_, i) => [i * 20 + 1, 1, 1, 1]));
    const [rate] = panelsOf(['frames'], [], loaded(dense), 1000n, 'second', 8, palette);
    const { bars, stepNs } = rate!.curves[0]!;
    expect([stepNs, bars[1]]).toEqual([80, { at: 200, value: 4 / 80e-9 }]);
    expect(bars.reduce((sum, { value }) => sum + value * 80e-9, 0)).toBeCloseTo(40, 9);
  });

  test.each([[10, 1, 1], [10, 2.5, 1], [10, 2.6, 4], [10, 25, 16], [1, 1e6, 2 ** 22]])('steps of %d ns at %d ns a pixel: %i to a bar', (stepNs, nsPerPixel, steps) => expect(stepsOfBar(stepNs, nsPerPixel)).toBe(steps));

  test('give neighbours different colours, and the second round of them dashes', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const { curves } = panels(names, null, 'second', names.map((name) => info(name)))[0]!;
    expect(new Set(curves.slice(0, 3).map(({ color }) => color)).size).toBe(3);
    expect(curves.map(({ isDashed }) => isDashed)).toEqual([false, false, false, true, true]);
    expect(curves[3]!.color).not.toBe(curves[4]!.color);
  });

  test('have one column of times for all curves', () => {
    const { curves } = panels(['heap', 'b'], loaded(gauge, counter('b', 'By', 'gauge', [10, 7, 7, 7])))[0]!;
    expect(columnsOf(curves)).toEqual([[100, 110, 130], [1, null, 4], [5, null, 4], [2, null, 4], [null, 7, null], [null, 7, null], [null, 7, null]]);
  });
});

describe('values', () => {
  const [bytes] = panels(['heap'], loaded(counter('heap', 'By', 'gauge', [0, 1, 5, 2], [30, 4, 8, 6])))[0]!.curves;
  const [calls] = panels(['calls'], loaded(counter('calls', '', 'count', [10, 1, 1, 3], [40, 1, 1, 1])))[0]!.curves;

  test.each([[99, null], [100, 2], [129, 2], [130, 6], [500, 6]])('of a gauge hold from a sample to the next: at %i', (at, value) => expect(pointAt(bytes!.points, at)?.value ?? null).toBe(value));
  test.each([[106, 3e8], [114, 3e8], [120, 0], [137, 1e8]])('of a count belong to their step: at %i', (at, value) => expect(valueAt(calls!, at)!.value).toBe(value));
  test('of what has not arrived are none', () => expect(valueAt({ ...calls!, points: [], bars: [] }, 5)).toBe(null));

  test('are summed up over a time', () => {
    expect(summaryOf(bytes!, { begin: 90, end: 200 })).toEqual({ least: 1, greatest: 8, last: 6, total: null, perSecond: null });
    expect(summaryOf(bytes!, { begin: 110, end: 120 })).toEqual({ least: 2, greatest: 2, last: 2, total: null, perSecond: null });
    expect(summaryOf(bytes!, { begin: 10, end: 20 })).toEqual({ least: null, greatest: null, last: null, total: null, perSecond: null });
    expect(summaryOf(calls!, { begin: 100, end: 100 + 2e9 })).toEqual({ least: null, greatest: null, last: null, total: 4, perSecond: 2 });
  });
});

describe('an axis', () => {
  test.each([
    [0, 10, false, [0, 10.8]], [4, 10, false, [0, 10.48]], [90, 100, false, [89.2, 100.8]], [90, 100, true, [0, 100.8]], [-10, -1, false, [-10.72, 0]], [5, 5, false, [4.6, 5.4]], [0, 0, true, [0, 0.08]],
    [-5, 5, false, [-5.8, 5.8]], [Infinity, -Infinity, false, [0, 1]], [-1.7e308, 1.7e308, false, [0, 1]],
  ])('of values from %d to %d (zero: %s) goes %j', (low, high, fromZero, range) => valueRange(low, high, fromZero).forEach((end, i) => expect(end).toBeCloseTo(range[i]!, 6)));

  test.each([
    [0, 10, 5, null, [0, 2, 4, 6, 8, 10]], [-0.3, 0.9, 3, null, [0, 0.5]], [0, 3 * 2 ** 20, 4, 1, [0, 2 ** 20, 2 ** 21, 3 * 2 ** 20]], [0, 2 ** 21, 2, 1, [0, 2 ** 20, 2 ** 21]],
    [0, 700, 1, 1, [0]], [0, 4, 4, 1024, [0, 1, 2, 3, 4]], [3, 3, 5, null, []],
  ])('of values from %d to %d has at most about %i round marks', (low, high, most, size, marks) => expect(valueTicks(low, high, most, size)).toEqual(marks));

  test.each([['By', 1, ''], ['KiBy/s', 1024, ''], ['ms', null, ''], ['{call}/s', null, 'call/s'], ['', null, ''], ['<b>', null, '<b>']])('of %j says its unit once, unless values bring theirs', (unit, bytesOf, beside) =>
    expect([bytesOfUnit(unit), unitBeside(unit)]).toEqual([bytesOf, beside]));
});
