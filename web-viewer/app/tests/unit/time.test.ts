import { describe, expect, test } from 'vitest';
import { niceStep, ticks } from '../../src/time/axis';
import { formatDuration, formatInstant, formatTimeOfDay, parseNs } from '../../src/time/ns';

test.each<[string | null | undefined, bigint | null]>([
  ['0', 0n], ['-5', -5n], ['9223372036854775807', 9223372036854775807n], ['9223372036854775808', null], ['-9223372036854775809', null],
  ['1e9', null], ['0x10', null], [' 1', null], ['', null], [null, null], [undefined, null],
])('parseNs(%s) is %s', (text, ns) => expect(parseNs(text)).toBe(ns));

test.each([
  [0, '0 ns'], [999, '999 ns'], [999.7, '1.00 µs'], [1000, '1.00 µs'], [9994, '9.99 µs'], [9996, '10.0 µs'], [99_960, '100 µs'], [999_600, '1.00 ms'],
  [16_666_667, '16.7 ms'], [1_500_000_000, '1.50 s'], [59_900_000_000, '59.9 s'], [60e9, '1:00.0'], [75.25e9, '1:15.3'], [3723e9, '1:02:03'], [-2500, '-2.50 µs'],
])('%d ns read %s', (ns, text) => expect(formatDuration(ns)).toBe(text));

describe('an instant', () => {
  test('keeps every nanosecond', () => expect(formatInstant(1_795_375_475_123_456_789n, 9, 'UTC')).toMatch(/19:24:35\.123456789/));
  test('cuts, never rounds up', () => expect(formatTimeOfDay(1_795_375_475_999_999_999n, 3, 'UTC')).toBe('19:24:35.999'));
  test('works before the epoch', () => expect(formatTimeOfDay(-1n, 9, 'UTC')).toBe('23:59:59.999999999'));
});

describe('the axis', () => {
  test.each([[1, 1], [1.1, 2], [3, 5], [7, 10], [120e6, 200e6], [30e9, 50e9], [55e9, 60e9], [61e9, 120e9], [5000e9, 7200e9]])('a step of at least %d is %d', (least, step) => expect(niceStep(least)).toBeCloseTo(step, 3));

  test.each<[string, number, number, number, string[]]>([
    ['seconds', 0, 10e9, 2e9, ['0 s', '2 s', '4 s', '6 s', '8 s', '10 s']],
    ['milliseconds', 0, 50e6, 20e6, ['0 ms', '20 ms', '40 ms']],
    ['far into the process', 3_912_000_000, 3_912_025_000, 10_000, ['3.912\u200900 s', '3.912\u200901 s', '3.912\u200902 s']],
    ['minutes', 0, 150e9, 60e9, ['0:00', '1:00', '2:00']],
    ['fractions after an hour', 3_600e9, 3_600.4e9, 0.2e9, ['1:00:00.0', '1:00:00.2', '1:00:00.4']],
    ['before the begin', -1000, 1000, 1000, ['-1 µs', '0 µs', '1 µs']],
  ])('labels %s', (_, begin, end, spacing, labels) => {
    const scale = ticks(begin, end, spacing);
    expect(scale.at.map((ns) => scale.label(ns))).toEqual(labels);
  });
});
