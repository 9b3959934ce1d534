import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Bench, chromiumPath, type Visit } from '../support/browser';
import { FIRST_CHILD, PARENT_PROCESS, SECOND_CHILD } from '../support/fakeFamily';
import { LIVE_PROCESS, PROCESS } from '../support/fakeHost';
import { BEGIN_NS, HOSTILE } from '../support/synthetic';

const TIMELINE = `/process/${PROCESS}/timeline`;
const FAMILY = `${PARENT_PROCESS},${FIRST_CHILD},${SECOND_CHILD}`;
/** A row and what is below it, pixels. */
const LANE = 25;
const at = (seconds: number): bigint => BEGIN_NS + BigInt(Math.round(seconds * 1e9));

describe.skipIf(!chromiumPath)('a process, its parent and its children on one axis', () => {
  let bench: Bench;
  let visit: Visit;
  beforeAll(async () => {
    bench = await Bench.start();
    bench.host.related = true;
  });
  afterAll(() => bench.stop());
  afterEach(() => visit.close());

  const settled = async (): Promise<void> => void (await visit.page.waitForSelector('.flame[data-sharp=true][data-settled=true]'));

  async function open(query: string): Promise<void> {
    visit = await bench.open(`${TIMELINE}?${query}`);
    await settled();
  }

  /** A position in the lanes: a moment of those from -20 to 30 s, `row` lanes of one row below the first. */
  async function place(seconds: number, row: number): Promise<{ x: number; y: number }> {
    const box = (await visit.page.locator('.rectangles').boundingBox())!;
    return { x: box.x + ((seconds + 20) / 50) * box.width, y: box.y + row * LANE + 9 };
  }

  async function hovered(seconds: number, row: number): Promise<string> {
    const { x, y } = await place(seconds, row);
    await visit.page.mouse.move(x, y);
    const tooltip = visit.page.locator('.stage .tooltip');
    return (await tooltip.isVisible()) ? tooltip.innerText() : '';
  }

  const ALL = `from=${at(-20)}&to=${at(30)}&with=${FAMILY}`;

  test('spans lie where they were, below the rows of their processes, which fold by a click', async () => {
    await open(ALL);
    // The process in the middle has many lanes: folded, all others are in sight.
    const header = await place(-19, 2);
    await visit.page.mouse.click(header.x, header.y);
    await settled();
    expect(await hovered(-13, 1)).toMatch(/^Launch\n10\.0 s .*launcher$/);
    expect(await hovered(5.5, 4)).toBe(`Compile shader\n1.00 s · depth 0 · ${HOSTILE.thread.replace('\u202e', '\u00b7')} · ${HOSTILE.name} …000002`);
    expect(await hovered(7, 4)).toContain(HOSTILE.name);
    expect(await hovered(18, 6)).toMatch(/^Compile shader\n2\.00 s .* …000003$/);
    for (const [seconds, row] of [[-5, 1], [20, 1], [5.5, 6], [18, 4], [18, 2], [4.8, 4], [6.2, 4], [16.8, 6], [19.2, 6]] as const) expect([seconds, row, await hovered(seconds, row)]).toEqual([seconds, row, '']);
    const box = (await visit.page.locator('.rectangles').boundingBox())!;
    const pixel = async (seconds: number, row: number): Promise<[number, number]> => {
      const { x, y } = await place(seconds, row);
      return [Math.round(x - box.x), Math.round(y - box.y)];
    };
    const [before, within, after, child] = await visit.colors([await pixel(4.9, 4), await pixel(5.5, 4), await pixel(6.1, 4), await pixel(18, 6)]);
    expect([before, after]).toEqual([[255, 255, 255], [255, 255, 255]]);
    expect(within).not.toEqual([255, 255, 255]);
    // The same name has the same colour in every process.
    expect(child).toEqual(within);
    expect(await visit.page.evaluate('window.hostile')).toBeUndefined();
    expect(visit.complaints).toEqual([]);
  });

  test('a selected span says of which process it is, and its link brings back span and processes', async () => {
    await open(ALL);
    const header = await place(-19, 2);
    await visit.page.mouse.click(header.x, header.y);
    await settled();
    const { x, y } = await place(18, 6);
    await visit.page.mouse.click(x, y);
    const url = await visit.address('sel=');
    expect(url.searchParams.get('sel')).toBe(`0198c0de-0000-7000-8000-000000000000@${SECOND_CHILD}:1`);
    expect(url.searchParams.get('with')).toBe(FAMILY);
    const fact = visit.page.locator('.panel').getByText(`${HOSTILE.name} …000003`, { exact: true });
    await fact.waitFor();
    expect(await visit.page.locator('.panel a').getAttribute('href')).toContain(`/process/${SECOND_CHILD}/logs`);
    await visit.page.goto('about:blank');
    await visit.page.goto(url.href);
    await fact.waitFor();
    await settled();
    expect(visit.page.url()).toBe(url.href);
    // What it shows may lie beside the process that the page is of.
    await visit.page.goto('about:blank');
    const late = `?from=${at(16)}&to=${at(20)}&with=${FAMILY}`;
    await visit.page.goto(`${bench.address}${TIMELINE}${late}`);
    await settled();
    await expect.poll(() => new URL(visit.page.url()).search).toBe(late);
    await visit.page.goBack();
    await visit.page.goto(url.href);
    await visit.page.locator('.panel-title').getByText('Compile shader').waitFor();
  });

  test('of a process out of sight no tile and no async span is asked for', async () => {
    const asked = (process: string): string[] => visit.requests.filter((url) => new RegExp(`/tiles/${process}/|/${process}/async`).test(url));
    await open(`from=${at(9)}&to=${at(11)}&with=${FAMILY}`);
    expect(asked(FIRST_CHILD)).toEqual([]);
    expect(asked(SECOND_CHILD)).toEqual([]);
    expect(asked(PARENT_PROCESS).length).toBeGreaterThan(0);
    await visit.page.locator('.stage').hover();
    // Folded, the process leaves room for those below it; the first child began before what is shown now.
    const header = (await visit.page.locator('.rectangles').boundingBox())!;
    await visit.page.mouse.click(header.x + 20, header.y + 2 * LANE + 9);
    await visit.page.keyboard.press('0');
    await settled();
    await expect.poll(() => asked(FIRST_CHILD).length).toBeGreaterThan(0);
    await expect.poll(() => asked(SECOND_CHILD).length).toBeGreaterThan(0);
  });

  test('parent and children are chosen by keys, and one that is not there is said to be missing', async () => {
    await open(`from=${at(4)}&to=${at(8)}`);
    expect(await visit.page.locator('.bar').getByText('Processes…').getAttribute('aria-expanded')).not.toBe('true');
    await visit.page.keyboard.press('p');
    const menu = visit.page.getByRole('dialog', { name: 'Processes on this axis' });
    const boxes = menu.getByRole('group', { name: 'Parent and children' }).getByRole('checkbox');
    await boxes.first().waitFor();
    expect(await boxes.evaluateAll((found) => found.map((box) => [(box as HTMLInputElement).value, (box as HTMLInputElement).checked, (box as HTMLInputElement).disabled]))).toEqual([
      [PARENT_PROCESS, false, false], [PROCESS, true, true], [SECOND_CHILD, false, false], [expect.any(String), false, false], [FIRST_CHILD, false, false],
    ]);
    await visit.page.keyboard.press('Space');
    await visit.address(`with=${PARENT_PROCESS}`);
    await visit.page.locator('.bar').getByText('Processes (2)').waitFor();
    await visit.page.waitForFunction((process) => (document.querySelector('.chart')!.shadowRoot!.activeElement as HTMLInputElement).value === process, PARENT_PROCESS);
    // Who was not looking at all goes on looking at the same.
    await expect.poll(() => new URL(visit.page.url()).searchParams.get('from')).toBe(String(at(4)));
    await menu.getByRole('searchbox').fill('server');
    await menu.getByRole('group', { name: 'Other processes' }).getByText('harbour-server').waitFor();
    await menu.getByRole('group', { name: 'Other processes' }).getByRole('checkbox').check();
    await menu.locator('.failed').waitFor();
    await visit.page.locator('.status.failed').waitFor();
    await menu.getByRole('group', { name: 'Other processes' }).getByRole('checkbox').uncheck();
    await visit.page.locator('.status:not(.failed)').waitFor({ state: 'attached' });
    await visit.page.keyboard.press('Escape');
    await settled();
    const url = new URL(visit.page.url());
    expect(url.searchParams.get('with')).toBe(PARENT_PROCESS);
  });

  test('keys go over the rows of processes, fold them, and say so', async () => {
    await open(ALL);
    const said = visit.page.locator('.stage .said');
    await visit.page.keyboard.press('j');
    await expect.poll(() => said.textContent()).toBe('launcher · unfolded');
    await visit.page.keyboard.press('j');
    await visit.page.locator('.panel').getByText('launcher', { exact: true }).waitFor();
    await visit.page.keyboard.press('Shift+X');
    await expect.poll(() => said.textContent()).toBe('launcher · folded');
    await visit.page.keyboard.press('j');
    await expect.poll(() => said.textContent()).toBe('Harbour.exe · unfolded');
    await visit.page.keyboard.press('x');
    await expect.poll(() => said.textContent()).toBe('Harbour.exe · folded');
    await settled();
    await visit.page.keyboard.press('j');
    await visit.page.keyboard.press('j');
    await visit.page.locator('.panel').getByText('Compile shader').waitFor();
  });

  test('a search finds spans of all of them, the table names their processes, and statistics are of one at a time', async () => {
    await open(`${ALL}&q=compile&range=${at(4)}~${at(20)}`);
    await expect.poll(() => visit.page.locator('.hit-count').textContent()).toContain('2');
    await visit.page.getByRole('button', { name: 'Table' }).click();
    const rows = visit.page.locator('.twin tbody tr');
    await expect.poll(() => rows.evaluateAll((found) => found.map((row) => row.children[1]!.textContent))).toEqual([`${HOSTILE.name} …000002`, `${HOSTILE.name} …000003`]);
    await visit.page.getByRole('button', { name: 'Table' }).click();
    await visit.page.locator('.panel').getByRole('button', { name: 'Statistics' }).click();
    const chosen = visit.page.getByRole('combobox', { name: 'Process of the statistics' });
    await visit.page.waitForSelector('.statistics[data-settled=true]');
    expect(await chosen.inputValue()).toBe(PROCESS);
    await chosen.selectOption(SECOND_CHILD);
    await visit.page.locator('.statistics .twin').getByText('Compile shader').waitFor();
    expect(await visit.page.locator('.statistics .twin tbody tr').count()).toBe(1);
    // Merged spans are those of the page's own process, and say so.
    await visit.page.getByRole('button', { name: 'Mode: timeline' }).click();
    await expect.poll(() => visit.page.locator('.bar .status').textContent()).toBe('Only Harbour.exe');
  });
});

describe.skipIf(!chromiumPath)('the timeline of a live process', () => {
  let bench: Bench;
  let visit: Visit;
  beforeAll(async () => {
    bench = await Bench.start();
  });
  afterAll(() => bench.stop());
  afterEach(() => visit.close());

  const endOf = (url: URL): number => Number(BigInt(url.searchParams.get('to')!) - BEGIN_NS) / 1e9;

  test('is followed while its end is in sight, until the reader wants it to stay or moves', async () => {
    bench.host.liveSeconds = 12;
    visit = await bench.open(`/process/${LIVE_PROCESS}/timeline?from=${at(10)}&to=${at(12.12)}`);
    await visit.page.waitForSelector('.flame[data-sharp=true][data-settled=true]');
    const follow = visit.page.getByRole('button', { name: 'Follow' });
    const said = visit.page.locator('.stage .said');
    const pressed = (): Promise<string | null> => follow.getAttribute('aria-pressed');
    await expect.poll(pressed).toBe('true');
    bench.host.liveSeconds = 20;
    bench.host.version++;
    const url = await visit.address((found) => found.searchParams.has('to') && endOf(found) > 19);
    expect(endOf(url) - Number(BigInt(url.searchParams.get('from')!) - BEGIN_NS) / 1e9).toBeCloseTo(2.12, 1);
    await visit.page.keyboard.press('g');
    await expect.poll(pressed).toBe('false');
    expect(await said.textContent()).toBe('No longer following the end');
    const before = visit.requests.filter((request) => /\/tiles\/[^/]+\?/.test(request)).length;
    bench.host.liveSeconds = 28;
    bench.host.version++;
    await expect.poll(() => visit.requests.filter((request) => /\/tiles\/[^/]+\?/.test(request)).length).toBeGreaterThan(before);
    await visit.page.waitForSelector('.flame[data-settled=true]');
    expect(endOf(new URL(visit.page.url()))).toBeCloseTo(endOf(url), 3);
    await visit.page.keyboard.press('g');
    await expect.poll(pressed).toBe('true');
    expect(await said.textContent()).toBe('Following the end');
    await visit.page.keyboard.press('Home');
    await expect.poll(pressed).toBe('false');
    expect(await said.textContent()).toBe('No longer following the end');
    expect(visit.complaints).toEqual([]);
  });

  test('that has ended cannot be followed', async () => {
    visit = await bench.open(TIMELINE);
    await visit.page.waitForSelector('.flame[data-sharp=true]');
    expect(await visit.page.getByRole('button', { name: 'Follow' }).count()).toBe(0);
    await visit.page.keyboard.press('g');
    await expect.poll(() => visit.page.locator('.stage .said').textContent()).toContain('nothing to follow');
  });
});
