import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Bench, Visit, chromiumPath } from '../support/browser';
import { PROCESS } from '../support/fakeHost';
import { fakeStatistics } from '../support/fakeStatistics';
import { BEGIN_NS, HOSTILE } from '../support/synthetic';

const SECOND = 1_000_000_000n;

describe.skipIf(!chromiumPath)('statistics of a range', () => {
  let bench: Bench;
  let visit: Visit;
  beforeAll(async () => {
    bench = await Bench.start();
  });
  afterAll(() => bench.stop());
  afterEach(async () => {
    bench.host.failing = null;
    await visit.close();
  });

  const open = async (beginNs: bigint, endNs: bigint): Promise<void> => {
    visit = await bench.open(`/process/${PROCESS}/timeline?range=${beginNs}~${endNs}`);
    await visit.sharp();
    await visit.page.getByRole('button', { name: 'Statistics' }).click();
  };

  async function picture(name: string): Promise<void> {
    const folder = process.env['LEGION_PICTURES'];
    if (folder) await visit.page.screenshot({ path: `${folder}/${name}.png` });
  }

  test('count the spans of each name, and show how long they took', async () => {
    await open(BEGIN_NS + SECOND, BEGIN_NS + 4n * SECOND);
    const statistics = visit.page.locator('.statistics[data-settled=true]');
    await statistics.waitFor();
    const expected = fakeStatistics(bench.host.streams, new URLSearchParams({ from_ns: String(BEGIN_NS + SECOND), to_ns: String(BEGIN_NS + 4n * SECOND) }));
    const names = expected['names'] as { name: string; count: number; p99_ns: number; buckets: unknown[] }[];
    await statistics.getByText(`${(expected['spans'] as number).toLocaleString('en')} spans end in this range`).waitFor();
    const rows = statistics.locator('tbody tr');
    expect(await rows.count()).toBe(names.length);
    expect(await rows.locator('.row-button').allInnerTexts()).toEqual(names.map(({ name }) => name));
    expect(await statistics.locator('.bar-fill').count()).toBe(names[0]!.buckets.length);
    await picture('statistics');

    // Another order, and another name: the chart looks for it.
    await statistics.getByRole('button', { name: 'p99', exact: true }).click();
    const slowest = [...names].sort((a, b) => b.p99_ns - a.p99_ns)[0]!;
    expect(await rows.first().locator('.row-button').innerText()).toBe(slowest.name);
    // Who goes by keys stays where they are.
    await statistics.getByRole('button', { name: 'p90', exact: true }).focus();
    await visit.page.keyboard.press('Space');
    await statistics.locator('.sort[aria-pressed=true]').getByText('p90').waitFor();
    expect(await statistics.locator('.sort:focus').innerText()).toBe('p90');
    await statistics.getByRole('button', { name: HOSTILE.name, exact: true }).click();
    await visit.address((url) => url.searchParams.get('q') === HOSTILE.name);
    expect(await statistics.locator('.histogram-title').innerText()).toBe(HOSTILE.name);
    expect(await visit.page.evaluate('window.hostile')).toBeUndefined();
    expect(visit.complaints.filter((text) => !text.includes('favicon'))).toEqual([]);
  });

  test('follow the range that is selected, once it stands still', async () => {
    await open(BEGIN_NS + SECOND, BEGIN_NS + 2n * SECOND);
    await visit.page.locator('.statistics[data-settled=true]').waitFor();
    const asked = (): number => bench.host.requests.filter((each) => each.includes('/statistics?')).length;
    const before = asked();
    const lanes = (await visit.page.locator('.stage').boundingBox())!;
    await visit.page.mouse.move(lanes.x + 400, lanes.y + 120);
    await visit.page.mouse.down();
    for (let x = 420; x <= 700; x += 20) await visit.page.mouse.move(lanes.x + x, lanes.y + 120);
    await visit.page.mouse.up();
    await visit.page.locator('.statistics[data-settled=true]').waitFor();
    expect(await visit.page.locator('.statistics tbody tr').count()).toBeGreaterThan(0);
    expect(asked()).toBeLessThanOrEqual(before + 2);
    expect(asked()).toBeGreaterThan(before);
    // Nothing of one range is shown as that of another.
    bench.host.failing = /\/statistics$/;
    await visit.page.mouse.move(lanes.x + 500, lanes.y + 120);
    await visit.page.mouse.down();
    await visit.page.mouse.move(lanes.x + 800, lanes.y + 120, { steps: 3 });
    await visit.page.mouse.up();
    await visit.page.getByText(/Spans could not be counted/).waitFor();
    expect(await visit.page.locator('.statistics .twin').isVisible()).toBe(false);
    // What is closed stays closed, and a selected span takes the place of a range.
    await visit.page.getByRole('button', { name: 'Close' }).click();
    await visit.page.locator('.statistics').waitFor({ state: 'detached' });
    await visit.page.locator('.panel').getByText('Selected range').waitFor();
  });

  test('say where there are none, and where they do not come', async () => {
    await open(BEGIN_NS - 2n * SECOND, BEGIN_NS - SECOND);
    await visit.page.getByText('No span ends in this range.').waitFor();
    await visit.close();
    bench.host.failing = /\/statistics$/;
    await open(BEGIN_NS + SECOND, BEGIN_NS + 2n * SECOND);
    await visit.page.getByText(/Spans could not be counted: .*HTTP 500/).waitFor();
  });
});
