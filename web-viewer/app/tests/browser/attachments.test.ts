import axe from 'axe-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Bench, Visit, chromiumPath } from '../support/browser';
import { ATTACHMENTS, FILE_POLICY } from '../support/fakeAttachments';
import { PROCESS } from '../support/fakeHost';
import { BEGIN_NS, HOSTILE } from '../support/synthetic';

const GUTTER = 156;
/** Below the log entries. */
const ROW = 28 + 10;
const VIEW_SECONDS = 12;
const at = (seconds: number): bigint => BEGIN_NS + BigInt(Math.round(seconds * 1e9));
const fileAddress = (index: number): string => `/api/processes/${PROCESS}/attachments/${ATTACHMENTS[index]!.id}`;

describe.skipIf(!chromiumPath)('attachments on the time axis', () => {
  let bench: Bench;
  let visit: Visit;
  beforeAll(async () => {
    bench = await Bench.start();
    bench.host.sent = ATTACHMENTS;
  });
  afterAll(() => bench.stop());
  afterEach(async () => {
    bench.host.sent = ATTACHMENTS;
    await visit.close();
  });

  async function open(): Promise<void> {
    visit = await bench.open(`/process/${PROCESS}/timeline?from=${at(0)}&to=${at(VIEW_SECONDS)}&counter=`);
    await visit.page.waitForSelector('.flame[data-sharp=true][data-settled=true]');
  }

  async function over(index: number): Promise<void> {
    const box = (await visit.page.locator('.tracks').boundingBox())!;
    const lanes = (await visit.page.locator('.rectangles').boundingBox())!;
    await visit.page.mouse.move(box.x + GUTTER + (ATTACHMENTS[index]!.at / 1000 / VIEW_SECONDS) * lanes.width + 5, box.y + ROW);
  }

  const tooltip = () => visit.page.locator('.track-tooltip');
  const asked = (address: string): number => bench.host.requests.filter((request) => request === address).length;

  test('an image has a preview of limited size, is asked for once, and opens in a new tab', async () => {
    await open();
    const before = asked(fileAddress(0));
    await over(0);
    await tooltip().getByText('before.png', { exact: true }).waitFor();
    expect((await tooltip().innerText()).split('\n')[1]).toMatch(/^image\/png · [\d.]+ .*B · .*\.623456$/);
    const image = tooltip().locator('img');
    await visit.page.waitForFunction(() => document.querySelector('.chart')!.shadowRoot!.querySelector<HTMLImageElement>('.track-tooltip img')!.naturalWidth === 480);
    const box = (await image.boundingBox())!;
    expect(box.width).toBeLessThanOrEqual(242);
    expect(box.height).toBeLessThanOrEqual(162);
    expect(await image.getAttribute('alt')).toBe('Preview of before.png');
    await over(1);
    await over(0);
    await image.waitFor();
    const [tab] = await Promise.all([visit.page.context().waitForEvent('page'), visit.page.mouse.down().then(() => visit.page.mouse.up())]);
    await tab.waitForLoadState();
    expect(new URL(tab.url()).pathname).toBe(fileAddress(0));
    expect(await tab.evaluate('window.opener')).toBeNull();
    expect(asked(fileAddress(0)) - before).toBeLessThanOrEqual(3);
    expect(new URL(visit.page.url()).pathname).toBe(`/process/${PROCESS}/timeline`);
    expect(visit.complaints).toEqual([]);
  });

  test('a page that says it is an image says that it is broken; a document has no preview; names stay text', async () => {
    await open();
    await over(1);
    await tooltip().getByText(HOSTILE.name, { exact: true }).waitFor();
    await tooltip().getByText(/^No preview: this is not the image/).waitFor();
    expect(await tooltip().locator('img').count()).toBe(0);
    await over(2);
    await tooltip().getByText('drawing.svg', { exact: true }).waitFor();
    expect(await tooltip().locator('img').count()).toBe(0);
    await over(3);
    await tooltip().getByText('a·gnp.exe', { exact: true }).waitFor();
    await over(6);
    await tooltip().getByText('incomplete', { exact: true }).waitFor();
    expect(await tooltip().locator('img').count()).toBe(0);
    expect(asked(fileAddress(2)) + asked(fileAddress(6))).toBe(0);
    expect(await visit.page.evaluate('window.hostile')).toBeUndefined();
  });

  test('what is no image is a download, under a policy that runs nothing', async () => {
    await open();
    const answers = await visit.page.evaluate(async (addresses) => Promise.all(addresses.map(async (address) => {
      const { headers } = await fetch(address);
      return [headers.get('content-type'), headers.get('content-disposition')!.split(';')[0], headers.get('content-security-policy')];
    })), [0, 1, 2].map(fileAddress));
    expect(answers).toEqual([['image/png', 'inline', FILE_POLICY], ['application/octet-stream', 'attachment', FILE_POLICY], ['application/octet-stream', 'attachment', FILE_POLICY]]);
    expect(visit.complaints).toEqual([]);
  });

  test('those that lie close together are one mark, which selects their time', async () => {
    await open();
    await over(4);
    await tooltip().getByText('and 1 more close by', { exact: true }).waitFor();
    await visit.page.mouse.down();
    await visit.page.mouse.up();
    const url = await visit.address('range=');
    expect(url.searchParams.get('range')).toContain(String(at(9)));
  });

  test('keys go to them, tell what they are, and open one', async () => {
    await open();
    await visit.page.keyboard.press('l');
    await visit.page.keyboard.press('ArrowRight');
    await visit.page.keyboard.press('ArrowDown');
    const said = visit.page.locator('.tracks .said');
    await tooltip().getByText('drawing.svg', { exact: true }).waitFor();
    expect(await said.textContent()).toMatch(/^drawing\.svg · image\/svg\+xml · /);
    for (const _ of [0, 1]) await visit.page.keyboard.press('ArrowLeft');
    await tooltip().locator('img').waitFor();
    const [tab] = await Promise.all([visit.page.context().waitForEvent('page'), visit.page.keyboard.press('Enter')]);
    await tab.waitForLoadState();
    expect(new URL(tab.url()).pathname).toBe(fileAddress(0));
  });

  test('the table tells of them, and nothing is there that axe minds', async () => {
    await open();
    await visit.page.getByRole('button', { name: 'Table', exact: true }).click();
    const table = visit.page.locator('.panel table').filter({ hasText: 'drawing.svg' });
    await table.waitFor();
    const rows = await table.locator('tbody tr').allInnerTexts();
    const names = await table.locator('tbody th').allInnerTexts();
    expect(names).toEqual(['before.png', HOSTILE.name, 'drawing.svg', 'a·gnp.exe', 'one.txt', 'crash.dmp']);
    expect(rows[5]).toContain('incomplete');
    expect(await table.locator('a').evaluateAll((links) => links.map((link) => [(link as HTMLAnchorElement).pathname, (link as HTMLAnchorElement).target, (link as HTMLAnchorElement).rel])))
      .toEqual([0, 1, 2, 3, 4].map((index) => [fileAddress(index), '_blank', 'noopener']));
    await over(0);
    await tooltip().locator('img').waitFor();
    await visit.page.evaluate(axe.source);
    const { violations } = await visit.page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ['violations'] }));
    expect(violations).toEqual([]);
    expect(await visit.page.evaluate('window.hostile')).toBeUndefined();
  });

  test('a process without any has no row for them', async () => {
    await open();
    const height = (await visit.page.locator('.tracks').boundingBox())!.height;
    bench.host.sent = [];
    await visit.page.reload();
    await visit.page.waitForSelector('.flame[data-sharp=true][data-settled=true]');
    expect((await visit.page.locator('.tracks').boundingBox())!.height).toBe(height - 20);
  });
});
