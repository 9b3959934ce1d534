import { describe, expect, test } from 'vitest';
import type { Counter } from '../../src/flame/timeline';
import { readout } from '../../src/flame/trackDrawing';
import { formatQuantity } from '../../src/time/quantity';

describe('a value with its unit', () => {
  test.each([
    [708_000_000, 'ns', '708 ms'], [0, 'ns', '0 ns'], [0.25, 'ns', '0.25 ns'], [999.4, 'ns', '999.4 ns'], [999.5, 'ns', '1.00 µs'], [-2500, 'ns', '-2.50 µs'],
    [12, 'us', '12.0 µs'], [12, 'µs', '12.0 µs'], [12, '\u03bcs', '12.0 µs'], [0.5, 'us', '500 ns'], [2.5e6, 'us', '2.50 s'],
    [2.5, 'ms', '2.50 ms'], [0.0125, 's', '12.5 ms'], [75.25, 's', '1:15.3'], [1.5, 'min', '1:30.0'], [2, 'h', '2:00:00'],
  ])('of time: %d %s reads %s', (value, unit, text) => expect(formatQuantity(value, unit)).toBe(text));

  test.each([
    [0, 'By', '0 B'], [1023, 'By', '1,023 B'], [1023.6, 'By', '1 KB'], [1536, 'By', '1.5 KB'], [-(2 ** 20), 'bytes', '-1 MB'],
    [2 ** 20 - 1, 'By', '1 MB'], [708e6, 'B', '675.2 MB'], [1, 'byte', '1 B'], [3, 'KiBy', '3 KB'], [2048, 'MiBy', '2 GB'], [1.024, 'kBy', '1 KB'],
    [2 ** 60, 'By', '1,024 PB'], [3 * 2 ** 20, 'By/s', '3 MB/s'],
  ])('of size: %d %s reads %s', (value, unit, text) => expect(formatQuantity(value, unit)).toBe(text));

  test.each([
    [12.3456, '%', '12.35 %'], [3, '{request}', '3 request'], [3, '{request}/s', '3 request/s'], [1234567, '1', '1.23M'], [0.25, '', '0.25'],
    [7, '<b>', '7 <b>'], [7, 'constructor', '7 constructor'], [5, 'm/s', '5 m/s'], [5, '/s', '5 /s'],
  ])('of anything else: %d %s reads %s', (value, unit, text) => expect(formatQuantity(value, unit)).toBe(text));
});

describe('what stands beside a curve', () => {
  const of = (kind: Counter['kind'], unit: string, value: number): Counter =>
    ({ name: 'paused', unit, kind, buckets: [{ at: 10, least: value, greatest: value, value }, { at: 20, least: value, greatest: value, value }] });
  test.each<[Counter['kind'], string, number, string]>([
    ['count', 'ns', 354e6, 'Σ 708 ms'], ['count', 'By', 2 ** 21, 'Σ 4 MB'], ['gauge', 'ns', 1500, '≤ 1.50 µs'], ['count', '{call}', 4, 'Σ 8 call'],
  ])('a %s in %s of twice %d reads %s', (kind, unit, value, text) => expect(readout(of(kind, unit, value), 0, { begin: 0, end: 100 }, null)).toBe(text));
});
