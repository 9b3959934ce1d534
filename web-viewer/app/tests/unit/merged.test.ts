import { describe, expect, test } from 'vitest';
import { SavedMerged } from '../../src/cells/mergedSources';
import { MergedLayout } from '../../src/flame/mergedLayout';
import { leftOutOf, parseMerged, pathOf } from '../../src/flame/mergedSpans';
import { modeAfter, modeOf } from '../../src/flame/mode';
import { linkTo, parseRoute } from '../../src/pages/route';
import { fakeMerged } from '../support/fakeMerged';
import { BEGIN_NS, DURATION_NS, syntheticStreams } from '../support/synthetic';

const TITLES = { callers: 'Callers', callees: 'Calls' };

/** `main` calls `a` and `b`, which calls `a`; three more paths are left out below `b`, and one beside `main`. */
const TREE = {
  title: 'main', stream_id: 's', total_ns: 110, left_out: 1, left_out_ns: 10,
  frames: [[-1, 0, 1, 100, 20, 0, 0], [0, 2, 2, 50, 10, 3, 25], [1, 1, 4, 15, 15, 0, 0], [0, 1, 1, 30, 30, 0, 0]],
};
const ANSWER = { from_ns: '5', to_ns: '9', spans: 12, paths: 8, middle: null, trees: [TREE], functions: [[0, 1, 100, 20]], functions_left_out: 2, names: ['main', 'a', 'b'] };

describe('merged spans', () => {
  test('lie beside their siblings and below their parents, and what is left out behind them', () => {
    const spans = parseMerged(ANSWER);
    const [tree] = spans.trees;
    expect(tree!.frames.map((frame) => [pathOf(frame).join('/'), frame.depth, frame.begin, frame.totalNs])).toEqual([['main', 0, 0, 100], ['main/b', 1, 0, 50], ['main/b/a', 2, 0, 15], ['main/a', 1, 50, 30]]);
    expect(leftOutOf(spans)).toBe(4);
    const layout = new MergedLayout(spans, TITLES);
    expect(layout.wholeNs).toBe(110);
    expect(layout.boxes.filter((box) => box.leftOut > 0).map((box) => [box.leftOut, box.top, box.begin, box.end])).toEqual([[3, 36, 15, 40], [1, 0, 100, 110]]);
    expect(layout.at(20, 60)!.frame!.name).toBe('a');
    expect(layout.at(20, 85)).toBeNull();
    expect(layout.at(-1, 60)).toBeNull();
    expect(layout.beside(layout.at(20, 10)!, 1)!.frame!.name).toBe('a');
    expect(layout.beside(layout.at(20, 60)!, 1)).toBeNull();
  });

  test('that call a function grow upwards from it', () => {
    const callers = { title: 'callers', stream_id: null, total_ns: 90, left_out: 0, left_out_ns: 0, frames: [[-1, 1, 2, 90, 30, 0, 0], [0, 0, 1, 60, 60, 0, 0]] };
    const callees = { title: 'callees', stream_id: null, total_ns: 40, left_out: 0, left_out_ns: 0, frames: [[-1, 0, 1, 40, 40, 0, 0]] };
    const layout = new MergedLayout(parseMerged({ ...ANSWER, middle: [2, 3, 100, 60], trees: [callers, callees] }), TITLES);
    expect(layout.bands.map((band) => [band.title, band.rows])).toEqual([['Callers', 2], ['', 1], ['Calls', 1]]);
    expect(layout.boxes.map((box) => [(box.frame ?? box.middle)!.name, box.top, box.end])).toEqual([['a', 18, 90], ['main', 0, 60], ['b', 43, 100], ['main', 68, 40]]);
    expect(layout.wholeNs).toBe(100);
  });

  test.each([
    [{ ...ANSWER, names: ['main'] }, 'expected a name below 1, saw 2'],
    [{ ...ANSWER, trees: [{ ...TREE, frames: [[3, 0, 1, 1, 1, 0, 0]] }] }, 'expected a parent before frame 0, saw 3'],
    [{ ...ANSWER, trees: [{ ...TREE, frames: [[-1, 0]] }] }, 'expected 7 numbers of merged spans, saw [-1,0]'],
    [{ ...ANSWER, spans: '12' }, 'expected a number as spans of merged spans, saw "12"'],
    [{ ...ANSWER, from_ns: null }, 'expected from_ns and to_ns of merged spans'],
    [null, 'expected an object of merged spans, saw null'],
  ])('that are none are an error that says so', (json, problem) => {
    expect(() => parseMerged(json)).toThrow(problem);
  });

  test('never take more room than the frame around them', () => {
    for (const mode of ['left-heavy', 'sandwich']) {
      const query = new URLSearchParams({ from_ns: String(BEGIN_NS), to_ns: String(BEGIN_NS + BigInt(DURATION_NS)), mode });
      const layout = new MergedLayout(parseMerged(JSON.parse(JSON.stringify(fakeMerged(syntheticStreams(), query)))), TITLES);
      const wider = layout.boxes.filter(({ frame, begin, end }) => frame?.parent && (begin < frame.parent.begin || end > frame.parent.begin + frame.parent.totalNs + 1e-3));
      expect(wider).toEqual([]);
      const missed = layout.boxes.slice(0, 500).filter((box) => box.end > box.begin && layout.at(box.top + 1, (box.begin + box.end) / 2) !== box);
      expect(missed).toEqual([]);
    }
  }, 30_000);

  test('of a report are those that it carries', async () => {
    const saved = SavedMerged.of({ left_heavy: ANSWER, sandwiches: [{ ...ANSWER, middle: [2, 1, 2, 3], functions: [], functions_left_out: 0 }] })!;
    const range = { beginNs: 0n, endNs: 1n };
    expect((await saved.read({ mode: 'left-heavy', range, fn: null }))!.trees).toHaveLength(1);
    for (const fn of [null, 'b']) expect(await saved.read({ mode: 'sandwich', range, fn })).toMatchObject({ middle: { name: 'b' }, functions: [{ name: 'main' }], functionsLeftOut: 2 });
    // Of others it is known how much they are, and not who calls them.
    expect(await saved.read({ mode: 'sandwich', range, fn: 'main' })).toMatchObject({ middle: { name: 'main', totalNs: 100 }, trees: [] });
    expect(SavedMerged.of(undefined)).toBeNull();
  });
});

test('modes follow each other, and what is none is none', () => {
  expect([modeAfter('timeline'), modeAfter('left-heavy'), modeAfter('sandwich')]).toEqual(['left-heavy', 'sandwich', 'timeline']);
  expect(['sandwich', 'Sandwich', null, 3].map(modeOf)).toEqual(['sandwich', null, null, null]);
});

test('a link has the mode and the function in the middle', () => {
  const link = '/process/p/timeline?mode=sandwich&function=%3Cimg+src%3Dx%3E';
  const route = parseRoute('/process/p/timeline', link.split('?')[1]!);
  expect(route).toMatchObject({ mode: 'sandwich', fn: '<img src=x>' });
  expect(linkTo(route)).toBe(link);
  expect(parseRoute('/process/p/timeline', 'mode=icicle')).toMatchObject({ mode: 'timeline', fn: null });
});
