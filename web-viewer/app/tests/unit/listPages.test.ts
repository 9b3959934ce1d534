import { describe, expect, test } from 'vitest';
import { PAGE_ROWS, Pages, type Page } from '../../src/cells/pages';

const TOTAL = 50_000;
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

class Source {
  readonly asked: number[] = [];
  readonly withdrawn: number[] = [];
  changes = 0;
  problem: Error | null = null;
  held = false;
  total = TOTAL;
  grows = false;
  readonly pages: Pages<number>;

  constructor(most = PAGE_ROWS) {
    this.pages = new Pages<number>((from, count, signal) => this.#answer(from, count, signal), () => void this.changes++, most);
  }

  async #answer(from: number, count: number, signal: AbortSignal): Promise<Page<number>> {
    this.asked.push(from);
    signal.addEventListener('abort', () => this.withdrawn.push(from));
    if (this.problem) throw this.problem;
    if (this.held) await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    return { rows: Array.from({ length: Math.min(count, this.total - from) }, (_, i) => from + i), total: this.total, grows: this.grows };
  }
}

describe('the pages of a list', () => {
  test('are asked for once, and only where somebody looks', async () => {
    const source = new Source();
    source.pages.want(0, 30);
    expect([source.pages.total, source.pages.at(0)]).toEqual([null, undefined]);
    await settle();
    expect([source.pages.total, source.pages.at(29), source.changes]).toEqual([TOTAL, 29, 1]);
    source.pages.want(0, 30);
    source.pages.want(190, 210);
    source.pages.want(190, 210);
    await settle();
    expect(source.asked).toEqual([0, PAGE_ROWS]);
    expect([source.pages.at(205), source.pages.at(405)]).toEqual([205, undefined]);
  });

  test('that are looked at together come by one request, up to what one may ask for', async () => {
    const source = new Source(3 * PAGE_ROWS);
    source.pages.want(190, 210);
    await settle();
    expect([source.asked, source.changes, source.pages.at(199), source.pages.at(200)]).toEqual([[0], 1, 199, 200]);
    source.pages.want(0, 5 * PAGE_ROWS);
    await settle();
    expect([source.asked, source.pages.at(999)]).toEqual([[0, 2 * PAGE_ROWS], 999]);
    source.held = true;
    source.pages.want(10_190, 10_210);
    source.pages.want(10_210, 10_230);
    expect(source.withdrawn).toEqual([]);
    source.pages.want(20_000, 20_001);
    expect(source.withdrawn).toEqual([10_000]);
  });

  test('stay as they are where the list goes on behind them', async () => {
    const source = new Source();
    [source.total, source.grows] = [50, true];
    source.pages.want(0, 30);
    await settle();
    expect([source.pages.at(49), source.pages.at(50)]).toEqual([49, undefined]);
    source.total = 1000;
    source.pages.grow(1000, true);
    expect(source.pages.at(49)).toBe(49);
    source.pages.want(0, 60);
    expect(source.pages.at(49)).toBe(49);
    await settle();
    expect([source.asked, source.pages.total, source.pages.at(59)]).toEqual([[0, 0], 1000, 59]);
    source.pages.grow(10, false);
    expect([source.pages.total, source.pages.at(5)]).toEqual([10, undefined]);
  });

  test('that nobody looks at any more are taken back', async () => {
    const source = new Source();
    source.held = true;
    source.pages.want(0, 30);
    source.pages.want(10_000, 10_030);
    expect([source.asked, source.withdrawn]).toEqual([[0, 10_000], [0]]);
    source.pages.dispose();
    await settle();
    expect([source.withdrawn, source.pages.problem]).toEqual([[0, 10_000], null]);
  });

  test('that fail are not asked for again until somebody comes back to them', async () => {
    const source = new Source();
    source.problem = new Error('the lake is gone');
    source.pages.want(0, 30);
    await settle();
    source.pages.want(0, 30);
    await settle();
    expect([source.asked, source.pages.problem]).toEqual([[0], 'the lake is gone']);
    source.problem = null;
    source.pages.want(1000, 1030);
    source.pages.want(0, 30);
    await settle();
    expect([source.asked, source.pages.problem, source.pages.at(0)]).toEqual([[0, 1000, 0], null, 0]);
  });

  test('that were looked at longest ago are forgotten', async () => {
    const source = new Source();
    for (let page = 0; page < 70; page++) {
      source.pages.want(page * PAGE_ROWS, page * PAGE_ROWS + 1);
      await settle();
      source.pages.want(0, 1);
    }
    expect([source.pages.at(0), source.pages.at(PAGE_ROWS), source.pages.at(69 * PAGE_ROWS)]).toEqual([0, undefined, 69 * PAGE_ROWS]);
  });
});
