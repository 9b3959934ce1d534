import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Bench, chromiumPath, type Visit } from '../support/browser';
import { PROCESS } from '../support/fakeHost';
import { manyLogs } from '../support/fakeLogs';
import { BEGIN_NS } from '../support/synthetic';

const LOGS = `/process/${PROCESS}/logs`;
const MANY = 100_000_000;

describe.skipIf(!chromiumPath)('logs', () => {
  let bench: Bench;
  let visit: Visit;
  beforeAll(async () => {
    bench = await Bench.start();
  });
  afterAll(() => bench.stop());
  afterEach(async () => {
    bench.host.manyLogs = null;
    bench.host.lookedAt = null;
    await visit.close();
  });

  /** Places of the rows that are seen in the list, once all of them have come. */
  async function seen(): Promise<number[]> {
    const list = visit.page.locator('.log-list');
    await expect.poll(() => list.locator('.log-row.waiting').count()).toBe(0);
    return list.evaluate((element) => {
      const box = element.getBoundingClientRect();
      return [...element.querySelectorAll<HTMLElement>('.log-row')].filter((row) => row.getBoundingClientRect().bottom > box.top + 1 && row.getBoundingClientRect().top < box.bottom - 1).map((row) => {
        if (!row.textContent.endsWith(`line ${row.dataset['row']}`)) throw new Error(`${row.dataset['row']}: ${row.textContent}`);
        return Number(row.dataset['row']);
      });
    });
  }

  const follow = (rows: readonly number[]): void => expect(rows).toEqual(rows.map((_, i) => rows[0]! + i));
  const status = (): Promise<string | null> => visit.page.locator('.logs .toolbar [role=status]').textContent();
  const messages = (): Promise<string[]> => visit.page.locator('.log-list .log-message').allInnerTexts();

  test('of 100,000,000 lines show any place of them, in few rows of the page', async () => {
    bench.host.manyLogs = manyLogs(MANY, BEGIN_NS);
    visit = await bench.open(LOGS);
    await expect.poll(status).toContain('100,000,000 lines');
    const list = visit.page.locator('.log-list');
    expect((await seen())[0]).toBe(0);
    for (const share of [0.5, 0.123, 0.999, 0]) {
      await list.evaluate((element, share) => (element.scrollTop = share * (element.scrollHeight - element.clientHeight)), share);
      await expect.poll(async () => Math.abs((await seen())[0]! / MANY - share)).toBeLessThan(1e-5);
      const rows = await seen();
      follow(rows);
      expect(rows.length * 20).toBeGreaterThanOrEqual(await list.evaluate((element) => element.clientHeight - 20));
      expect(await visit.page.locator('.log-row').count()).toBeLessThanOrEqual(200);
    }
    await list.evaluate((element) => (element.scrollTop = element.scrollHeight));
    await expect.poll(async () => (await seen()).at(-1)).toBe(MANY - 1);
    expect(visit.complaints).toEqual([]);
  });

  test('of a long list go on line by line in both ways', async () => {
    bench.host.manyLogs = manyLogs(MANY, BEGIN_NS);
    visit = await bench.open(`${LOGS}?at=${BEGIN_NS + 50_000_000_000n}`);
    const chosen = visit.page.locator('.log-row[aria-selected=true]');
    await chosen.waitFor();
    expect(await chosen.getAttribute('data-row')).toBe('50000000');
    const list = visit.page.locator('.log-list');
    await list.hover();
    for (const [pixels, rows] of [[200, 10], [-400, -20], [6000, 300], [-6000, -300]] as const) {
      const before = (await seen())[0]!;
      await visit.page.mouse.wheel(0, pixels);
      await expect.poll(async () => (await seen())[0]! - before).toBe(rows);
      follow(await seen());
    }
    await list.focus();
    const before = await seen();
    await visit.page.keyboard.press('PageDown');
    await expect.poll(async () => (await seen())[0]).toBeGreaterThan(before[0]!);
    expect((await seen())[0]).toBeLessThanOrEqual(before.at(-1)!);
    await visit.page.keyboard.press('End');
    await expect.poll(async () => (await seen()).at(-1)).toBe(MANY - 1);
    await visit.page.keyboard.press('Home');
    await expect.poll(async () => (await seen())[0]).toBe(0);
    expect(visit.complaints).toEqual([]);
  });

  const asked = (what: string): number => visit.requests.filter((url) => url.includes(what)).length;

  test('are asked for once for each place, wherever that is', async () => {
    bench.host.manyLogs = manyLogs(100_000, BEGIN_NS);
    visit = await bench.open(LOGS);
    await expect.poll(status).toContain('100,000 lines');
    for (const top of [10_190, 50_000, 77_777, 399]) {
      const before = asked('/logs/rows');
      await visit.page.locator('.log-list').evaluate((element, top) => (element.scrollTop = top * 20), top);
      await expect.poll(async () => (await seen())[0]).toBe(top);
      expect(asked('/logs/rows') - before).toBe(1);
    }
    expect(visit.complaints).toEqual([]);
  });

  test('of a very long list are counted where somebody asks for it, and as long as somebody looks', async () => {
    bench.host.manyLogs = manyLogs(MANY, BEGIN_NS);
    visit = await bench.open(LOGS);
    await expect.poll(status).toContain('100,000,000 lines');
    const button = visit.page.getByRole('button', { name: 'Count all lines' });
    await button.waitFor();
    expect(await visit.page.locator('.chip.level-info').innerText()).toBe('info');
    expect(asked('for_ms')).toBe(0);
    await button.click();
    await expect.poll(() => visit.page.locator('.chip.level-info').innerText()).toMatch(/info\s*50,000,000\+/);
    await visit.page.getByText('50,000,000 of 100,000,000 lines counted').waitFor();
    expect(await button.count()).toBe(0);
    const before = asked('for_ms');
    await expect.poll(() => asked('for_ms')).toBeGreaterThan(before + 3);
    await visit.page.getByRole('link', { name: 'Metrics' }).click();
    await visit.page.locator('.log-list').waitFor({ state: 'detached' });
    // What was under way then has ended by the time that other things have come.
    await visit.page.getByRole('link', { name: 'Timeline' }).click();
    await visit.address('/timeline');
    const left = asked('for_ms');
    await visit.page.getByRole('link', { name: 'Metrics' }).click();
    await visit.address('/metrics');
    expect(asked('for_ms')).toBe(left);
  });

  test('come as they are found, where some are left out', async () => {
    bench.host.lookedAt = 300;
    visit = await bench.open(`${LOGS}?q=streamed`);
    await visit.page.locator('.log-row:not(.waiting)').first().waitFor();
    const first = (await messages())[0];
    await expect.poll(status).not.toContain('so far');
    expect(bench.host.lookedAt).toBeGreaterThanOrEqual(20_000);
    const told = await status();
    bench.host.lookedAt = null;
    expect((await messages())[0]).toBe(first);
    await visit.page.reload();
    await expect.poll(status).toBe(told);
    await expect.poll(async () => (await messages())[0]).toBe(first);
    expect(visit.complaints).toEqual([]);
  });

  test('leave no room below the chosen line', async () => {
    visit = await bench.open(LOGS);
    await visit.page.locator('.log-row').first().waitFor();
    await visit.page.setViewportSize({ width: 1400, height: 900 });
    expect(await visit.page.locator('.log-details').evaluate((element) => Math.round(innerHeight - element.getBoundingClientRect().bottom))).toBe(0);
  });

  test('say how many lines each level has, and leave out what a search leaves out', async () => {
    visit = await bench.open(`${LOGS}?level=warn`);
    await expect.poll(() => visit.page.locator('.chip.level-error').innerText()).toMatch(/error\s*50/);
    await visit.page.getByRole('searchbox').fill('streamed -7 levels');
    await expect.poll(status).not.toContain('loading');
    await expect.poll(async () => (await messages()).every((message) => message.includes('streamed') && !message.includes('7'))).toBe(true);
    expect((await visit.page.locator('.log-row mark').allInnerTexts()).slice(0, 2)).toEqual(['streamed', 'levels']);
    expect(visit.complaints).toEqual([]);
  });

  test('show the neighbours of a line, and go back', async () => {
    visit = await bench.open(`${LOGS}?q=hostile`);
    const rows = visit.page.locator('.log-row');
    await rows.nth(4).click();
    const line = await visit.page.locator('.log-details .log-head span').first().innerText();
    await visit.page.keyboard.press('c');
    await expect.poll(async () => new Set((await messages()).map((message) => message.includes('hostile'))).size).toBe(2);
    const chosen = visit.page.locator('.log-row[aria-selected=true]');
    await chosen.waitFor();
    expect(await chosen.locator('.log-time').getAttribute('title')).toBe(line);
    await visit.page.getByRole('button', { name: 'Back to what was searched for' }).click();
    await expect.poll(async () => (await messages()).every((message) => message.includes('hostile'))).toBe(true);
    expect(await visit.page.getByRole('searchbox').inputValue()).toBe('hostile');
    expect(visit.complaints).toEqual([]);
  });

  test('are grouped by what they look like', async () => {
    visit = await bench.open(LOGS);
    await visit.page.locator('.log-row').first().waitFor();
    await visit.page.keyboard.press('p');
    await visit.page.getByText('of all 20,000 lines').waitFor();
    await visit.page.locator('.log-patterns li button').first().click();
    await visit.address('pattern=');
    await expect.poll(async () => (await messages()).every((message) => message.startsWith('frame '))).toBe(true);
    await visit.page.locator('.log-pattern').click();
    await visit.address((url) => !url.searchParams.has('pattern'));
    expect(visit.complaints).toEqual([]);
  });

  test('have a histogram that keys and the pointer choose a time of', async () => {
    visit = await bench.open(LOGS);
    const slider = visit.page.getByRole('slider');
    await expect.poll(() => visit.page.locator('.log-histogram').innerText()).toContain('Drag');
    await slider.focus();
    for (const key of ['ArrowRight', 'ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight']) await visit.page.keyboard.press(key);
    expect(await slider.getAttribute('aria-valuetext')).toMatch(/ · 25\d lines/);
    await visit.page.keyboard.press('Enter');
    await visit.address('from=');
    await expect.poll(status).toMatch(/25\d lines/);
    await visit.page.getByRole('button', { name: 'whole process' }).click();
    await expect.poll(status).toContain('20,000 lines');
    await expect.poll(() => visit.page.locator('.log-histogram').innerText()).toContain('Drag');
    const box = (await slider.boundingBox())!;
    await visit.page.mouse.click(box.x + box.width / 2, box.y + 20);
    await expect.poll(() => visit.page.locator('.log-row').first().getAttribute('data-row').then(Number)).toBeGreaterThan(9000);
    expect(visit.complaints).toEqual([]);
  });
});
