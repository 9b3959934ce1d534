import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Bench, Visit, chromiumPath } from '../support/browser';
import { PROCESS } from '../support/fakeHost';
import { BEGIN_NS, HOSTILE } from '../support/synthetic';

const TIMELINE = `/process/${PROCESS}/timeline`;
const GUTTER = 156;
const AXIS = 22;
const at = (seconds: number): bigint => BEGIN_NS + BigInt(Math.round(seconds * 1e9));
const VIEW = { from: at(4), to: at(4.1) };

describe.skipIf(!chromiumPath)('marks', () => {
  let bench: Bench;
  let visit: Visit;
  beforeAll(async () => {
    bench = await Bench.start();
  });
  afterAll(() => bench.stop());
  afterEach(() => visit.close());

  async function open(query = `?from=${VIEW.from}&to=${VIEW.to}`): Promise<void> {
    visit = await bench.open(TIMELINE + query);
    await settled();
  }

  const settled = (): Promise<unknown> => visit.page.waitForSelector('.flame[data-sharp=true][data-settled=true]');
  const press = (key: string): Promise<void> => visit.page.keyboard.press(key);
  const marksOf = (url: URL): string[] => url.searchParams.getAll('mark');
  const said = (): Promise<string | null> => visit.page.locator('.stage .said').textContent();

  /** Where a moment is on the page, in the middle of a row of the first lane. */
  async function place(ns: bigint, row: number): Promise<{ x: number; y: number }> {
    const stage = (await visit.page.locator('.stage').boundingBox())!;
    const lanes = (await visit.page.locator('.rectangles').boundingBox())!;
    return { x: stage.x + GUTTER + (Number(ns - VIEW.from) / Number(VIEW.to - VIEW.from)) * lanes.width, y: stage.y + AXIS + row * 18 + 9 };
  }

  test('are set at the pointer, at the edge of a span close to it, and are in the link with their labels', async () => {
    await open();
    const frame = bench.host.streams[0]!.spans.find((span) => span.depth === 1 && span.begin > 4.01e9)!;
    const edge = BEGIN_NS + BigInt(frame.begin);
    const onFrame = await place(edge, 1);
    await visit.page.mouse.move(onFrame.x + 4, onFrame.y);
    await press('m');
    const [first] = marksOf(await visit.address('mark='));
    // As exactly as it is drawn: four pixels would be 0.3 ms.
    expect(Math.abs(Number(BigInt(first!) - edge))).toBeLessThan(70_000);
    expect(await said()).toMatch(/^Mark 1, /);
    const free = await place(at(4.08), 12);
    await visit.page.mouse.move(free.x, free.y);
    await press('m');
    const url = await visit.address((each) => marksOf(each).length === 2);
    expect(Math.abs(Number(BigInt(marksOf(url)[1]!) - at(4.08)))).toBeLessThan(150_000);
    expect(await visit.page.locator('.mark-strip').isVisible()).toBe(true);

    // On a mark the same key leads to its label.
    await press('m');
    const menu = visit.page.getByRole('dialog', { name: 'Marks' });
    await menu.waitFor();
    await visit.page.keyboard.type(HOSTILE.name);
    const labelled = await visit.address((each) => marksOf(each)[1]?.endsWith(HOSTILE.name) === true);
    expect(marksOf(labelled)[1]).toBe(`${marksOf(url)[1]}:${HOSTILE.name}`);
    const distance = Number(BigInt(marksOf(url)[1]!) - BigInt(first!)) / 1e6;
    expect(await menu.locator('tbody tr').first().locator('.number').innerText()).toBe(`${distance.toFixed(1)} ms`);
    await press('Enter');
    await menu.waitFor({ state: 'hidden' });
    expect(marksOf(await visit.address('mark=')).length).toBe(2);

    // The same link in another browser shows them.
    await visit.page.goto('about:blank');
    await visit.page.goto(labelled.href);
    await settled();
    await visit.page.getByRole('button', { name: 'Marks (2)' }).click();
    expect(await menu.getByRole('textbox').evaluateAll((inputs) => inputs.map((input) => (input as HTMLInputElement).value))).toEqual(['', HOSTILE.name]);
    await press('Escape');
    const near = await place(at(4.075), 12);
    await visit.page.mouse.move(near.x, near.y);
    await press('Shift+M');
    expect(marksOf(await visit.address((each) => marksOf(each).length === 1))).toEqual([first]);
    expect(await said()).toBe(`Mark ${HOSTILE.name} removed`);
    await press('Shift+M');
    await visit.address((each) => marksOf(each).length === 0);
    expect(await visit.page.locator('.mark-strip').isVisible()).toBe(false);
    expect(await visit.page.evaluate('window.hostile')).toBeUndefined();
    expect(visit.complaints).toEqual([]);
  });

  test('by keys alone: at both ends of a span and of a range, gone to one after the other, listed and removed', async () => {
    await open();
    await press('.');
    await press('Shift+ArrowDown');
    await visit.page.locator('.flame > .panel').getByText('Frame', { exact: true }).waitFor();
    const sel = (await visit.address('sel=')).searchParams.get('sel')!;
    const span = bench.host.streams[0]!.spans[Number(sel.split(':')[1]) - 1]!;
    await visit.page.locator('.panel .property').first().waitFor();
    await press('m');
    const [begin, end] = marksOf(await visit.address((url) => marksOf(url).length === 2));
    expect([begin, end]).toEqual([String(BEGIN_NS + BigInt(span.begin)), String(BEGIN_NS + BigInt(span.end))]);
    await press('Escape');
    await press('r');
    // The end that keys move is the cursor.
    await press('m');
    const ranged = await visit.address((url) => marksOf(url).length === 3);
    const three = marksOf(ranged);
    expect(three[2]).toBe(ranged.searchParams.get('range')!.split('~')[1]);
    await press('Escape');
    const middle = (url: URL): bigint => (BigInt(url.searchParams.get('from')!) + BigInt(url.searchParams.get('to')!)) / 2n;
    const isAt = (mark: string) => (url: URL) => middle(url) - BigInt(mark) < 1000n && BigInt(mark) - middle(url) < 1000n;
    // The span was brought to the middle: what lies before that is its begin, and before this the last one.
    await press('Shift+N');
    await visit.address(isAt(begin!));
    await press('Shift+N');
    await visit.address(isAt(three[2]!));
    await press('n');
    await visit.address(isAt(begin!));
    await press('n');
    await visit.address(isAt(end!));
    await press('n');
    await visit.address(isAt(three[2]!));
    const menu = visit.page.getByRole('dialog', { name: 'Marks' });
    await visit.page.getByRole('button', { name: 'Marks (3)' }).focus();
    await press('Enter');
    await menu.waitFor();
    await menu.getByRole('button', { name: 'Remove mark 2' }).focus();
    await press('Enter');
    await visit.address((url) => marksOf(url).length === 2);
    await menu.getByRole('button', { name: 'Remove mark 1' }).focus();
    await press('Space');
    await press('Space');
    await visit.address((url) => marksOf(url).length === 0);
    await menu.waitFor({ state: 'hidden' });
    expect(visit.complaints).toEqual([]);
  });
});
