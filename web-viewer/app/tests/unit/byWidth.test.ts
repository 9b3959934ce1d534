import { describe, expect, test } from 'vitest';
import { RectanglesByWidth } from '../../src/flame/byWidth';
import { STEPS_PER_TILE } from '../../src/tiles/grid';
import { decodeTile, type Tile } from '../../src/tiles/tile';
import { encodeTile, rectangle } from '../support/encodeTile';

function tileOf(rectangles: readonly { offset: number; width: number; depth?: number }[]): Tile {
  return decodeTile(encodeTile(0, 0n, rectangles.map((each, i) => rectangle({ ...each, id: BigInt(i + 1) }))));
}

function visited(tile: Tile, least: number, from: number, to: number): number[] {
  const found: number[] = [];
  RectanglesByWidth.of(tile).visit(least, from, to, (i) => found.push(i));
  return found;
}

describe('rectangles by width', () => {
  // Every width from 1 to 256 at offsets that are in no order, none at an edge.
  const tile = tileOf(Array.from({ length: 4096 }, (_, i) => ({ offset: 1 + ((i * 7919) % 1700), width: 1 + ((i * 31) % 256) })));

  test.each([[1, 0, STEPS_PER_TILE], [11, 0, STEPS_PER_TILE], [11.5, 300, 340], [64, 900, 901], [200, 0, 50], [300, 0, STEPS_PER_TILE], [1e12, 0, STEPS_PER_TILE]])(
    'all of at least %f steps between %f and %f are visited, each once', (least, from, to) => {
      const seen = visited(tile, least, from, to);
      expect(new Set(seen).size).toBe(seen.length);
      for (let i = 0; i < tile.size; i++) {
        const [begin, width] = [tile.offsets[i]!, tile.widths[i]!];
        if (width >= least && begin < to && begin + width > from) expect(seen).toContain(i);
      }
      for (const i of seen) expect(tile.widths[i]! > least / 2 && tile.offsets[i]! < to).toBe(true);
    });

  test('what is at an edge is visited whatever it measures, and once', () => {
    const edges = tileOf([{ offset: 0, width: 1 }, { offset: 5, width: 1 }, { offset: 7, width: 900 }, { offset: STEPS_PER_TILE - 1, width: 1 }, { offset: 0, width: STEPS_PER_TILE }]);
    expect(visited(edges, 100, 0, STEPS_PER_TILE).sort()).toEqual([0, 2, 3, 4]);
  });

  test('a hundred thousand too narrow for a name are not looked at', () => {
    const dense = tileOf(Array.from({ length: 100_000 }, (_, i) => ({ offset: 1 + (i % 2000), width: 1 + (i % 5), depth: i % 200 })));
    expect(visited(dense, 11, 0, STEPS_PER_TILE)).toEqual([]);
  });
});
