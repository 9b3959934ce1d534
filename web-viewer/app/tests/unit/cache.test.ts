import { describe, expect, test } from 'vitest';
import { TileCache } from '../../src/tiles/cache';
import { tileBaseNs } from '../../src/tiles/grid';
import { parseManifest } from '../../src/tiles/manifest';
import { EmbeddedTileSource, type TileRequest, type TileSource } from '../../src/tiles/source';
import { encodeTile, rectangle } from '../support/encodeTile';

class HeldSource implements TileSource {
  readonly batches: (readonly TileRequest[])[] = [];
  readonly #answers = new Map<string, { resolve: (bytes: Uint8Array | null) => void; reject: (error: Error) => void }>();

  fetch(requests: readonly TileRequest[]): Promise<Uint8Array | null>[] {
    this.batches.push(requests);
    return requests.map((r) => new Promise((resolve, reject) => this.#answers.set(`${r.group}/${r.level}/${r.index}`, { resolve, reject })));
  }

  async answer(level: number, index: number, bytes: Uint8Array | null | Error = encodeTile(level, tileBaseNs(level, index), [rectangle({})])): Promise<void> {
    const answer = this.#answers.get(`0/${level}/${index}`)!;
    if (bytes instanceof Error) answer.reject(bytes);
    else answer.resolve(bytes);
    await Promise.resolve();
    await Promise.resolve();
  }
}

const key = (level: number, index: number): { group: number; level: number; index: number } => ({ group: 0, level, index });

describe('the tile cache', () => {
  test('asks once for a change of view, and never twice for a tile', () => {
    const source = new HeldSource();
    const cache = new TileCache(source, 6, () => {});
    cache.want([key(2, 8), key(2, 9), key(2, 8)]);
    cache.want([key(2, 8), key(2, 9)]);
    expect(source.batches.map((b) => b.map((r) => r.index))).toEqual([[8, 9]]);
    expect(cache.loading).toBe(2);
  });

  test('withdraws what is no longer needed', () => {
    const source = new HeldSource();
    const cache = new TileCache(source, 6, () => {});
    cache.want([key(2, 8), key(2, 9)]);
    cache.want([key(2, 9)]);
    expect(source.batches[0]!.map((r) => r.signal.aborted)).toEqual([true, false]);
    expect(cache.loading).toBe(1);
  });

  test('draws the closest loaded level until the sharp one is there', async () => {
    const source = new HeldSource();
    let changes = 0;
    const cache = new TileCache(source, 6, () => changes++);
    cache.want([key(2, 17), key(4, 1), key(3, 4), key(1, 70)]);
    expect(cache.closest(key(2, 17))).toEqual([]);
    await source.answer(1, 70);
    expect(cache.closest(key(2, 17)).map((t) => t.level)).toEqual([1]);
    await source.answer(4, 1);
    expect(cache.closest(key(2, 17)).map((t) => t.level)).toEqual([4]);
    await source.answer(3, 4);
    expect(cache.closest(key(2, 17)).map((t) => t.level)).toEqual([3]);
    expect(cache.settled(key(2, 17))).toBe(false);
    await source.answer(2, 17);
    expect(cache.closest(key(2, 17)).map((t) => t.level)).toEqual([2]);
    expect(cache.settled(key(2, 17))).toBe(true);
    expect(changes).toBe(4);
  });

  test('remembers what does not exist and retries what failed', async () => {
    const source = new HeldSource();
    const cache = new TileCache(source, 6, () => {});
    cache.want([key(0, 1), key(0, 2), key(0, 3)]);
    await source.answer(0, 1, null);
    await source.answer(0, 2, new Error('connection lost'));
    await source.answer(0, 3, new Uint8Array(3));
    expect(cache.problem).toBe('connection lost');
    cache.want([key(0, 1), key(0, 2), key(0, 3)]);
    expect(source.batches[1]!.map((r) => r.index)).toEqual([2]);
    await source.answer(0, 2);
    expect(cache.problem).toContain('header of 32 bytes');
    cache.want([key(0, 1), key(0, 2)]);
    expect(cache.problem).toBeNull();
  });

  test('drops what was needed longest ago, and nothing that the view needs', async () => {
    const source = new HeldSource();
    const bytes = encodeTile(0, 0n, [rectangle({})]).length;
    const cache = new TileCache(source, 6, () => {}, 2 * bytes);
    for (const index of [1, 2]) {
      cache.want([key(0, index)]);
      await source.answer(0, index);
    }
    cache.want([key(0, 1), key(0, 3), key(0, 4)]);
    await source.answer(0, 3);
    await source.answer(0, 4);
    expect([1, 2, 3, 4].map((i) => cache.get(key(0, i)) !== undefined)).toEqual([true, false, true, true]);
  });
});

test('an embedded source falls back to the closest level it carries', async () => {
  const bytes = encodeTile(3, tileBaseNs(3, 5), [rectangle({ name: 'inside' })]);
  const source = new EmbeddedTileSource({ '0/3/5': Buffer.from(bytes).toString('base64') });
  const arrivals: (() => void)[] = [];
  const arrived = (): Promise<void> => new Promise((resolve) => arrivals.push(resolve));
  const cache = new TileCache(source, 6, () => arrivals.shift()?.());
  const both = Promise.all([arrived(), arrived()]);
  cache.want([key(1, 80), key(3, 5)]);
  await both;
  expect(cache.settled(key(1, 80))).toBe(true);
  expect(cache.closest(key(1, 80))[0]?.names).toEqual(['inside']);
  expect(cache.problem).toBeNull();
});

describe('the manifest', () => {
  const good = { process: 'p', begin_ns: '1795375475123456789', end_ns: '1795375487123456789', max_level: 6, groups: [{ group: 0, g: 'f00d', streams: [{ stream: 's', name: 'main', thread_id: '1', depth: 3 }] }] };

  test('keeps its times exactly', () => expect(parseManifest(good)).toMatchObject({ beginNs: 1795375475123456789n, maxLevel: 6, groups: [{ generation: 'f00d', streams: [{ threadId: '1', depth: 3 }] }] }));

  test.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /manifest is an object/],
    ['a number as time', { ...good, begin_ns: 12 }, /begin_ns is a string, got 12/],
    ['a time that is none', { ...good, end_ns: '12.5' }, /end_ns is nanoseconds/],
    ['an end before its begin', { ...good, end_ns: '1' }, /before begin_ns/],
    ['too many levels', { ...good, max_level: 40 }, /max_level is a whole number up to 21/],
    ['no groups', { ...good, groups: null }, /groups is a list/],
    ['too many streams', { ...good, groups: [{ group: 0, g: '', streams: Array(17).fill(good.groups[0]!.streams[0]) }] }, /at most 16 streams, got 17/],
  ])('with %s is refused', (_, json, message) => expect(() => parseManifest(json)).toThrow(message));

  test('draws tiles of a generation that is over until those that take their place are there', async () => {
    const first = new HeldSource();
    const cache = new TileCache(first, 6, () => {});
    cache.want([key(2, 8), key(2, 9)]);
    await first.answer(2, 8);
    const [before] = cache.closest(key(2, 8));
    const second = new HeldSource();
    cache.renew(second, 6, () => false);
    expect(cache.closest(key(2, 8))).toEqual([before]);
    expect(cache.settled(key(2, 8))).toBe(false);
    // What was under way is of the generation that is over, too.
    expect(first.batches[0]!.map((r) => r.signal.aborted)).toEqual([false, true]);
    cache.want([key(2, 8), key(2, 9)]);
    expect(second.batches.map((b) => b.map((r) => r.index))).toEqual([[8, 9]]);
    await second.answer(2, 8);
    expect(cache.closest(key(2, 8))[0]).not.toBe(before);
    expect(cache.settled(key(2, 8))).toBe(true);
    await second.answer(2, 9, null);
    expect(cache.settled(key(2, 9))).toBe(true);
    cache.renew(second, 6, () => false);
    cache.want([key(2, 8), key(2, 9)]);
    expect(second.batches.length).toBe(2);
    await second.answer(2, 8, null);
    expect(cache.closest(key(2, 8))).toEqual([]);
  });

  test('keeps tiles of groups that are the same', async () => {
    const source = new HeldSource();
    const cache = new TileCache(source, 6, () => {});
    cache.want([key(2, 8)]);
    await source.answer(2, 8);
    cache.renew(source, 6, (group) => group === 0);
    cache.want([key(2, 8)]);
    expect([source.batches.length, cache.settled(key(2, 8))]).toEqual([1, true]);
  });
});
