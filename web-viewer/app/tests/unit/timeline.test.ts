import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AsyncLane, rowOfSpan, slotOf, tileOf } from '../../src/flame/asyncLane';
import { TextFitter } from '../../src/flame/labels';
import { LaneLayout } from '../../src/flame/lanes';
import { ASYNC_STREAM, Processes, asyncGroup } from '../../src/flame/processes';
import { RangeLoader, rangeFor } from '../../src/flame/ranges';
import { neededTiles, type Window } from '../../src/flame/slots';
import { selectionOfDrawn } from '../../src/flame/selection';
import { drawnSpan, rectangleAt } from '../../src/flame/spans';
import type { AsyncSpan, Counter, SeriesInfo } from '../../src/flame/timeline';
import { bucketAt, readout, tail, visiblePoints } from '../../src/flame/trackDrawing';
import { MOST_COUNTERS, usualCounters } from '../../src/flame/trackMenu';
import { linkTo, parseRoute, processRoute } from '../../src/pages/route';
import { parseManifest } from '../../src/tiles/manifest';

const ORIGIN = 1_795_375_475_123_456_789n;

describe('the range loaded for a view', () => {
  test('covers it with room on both sides, at most three and a half times', () => {
    for (let begin = -5e6; begin < 5e9; begin = begin * 1.7 + 1.3e7)
      for (const span of [1000, 77_777, 4e6, 9e9]) {
        const { beginNs, endNs } = rangeFor({ begin, end: begin + span }, ORIGIN);
        const [from, to] = [Number(beginNs - ORIGIN), Number(endNs - ORIGIN)];
        expect(from).toBeLessThanOrEqual(begin - span / 8);
        expect(to).toBeGreaterThanOrEqual(begin + span + span / 8);
        expect(to - from).toBeLessThanOrEqual(3.5 * span);
      }
  });

  test('stays the same over small motions, and lies within the time that the host knows', () => {
    const first = rangeFor({ begin: 1.001e9, end: 1.101e9 }, 0n);
    expect(rangeFor({ begin: 1.002e9, end: 1.102e9 }, 0n)).toEqual(first);
    expect(rangeFor({ begin: 0, end: 1e9 }, 0n).beginNs).toBe(0n);
    expect(rangeFor({ begin: -9e9, end: -8e9 }, 0n)).toEqual({ beginNs: 0n, endNs: 1n });
    expect(rangeFor({ begin: 0, end: 1e9 }, 2n ** 62n).endNs).toBe(2n ** 62n - 1n);
    expect(rangeFor({ begin: 8e9, end: 9e9 }, 2n ** 62n)).toEqual({ beginNs: 2n ** 62n - 2n, endNs: 2n ** 62n - 1n });
  });
});

describe('a loader of ranges', () => {
  const range = (n: bigint): { beginNs: bigint; endNs: bigint } => ({ beginNs: n, endNs: n + 1n });
  let asked: { range: { beginNs: bigint }; answer: (value: string) => void; fail: (reason: Error) => void }[];
  let changes: number;
  let loader: RangeLoader<string>;

  beforeEach(() => {
    vi.useFakeTimers();
    asked = [];
    changes = 0;
    loader = new RangeLoader((of) => new Promise((answer, fail) => asked.push({ range: of, answer, fail })), () => changes++);
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('asks once for what is wanted when a motion rests, and for the newest after that', async () => {
    for (let n = 1n; n <= 5n; n++) loader.want(range(n));
    await vi.runAllTimersAsync();
    expect(asked.map((each) => each.range.beginNs)).toEqual([5n]);
    loader.want(range(6n));
    loader.want(range(7n));
    await vi.runAllTimersAsync();
    expect(asked.length).toBe(1);
    asked[0]!.answer('five');
    await vi.runAllTimersAsync();
    expect(loader.current).toEqual({ range: range(5n), value: 'five' });
    expect(asked.map((each) => each.range.beginNs)).toEqual([5n, 7n]);
    asked[1]!.answer('seven');
    await vi.runAllTimersAsync();
    expect([loader.current?.value, loader.loading, changes]).toEqual(['seven', false, 2]);
  });

  test('keeps what it had where loading fails, and says so until it succeeds', async () => {
    loader.want(range(1n));
    await vi.runAllTimersAsync();
    asked[0]!.answer('one');
    loader.want(range(2n));
    await vi.runAllTimersAsync();
    asked[1]!.fail(new Error('gone'));
    await vi.runAllTimersAsync();
    expect([loader.current?.value, loader.problem]).toEqual(['one', 'gone']);
    loader.again();
    await vi.runAllTimersAsync();
    asked[2]!.answer('two');
    await vi.runAllTimersAsync();
    expect([loader.current?.value, loader.problem]).toEqual(['two', null]);
  });

  test('tells nobody of what comes after its end', async () => {
    loader.want(range(1n));
    await vi.runAllTimersAsync();
    loader.dispose();
    asked[0]!.answer('one');
    await vi.runAllTimersAsync();
    expect(changes).toBe(0);
  });
});

describe('async spans', () => {
  const span = (id: bigint, begin: number, end: number, lane: number, count = 1): AsyncSpan => ({
    span: id, name: `span ${id}`, beginNs: ORIGIN + BigInt(begin), endNs: ORIGIN + BigInt(end), durationNs: BigInt(end - begin), count, lane,
  });
  const spans = [span(2n ** 64n - 1n, -500, 4000, 0), span(7n, 1000, 3000, 1), span(8n, 5000, 90_000, 0, 12)];
  const range = { beginNs: ORIGIN, endNs: ORIGIN + 10_000n };
  const manifest = parseManifest({
    process: 'p', begin_ns: String(ORIGIN), end_ns: String(ORIGIN + 10_000n), max_level: 0,
    groups: [{ group: 0, g: 'g', streams: [{ stream: 'empty', name: 'pool', thread_id: '1', depth: 0 }, { stream: 'main', name: 'main', thread_id: '2', depth: 2 }] }],
  });
  const processes = Processes.of(manifest);
  const layout = new LaneLayout(processes).withAsyncSpans(0, { name: 'Async spans', rows: 2 });
  const window: Window = { processes, originNs: ORIGIN, bounds: { begin: 0, end: 10_000 }, view: { begin: 0, end: 10_000 }, layout, scrollTop: 0, width: 1000, height: 400 };
  const lane = layout.ofStream(ASYNC_STREAM)!;

  test('lie below the threads, of which empty ones are left out, and have no tiles', () => {
    expect(layout.lanes.map((each) => each.stream)).toEqual(['main', ASYNC_STREAM]);
    expect(layout.inGroup(0, 1)?.stream).toBe('main');
    expect(layout.inGroup(0, 0)).toBeUndefined();
    expect(layout.toggled(ASYNC_STREAM).ofStream(ASYNC_STREAM)?.rows).toBe(1);
    expect(new Set(neededTiles(window).map((key) => key.group))).toEqual(new Set([0]));
  });

  test('are found where they are drawn, with ids of 64 bits and whole times although they are cut off', () => {
    const tile = tileOf({ spans, lanes: 2 }, range);
    const slot = slotOf(tile, range, lane, window)!;
    const at = (x: number, depth: number): ReturnType<typeof drawnSpan> | null => {
      const found = rectangleAt([slot], { lane, depth }, x);
      return found && drawnSpan(found.tile, found.index, lane, [tile], ORIGIN);
    };
    expect(at(200, 0)).toMatchObject({ id: 2n ** 64n - 1n, name: `span ${2n ** 64n - 1n}`, durationNs: 4500, extent: { begin: -500, end: 4000 } });
    expect(at(200, 1)).toMatchObject({ id: 7n, extent: { begin: 1000, end: 3000 } });
    expect(at(700, 0)).toMatchObject({ id: 8n, count: 12, extent: { begin: 5000, end: 90_000 } });
    expect(at(450, 0)).toBeNull();
    expect(at(700, 1)).toBeNull();
    expect([rowOfSpan(tile, 7n), rowOfSpan(tile, 9n)]).toEqual([1, null]);
    expect(slot.group).toBe(asyncGroup(0));
  });

  test('of a range of days keep their place', () => {
    const days = { beginNs: ORIGIN, endNs: ORIGIN + 10n ** 15n };
    const tile = tileOf({ spans: [span(1n, 5e14, 6e14, 0)], lanes: 1 }, days);
    expect(tile.offsets[0]! * tile.stepNs).toBeCloseTo(5e14, -6);
    expect((tile.offsets[0]! + tile.widths[0]!) * tile.stepNs).toBeCloseTo(6e14, -6);
  });

  describe('in a lane of their own', () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());
    const shown = async (answers: AsyncSpan[][]): Promise<AsyncLane> => {
      const unasked = (): never => { throw new Error('not asked'); };
      const source = { asyncSpans: async () => ({ spans: answers.shift()!, lanes: 2 }), series: unasked, counters: unasked, markers: unasked, attachments: unasked, logs: unasked };
      const made = new AsyncLane('Async spans', source, ORIGIN, () => undefined, processes.main);
      made.want(window.view);
      await vi.runAllTimersAsync();
      made.slots(window);
      return made;
    };

    test('are found at the pointer, and have neighbours in the row that they have now', async () => {
      const made = await shown([spans.map((each) => ({ ...each, lane: 1 - each.lane }))]);
      const found = made.spanAt({ lane, depth: 0 }, 200)!;
      expect(found.id).toBe(7n);
      expect(made.rowOf(7n, layout)).toEqual({ lane, depth: 0 });
      // Details know no row: a selection restored from a link says 0.
      const selected = { ...selectionOfDrawn(made.spanAt({ lane, depth: 1 }, 200)!), depth: 0 };
      expect(made.beside(selected, layout, 1)?.id).toBe(8n);
      expect(made.beside(selected, layout, -1)).toBeNull();
      expect(made.beside({ ...selected, span: 9n }, layout, 1)).toBeNull();
      made.dispose();
    });

    test('have as many rows as they take, and keep their lane once they had one', async () => {
      const none = new LaneLayout(processes);
      const made = await shown([spans, []]);
      const two = made.layoutOf(none);
      expect(two.ofStream(ASYNC_STREAM)?.rows).toBe(2);
      expect(made.layoutOf(two)).toBe(two);
      expect(made.rowOf(7n, none)).toBeNull();
      made.want({ begin: 5e9, end: 6e9 });
      await vi.runAllTimersAsync();
      expect(made.layoutOf(two)).toBe(two);
      expect(made.rowOf(7n, two)).toBeNull();
      made.dispose();
    });
  });

  test('out of sight are not drawn', () => {
    const tile = tileOf({ spans, lanes: 2 }, range);
    expect(slotOf(tile, range, lane, { ...window, scrollTop: 200 })).toBeNull();
    expect(slotOf(tile, range, lane, { ...window, view: { begin: 20_000, end: 30_000 } })).toBeNull();
  });
});

describe('counters', () => {
  const bucket = (at: number, value: number, least = value, greatest = value): Counter['buckets'][number] => ({ at, value, least, greatest });
  const gauge: Counter = { name: 'heap', unit: 'By', kind: 'gauge', buckets: [bucket(-100, 1024), bucket(50, 2048, 1000, 4096), bucket(300, 512)] };
  const count: Counter = { name: 'calls', unit: '{call}', kind: 'count', buckets: [bucket(10, 3), bucket(150, 4), bucket(400, 9)] };

  test('say what they are under the pointer, or in sight', () => {
    const view = { begin: 0, end: 200 };
    expect(readout(gauge, 0, view, null)).toBe('≤ 4 KB');
    expect(readout(gauge, 0, view, 40)).toBe('1 KB');
    expect(readout(gauge, 0, view, 50)).toBe('2 KB');
    expect(readout(gauge, 0, view, -200)).toBe('');
    expect(readout(count, 0, view, 40)).toBe('Σ 7 call');
    expect(bucketAt(gauge.buckets, 299)?.value).toBe(2048);
  });

  test('are drawn to the edges of the view', () => {
    const at = (view: { begin: number; end: number }): number[] => visiblePoints(gauge.buckets, view).map((each) => each.at);
    expect(at({ begin: 0, end: 200 })).toEqual([-100, 50, 300]);
    expect(at({ begin: 60, end: 70 })).toEqual([50, 300]);
    expect(at({ begin: 400, end: 500 })).toEqual([300]);
    expect(at({ begin: -500, end: -200 })).toEqual([-100]);
  });

  test('of every program are shown until somebody chooses, and never too many', () => {
    const series = (name: string, usual: boolean): SeriesInfo => ({ name, unit: '', kind: 'gauge', samples: 1, usual });
    const own = Array.from({ length: 20 }, (_, i) => series(`own ${i}`, false));
    expect(usualCounters([...own, series('process.cpu', true)])).toEqual(['process.cpu']);
    expect(usualCounters(own)).toEqual(['own 0', 'own 1', 'own 2']);
    expect(usualCounters(own.map((each) => ({ ...each, usual: true }))).length).toBe(MOST_COUNTERS);
    expect(usualCounters([])).toEqual([]);
  });

  test('with long names show the end of them', () => {
    const fitter = new TextFitter((text) => text.length);
    expect(tail('dotnet.gc.heap.size', 12, fitter)).toBe('…heap.size');
    expect(tail('dotnet.gc.heap.size', 30, fitter)).toBe('dotnet.gc.heap.size');
    expect(tail('averylongnamewithoutdots', 5, fitter)).toBe('averylongnamewithoutdots');
  });

  test('chosen ones are in the link, also that there are none', () => {
    for (const counters of [null, [], ['a b', 'x&y=<z>']]) {
      const route = processRoute('timeline', 'p', { counters });
      const link = linkTo(route);
      const [path, query = ''] = link.split('?');
      expect(parseRoute(path!, query)).toEqual(route);
    }
  });
});
