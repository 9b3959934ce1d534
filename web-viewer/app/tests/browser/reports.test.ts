import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Bench, Visit, chromiumPath } from '../support/browser';
import { CLOSED_REPORT, REPORT } from '../support/fakeReports';
import { HOSTILE } from '../support/synthetic';

describe.skipIf(!chromiumPath)('reports', () => {
  let bench: Bench;
  let visit: Visit;
  beforeAll(async () => {
    bench = await Bench.start();
  });
  beforeEach(() => {
    bench.host.reports.reset();
    bench.host.requests.length = 0;
  });
  afterAll(() => bench.stop());
  afterEach(async () => {
    bench.host.failing = null;
    await visit.close();
  });

  const inside = () => visit.page.frameLocator('iframe');
  /** What the browser kept a report from doing is said on the console. */
  const unexpected = (): string[] => visit.complaints.filter((text) => !/Content Security Policy|Content-Security-Policy|sandbox/i.test(text));

  test('are drawn in a frame of no origin, by their own scripts alone, and ask for nothing', async () => {
    visit = await bench.open(`/report/${REPORT}`);
    await inside().getByText('drawn by null').waitFor();
    expect(await visit.page.title()).toBe('Frames that hitch in the harbour · Legion');
    expect(await visit.page.locator('iframe').getAttribute('sandbox')).toBe('allow-scripts');
    expect(await visit.page.evaluate('window.hostile')).toBeUndefined();
    expect(bench.host.requests.filter((each) => each.includes('leak'))).toEqual([]);
    expect(visit.requests.filter((each) => !each.startsWith(bench.address))).toEqual([]);
    expect(unexpected()).toEqual([]);
  });

  test('are as confined where they are opened by themselves', async () => {
    visit = await bench.open(`/reports/${REPORT}/content`);
    await visit.page.getByText('drawn by null').waitFor();
    expect(await visit.page.evaluate('window.hostile')).toBeUndefined();
    expect(bench.host.requests.filter((each) => each.includes('leak'))).toEqual([]);
    // There a link may be followed.
    await visit.page.getByRole('link', { name: 'a link of it' }).click();
    await visit.address('/process/x/timeline');
  });

  test('stay when a link in them is followed, and the page says where it opens', async () => {
    visit = await bench.open(`/report/${REPORT}`);
    await inside().getByRole('link', { name: 'a heading' }).click();
    await inside().getByRole('link', { name: 'a link of it' }).click();
    await visit.page.getByRole('status').getByText('Links in a report open only where it is opened by itself.').waitFor();
    await inside().getByText('drawn by null').waitFor();
    expect(new URL(visit.page.url()).pathname).toBe(`/report/${REPORT}`);
    // Each time.
    await inside().getByRole('link', { name: 'a link of it' }).click();
    await expect.poll(() => bench.host.requests.filter((each) => each.endsWith('/content')).length).toBe(3);
    await inside().getByText('drawn by null').waitFor();
    const [alone] = await Promise.all([visit.context.waitForEvent('page'), visit.page.getByRole('link', { name: 'Open it by itself' }).click()]);
    await alone.getByText('drawn by null').waitFor();
  });

  test('are found in a list, opened, and their link is copied', async () => {
    visit = await bench.open('/');
    await visit.page.getByRole('link', { name: 'Reports' }).click();
    await visit.address('/reports');
    await visit.page.getByRole('status').getByText('3 reports').waitFor();
    expect(await visit.page.locator('tbody tr').nth(1).locator('td').first().textContent()).toBe(HOSTILE.name);
    expect(await visit.page.getByRole('row').filter({ hasText: HOSTILE.name }).getByRole('button').count()).toBe(0);
    await visit.page.getByRole('link', { name: '(without a title)' }).waitFor();
    await visit.page.keyboard.press('/');
    await visit.page.keyboard.type('harbour');
    await visit.page.getByRole('status').getByText('1 report', { exact: true }).waitFor();
    await visit.address((url) => url.search === '?search=harbour');
    await visit.page.getByRole('link', { name: 'Frames that hitch' }).click();
    await inside().getByText('drawn by null').waitFor();
    await visit.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await visit.page.getByRole('button', { name: 'Copy the link' }).click();
    await visit.page.getByRole('status').getByText('Copied').waitFor();
    expect(await visit.page.evaluate('navigator.clipboard.readText()')).toBe(`${bench.address}/report/${REPORT}`);
    await visit.page.getByRole('link', { name: '← Reports' }).click();
    await visit.page.locator('tbody tr').first().waitFor();
    // The page that was led to by the list comes from the host again, with its own policy.
    await visit.page.goBack();
    await inside().getByText('drawn by null').waitFor();
    expect(await visit.page.evaluate('window.hostile')).toBeUndefined();
    expect(unexpected()).toEqual([]);
  });

  test('have a title and an author that are text', async () => {
    visit = await bench.open('/report/3333bcdf3333');
    await inside().getByText('drawn by null').waitFor();
    expect(await visit.page.locator('h1').textContent()).toBe(HOSTILE.name);
    expect(await visit.page.locator('.made').textContent()).toBe(HOSTILE.value);
    expect(await visit.page.title()).toBe(`${HOSTILE.name} · Legion`);
    expect(await visit.page.locator('img, script:not([type=module])').count()).toBe(0);
    expect(await visit.page.evaluate('window.hostile')).toBeUndefined();
  });

  test('are removed by who may, once they have said that they mean it', async () => {
    visit = await bench.open('/reports');
    const button = visit.page.getByRole('button', { name: 'Remove Frames that hitch in the harbour' });
    await button.focus();
    await visit.page.keyboard.press('Enter');
    const question = visit.page.getByRole('alertdialog');
    await question.getByText('Frames that hitch in the harbour').waitFor();
    // What is harmless has the focus.
    await visit.page.keyboard.press('Enter');
    await question.waitFor({ state: 'hidden' });
    expect(bench.host.reports.list.length).toBe(3);
    await button.click();
    await visit.page.keyboard.press('Escape');
    await question.waitFor({ state: 'hidden' });
    await button.click();
    await question.getByRole('button', { name: 'Remove' }).click();
    await visit.page.getByRole('status').getByText('The report was removed. 2 reports').waitFor();
    expect(bench.host.reports.list.some(({ report }) => report === REPORT)).toBe(false);
    bench.host.failing = /reports\/4444/;
    await visit.page.getByRole('button', { name: 'Remove (without a title)' }).click();
    await question.getByRole('button', { name: 'Remove' }).click();
    await visit.page.getByText('The report was not removed: /api/reports/4444bcdf4444: HTTP 500').waitFor();
  });

  test.each([
    ['/report/none-of-these', 'There is no such report here.'],
    [`/report/${CLOSED_REPORT}`, 'This report opens no more: it was removed, has expired, or what it showed was erased.'],
  ])('that do not open say why: %s', async (path, text) => {
    visit = await bench.open(path);
    await visit.page.getByRole('alert').getByText(text).waitFor();
    expect(await visit.page.locator('iframe').count()).toBe(0);
    await visit.page.getByRole('link', { name: 'Reports' }).click();
    await visit.page.locator('tbody tr').first().waitFor();
  });

  test('fit a telephone, in French and in the dark', async () => {
    visit = await bench.open(`/report/${REPORT}`, 'dark', { viewport: { width: 390, height: 800 }, locale: 'fr-FR' });
    await visit.page.getByRole('button', { name: 'Copier le lien' }).waitFor();
    await inside().getByText('drawn by null').waitFor();
    const folder = process.env['LEGION_PICTURES'];
    if (folder) await visit.page.screenshot({ path: `${folder}/report-phone.png` });
    const box = (await visit.page.locator('iframe').boundingBox())!;
    expect(box.width).toBe(390);
    expect(box.height).toBeGreaterThan(600);
    await visit.page.goto(`${bench.address}/reports`);
    await visit.page.getByRole('link', { name: 'Frames that hitch' }).waitFor();
    if (folder) await visit.page.screenshot({ path: `${folder}/reports-phone.png` });
  });
});
