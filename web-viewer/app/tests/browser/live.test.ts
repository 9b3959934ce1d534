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
