import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Bench, Visit, chromiumPath } from '../support/browser';
import { PROCESS, fakeLink } from '../support/fakeHost';
import { BEGIN_NS, HOSTILE } from '../support/synthetic';

const ID = '2345bcdf6789';
const VIEW = `from=${BEGIN_NS + 1_000_000_000n}&to=${BEGIN_NS + 2_000_000_000n}`;

describe.skipIf(!chromiumPath)('links', () => {
  let bench: Bench;
  let visit: Visit;
  beforeAll(async () => {
    bench = await Bench.start();
  });
  beforeEach(() => {
    bench.host.links.clear();
    bench.host.made.length = bench.host.requests.length = 0;
  });
  afterAll(() => bench.stop());
  afterEach(async () => {
    bench.host.failing = null;
    await visit.close();
  });

  async function picture(name: string): Promise<void> {
    const folder = process.env['LEGION_PICTURES'];
    if (folder) await visit.page.screenshot({ path: `${folder}/${name}.png` });
  }

  const clean = async (): Promise<void> => {
    expect(await visit.page.evaluate('window.hostile')).toBeUndefined();
    expect(visit.complaints.filter((text) => !text.includes('favicon'))).toEqual([]);
  };

  test('are made of what is shown', async () => {
    visit = await bench.open(`/process/${PROCESS}/timeline?${VIEW}&color=depth`);
    await visit.sharp();
    await visit.page.getByRole('button', { name: 'Share' }).click();
    const panel = visit.page.locator('#sharing');
    expect(await panel.getByRole('checkbox').isChecked()).toBe(false);
    await panel.getByRole('checkbox').check();
    await panel.getByRole('combobox').selectOption({ label: 'for 30 days' });
    await panel.getByRole('button', { name: 'Make the link' }).click();
    await panel.getByText(/It opens until/).waitFor();
    expect(await panel.getByLabel('Link', { exact: true }).inputValue()).toBe(`${bench.address}/l/${ID}`);
    expect(await panel.getByLabel('The same in a notebook').inputValue()).toBe(`#!legion flame ${bench.address}/l/${ID}`);
    await picture('share');
    await visit.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await panel.getByRole('button', { name: 'Copy' }).first().click();
    await panel.getByText('Copied').waitFor();
    expect(await visit.page.evaluate('navigator.clipboard.readText()')).toBe(`${bench.address}/l/${ID}`);
    expect(bench.host.made.map((body) => JSON.parse(body) as unknown)).toEqual([{ address: `/process/${PROCESS}/timeline?${VIEW}&color=depth`, frozen: true, days: 30 }]);

    // What was made is of that view; the panel begins anew with the next.
    await visit.page.keyboard.press('Escape');
    await panel.waitFor({ state: 'hidden' });
    bench.host.failing = /links$/;
    await visit.page.getByRole('button', { name: 'Share' }).click();
    await panel.getByLabel('Link', { exact: true }).waitFor({ state: 'detached' });
    await panel.getByRole('button', { name: 'Make the link' }).click();
    await panel.getByText(/No link was made/).waitFor();
  });

  test('of a query have its text and what is shown of its answer', async () => {
    visit = await bench.open(`/query?view=chart&sql=${encodeURIComponent('SELECT 1 -- many')}`);
    await visit.page.getByRole('button', { name: 'Share' }).click();
    const panel = visit.page.locator('#sharing');
    await panel.getByRole('button', { name: 'Make the link' }).click();
    expect(await panel.getByLabel('Link', { exact: true }).inputValue()).toBe(`${bench.address}/l/${ID}`);
    expect(await panel.getByRole('checkbox').count()).toBe(0);
    expect(await panel.getByLabel('The same in a notebook').count()).toBe(0);
    expect(JSON.parse(bench.host.made.at(-1)!) as unknown).toEqual({ address: '/query?view=chart&sql=SELECT+1+--+many', frozen: false, days: null });
    await visit.page.goto(`${bench.address}/l/${ID}`);
    await visit.address((each) => each.pathname === '/query' && each.searchParams.get('sql') === 'SELECT 1 -- many');
    await visit.page.locator('.uplot, .bars').first().waitFor();
    await clean();
  });

  test('that are frozen have every question ask for what was there', async () => {
    bench.host.links.set(ID, fakeLink({ address: `/process/${PROCESS}/timeline?${VIEW}`, frozen: true, gone: [HOSTILE.name, 'blocks of slot 3'] }));
    visit = await bench.open(`/l/${ID}`);
    await visit.sharp();
    const url = await visit.address((each) => each.searchParams.get('link') === ID);
    expect(`${url.pathname}?${VIEW}`).toBe(`/process/${PROCESS}/timeline?${VIEW}`);
    const note = visit.page.locator('.frozen');
    await note.getByText('Frozen: what came later than').waitFor();
    await note.getByText('2 parts of it were erased or have expired since.').waitFor();
    await picture('frozen-timeline');
    await visit.page.keyboard.press('v');
    await visit.page.waitForSelector('.flame[data-mode=left-heavy][data-settled=true]');
    for (const page of ['Metrics', 'Logs']) {
      await visit.page.getByRole('link', { name: page }).click();
      await visit.address((each) => each.pathname.endsWith(page.toLowerCase()) && each.searchParams.get('link') === ID);
      await note.waitFor();
    }
    await visit.page.getByRole('searchbox').first().fill('pass');
    await visit.address((each) => each.searchParams.get('q') === 'pass' && each.searchParams.get('link') === ID);
    const asked = bench.host.requests.filter((each) => !each.startsWith('/api/links'));
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.filter((each) => !each.includes(`link=${ID}`))).toEqual([]);

    // A link of it is frozen, too, unless somebody wants it otherwise.
    await visit.page.getByRole('button', { name: 'Share' }).click();
    // A popover tells that it is open in a task of its own.
    await visit.page.locator('#sharing').getByRole('checkbox', { checked: true }).waitFor();
    await visit.page.keyboard.press('Escape');
    await note.getByRole('link').click();
    await visit.address((each) => !each.searchParams.has('link'));
    await note.waitFor({ state: 'detached' });
    await clean();
  });

  test('that are not frozen lead to the page, in place of themselves', async () => {
    bench.host.links.set(ID, fakeLink({ address: `/process/${PROCESS}/logs?q=a` }));
    visit = await bench.open('/');
    await visit.page.goto(`${bench.address}/l/${ID}`);
    await visit.address((each) => each.pathname === `/process/${PROCESS}/logs` && each.search === '?q=a');
    await visit.page.goBack();
    await visit.address((each) => each.pathname === '/');
    await clean();
  });

  test.each([
    [404, 'There is no such link here.'],
    [410, 'This link opens nothing any more: it has expired, or what it showed was erased.'],
    [500, /The link did not open: .*HTTP 500/],
  ])('that open nothing say why: %i', async (status, text) => {
    bench.host.links.set(ID, status);
    visit = await bench.open(`/l/${ID}`);
    await visit.page.getByRole('alert').getByText(text).waitFor();
    expect(new URL(visit.page.url()).pathname).toBe(`/l/${ID}`);
    // Somebody may come back to a page that a link has shown.
    await visit.page.goto(`${bench.address}/process/${PROCESS}/logs?link=${ID}`);
    await visit.page.locator('.frozen').getByText(text).waitFor();
  });
});
