import { describe, expect, test } from 'vitest';
import { LogBars } from '../../src/logs/bars';
import { ROW_PIXELS, ScrollScale } from '../../src/logs/scale';
import { highlight, wantedTexts } from '../../src/logs/search';

describe('a scroll bar', () => {
  test.each([0, 1, 19, 400, 399_999])('of %i rows is as long as they are', (rows) => {
    const scale = new ScrollScale(rows, 400);
    expect([scale.isShare, scale.height, scale.lastTop]).toEqual([false, rows * ROW_PIXELS, Math.max(0, rows - 20)]);
    expect(scale.topOf(scale.scrollOf(scale.lastTop))).toBe(scale.lastTop);
  });

  test.each([400_001, 1e6, 1e8, 1e9])('of %i rows reaches each of them', (rows) => {
    const scale = new ScrollScale(rows, 730);
    expect(scale.isShare).toBe(true);
    expect(scale.height).toBe(8_000_000);
    expect(scale.topOf(0)).toBe(0);
    expect(scale.topOf(scale.height - 730)).toBe(scale.lastTop);
    expect(scale.topOf((scale.height - 730) / 2)).toBeCloseTo(scale.lastTop / 2);
    let last = -1;
    for (let i = 0; i <= 1000; i++) {
      const top = (scale.lastTop * i) / 1000;
      expect(scale.topOf(scale.scrollOf(top))).toBeCloseTo(top, 3);
      expect(scale.scrollOf(top)).toBeGreaterThan(last);
      last = scale.scrollOf(top);
    }
  });

  test('goes no further than its ends', () => {
    const scale = new ScrollScale(1e8, 400);
    expect([scale.clamp(-3), scale.clamp(Infinity), scale.topOf(9e9)]).toEqual([0, 1e8 - 20, 1e8 - 20]);
  });
});

describe('a search', () => {
  test.each<[string, string[]]>([
    ['', []], ['a  b', ['a', 'b']], ['-a b', ['b']], ['"a b" -"c d" e', ['a b', 'e']], ['- a-b', ['-', 'a-b']], ['-"open end', []], ['x"y z"', ['x"y', 'z"']], ['""', []],
  ])('for %j wants its words', (search, wanted) => expect(wantedTexts(search)).toEqual(wanted));

  const marked = (text: string, ...wanted: string[]): string => highlight(text, wanted).map((s) => (s.hit ? `[${s.text}]` : s.text)).join('');

  test('highlights what it found', () => {
    expect(marked('Load LOAD done', 'load')).toBe('[Load] [LOAD] done');
    expect(marked('one two three', 'two', 'one')).toBe('[one] [two] three');
    expect(marked('abcabd', 'abc', 'bca')).toBe('[abc][a]bd');
    expect(marked('nothing')).toBe('nothing');
    expect(highlight('', ['x'])).toEqual([{ text: '', hit: false }]);
    expect(highlight('İx', ['x'])).toEqual([{ text: 'İx', hit: false }]);
  });
});

describe('bars of logs', () => {
  const bars = new LogBars({ read: 16, lines: 16, total: 16, known_to_ns: '0', steps: 0, levels: {}, from_ns: '1795375475123456789', step_ns: '10', bars: [{ step: 0, counts: { info: 2, error: 1 } }, { step: 3, counts: { warn: 4, unknown: 9 } }] });

  test('are as many as there are steps', () => {
    expect(bars.bars.length).toBe(4);
    expect([0, 1, 2, 3, 4].map((bar) => bars.count(bar, 0))).toEqual([3, 0, 0, 4, 0]);
    expect([bars.count(0, 3), bars.count(0, 5)]).toEqual([1, 0]);
  });

  test('go to the end of the time, whatever is counted of it', () => {
    const part = new LogBars({ read: 3, lines: 16, total: 3, known_to_ns: '120', steps: 10, levels: {}, from_ns: '100', step_ns: '10', bars: [{ step: 0, counts: { info: 3 } }] });
    expect([part.bars.length, part.known, part.count(0, 0), part.count(9, 0)]).toEqual([10, 2, 3, 0]);
    expect(bars.known).toBe(4);
  });

  test('tell their time', () => {
    expect(bars.range(3, 2)).toEqual({ beginNs: 1795375475123456809n, endNs: 1795375475123456828n });
    expect([bars.at(1795375475123456804n), bars.at(0n), bars.at(1n << 62n)]).toEqual([1.5, 0, 4]);
  });
});
