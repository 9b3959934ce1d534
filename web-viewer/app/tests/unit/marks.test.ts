import { describe, expect, test } from 'vitest';
import { TextFitter } from '../../src/flame/labels';
import { markBeyond, markName, marksOf, markText, nearestMark, snapped, withMark, type Mark } from '../../src/flame/marks';
import { stripOf } from '../../src/flame/markStrip';

const mark = (at: number, label = ''): Mark => ({ atNs: BigInt(at), label });
const marks = [mark(10), mark(20, 'twenty'), mark(40)];

describe('marks', () => {
  test('are kept in order of time, each moment once', () => {
    const made = [40, 10, 20, 10].reduce<readonly Mark[]>((all, at) => withMark(all, mark(at)), []);
    expect(made.map(({ atNs }) => atNs)).toEqual([10n, 20n, 40n]);
    expect(withMark(Array.from({ length: 100 }, (_, i) => mark(i)), mark(1000)).length).toBe(100);
  });

  test('are called by their label, or by their number', () => expect(marks.map((each) => markName(marks, each))).toEqual(['1', 'twenty', '3']));

  test('are gone to in both directions, and from the last one to the first', () => {
    const to = (at: number, direction: 1 | -1): bigint | undefined => markBeyond(marks, BigInt(at), direction)?.atNs;
    expect([to(0, 1), to(10, 1), to(39, 1), to(40, 1)]).toEqual([10n, 20n, 40n, 10n]);
    expect([to(50, -1), to(40, -1), to(20, -1), to(10, -1)]).toEqual([40n, 20n, 10n, 40n]);
    expect(markBeyond([], 1n, 1)).toBeNull();
    expect([nearestMark(marks, 31n), nearestMark(marks, 29n), nearestMark([], 0n)]).toEqual([marks[2], marks[1], null]);
  });

  test('are set at an edge within reach, and otherwise where the cursor is', () =>
    expect([snapped(103, [100, 110], 5), snapped(107, [100, 110], 5), snapped(95, [100], 5), snapped(94, [100], 5), snapped(94, [], 5)]).toEqual([100, 110, 100, 94, 94]));

  test('come back from a link; what is none is left out', () => {
    const labelled = [mark(-5, 'a:b'), ...marks, mark(50, '<i>&"\n')];
    expect(marksOf(labelled.map(markText))).toEqual(labelled);
    expect(marksOf(['', 'x', '1.5', ':a', '99999999999999999999', '7'])).toEqual([mark(7)]);
    expect(marksOf([`1:${'x'.repeat(500)}`])[0]!.label.length).toBe(80);
  });
});

describe('the strip of marks', () => {
  // Each letter is ten pixels wide.
  const fitter = new TextFitter((text) => text.length * 10);
  const strip = (begin: number, end: number) => stripOf({ marks: [mark(100, 'first'), mark(300, 'second')], view: { begin, end }, originNs: 0n }, 1000, fitter);

  test('has labels and the distance between neighbours', () => {
    const { flags, gaps } = strip(0, 500);
    expect(flags.map(({ x, label }) => [x, label])).toEqual([[200, 'first'], [600, 'second']]);
    // "200 ns" behind the first label, before the second mark.
    expect(gaps).toEqual([{ from: 258, to: 600, text: '200 ns' }]);
  });

  test('says how far apart they are while both are out of sight', () => {
    const { flags, gaps } = strip(150, 250);
    expect(flags).toEqual([]);
    expect(gaps).toEqual([{ from: 0, to: 1000, text: '200 ns' }]);
  });

  test('leaves out what does not fit, and never says another distance', () => {
    for (let end = 500; end < 200_000; end = Math.round(end * 1.3)) {
      const { flags, gaps } = strip(0, end);
      expect(flags.length).toBe(2);
      for (const { from, to, text } of gaps) {
        expect(text).toBe('200 ns');
        expect(to - from).toBeGreaterThanOrEqual(60);
        expect(to).toBeLessThanOrEqual(flags[1]!.x);
      }
      const [first, second] = flags;
      expect(first!.x + first!.labelWidth).toBeLessThanOrEqual(Math.max(second!.x, first!.x));
    }
    expect(strip(0, 200_000).gaps).toEqual([]);
  });
});
