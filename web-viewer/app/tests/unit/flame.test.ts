import { beforeEach, describe, expect, test } from 'vitest';
import { colorAfter, colorByOf, durationStep, stylesOf } from '../../src/flame/color';
import { activity, windowOf } from '../../src/flame/overview';
import { LaneLayout, ROW_HEIGHT } from '../../src/flame/lanes';
import { LoadedSpans, compareHits, nextHit, type SpanHit } from '../../src/flame/lookup';
import { TextFitter, visibleText } from '../../src/flame/labels';
import { Processes } from '../../src/flame/processes';
import { neededTiles, overviewLevel, sharpLevel, visibleSlots, type Window } from '../../src/flame/slots';
import { drawnSpan, drawnWithin, extentOf, neighbour, rectangleAt } from '../../src/flame/spans';
import { DARK, DIMMED, DURATION_COLORS, LIGHT, colorOfDepth, colorOfDuration, colorOfName, hashOf, styleOf } from '../../src/flame/theme';
import { fit, xOf } from '../../src/flame/view';
import { TileCache } from '../../src/tiles/cache';
import { stepNs, tileBaseNs, tileIndex } from '../../src/tiles/grid';
import { parseManifest } from '../../src/tiles/manifest';
import type { TileSource } from '../../src/tiles/source';
import { decodeTile } from '../../src/tiles/tile';
import { encodeTile, rectangle } from '../support/encodeTile';
import { FakeHost, PROCESS } from '../support/fakeHost';
import { BEGIN_NS, DURATION_NS } from '../support/synthetic';

const host = new FakeHost();
const manifest = parseManifest(host.manifest(PROCESS));
const source: TileSource = { fetch: (requests) => requests.map(async (r) => host.tile(r.group, r.level, r.index)) };
const processes = Processes.of(manifest);
const main = host.streams[0]!;

/** Colours that readers have got used to: a change of the hash changes them all. */
const HASHES = [1_585_085_875, 1_847_841_490, 2_166_202_364];

let cache: TileCache;
let layout: LaneLayout;

function window(begin: number, end: number, height = 200): Window {
  return { processes, originNs: BEGIN_NS, bounds: { begin: 0, end: DURATION_NS }, view: { begin, end }, layout, scrollTop: 0, width: 1200, height };
}

/** Loads all that the window needs. */
function load(of: Window): Promise<void> {
  return new Promise((resolve) => {
    cache = new TileCache(source, manifest.maxLevel, () => {
      if (cache.loading === 0) resolve();
    });
    cache.want(neededTiles(of));
  });
}

beforeEach(() => {
  layout = new LaneLayout(processes);
});

describe('what a window needs', () => {
  test('is three times the visible range, the visible part first', () => {
    const view = window(4e9, 4.2e9);
    const level = sharpLevel(view, processes.main);
    const keys = neededTiles(view).filter((k) => k.level === level);
    const indexes = [...new Set(keys.map((k) => k.index))];
    expect(Math.min(...indexes)).toBe(tileIndex(level, BEGIN_NS + 3_800_000_000n));
    expect(Math.max(...indexes)).toBe(tileIndex(level, BEGIN_NS + 4_400_000_000n));
    expect(indexes[0]).toBe(tileIndex(level, BEGIN_NS + 4_000_000_000n));
  });

  test('is what is visible and all of it coarsely, while pieces of it are being read', () => {
    const view = window(4e9, 4.2e9);
    const read = (pieces: { wanted: number; read: number }): Window => ({ ...view, processes: Processes.of({ ...manifest, pieces }) });
    const part = read({ wanted: 3, read: 2 });
    expect(neededTiles(read({ wanted: 3, read: 3 }))).toEqual(neededTiles(view));
    const [level, overview] = [sharpLevel(view, processes.main), overviewLevel(view, processes.main)];
    const sharp = neededTiles(part).filter((k) => k.level === level);
    expect(sharp).toEqual(neededTiles(view).slice(0, sharp.length));
    expect(Math.max(...sharp.map((k) => k.index))).toBe(tileIndex(level, BEGIN_NS + 4_200_000_000n));
    expect(new Set(neededTiles(part).map((k) => k.level))).toEqual(new Set([level, overview]));
  });

  test('leaves out groups that are scrolled away, and time outside the process', () => {
    const keys = neededTiles(window(0, 0.2e9));
    expect(new Set(keys.map((k) => k.group))).toEqual(new Set([0]));
    for (const k of keys) expect(tileBaseNs(k.level, k.index + 1) > BEGIN_NS).toBe(true);
  });
});

describe('what is drawn', () => {
  test('covers the window without overlap, also from a coarser level', async () => {
    const all = window(fit({ begin: 0, end: DURATION_NS }).begin, DURATION_NS * 1.01);
    await load(all);
    const near = window(4e9, 4.02e9);
    for (const view of [all, near]) {
      const { slots, complete } = visibleSlots(view, cache);
      expect(complete).toBe(view === all);
      const spans = slots.map((s) => [s.placement.clipLeft, s.placement.clipRight] as const).sort((a, b) => a[0] - b[0]);
      for (let i = 1; i < spans.length; i++) expect(spans[i]![0]).toBeCloseTo(spans[i - 1]![1], 6);
      expect(spans[0]![0]).toBeLessThanOrEqual(Math.max(0, xOf(view.view, 1200, 0)));
      expect(spans.at(-1)![1]).toBeGreaterThanOrEqual(Math.min(1200, xOf(view.view, 1200, DURATION_NS)));
    }
  });

  test('is hit at the pixel where it is, and belongs to one span over all tiles', async () => {
    const view = window(3.9e9, 4.1e9);
    await load(view);
    const { slots } = visibleSlots(view, cache);
    const row = layout.rowAt(5)!;
    expect(row).toMatchObject({ depth: 0, lane: { name: 'main' } });
    const ids = new Set<bigint>();
    for (let x = 0; x < 1200; x += 50) {
      const found = rectangleAt(slots, row, x)!;
      const span = drawnSpan(found.tile, found.index, row.lane, cache.loadedOf(0), BEGIN_NS);
      ids.add(span.id);
      expect(span.name).toBe('Run session');
      expect(Math.abs(span.extent.begin - 2e6)).toBeLessThanOrEqual(stepNs(manifest.maxLevel));
      expect(span.extent.end - span.extent.begin).toBe(DURATION_NS - 4e6);
    }
    expect(ids).toEqual(new Set([1n]));
  });

  test('agrees with the spans it was made from', async () => {
    const view = window(4e9, 4.05e9);
    await load(view);
    const { slots } = visibleSlots(view, cache);
    const frames = main.spans.filter((s) => s.depth === 1 && s.begin > 4e9 && s.end < 4.05e9);
    expect(frames.length).toBeGreaterThan(1);
    for (const frame of frames) {
      const row = layout.rowAt(ROW_HEIGHT + 2)!;
      const found = rectangleAt(slots, row, xOf(view.view, 1200, (frame.begin + frame.end) / 2))!;
      const span = drawnSpan(found.tile, found.index, row.lane, cache.loadedOf(0), BEGIN_NS);
      expect(span).toMatchObject({ id: frame.id, name: frame.name, count: 1, durationNs: frame.end - frame.begin });
      expect(Math.abs(span.extent.begin - frame.begin)).toBeLessThanOrEqual(stepNs(sharpLevel(view, processes.main)));
    }
    const [first, second] = frames;
    const row = layout.rowAt(ROW_HEIGHT + 2)!;
    const next = neighbour(slots, row, extentOf(cache.loadedOf(0), BEGIN_NS, row.lane, 1, first!.id)!, 1, BEGIN_NS)!;
    expect(drawnSpan(next.tile, next.index, row.lane, cache.loadedOf(0), BEGIN_NS).id).toBe(second!.id);
  });

  test('is listed once each, in order of time', async () => {
    const view = window(4e9, 4.05e9, ROW_HEIGHT * 2);
    layout = new LaneLayout(processes, new Set(layout.lanes.slice(1).map((l) => l.stream)));
    await load({ ...view, layout });
    const { slots } = visibleSlots({ ...view, layout }, cache);
    const { spans, total } = drawnWithin(slots, { begin: 4.01e9, end: 4.04e9 }, layout, BEGIN_NS, (group) => cache.loadedOf(group), 10, () => true);
    expect(spans.length).toBe(10);
    expect(total).toBeGreaterThan(100);
    expect(spans[0]).toMatchObject({ name: 'Run session', lane: { name: 'main' } });
    const all = drawnWithin(slots, { begin: 4.01e9, end: 4.04e9 }, layout, BEGIN_NS, (group) => cache.loadedOf(group), total, () => true).spans;
    expect(new Set(all.map((s) => `${s.lane.stream} ${s.id}`)).size).toBe(total);
    expect(all.filter((s) => s.lane.name === 'main' && s.depth === 1).map((s) => s.id)).toEqual(
      main.spans.filter((s) => s.depth === 1 && s.end > 4.01e9 && s.begin < 4.04e9).map((s) => s.id));
  });

  test('is nothing between spans', async () => {
    const view = window(4e9, 4.05e9);
    await load(view);
    const frames = main.spans.filter((s) => s.depth === 1 && s.begin > 4e9 && s.end < 4.05e9);
    const gap = (frames[0]!.end + frames[1]!.begin) / 2;
    expect(rectangleAt(visibleSlots(view, cache).slots, layout.rowAt(ROW_HEIGHT + 2)!, xOf(view.view, 1200, gap))).toBeNull();
  });
});

test('the overview shows how many lanes are busy', () => {
  const step = stepNs(3);
  const base = tileBaseNs(3, 50);
  const tile = decodeTile(encodeTile(3, base, [
    rectangle({ offset: 0, width: 1024, lane: 0 }), rectangle({ offset: 512, width: 1, busy: 51, lane: 1 }), rectangle({ offset: 0, width: 2048, depth: 1 }),
  ]));
  const columns = activity([tile], base, 2, { begin: 0, end: 2048 * step }, 1024);
  expect([columns[0], columns[511], columns[512], columns[1023]]).toEqual([0.5, 0.5, 0, 0]);
  expect(columns[256]).toBeCloseTo(0.5 + (51 / 255 / 2) * 0.5, 6);
});

test('the window of the overview stays within it', () => {
  const whole = { begin: 0, end: 1000 };
  expect(windowOf(whole, { begin: 200, end: 500 }, 100)).toEqual([20, 50]);
  expect(windowOf(whole, { begin: 999, end: 1000 }, 100)).toEqual([94, 100]);
  expect(windowOf(whole, { begin: -500, end: 1500 }, 100)).toEqual([0, 100]);
});

describe('the lanes', () => {
  test('have a row per depth and belong to nobody in between', () => {
    const first = layout.lanes[0]!;
    expect(layout.rowAt(first.rows * ROW_HEIGHT - 1)).toMatchObject({ depth: first.rows - 1 });
    expect(layout.rowAt(first.rows * ROW_HEIGHT + 2)).toBeNull();
    expect(layout.rowAt(layout.lanes[1]!.top)).toMatchObject({ depth: 0, lane: { name: 'render' } });
    expect(layout.rowAt(-1)).toBeNull();
    expect(layout.rowAt(layout.height + 100)).toBeNull();
  });

  test('fold to one row and unfold again', () => {
    const folded = layout.toggled(main.id);
    expect(folded.ofStream(main.id)).toMatchObject({ rows: 1, collapsed: true });
    expect(folded.height).toBe(layout.height - (layout.lanes[0]!.rows - 1) * ROW_HEIGHT);
    expect(folded.toggled(main.id).lanes).toEqual(layout.lanes);
  });
});

describe('search', () => {
  const hit = (begin: bigint, depth = 0, stream = 'a'): SpanHit => ({ stream, span: begin, name: '', beginNs: begin, durationNs: 1n, depth });
  const hits = [hit(10n), hit(20n), hit(30n)];

  test.each<[number | null, 1 | -1, bigint, number | null]>([
    [null, 1, 15n, 1], [null, 1, 99n, 0], [null, -1, 25n, 1], [null, -1, 5n, 2], [2, 1, 0n, 0], [0, -1, 0n, 2], [1, 1, 0n, 2],
  ])('from %s by %i at %s goes to %s', (current, direction, from, next) => expect(nextHit(hits, current, direction, from)).toBe(next));

  test('of nothing finds nothing', () => expect(nextHit([], null, 1, 0n)).toBeNull());

  test('orders by begin, then depth, then stream', () => {
    const shuffled = [hit(20n), hit(10n, 2), hit(10n, 1, 'b'), hit(10n, 1, 'a')];
    expect(shuffled.sort(compareHits).map((h) => `${h.beginNs} ${h.depth} ${h.stream}`)).toEqual(['10 1 a', '10 1 b', '10 2 a', '20 0 a']);
  });

  test('through loaded tiles names each span once', async () => {
    const view = window(4e9, 4.4e9);
    await load(view);
    const { hits: found, total } = await new LoadedSpans(manifest, layout, cache, []).find('run SESSION');
    expect(total).toBe(2);
    expect(found.map((h) => [h.name, h.durationNs])).toEqual([['Run session', BigInt(DURATION_NS - 4e6)], ['Run session', BigInt(DURATION_NS - 4e6)]]);
  });
});

describe('names', () => {
  test('have the same colour everywhere', () => {
    expect([hashOf('Frame'), hashOf('Update'), hashOf('')]).toEqual(HASHES);
    expect([0, 100, 200, 255].map((busy) => styleOf(0, busy))).toEqual([0, 1, 2, 3]);
  });

  test('find a colour in both themes, dimmed or not', () => {
    for (const theme of [LIGHT, DARK])
      for (let hash = 0; hash < 5000; hash += 7)
        for (const busy of [0, 64, 255]) {
          const pixels = [theme.fills[styleOf(colorOfName(hash), busy)]!, theme.fills[styleOf(colorOfName(hash), busy) + DIMMED]!];
          expect(pixels.map((pixel) => pixel >>> 24)).toEqual([255, 255]);
          expect(new Set([...pixels, theme.ground]).size).toBe(3);
        }
  });

  test('cannot hide or reorder what stands beside them', () => expect(visibleText('a\u202eb\nc\u0000d')).toBe('a·b·c·d'));

  test('are shortened to the room there is', () => {
    const fitter = new TextFitter((text) => text.length * 6);
    expect(fitter.fit('Frame', 30)).toBe('Frame');
    expect(fitter.fit('Solve islands', 40)).toBe('Solve…');
    expect(fitter.fit('Frame', 5)).toBe('');
  });
});

describe('colours', () => {
  test('are chosen by a word, and a key walks through them', () => {
    expect(['name', 'duration', 'depth', 'Name', '', null, 7].map(colorByOf)).toEqual(['name', 'duration', 'depth', null, null, null, null]);
    expect((['name', 'duration', 'depth'] as const).map(colorAfter)).toEqual(['duration', 'depth', 'name']);
  });

  test('of durations go from a microsecond to ten seconds by half powers of ten, whatever else is in sight', () => {
    expect([0, 1, 1e3, 1e4, 3.2e4, 1e6, 1e9, 1e10, 1e15].map(durationStep)).toEqual([0, 0, 0, 2, 3, 6, 12, 14, 14]);
    for (const theme of [LIGHT, DARK]) {
      const pixels = Array.from({ length: DURATION_COLORS }, (_, step) => theme.fills[styleOf(colorOfDuration(step), 255)]!);
      expect(new Set(pixels).size).toBe(DURATION_COLORS);
      expect(pixels.map((pixel) => pixel >>> 24)).toEqual(pixels.map(() => 255));
      expect(theme.fills[styleOf(colorOfDuration(DURATION_COLORS - 1), 255) + DIMMED]! >>> 24).toBe(255);
    }
  });

  test('of a tile are those of its names, durations or depths', () => {
    const tile = decodeTile(encodeTile(0, BEGIN_NS - (BEGIN_NS % (1n << 20n)), [
      rectangle({ name: 'Frame', durationNs: 1_000_000n, depth: 0 }), rectangle({ name: 'Frame', durationNs: 1_000n, depth: 1, offset: 2 }),
      rectangle({ name: 'Update', durationNs: 1_000n, depth: 19, offset: 4, busy: 0 }),
    ]));
    const [frame, update] = ['Frame', 'Update'].map((name) => colorOfName(hashOf(name)));
    expect([...stylesOf(tile, 'name')]).toEqual([styleOf(frame!, 255), styleOf(frame!, 255), styleOf(update!, 0)]);
    expect([...stylesOf(tile, 'duration')]).toEqual([styleOf(colorOfDuration(6), 255), styleOf(colorOfDuration(0), 255), styleOf(colorOfDuration(0), 0)]);
    // There are fewer hues than depths: they begin again.
    expect([...stylesOf(tile, 'depth')]).toEqual([styleOf(colorOfDepth(0), 255), styleOf(colorOfDepth(1), 255), styleOf(colorOfDepth(1), 0)]);
  });
});
