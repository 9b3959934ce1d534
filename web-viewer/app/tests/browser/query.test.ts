import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Bench, chromiumPath, type Visit } from '../support/browser';
import { PROCESS } from '../support/fakeHost';
import { MOST_SIGNED, MOST_UNSIGNED } from '../support/fakeQuery';
import { BEGIN_NS, HOSTILE } from '../support/synthetic';

const address = (sql: string, more = ''): string => `/query?${more === '' ? '' : `${more}&`}sql=${encodeURIComponent(sql)}`;

describe.skipIf(!chromiumPath)('the query page', () => {
  let bench: Bench;
  let visit: Visit;
  beforeAll(async () => {
    bench = await Bench.start();
  });
  afterAll(() => bench.stop());
  beforeEach(() => {
    bench.host.asked.length = 0;
  });
  afterEach(() => visit.close());

  const editor = () => visit.page.locator('.cm-content');
  const run = () => visit.page.keyboard.press('Control+Enter');
  const cell = (row: number, column: number) => visit.page.locator(`#cell-${row}-${column}`);

  test('keeps to the page policy, and writes hostile text as text', async () => {
    visit = await bench.open(address('-- types'));
    await cell(0, 0).waitFor();
    await editor().waitFor();
    await visit.page.locator('.schema').getByText(HOSTILE.name, { exact: true }).first().waitFor();
    await visit.page.locator('.schema details').last().locator('summary').click();
    await visit.page.locator('.schema').getByText(HOSTILE.key, { exact: true }).first().waitFor();
    await visit.page.locator('.grid').getByText(HOSTILE.message).waitFor();
    await visit.page.locator('.grid-name').getByText(HOSTILE.key).waitFor();
    await visit.page.getByRole('button', { name: 'Chart', exact: true }).click();
    await visit.page.locator('.uplot, .bars').first().waitFor();
    await visit.page.goto(bench.address + address('-- names', 'view=chart'));
    await visit.page.locator('.bars').getByText(HOSTILE.name).waitFor();
    await visit.page.locator('.run').focus();
    await visit.page.keyboard.press('?');
    await visit.page.getByRole('button', { name: 'Close' }).click();
    expect(await visit.page.locator('.help').isVisible()).toBe(false);
    expect(await visit.page.evaluate('window.hostile')).toBeUndefined();
    expect(visit.complaints).toEqual([]);
    expect(visit.requests.filter((url) => !url.startsWith(bench.address) && !url.startsWith('data:'))).toEqual([]);
  });

  test('is written and run by keys, and Tab leaves the editor', async () => {
    visit = await bench.open('/query');
    await editor().waitFor();
    expect(bench.host.asked).toEqual([]);
    await visit.page.keyboard.type('SELECT 1 -- many');
    await run();
    await cell(0, 2).waitFor();
    expect(bench.host.asked).toEqual([{ sql: 'SELECT 1 -- many', rows: 10_000 }]);
    expect(await visit.page.locator('[role=status]').first().textContent()).toMatch(/^first 10,000 rows · [\d.]+ m?s · 3\.242 MB behind it · as of /);
    await visit.address((url) => url.searchParams.get('sql') === 'SELECT 1 -- many');
    await visit.page.keyboard.press('Tab');
    expect(await visit.page.evaluate(() => document.activeElement?.classList.contains('run'))).toBe(true);
    expect(visit.complaints).toEqual([]);
  });

  test('shows a long result row by row, by keys and by scrolling, and never more than are seen', async () => {
    visit = await bench.open(address('-- many'));
    await cell(0, 0).waitFor();
    expect(await visit.page.locator('.grid').getAttribute('aria-rowcount')).toBe('10001');
    await visit.page.locator('.grid').focus();
    await visit.page.keyboard.press('ArrowDown');
    await visit.page.keyboard.press('ArrowRight');
    await visit.page.locator('.cell-head').getByText('half').waitFor();
    await visit.page.keyboard.press('Control+End');
    await cell(9999, 2).waitFor();
    expect(await cell(9999, 2).textContent()).toBe('row 9999');
    expect(await visit.page.locator('.grid').getAttribute('aria-activedescendant')).toBe('cell-9999-2');
    expect(await cell(9999, 2).evaluate((node) => node.getBoundingClientRect().bottom <= node.closest('.grid')!.getBoundingClientRect().bottom)).toBe(true);
    expect(await visit.page.locator('.grid-body .grid-row').count()).toBeLessThan(70);
    await visit.page.keyboard.press('PageUp');
    await visit.page.keyboard.press('Home');
    expect(await visit.page.locator('.grid').getAttribute('aria-activedescendant')).toMatch(/^cell-99[5-8]\d-0$/);
    await visit.page.locator('.grid').evaluate((node) => node.scrollTo(0, 5000 * 20));
    await cell(5010, 0).waitFor();
    expect(await cell(5010, 0).textContent()).toBe('5,010');
  });

  test('has every value exactly, and says where there is none', async () => {
    visit = await bench.open(address('-- types', 'raw=1'));
    await cell(0, 0).waitFor();
    const row = async (at: number): Promise<string[]> => visit.page.locator(`.grid-row[aria-rowindex="${at + 2}"] [data-at]`).allTextContents();
    expect((await row(0)).slice(0, 11)).toEqual([
      String(MOST_SIGNED), String(MOST_UNSIGNED), String(2n ** 100n), '-123.45', '0.1', 'true', '2026-11-22T19:24:35.123456789Z', '2026-11-22', 'warn',
      `[1,${MOST_SIGNED}]`, `{"low":0.5,"count":${MOST_UNSIGNED}}`,
    ]);
    expect((await row(1)).slice(0, 8)).toEqual([String(-(2n ** 63n)), '0', '-1', '0.05', '-1e+300', 'false', '1969-12-31T23:59:59.999999999Z', '1969-12-31']);
    expect(await row(2)).toEqual(Array<string>(12).fill('null'));
    expect(await visit.page.locator('.grid-row[aria-rowindex="4"] .null').count()).toBe(12);
    expect((await row(3)).slice(0, 6)).toEqual(['1234567', '1', '0', '0.00', 'NaN', 'true']);
    expect((await row(3)).at(-1)).toBe('');
    expect(await visit.page.locator('.grid-type').allTextContents()).toEqual(['BIGINT', 'UBIGINT', 'HUGEINT', 'DECIMAL(10,2)', 'DOUBLE', 'BOOLEAN', 'TIMESTAMP_NS', 'DATE', 'ENUM', 'LIST', 'STRUCT', 'VARCHAR']);
    await visit.page.getByText('549 events were dropped or never came').waitFor();
    expect(await cell(0, 0).evaluate((node) => getComputedStyle(node).textAlign)).toBe('right');
  });

  test('shows times as times, and what they are exactly below', async () => {
    visit = await bench.open(address('-- spans'), 'light', { timezoneId: 'UTC', locale: 'en-GB' });
    await cell(0, 4).waitFor();
    const begin = `${BEGIN_NS}`;
    expect(await cell(0, 4).textContent()).toMatch(/^22\/11\/2026, \d\d:\d\d:\d\d\.\d{6}$/);
    await cell(0, 6).click();
    expect(await visit.page.locator('.cell-head').textContent()).toMatch(/duration_ns\s+BIGINT\s+[\d.]+ (?:ms|s)/);
    await cell(0, 4).click();
    await visit.page.locator('.cell-details pre').getByText(begin.slice(0, 10)).waitFor();
    await visit.page.getByRole('button', { name: 'Exact values' }).click();
    expect(await cell(0, 4).textContent()).toMatch(/^\d{19}$/);
    await visit.address('raw=1');
  });

  test('leads from a row to its span', async () => {
    visit = await bench.open(address('-- spans'));
    await cell(0, 3).click();
    const stream = bench.host.streams[0]!;
    const href = await visit.page.locator('.cell-head a').getAttribute('href');
    expect(href).toContain(`/process/${PROCESS}/timeline?from=`);
    expect(href).toContain(`sel=${stream.id}:${stream.spans[0]!.id}`);
    await visit.page.locator('.grid').focus();
    await visit.page.keyboard.press('Enter');
    await visit.address(`/process/${PROCESS}/timeline`);
    await visit.sharp();
    expect(visit.complaints).toEqual([]);
  });

  test('a problem is told and marked, and the caret goes there', async () => {
    visit = await bench.open('/query');
    await editor().waitFor();
    await visit.page.keyboard.type('SELECT wrong FROM spans ');
    await run();
    await visit.page.locator('[role=alert]').getByText('Referenced column "wrong" not found').waitFor();
    expect(await visit.page.locator('.problem').textContent()).toBe('wrong');
    await visit.page.keyboard.type('x');
    expect(await visit.page.locator('.cm-line').first().textContent()).toBe('SELECT xwrong FROM spans ');
    expect(await visit.page.locator('.problem').count()).toBe(0);
    expect(await visit.page.locator('.grid').count()).toBe(0);
    expect(visit.complaints.filter((text) => !text.includes('400'))).toEqual([]);
  });

  test('Escape ends what takes long, and the host hears of it', async () => {
    visit = await bench.open(address('-- slow'));
    await visit.page.locator('.cancel').waitFor();
    await visit.page.waitForFunction(() => /running, [1-9]\d\d ms|running, [\d.]+ s/.test(document.querySelector('[role=status]')!.textContent!));
    const before = bench.host.cancelled;
    await visit.page.keyboard.press('Escape');
    await visit.page.getByText('Cancelled.').waitFor();
    await expect.poll(() => bench.host.cancelled).toBe(before + 1);
    expect(await visit.page.locator('.run').isVisible()).toBe(true);
  });

  test('offers views, and columns of those that are named', async () => {
    visit = await bench.open('/query');
    await editor().waitFor();
    await visit.page.locator('.schema details').first().waitFor();
    await visit.page.keyboard.type('SELECT * FROM log_ent');
    await visit.page.locator('.cm-tooltip-autocomplete').getByText('log_entries').waitFor();
    await visit.page.waitForTimeout(100); // CodeMirror takes no key for a list that has only just come
    await visit.page.keyboard.press('Enter');
    await visit.page.keyboard.type(' WHERE mess');
    await visit.page.locator('.cm-tooltip-autocomplete').getByText('message', { exact: true }).waitFor();
    await visit.page.waitForTimeout(100);
    await visit.page.keyboard.press('Enter');
    expect(await visit.page.locator('.cm-line').first().textContent()).toBe('SELECT * FROM log_entries WHERE message');
    expect(visit.complaints).toEqual([]);
  });

  test('the schema is searched and inserts names, and saved queries open', async () => {
    visit = await bench.open('/query');
    await editor().waitFor();
    await visit.page.locator('.schema details').first().waitFor();
    await visit.page.locator('.run').focus();
    await visit.page.keyboard.press('/');
    await visit.page.keyboard.type('duration');
    expect(await visit.page.locator('.schema summary').allTextContents()).toEqual(['spansby process']);
    await visit.page.locator('.schema').getByRole('button', { name: 'duration_ns' }).click();
    expect(await visit.page.locator('.cm-line').first().textContent()).toBe('duration_ns');
    await visit.page.locator('.schema input').fill(HOSTILE.name);
    await visit.page.locator('.schema summary').click();
    await visit.page.locator('.schema details .name').first().click();
    expect(await visit.page.locator('.cm-content').textContent()).toContain(`events."${HOSTILE.name.replaceAll('"', '""')}"`);
    await visit.page.locator('.schema input').fill('slow');
    await visit.page.locator('.schema').getByRole('button', { name: 'slow_frames' }).click();
    expect(await visit.page.locator('.cm-line').allTextContents()).toEqual(['SELECT name, max(duration_ns)', 'FROM spans GROUP BY name']);
    await visit.address((url) => url.searchParams.get('sql')?.startsWith('SELECT name') ?? false);
  });

  test('the address has all that is shown, also of a chart', async () => {
    visit = await bench.open(address('-- series'));
    await cell(0, 0).waitFor();
    await visit.page.getByRole('button', { name: 'Chart', exact: true }).click();
    await visit.page.locator('.uplot').waitFor();
    await visit.page.getByRole('checkbox', { name: 'load' }).check();
    await visit.page.locator('.chart-options select').nth(1).selectOption('points');
    const url = await visit.address((at) => at.searchParams.get('kind') === 'points' && at.searchParams.getAll('y').length === 2);
    expect(url.searchParams.getAll('y')).toEqual(['frames', 'load']);
    await visit.page.goto(url.href);
    await visit.page.locator('.uplot').waitFor();
    expect(await visit.page.locator('.chart-legend').textContent()).toContain('load');
    const box = (await visit.page.locator('.u-over').boundingBox())!;
    await visit.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    // 30 seconds after the begin there is no value.
    await visit.page.locator('.chart-legend').getByText(/^(null|5\d|6\d)$/).first().waitFor();
    expect(visit.complaints).toEqual([]);
  });

  test('over texts a chart is a list of bars, below zero, too', async () => {
    visit = await bench.open(address('-- names', 'view=chart'));
    await visit.page.locator('.bar-line').first().waitFor();
    const shares = await visit.page.locator('.bar-fill').evaluateAll((bars) => bars.map((bar) => [parseFloat((bar as HTMLElement).style.left), parseFloat((bar as HTMLElement).style.width)]));
    const zero = (0.4 / 5.4) * 100;
    expect(shares.map((pair) => pair.map((value) => Math.round(value * 10) / 10))).toEqual([
      [Math.round(zero * 10) / 10, Math.round((5 / 5.4) * 1000) / 10], [Math.round(zero * 10) / 10, Math.round((3.2 / 5.4) * 1000) / 10], [Math.round(zero * 10) / 10, 0], [0, Math.round(zero * 10) / 10],
    ]);
    // Where there is no value there is no bar.
    expect(await visit.page.locator('.bar-line').count()).toBe(5);
    expect(await visit.page.locator('.bar-line .number').allTextContents()).toEqual(['5,000,000,000', '3,200,000,000', '1,000,000', '-400,000,000', 'null']);
  });

  test('what is shown of another query says so, and a query without rows is no failure', async () => {
    visit = await bench.open(address('-- none'));
    await visit.page.getByText('The query found no rows.').waitFor();
    await editor().click();
    await visit.page.keyboard.press('Control+End');
    await visit.page.keyboard.type(' more');
    await visit.page.getByText('The SQL has changed since this result.').waitFor();
  });

  test('copies a value, the rows and a cell for a notebook', async () => {
    visit = await bench.open(address('SELECT 1 -- types'));
    await visit.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const clipboard = (): Promise<string> => visit.page.evaluate(() => navigator.clipboard.readText());
    await cell(0, 1).click();
    await visit.page.locator('.grid').focus();
    await visit.page.keyboard.press('Control+c');
    await expect.poll(clipboard).toBe(String(MOST_UNSIGNED));
    await visit.page.getByRole('button', { name: 'Copy CSV' }).click();
    await expect.poll(clipboard).toContain(`${MOST_SIGNED},${MOST_UNSIGNED},${2n ** 100n},-123.45,0.1,true,`);
    const lines = (await clipboard()).split('\r\n');
    expect(lines[0]).toBe(`signed,unsigned,sum,price,ratio,yes,time,day,level,bins,bucket,${HOSTILE.key}`);
    expect(lines).toContain(',,,,,,,,,,,');
    await visit.page.getByRole('button', { name: 'Copy notebook cell' }).click();
    await expect.poll(clipboard).toBe('#!legion sql\nSELECT 1 -- types\n');
  });

  test('a time narrows what is asked, until it is let go', async () => {
    visit = await bench.open(address('-- many', 'from=5&to=9'));
    await cell(0, 0).waitFor();
    expect(bench.host.asked).toEqual([{ sql: '-- many', rows: 10_000, from: '5', to: '9' }]);
    await visit.page.getByRole('button', { name: 'All times' }).click();
    await expect.poll(() => bench.host.asked.length).toBe(2);
    expect(bench.host.asked[1]).toEqual({ sql: '-- many', rows: 10_000 });
    await visit.address((url) => !url.searchParams.has('from'));
  });

  test('SQL that no address takes is not cut, and the page says so', async () => {
    visit = await bench.open('/query');
    await editor().waitFor();
    const long = `SELECT 1 -- many ${'x'.repeat(8000)}`;
    await visit.page.keyboard.insertText(long);
    await visit.page.getByText('too long for an address').waitFor();
    await visit.address((url) => !url.searchParams.has('sql'));
    await run();
    await cell(0, 0).waitFor();
    expect(bench.host.asked[0]!.sql).toBe(long);
  });

  test('nothing of it is loaded before somebody comes here', async () => {
    visit = await bench.open('/');
    await visit.page.locator('tbody tr').first().waitFor();
    expect(visit.requests.filter((url) => /(?:QueryPage|columns|editor|chart)-/.test(url))).toEqual([]);
    await visit.page.getByRole('link', { name: 'Query' }).click();
    await editor().waitFor();
    expect(visit.requests.some((url) => /editor-/.test(url))).toBe(true);
    expect(visit.requests.filter((url) => /\/columns-/.test(url))).toEqual([]);
  });
});
