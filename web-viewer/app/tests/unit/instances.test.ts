import { describe, expect, test } from 'vitest';
import { DIM, LIT } from '../../src/flame/brush';
import { stylesOf } from '../../src/flame/color';
import { INSTANCE_BYTES, InstanceBuffers, packed } from '../../src/flame/instances';
import { split, wholeAndRest } from '../../src/flame/rectangleProgram';
import { DIMMED } from '../../src/flame/theme';
import { decodeTile, type Tile } from '../../src/tiles/tile';
import { encodeTile, rectangle } from '../support/encodeTile';

const tile = decodeTile(encodeTile(0, 0n, [
  rectangle({ offset: 3, width: 4, lane: 15, depth: 0xffff, name: 'one', busy: 10 }),
  rectangle({ offset: 2040, width: 8, lane: 0, depth: 2, name: 'two', busy: 255 }),
]));

test('a rectangle is 16 bytes: first step, step behind the last, lane and depth, style', () => {
  const styles = stylesOf(tile, 'name');
  expect(INSTANCE_BYTES).toBe(16);
  expect([...packed(tile, 'name', null)]).toEqual([3, 7, 0xffff * 16 + 15, styles[0], 2040, 2048, 2 * 16, styles[1]]);
  expect([...packed(tile, 'name', Uint8Array.of(LIT, DIM))].filter((_, i) => i % 4 === 3)).toEqual([styles[0], styles[1]! + DIMMED]);
});

test('the last step of the longest tile does not wrap around', () => {
  const long: Tile = { ...tile, offsets: Uint32Array.of(2 ** 31 - 2, 0), widths: Uint32Array.of(2, 2 ** 31) };
  expect([...packed(long, 'depth', null)].filter((_, i) => i % 4 === 1)).toEqual([2 ** 31 - 1, 2 ** 31 - 1]);
});

test('steps times the coarse part of a length are exact in 32-bit arithmetic, and the rest is small', () => {
  for (const length of [0.1, 0.75, 1, 1.7320508, 22.5, 131072.3, 1e-7, 4095.99999]) {
    const [coarse, fine] = split(length);
    expect(coarse + fine).toBe(length);
    expect(Math.abs(fine)).toBeLessThanOrEqual(length / 2 ** 12);
    for (const steps of [1, 777, 2047, 2048]) expect(Math.fround(steps * Math.fround(coarse))).toBe(steps * coarse);
  }
  expect(split(0)).toEqual([0, 0]);
  expect([wholeAndRest(-0.25), wholeAndRest(7)]).toEqual([[-1, 0.75], [7, 0]]);
});

describe('tiles on the GPU', () => {
  /** Counts what a context is asked for. */
  class CountingContext {
    readonly ARRAY_BUFFER = 1;
    readonly STATIC_DRAW = 2;
    readonly UNSIGNED_INT = 3;
    uploaded = 0;
    buffers = 0;
    createVertexArray(): object {
      return {};
    }
    createBuffer(): object {
      this.buffers++;
      return {};
    }
    deleteBuffer(): void {
      this.buffers--;
    }
    bufferData(_target: number, data: Uint32Array): void {
      this.uploaded += data.byteLength;
    }
    bufferSubData(_target: number, _at: number, data: Uint32Array): void {
      this.uploaded += data.byteLength;
    }
    bindVertexArray(): void {}
    bindBuffer(): void {}
    deleteVertexArray(): void {}
    enableVertexAttribArray(): void {}
    vertexAttribIPointer(): void {}
    vertexAttribDivisor(): void {}
  }
  const tiles = Array.from({ length: 4 }, () => decodeTile(encodeTile(0, 0n, [rectangle({}), rectangle({ offset: 1 })])));

  test('a tile is uploaded once, and again when its colours change', () => {
    const context = new CountingContext();
    const buffers = new InstanceBuffers(context as unknown as WebGL2RenderingContext, 0);
    const emphasis = Uint8Array.of(DIM, LIT);
    const uploads = ([['name', null], ['name', null], ['depth', null], ['depth', emphasis], ['depth', emphasis], ['depth', null]] as const).map(([by, standing]) => {
      const before = context.uploaded;
      buffers.bind(tiles[0]!, by, standing);
      buffers.trim();
      return context.uploaded - before;
    });
    expect(uploads).toEqual([32, 0, 32, 32, 0, 32]);
    expect(context.buffers).toBe(1);
  });

  test('beyond the budget what was drawn longest ago is freed, and uploaded again when it is drawn again', () => {
    const context = new CountingContext();
    const buffers = new InstanceBuffers(context as unknown as WebGL2RenderingContext, 0, 64);
    const draw = (tile: Tile): number => {
      const before = context.uploaded;
      buffers.bind(tile, 'name', null);
      buffers.trim();
      return context.uploaded - before;
    };
    expect([0, 1, 0, 2, 0, 1].map((each) => draw(tiles[each]!))).toEqual([32, 32, 0, 32, 0, 32]);
    expect(context.buffers).toBe(2);
  });
});
