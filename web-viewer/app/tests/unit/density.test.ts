import { describe, expect, test } from 'vitest';
import { densityBars } from '../../src/flame/overview';
import { Search } from '../../src/flame/search';
import type { HitDensity, SpanHits, SpanLinks, SpanLookup } from '../../src/flame/lookup';

const RANGE = { beginNs: 1000n, endNs: 2000n };

describe('where hits are', () => {
  test('is drawn over the whole strip, in shares of the most, and never narrower than a pixel', () => {
    const bars = densityBars({ range: RANGE, stepNs: 100, bins: [[0, 1], [3, 4], [9, 2]] }, 900n, { begin: 100, end: 1100 }, 500);
    expect(bars).toEqual([{ x0: 0, x1: 50, share: 0.25 }, { x0: 150, x1: 200, share: 1 }, { x0: 450, x1: 500, share: 0.5 }]);
    const narrow = densityBars({ range: RANGE, stepNs: 1, bins: [[0, 1], [1, 3], [999, 3]] }, 900n, { begin: 100, end: 1100 }, 10);
    expect(narrow.map(({ x0, x1 }) => x1 - x0)).toEqual([1, 1, 1]);
    expect(narrow[2]!.x0).toBe(10);
    expect(densityBars({ range: RANGE, stepNs: 1, bins: [] }, 0n, { begin: 0, end: 1 }, 10)).toEqual([]);
  });

  class Answers implements SpanLookup {
    readonly asked: string[] = [];
    readonly answers = new Map<string, (density: HitDensity) => void>();
    find = (): Promise<SpanHits> => Promise.resolve({ hits: [], total: 0 });
    links = (): Promise<SpanLinks> => Promise.resolve({ links: [], leftOut: 0 });
    describe = (): Promise<null> => Promise.resolve(null);
    density(text: string): Promise<HitDensity> {
      this.asked.push(text);
      return new Promise((resolve) => this.answers.set(text, resolve));
    }
  }
  const density = (count: number): HitDensity => ({ range: RANGE, stepNs: 1, bins: [[0, count]] });
  const rest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

  test('is that of what is searched for now, whatever answer comes last', async () => {
    const answers = new Answers();
    const search = new Search(answers, () => undefined);
    void search.start('first', 0n, RANGE);
    void search.start('second', 0n, RANGE);
    answers.answers.get('second')!(density(2));
    answers.answers.get('first')!(density(1));
    await rest();
    expect([answers.asked, search.density]).toEqual([['first', 'second'], density(2)]);
    void search.start('', 0n, RANGE);
    expect(search.density).toBeNull();
  });
});
