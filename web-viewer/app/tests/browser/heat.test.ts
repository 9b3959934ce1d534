import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Bench, Visit, chromiumPath } from '../support/browser';
import { PROCESS } from '../support/fakeHost';
import { BEGIN_NS, HOSTILE } from '../support/synthetic';

const METRICS = `/process/${PROCESS}/metrics`;
const SETTLED = '.metrics[data-settled=true]';
const at = (seconds: number): bigint => BEGIN_NS + BigInt(Math.round(seconds * 1e9));

describe.skipIf(!chromiumPath)('the map of durations', () => {
  let bench: Bench;
  let visit: Visit;
  beforeAll(async () => {
    bench = await Bench.start();
  });
  afterAll(() => bench.stop());
  afterEach(() => visit.close());

  async function open(query: string, scheme: 'light' | 'dark' = 'light'): Promise<void> {
    visit = await bench.open(METRICS + query, scheme);
    await visit.page.waitForSelector(SETTLED);
  }

  const map = () => visit.page.locator('.heat .over');
  const said = () => visit.page.locator('.heat-said');

  test('opens on the spans of most time, and the link says whose it shows', async () => {
    await open('');
    expect(await visit.page.locator('.heat').isVisible()).toBe(false);
    expect(bench.host.requests.filter((each) => each.includes('/durations') || each.includes('/statistics'))).toEqual([]);
    await visit.page.getByRole('button', { name: 'Durations' }).click();
    await visit.address((url) => url.searchParams.get('heat') === 'Run session');
    await visit.page.getByLabel('Spans whose durations are shown').selectOption('Physics');
    const url = await visit.address((each) => each.searchParams.get('heat') === 'Physics');
    await visit.page.goto('about:blank');
    await visit.page.goto(url.href);
    await visit.page.waitForSelector(SETTLED);
    expect(await visit.page.getByLabel('Spans whose durations are shown').inputValue()).toBe('Physics');
    await visit.page.getByRole('button', { name: 'Durations' }).click();
    await visit.address((each) => !each.searchParams.has('heat'));
    expect(visit.complaints).toEqual([]);
  });

  test.each(['light', 'dark'] as const)('draws each step of its scale, which lightness alone tells, in %s', async (scheme) => {
    await open('?heat=Frame&series=', scheme);
    const floors = await visit.page.locator('.heat-scale .entry').allTextContents();
    expect(floors.length).toBeGreaterThan(2);
    const lightness = await visit.page.locator('.heat-swatch').evaluateAll((swatches) => swatches.map((each) => {
      const [r, g, b] = getComputedStyle(each).backgroundColor.match(/\d+/g)!.map(Number) as [number, number, number];
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    }));
    const darker = scheme === 'light' ? lightness : [...lightness].reverse();
    for (let i = 1; i < darker.length; i++) expect(darker[i - 1]! - darker[i]!).toBeGreaterThan(12);
    const shades = await visit.page.locator('.heat-swatch').evaluateAll((swatches) => swatches.map((each) => getComputedStyle(each).backgroundColor));
    const drawn = await visit.page.locator('.heat-canvas').evaluate((canvas) => {
      const { width, height } = canvas as HTMLCanvasElement;
      const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height);
      const seen = new Set<string>();
      for (let i = 0; i < data.length; i += 4) seen.add(`rgb(${data[i]}, ${data[i + 1]}, ${data[i + 2]})`);
      return [...seen];
    });
    expect(shades.filter((each) => !drawn.includes(each))).toEqual([]);
  });

  test('is walked by arrow keys, and Enter opens the spans of a cell in the timeline', async () => {
    await open(`?heat=Physics&from=${at(4)}&to=${at(5)}`);
    await map().focus();
    await visit.page.keyboard.press('ArrowRight');
    const first = await said().textContent();
    expect(first).toMatch(/^(one span|\d+ spans) of .+ to .+, ended within .+ from /);
    const before = visit.page.url();
    await visit.page.keyboard.press('ArrowRight');
    expect(await said().textContent()).not.toBe(first);
    expect(visit.page.url()).toBe(before);
    await visit.page.keyboard.press('Enter');
    const url = await visit.address('/timeline');
    const [low, high, name] = url.searchParams.get('brush')!.split('~');
    expect(name).toBe('Physics');
    expect(Number(low)).toBeLessThan(Number(high));
    const [begin, end] = url.searchParams.get('range')!.split('~').map(BigInt) as [bigint, bigint];
    const lit = bench.host.streams.flatMap(({ spans }) => spans).filter((span) => span.name === 'Physics' && span.end - span.begin >= Number(low) && span.end - span.begin < Number(high)
      && BEGIN_NS + BigInt(span.end) >= begin && BEGIN_NS + BigInt(span.end) < end);
    expect(lit.length).toBeGreaterThan(0);
    await visit.sharp();
  });

  test('a click chooses a cell, which the link beside opens, and Esc lets it go', async () => {
    await open(`?heat=Frame&from=${at(4)}&to=${at(5)}`);
    await map().focus();
    await visit.page.keyboard.press('ArrowRight');
    const cell = (await visit.page.locator('.heat-cell').boundingBox())!;
    await visit.page.keyboard.press('Escape');
    expect(await visit.page.locator('.heat-cell').isVisible()).toBe(false);
    await visit.page.mouse.click(cell.x + cell.width / 2, cell.y + cell.height / 2);
    expect(await visit.page.locator('.heat-cell').isVisible()).toBe(true);
    await visit.page.locator('.heat-link').click();
    await visit.address((url) => url.pathname.endsWith('/timeline') && url.searchParams.get('brush')!.endsWith('~Frame'));
  });

  test('has a table of its fullest cells, whose links open them', async () => {
    await open(`?heat=${encodeURIComponent('Shadow pass')}&from=${at(4)}&to=${at(5)}`);
    await visit.page.getByRole('button', { name: 'Table' }).click();
    const rows = visit.page.locator('.twin').last().locator('tbody tr');
    const counts = (await rows.locator('td:nth-of-type(3)').allTextContents()).map(Number);
    expect(counts.length).toBeGreaterThan(3);
    expect([...counts].sort((a, b) => b - a)).toEqual(counts);
    expect(await rows.first().getByRole('link').getAttribute('href')).toMatch(/\/timeline\?from=\d+&to=\d+&range=\d+~\d+&brush=\d+~\d+~Shadow\+pass&heat=Shadow\+pass$/);
  });

  test('shows hostile names as text, and says where there is no such span', async () => {
    await open(`?heat=${encodeURIComponent(HOSTILE.key)}`);
    await visit.page.getByText('No span of this name ended in this time.').waitFor();
    expect(await visit.page.getByLabel('Spans whose durations are shown').inputValue()).toBe(HOSTILE.key);
    expect(await visit.page.evaluate('window.hostile')).toBeUndefined();
    expect(visit.complaints).toEqual([]);
  });

  test('keys select a range, and those that mean nothing here are the browser\'s', async () => {
    await open(`?from=${at(2)}&to=${at(6)}`);
    await visit.page.keyboard.press('r');
    await visit.address((url) => url.searchParams.get('range') === `${at(2)}~${at(6)}`);
    await visit.page.keyboard.press('Shift+ArrowLeft');
    await visit.address((url) => url.searchParams.get('range') !== `${at(2)}~${at(6)}`);
    await visit.page.evaluate(() => {
      const prevented: string[] = [];
      Object.assign(window, { prevented });
      window.addEventListener('keydown', (event) => {
        if (event.defaultPrevented) prevented.push(event.key);
      });
    });
    for (const key of ['F1', 'm', 'n', '[', ']', 'j', 'x', 'c', 'v', 'l', '0']) await visit.page.keyboard.press(key);
    expect(await visit.page.evaluate('window.prevented')).toEqual(['0']);
  });
});
