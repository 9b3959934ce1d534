import { describe, expect, test } from 'vitest';
import { stylesOf } from '../../src/flame/color';
import { Following } from '../../src/flame/following';
import { LaneLayout, ROW_HEIGHT } from '../../src/flame/lanes';
import type { SpanHit, SpanLookup } from '../../src/flame/lookup';
import { MOST_PROCESSES, Processes, asyncGroup, groupInProcess, groupOnAxis, isAsync, numberOfGroup, streamInProcess } from '../../src/flame/processes';
import { SharedAxis, type ProcessOnAxis } from '../../src/flame/sharedAxis';
import { neededTiles, type Window } from '../../src/flame/slots';
import { UNREAD_COLOR, colorOfName, hashOf, styleOf } from '../../src/flame/theme';
import { Viewport } from '../../src/flame/viewport';
import { tileIndex, tileNs } from '../../src/tiles/grid';
import { parseManifest, type Manifest } from '../../src/tiles/manifest';
import type { TileRequest, TileSource } from '../../src/tiles/source';
import { decodeTile } from '../../src/tiles/tile';
import { linkTo, parseRoute, processRoute } from '../../src/pages/route';
import { encodeTile, rectangle } from '../support/encodeTile';

const ORIGIN = 1_795_375_475_000_000_000n;
const SECOND = 1_000_000_000n;
const at = (seconds: number): bigint => ORIGIN + BigInt(Math.round(seconds * 1e9));

function manifestOf(process: string, begin: number, end: number, maxLevel = 6, unread: readonly [string, string][] = []): Manifest {
  return parseManifest({
    process, begin_ns: String(at(begin)), end_ns: String(at(end)), max_level: maxLevel, unread,
    groups: [{ group: 0, g: `of ${process}`, streams: [{ stream: 'one', name: 'main', thread_id: '1', depth: 2 }, { stream: 'two', name: 'worker', thread_id: '2', depth: 1 }] }],
  });
}

const parent = { number: 1, program: 'launcher', manifest: manifestOf('p', -20, 30) };
const own = { number: 0, program: 'game', manifest: manifestOf('g', 0, 12) };
const child = { number: 2, program: 'compile', manifest: manifestOf('c', 4, 8, 3) };
const family = new Processes([own, parent, child], false);

function windowOf(processes: Processes, begin: number, end: number, layout = new LaneLayout(processes)): Window {
  return { processes, originNs: ORIGIN, bounds: processes.bounds(ORIGIN), view: { begin: begin * 1e9, end: end * 1e9 }, layout, scrollTop: 0, width: 1000, height: 600 };
}

describe('processes on one axis', () => {
  test('stand in the order in which they began, each below a row of its own', () => {
    const { lanes } = new LaneLayout(family);
    expect(lanes.map(({ name, header }) => (header ? `# ${name}` : name))).toEqual(['# launcher', 'main', 'worker', '# game', 'main', 'worker', '# compile', 'main', 'worker']);
    expect(lanes.every(({ top, rows }, i) => i + 1 === lanes.length || lanes[i + 1]!.top >= top + rows * ROW_HEIGHT)).toBe(true);
    expect(new LaneLayout(Processes.of(own.manifest)).lanes.map(({ header, process }) => [header, process])).toEqual([[false, null], [false, null]]);
  });

  test('reach as far as each does, and together over all', () => {
    expect(family.bounds(ORIGIN)).toEqual({ begin: -20e9, end: 30e9 });
    expect(family.members.map((member) => family.reachOf(member, ORIGIN))).toEqual([{ begin: -20e9, end: 30e9 }, { begin: 0, end: 12e9 }, { begin: 4e9, end: 8e9 }]);
  });

  test('have streams and groups of their own, also where their ids are the same, and those of the page keep their names', () => {
    const { lanes } = new LaneLayout(family);
    const streams = lanes.filter(({ header }) => !header).map(({ stream }) => stream);
    expect(new Set(streams).size).toBe(6);
    expect(streams.slice(2, 4)).toEqual(['one', 'two']);
    expect(streams.map((stream) => family.ofStream(stream)?.process)).toEqual(['p', 'p', 'g', 'g', 'c', 'c']);
    expect(streams.map(streamInProcess)).toEqual(['one', 'two', 'one', 'two', 'one', 'two']);
    expect(family.ofStream('one@gone')).toBeUndefined();
    expect(['async', 'async@p', 'one@p'].map(isAsync)).toEqual([true, true, false]);
    for (const number of [0, 1, 15]) {
      expect([numberOfGroup(groupOnAxis(number, 7)), groupInProcess(groupOnAxis(number, 7))]).toEqual([number, 7]);
      expect(numberOfGroup(asyncGroup(number))).toBe(number);
    }
  });

  test('of the same program are told apart by the ends of their ids', () => {
    const alike = new Processes([own, { ...child, program: 'game' }, parent], false);
    expect(alike.members.map(({ name }) => name)).toEqual(['launcher', 'game …g', 'game …c']);
    expect(Processes.of(own.manifest).main.name).toBe('g');
  });

  test('fold with their row, which stays, and unfold as they were', () => {
    const layout = new LaneLayout(family);
    const header = layout.lanes[3]!;
    const folded = layout.toggled('one').toggled(header.stream);
    expect(folded.lanes.map(({ name, header: is }) => (is ? `# ${name}` : name))).toEqual(['# launcher', 'main', 'worker', '# game', '# compile', 'main', 'worker']);
    expect(folded.lanes[3]).toMatchObject({ collapsed: true, rows: 1 });
    expect(folded.of(family).toggled(header.stream).ofStream('one')?.collapsed).toBe(true);
    expect(folded.extentOf(family.main)).toEqual([0, 0]);
    expect(layout.extentOf(family.main)).toEqual([header.top + ROW_HEIGHT + 7, layout.lanes[6]!.top - 7]);
  });
});

describe('tiles of processes on one axis', () => {
  const numbers = (window: Window): number[] => [...new Set(neededTiles(window).map(({ group }) => numberOfGroup(group)))].sort();

  test('are not wanted of a process that has nothing in the view, nor of one that is folded', () => {
    expect(numbers(windowOf(family, -20, 30))).toEqual([0, 1, 2]);
    expect(numbers(windowOf(family, 13, 20))).toEqual([1]);
    expect(numbers(windowOf(family, 9, 11))).toEqual([0, 1]);
    const layout = new LaneLayout(family);
    expect(numbers(windowOf(family, -20, 30, layout.toggled(layout.lanes[0]!.stream)))).toEqual([0, 2]);
    // One by itself keeps its overview, wherever the reader is.
    expect(numbers(windowOf(Processes.of(own.manifest), 13, 20))).toEqual([0]);
  });

  test('are those of the time that each was there, at a level that it has', () => {
    const keys = neededTiles(windowOf(family, -20, 30)).filter(({ group }) => numberOfGroup(group) === 2);
    expect(new Set(keys.map(({ level }) => level))).toEqual(new Set([3]));
    for (const { index } of keys) {
      expect(index).toBeGreaterThanOrEqual(tileIndex(3, at(4)));
      expect(index).toBeLessThanOrEqual(tileIndex(3, at(8)));
    }
    expect(keys.length).toBeGreaterThanOrEqual(Math.floor(4e9 / tileNs(3)));
  });
});

class Asked implements TileSource {
  readonly requests: TileRequest[][] = [];

  constructor(readonly answer: number) {}

  fetch(requests: readonly TileRequest[]): Promise<Uint8Array>[] {
    this.requests.push([...requests]);
    return requests.map(async () => Uint8Array.of(this.answer));
  }
}

const hitAt = (stream: string, seconds: number): SpanHit => ({ stream, span: 1n, name: 'Frame', beginNs: at(seconds), durationNs: 5n, depth: 0 });

function lookupOf(hits: readonly SpanHit[], stepNs: number): SpanLookup & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    find: async () => ({ hits, total: hits.length + 1 }),
    density: async (_, range) => ({ range, stepNs, bins: [[2, 3], [5, 1]] }),
    links: async (stream) => ({ links: [{ direction: 1, kind: 'flow', name: 'f', fromNs: at(1), atNs: at(2), stream, span: hitAt(stream, 2) }], leftOut: 0 }),
    describe: async (stream) => (asked.push(stream), null),
  };
}

function onAxis(process: string, manifest: Manifest, source: TileSource, lookup: SpanLookup): ProcessOnAxis {
  return { program: process, manifest, source, lookup, asyncSpans: null, statistics: { read: async () => ({ spans: 0, names: [], namesLeftOut: 0 }) }, logsLink: () => `/logs of ${process}` };
}

describe('what is asked of processes on one axis', () => {
  const { signal } = new AbortController();
  const sources = [new Asked(10), new Asked(20)] as const;
  const lookups = [lookupOf([hitAt('one', 1), hitAt('one', 5)], 10), lookupOf([hitAt('one', 3)], 20)] as const;
  const axis = new SharedAxis(onAxis('game', own.manifest, sources[0], lookups[0]), false);
  axis.accompany({ program: 'game', further: [onAxis('launcher', parent.manifest, sources[1], lookups[1]), onAxis('game', own.manifest, sources[1], lookups[1])], missing: new Map() });

  test('goes to each with its own groups, in one call, and comes back in order', async () => {
    const request = (group: number, index: number): TileRequest => ({ group, level: 2, index, signal });
    const answers = await Promise.all(axis.tiles.fetch([request(groupOnAxis(1, 3), 7), request(0, 8), request(groupOnAxis(1, 4), 9), request(groupOnAxis(9, 0), 1)]));
    expect(answers.map((bytes) => bytes && bytes[0])).toEqual([20, 10, 20, null]);
    expect(sources[1].requests.map((call) => call.map(({ group, index }) => [group, index]))).toEqual([[[3, 7], [4, 9]]]);
  });

  test('hits come in order of time, with their streams on the axis, and all are counted', async () => {
    const { hits, total } = await axis.spans.find('Frame', at(0), signal);
    expect(hits.map(({ stream, beginNs }) => [stream, Number((beginNs - ORIGIN) / SECOND)])).toEqual([['one', 1], ['one@p', 3], ['one', 5]]);
    expect(total).toBe(5);
    expect(await axis.spans.density('Frame', { beginNs: at(0), endNs: at(1) }, signal)).toMatchObject({ stepNs: 20, bins: [[1, 3], [2, 4], [5, 1]] });
  });

  test('details and links are asked of the process of the stream, by its own name for it', async () => {
    await axis.spans.describe('one@p', 1n, signal);
    expect([lookups[0].asked, lookups[1].asked]).toEqual([[], ['one']]);
    const { links } = await axis.spans.links('one@p', 1n, signal);
    expect(links.map(({ stream, span }) => [stream, span?.stream])).toEqual([['one@p', 'one@p']]);
    expect(await axis.spans.links('one@gone', 1n, signal)).toEqual({ links: [], leftOut: 0 });
  });

  test('statistics and logs are those of one process each, and its own is not there twice', () => {
    expect(axis.statistics.map(({ process, name }) => [process, name])).toEqual([['g', 'game'], ['p', 'launcher']]);
    expect(axis.processes.members.map((member) => axis.logsLink({ beginNs: 0n, endNs: 1n }, member))).toEqual(['/logs of launcher', '/logs of game']);
  });

  test('a process that comes back has the number that it had, and no more than are allowed are shown', () => {
    const other = new SharedAxis(onAxis('game', own.manifest, sources[0], lookups[0]), false);
    const accompany = (further: readonly ProcessOnAxis[]): void => other.accompany({ program: 'game', further, missing: new Map() });
    const further = (count: number): ProcessOnAxis[] => Array.from({ length: count }, (_, i) => onAxis('worker', manifestOf(`w${i}`, i, i + 1), sources[1], lookups[1]));
    accompany(further(3));
    accompany(further(3).slice(2));
    expect(other.processes.members.map(({ number }) => number)).toEqual([0, 3]);
    accompany(further(40));
    expect(other.processes.members.length).toBe(MOST_PROCESSES);
    expect(other.processes.ofNumber(3)?.process).toBe('w2');
  });
});

describe('following', () => {
  test('goes on while the end is in sight, stops when the reader leaves it, and tells of both', () => {
    const said: string[] = [];
    const shown: [boolean, boolean][] = [];
    const following = new Following((id) => id, (text) => said.push(text), (live, on) => shown.push([live, on]));
    following.look(true);
    expect([following.on, said]).toEqual([false, []]);
    following.live = true;
    expect(following.on).toBe(true);
    following.look(false);
    following.look(false);
    following.look(true);
    expect(said).toEqual(['follow-off', 'follow-on']);
    following.hold(true);
    expect([following.on, following.keeps]).toEqual([false, 'view']);
    following.look(false);
    following.look(true);
    expect([following.on, following.keeps]).toEqual([true, 'end']);
    following.live = false;
    expect(said).toEqual(['follow-off', 'follow-on', 'follow-off', 'follow-on', 'follow-ended']);
    expect(shown).toEqual([[false, false], [true, true], [true, false], [true, true], [true, false], [true, true], [false, false]]);
  });

  test('what is held stays when more comes, and another process moves only those who see all', () => {
    const rebound = (view: { begin: number; end: number }, keeps: 'end' | 'all' | 'view'): { begin: number; end: number } => {
      const viewport = new Viewport({ begin: 0, end: 1e9 }, view, () => {}, () => {});
      viewport.resize(100);
      viewport.rebound({ begin: -1e9, end: 3e9 }, keeps);
      return viewport.view;
    };
    const all = { begin: -1e7, end: 1.01e9 };
    const end = { begin: 0.8e9, end: 1.01e9 };
    expect(rebound(all, 'view')).toEqual(all);
    expect(rebound(all, 'all').end).toBeGreaterThan(3e9);
    expect(rebound(end, 'all')).toEqual(end);
    expect(rebound(end, 'view')).toEqual(end);
    expect(rebound(end, 'end').end).toBeGreaterThan(3e9);
  });
});

test('blocks that were not read are grey, whatever colours tell; a span without a name is not', () => {
  const tile = decodeTile(encodeTile(0, 0n, [rectangle({ id: 0n, name: '', busy: 255 }), rectangle({ id: 5n, name: '', busy: 255 }), rectangle({ id: 0n, name: 'Frame', busy: 255 })]));
  for (const by of ['name', 'duration', 'depth'] as const) expect(stylesOf(tile, by)[0]).toBe(styleOf(UNREAD_COLOR, 255));
  expect([...stylesOf(tile, 'name')].slice(1)).toEqual(['', 'Frame'].map((name) => styleOf(colorOfName(hashOf(name)), 255)));
});

test('a link names the processes beside the one that it is of', () => {
  const address = linkTo(processRoute('timeline', 'g', { with: ['p', 'c'], selection: { stream: 'one@p', span: 5n } }));
  expect(address).toContain('with=p,c');
  const [path, query] = address.split('?');
  expect(parseRoute(path!, `?${query}`)).toMatchObject({ with: ['p', 'c'], selection: { stream: 'one@p', span: 5n } });
  expect(parseRoute('/process/g/timeline', '?with=,')).toMatchObject({ with: [] });
});
