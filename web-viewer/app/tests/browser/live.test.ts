import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Bench, chromiumPath, type Visit } from '../support/browser';
import { LIVE_PROCESS, LIVE_ROWS } from '../support/fakeHost';
import { BEGIN_NS } from '../support/synthetic';

const line = (message: string): { time_ns: string; level: string; thread: string; target: string; message: string } =>
  ({ time_ns: String(BEGIN_NS + 1_000_000_000_000n), level: 'info', thread: 'main', target: 'Harbour', message });

describe.skipIf(!chromiumPath)('logs of a live process', () => {
  let bench: Bench;
  let visit: Visit;
  beforeAll(async () => {
    bench = await Bench.start();
  });
  afterAll(() => bench.stop());
  afterEach(() => visit.close());

  test('come while somebody looks at their end, and wait while somebody reads above', async () => {
    visit = await bench.open(`/process/${LIVE_PROCESS}/logs`);
    const [list, status] = [visit.page.locator('.log-list'), visit.page.locator('.logs .toolbar [role=status]')];
    await expect.poll(() => status.textContent()).toContain(`${LIVE_ROWS} lines`);
    await list.evaluate((element) => (element.scrollTop = element.scrollHeight));
    bench.host.newRows.push(line('the first that came'));
    bench.host.version++;
    await list.getByText('the first that came').waitFor();
    expect(await list.evaluate((element) => element.scrollTop + element.clientHeight >= element.scrollHeight - 1)).toBe(true);

    await list.evaluate((element) => (element.scrollTop = 0));
    bench.host.newRows.push(line('the second that came'));
    bench.host.version++;
    const more = visit.page.getByRole('button', { name: 'Show what has come' });
    await more.waitFor();
    expect(await list.evaluate((element) => element.scrollTop)).toBe(0);
    expect(await status.textContent()).toContain(`${LIVE_ROWS + 1} lines`);
    await more.click();
    await list.getByText('the second that came').waitFor();
    await more.waitFor({ state: 'detached' });
    expect(await status.textContent()).toContain(`${LIVE_ROWS + 2} lines`);
    expect(visit.complaints).toEqual([]);
  });
});

describe.skipIf(!chromiumPath)('metrics of a live process', () => {
  let bench: Bench;
  let visit: Visit;
  beforeAll(async () => {
    bench = await Bench.start();
  });
  afterAll(() => bench.stop());
  afterEach(() => visit.close());

  const at = (seconds: number): bigint => BEGIN_NS + BigInt(seconds) * 1_000_000_000n;
  /** Where the view ends, in seconds after the begin of all. */
  const endOf = (url: URL): number => Number(BigInt(url.searchParams.get('to')!) - BEGIN_NS) / 1e9;

  async function open(query: string): Promise<void> {
    visit = await bench.open(`/process/${LIVE_PROCESS}/metrics${query}`);
    await visit.page.waitForSelector('.metrics[data-settled=true]');
    await visit.address('to=');
  }

  test('are all shown as long as all are shown', async () => {
    await open('');
    const before = endOf(new URL(visit.page.url()));
    bench.host.version++;
    const after = endOf(await visit.address((url) => endOf(url) > before + 5));
    expect(after - before).toBeCloseTo(10, 0);
    expect(visit.complaints).toEqual([]);
  });

  test('go along where their end is in sight, and stay where it is not', async () => {
    const end = 990 + 10 * bench.host.version;
    await open(`?from=${at(end - 20)}&to=${at(end)}`);
    bench.host.version++;
    const moved = await visit.address((url) => endOf(url) > end + 5);
    expect(endOf(moved) - Number(BigInt(moved.searchParams.get('from')!) - BEGIN_NS) / 1e9).toBeCloseTo(20, 3);

    await visit.close();
    await open(`?from=${at(910)}&to=${at(920)}`);
    const asked = (): number => bench.host.requests.filter((each) => each.includes(`${LIVE_PROCESS}/series`) && !each.includes('buckets')).length;
    const before = asked();
    const address = visit.page.url();
    bench.host.version++;
    await expect.poll(asked).toBeGreaterThan(before);
    await visit.page.waitForSelector('.metrics[data-settled=true]');
    expect(visit.page.url()).toBe(address);
    // All of it is more than it was.
    await visit.page.keyboard.press('0');
    await visit.address((url) => endOf(url) > end + 15);
  });
});
