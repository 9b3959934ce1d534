import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Bench, chromiumPath, type Visit } from '../support/browser';
import { EMPTY_PROCESS, LIVE_PROCESS, PROCESS, fakeLink } from '../support/fakeHost';
import { BEGIN_NS, HOSTILE } from '../support/synthetic';

describe.skipIf(!chromiumPath)('the page of a process', () => {
  let bench: Bench;
  let visit: Visit;
  beforeAll(async () => {
    bench = await Bench.start();
  });
  afterAll(() => bench.stop());
  afterEach(() => visit.close());

  test('is where the list leads, and tells all of it in its own words', async () => {
    visit = await bench.open('/');
    await visit.page.getByRole('link', { name: 'Details of Harbour.exe' }).click();
    await visit.address((url) => url.pathname === `/process/${PROCESS}`);
    await visit.page.locator('.states').waitFor();
    const page = visit.page.locator('.process');
    for (const text of ['AMD Ryzen 9 7950X', '.NET 10.0.12', 'crash: access violation', HOSTILE.key, HOSTILE.value]) await page.getByText(text, { exact: true }).first().waitFor();
    expect(await page.locator('.states li').allTextContents()).toEqual(['47 events were dropped or never came.', '500 events were left out on purpose, or erased.', 'The clock is steady.']);
    expect(await visit.page.locator('.top .warn').textContent()).toBe('2 problems');
    const kinds = await page.locator('table').first().locator('tbody tr').allTextContents();
    expect(kinds[1]).toMatch(/dropped events, its memory was full\s*warning\s*1\s*45\s*1\.172 KB/);
    const streams = await page.locator('section[aria-labelledby=streams-title] tbody tr').count();
    expect(streams).toBe(bench.host.streams.length + 2);
    expect(await page.locator('section[aria-labelledby=files-title] tbody tr').allTextContents()).toEqual([expect.stringContaining('complete'), expect.stringContaining('incomplete')]);
    expect(await visit.page.evaluate('window.hostile')).toBeUndefined();
    expect(visit.complaints).toEqual([]);
  });

  test('leads to what went wrong, to streams, and to relatives', async () => {
    visit = await bench.open(`/process/${PROCESS}`);
    const problem = visit.page.locator('section[aria-labelledby=health-title] a').first();
    await problem.waitFor();
    const from = BEGIN_NS + 3_000_000_000n;
    expect(await problem.getAttribute('href')).toBe(`/process/${PROCESS}/timeline?from=${from - 10_000_000n}&to=${from + 510_000_000n}&range=${from}~${from + 500_000_000n}`);
    expect(await visit.page.locator('section[aria-labelledby=streams-title] a').last().getAttribute('href')).toBe(`/process/${PROCESS}/logs`);
    await visit.page.getByRole('link', { name: 'ShaderCompileWorker' }).click();
    await visit.address((url) => url.pathname === `/process/${EMPTY_PROCESS}`);
    await visit.page.getByText('This process has no streams.').waitFor();
    await visit.page.getByText('No event was dropped or is missing.').waitFor();
    await visit.page.getByRole('link', { name: 'Harbour.exe' }).click();
    await visit.address((url) => url.pathname === `/process/${PROCESS}`);
    await visit.page.getByRole('link', { name: 'Query' }).click();
    await visit.page.locator('.cm-content').getByText(PROCESS).waitFor();
  });

  test('of a live process is told anew while somebody looks, and not while nobody does', async () => {
    await bench.stop();
    bench = await Bench.start();
    visit = await bench.visit({});
    await visit.page.clock.install();
    await visit.page.goto(`${bench.address}/process/${LIVE_PROCESS}`);
    const total = visit.page.locator('section[aria-labelledby=streams-title] > p');
    await total.waitFor();
    const before = await total.textContent();
    const asked = (): number => bench.host.requests.filter((path) => path === `/api/processes/${LIVE_PROCESS}`).length;
    expect(asked()).toBe(1);
    bench.host.version = 2;
    await expect.poll(() => total.textContent()).not.toBe(before);
    expect(asked()).toBe(2);
    // What reads blocks is not asked as often.
    expect(bench.host.requests.filter((path) => /\/(health|attachments)$/.test(path)).length).toBe(2);

    const hide = (hidden: boolean): Promise<void> => visit.page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { configurable: true, value });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
    await hide(true);
    await visit.page.clock.runFor(60_000);
    bench.host.version = 3;
    expect(asked()).toBe(2);
    await hide(false);
    await visit.page.clock.runFor(10);
    await expect.poll(asked).toBe(3);
    expect(visit.complaints).toEqual([]);
  });

  test('of one that has ended is asked for once, and so is a frozen one', async () => {
    bench.host.links.set('222222222222', fakeLink({ link: '222222222222', address: `/process/${LIVE_PROCESS}`, frozen: true }));
    for (const path of [`/process/${PROCESS}`, `/process/${LIVE_PROCESS}?link=222222222222`]) {
      bench.host.requests.length = 0;
      visit = await bench.visit({});
      await visit.page.clock.install();
      await visit.page.goto(bench.address + path);
      await visit.page.locator('.states').waitFor();
      await visit.page.clock.runFor(60_000);
      expect(bench.host.requests.filter((asked) => /^\/api\/processes\/[^/]+$/.test(asked)).length).toBe(1);
      if (path.includes('link=')) expect(bench.host.requests.filter((asked) => /\/(health|attachments)\?link=222222222222$/.test(asked)).length).toBe(2);
    }
  });
});
