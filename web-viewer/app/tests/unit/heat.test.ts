import { describe, expect, test } from 'vitest';
import { SHADES, nextCell, parseHeat, sameCell, shadeFloors, shadeOf, type HeatCell } from '../../src/metrics/heat';

const cell = (column: number, quarter: number, count = 1): HeatCell => ({
  column, beginNs: BigInt(column) * 10n, endNs: BigInt(column + 1) * 10n, lowNs: 2 ** (quarter / 4), highNs: 2 ** ((quarter + 1) / 4), count,
});

describe('the map of durations', () => {
  test('reads cells of columns that are not as wide as each other', () => {
    const { name, cells } = parseHeat({ name: 'a', edges_ns: ['1700000000000000001', '1700000000000000011', '1700000000000000014'], buckets: [[1, 2], [4, 8]], cells: [[0, 1, 3], [1, 0, 1]] });
    expect(name).toBe('a');
    expect(cells).toEqual([
      { column: 0, beginNs: 1700000000000000001n, endNs: 1700000000000000011n, lowNs: 4, highNs: 8, count: 3 },
      { column: 1, beginNs: 1700000000000000011n, endNs: 1700000000000000014n, lowNs: 1, highNs: 2, count: 1 },
    ]);
  });

  test.each([null, {}, { name: 'a', edges_ns: [], buckets: [] }, { name: 'a', edges_ns: ['1'], buckets: [[1, 2]], cells: [[0, 0, 1]] }])('refuses what is none: %j', (json) => {
    expect(() => parseHeat(json)).toThrow(/^expected /);
  });

  test.each([1, 2, 5, 6, 7, 100, 123_456])('has a legend that says where each shade begins, up to %i', (most) => {
    const floors = shadeFloors(most);
    expect(floors[0]!.from).toBe(1);
    expect(shadeOf(most, most)).toBe(SHADES - 1);
    for (let count = 1; count <= Math.min(most, 1000); count++) expect(shadeOf(count, most)).toBe(floors.findLast(({ from }) => from <= count)!.shade);
  });

  test('is walked in all four directions, over what has no spans', () => {
    const cells = [cell(0, 4), cell(0, 9), cell(3, 8), cell(3, 20)];
    expect(nextCell(cells, cells[0]!, 'longer')).toBe(cells[1]);
    expect(nextCell(cells, cells[1]!, 'longer')).toBe(cells[1]);
    expect(nextCell(cells, cells[1]!, 'shorter')).toBe(cells[0]);
    expect(nextCell(cells, cells[1]!, 'right')).toBe(cells[2]);
    expect(nextCell(cells, cells[2]!, 'right')).toBe(cells[2]);
    expect(nextCell(cells, cells[3]!, 'left')).toBe(cells[1]);
    expect(sameCell([cell(1, 4)], cell(1, 4, 7))).toEqual(cell(1, 4));
    expect(sameCell([cell(1, 4)], cell(1, 5))).toBeNull();
  });
});
