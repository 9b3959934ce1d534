import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Bench, Visit, chromiumPath } from '../support/browser';
import { fakeMerged } from '../support/fakeMerged';
import { PROCESS } from '../support/fakeHost';
import { BEGIN_NS, DURATION_NS, HOSTILE } from '../support/synthetic';

const TIMELINE = `/process/${PROCESS}/timeline`;
const GUTTER = 156;
const AXIS = 22;

describe.skipIf(!chromiumPath)('spans that are merged', () => {
  let bench: Bench;
  let visit: Visit;
  beforeAll(async () => {
    bench = await Bench.start();
  });
  afterAll(() => bench.stop());
  afterEach(async () => {
    bench.host.failing = null;
    await visit.close();
  });

  const shown = (mode: string): Promise<unknown> => visit.page.waitForSelector(`.flame[data-mode=${mode}][data-settled=true]`);

  const hostile = async (): Promise<void> => {
    expect(await visit.page.evaluate('window.hostile')).toBeUndefined();
    expect(visit.complaints.filter((text) => !text.includes('favicon'))).toEqual([]);
  };

  /** A position in the merged chart: `share` of the width of its lanes, `y` below the first of them. */
  async function at(share: number, y: number): Promise<{ x: number; y: number }> {
    const box = (await visit.page.locator('.merged-stage').boundingBox())!;
    return { x: box.x + GUTTER + share * (box.width - GUTTER - 12), y: box.y + AXIS + y };
  }

  async function picture(name: string): Promise<void> {
    const folder = process.env['LEGION_PICTURES'];
    if (folder) await visit.page.screenshot({ path: `${folder}/${name}.png` });
  }

  test('a key and a button walk through the modes, and the link has them', async () => {
    visit = await bench.open(TIMELINE);
    await visit.sharp();
    await visit.page.keyboard.press('v');
    await shown('left-heavy');
    await visit.address('mode=left-heavy');
    await visit.page.locator('.merged-head').getByText(/spans from .* merged to [\d,]+ call paths/).waitFor();
    await picture('left-heavy');
    await visit.page.getByRole('button', { name: 'Mode: left heavy' }).click();
    await shown('sandwich');
    const url = await visit.address((each) => each.searchParams.get('mode') === 'sandwich' && each.searchParams.has('function'));
    await picture('sandwich');
    await visit.page.goto('about:blank');
    await visit.page.goto(url.href);
    await shown('sandwich');
    expect(await visit.page.locator('.merged-functions .chosen .row-button').innerText()).toBe(url.searchParams.get('function'));
    await visit.page.keyboard.press('v');
    await shown('timeline');
    expect(await visit.page.locator('.merged').isVisible()).toBe(false);
    await visit.address((each) => !each.searchParams.has('mode') && !each.searchParams.has('function'));
    await hostile();
  });

  test('a pointer that comes before the answer does nothing', async () => {
    visit = await bench.open(TIMELINE);
    await visit.sharp();
    let answer = (): void => {};
    const held = new Promise<void>((resolve) => { answer = resolve; });
    await visit.page.route((url) => url.pathname.endsWith('/merged'), async (route) => {
      await held;
      await route.continue();
    });
    await visit.page.keyboard.press('v');
    await visit.page.locator('.merged .message').getByText('Merging').waitFor();
    const { x, y } = await at(0.5, 9);
    await visit.page.mouse.move(x, y);
    await visit.page.mouse.click(x + 1, y);
    answer();
    await shown('left-heavy');
    await hostile();
  });

  test('a frame tells its sums, is zoomed to, and leads to its sandwich', async () => {
    visit = await bench.open(`${TIMELINE}?mode=left-heavy`);
    await shown('left-heavy');
    const { x, y } = await at(0.1, 9);
    await visit.page.mouse.move(x, y);
    const tooltip = visit.page.locator('.merged-stage .tooltip');
    await tooltip.getByText(/spans? · Total .* · Self .* · Average .* · [\d.]+ % of its thread/).waitFor();
    const name = (await tooltip.innerText()).split('\n')[0]!;
    await visit.page.mouse.click(x, y);
    const panel = visit.page.locator('.merged .panel');
    await panel.locator('.panel-title').getByText(name, { exact: true }).waitFor();
    for (const label of ['Count', 'Total', 'Self', 'Average', 'Share', 'Path']) await panel.getByText(label, { exact: true }).waitFor();
    await visit.page.keyboard.press('.');
    await panel.getByRole('button', { name: 'Sandwich', exact: true }).click();
    await shown('sandwich');
    await visit.address('function=');
    await hostile();
  });

  test('any function is put in the middle, by its row or by keys, whatever its name', async () => {
    visit = await bench.open(`${TIMELINE}?mode=sandwich`);
    await shown('sandwich');
    await visit.page.locator('.merged-functions').getByRole('button', { name: HOSTILE.name, exact: true }).click();
    await visit.address((url) => url.searchParams.get('function') === HOSTILE.name);
    await shown('sandwich');
    await picture('sandwich-hostile');
    await visit.page.keyboard.press('/');
    await visit.page.keyboard.type('pass');
    await visit.page.keyboard.press('Enter');
    await visit.address((url) => (url.searchParams.get('function') ?? '').toLowerCase().includes('pass'));
    expect((await visit.page.locator('.merged-functions .row-button').allInnerTexts()).every((text) => text.toLowerCase().includes('pass'))).toBe(true);
    await hostile();
  });

  test('are those of the selected range, and what is left out is said', async () => {
    visit = await bench.open(`${TIMELINE}?range=${BEGIN_NS + 4_000_000_000n}~${BEGIN_NS + 4_500_000_000n}&mode=left-heavy`);
    await shown('left-heavy');
    await visit.page.locator('.merged-head').getByText(/of 500 ms, merged/).waitFor();
    expect(bench.host.requests.filter((each) => each.endsWith(`/merged?from_ns=${BEGIN_NS + 4_000_000_000n}&to_ns=${BEGIN_NS + 4_500_000_000n}&mode=left-heavy`))).toHaveLength(1);
    await visit.page.getByRole('button', { name: 'Table' }).click();
    expect(await visit.page.locator('.merged .twin tbody tr').count()).toBeGreaterThan(10);
    await picture('left-heavy-table');
    bench.host.failing = /\/merged$/;
    await visit.page.keyboard.press('v');
    await shown('sandwich');
    await visit.page.getByText(/Spans could not be merged/).waitFor();
    bench.host.failing = null;
    await visit.page.goto(`${bench.address}${TIMELINE}?range=${BEGIN_NS - 9_000_000_000n}~${BEGIN_NS - 8_000_000_000n}&mode=left-heavy`);
    await visit.page.getByText('There are no spans in this time.').waitFor();
  });

  test('a cell of a report draws what it carries, and tells a path instead of a span', async () => {
    visit = await bench.open('/nowhere');
    const range = { from_ns: String(BEGIN_NS), to_ns: String(BEGIN_NS + BigInt(DURATION_NS)) };
    const merged = (more: Record<string, string>): unknown => fakeMerged(bench.host.streams, new URLSearchParams({ ...range, ...more }));
    const model = {
      manifest: bench.host.manifest(PROCESS), source: { kind: 'embedded', tiles: {} }, view: { begin_ns: range.from_ns, end_ns: range.to_ns }, mode: 'left-heavy',
      merged: { left_heavy: merged({ mode: 'left-heavy' }), sandwiches: [merged({ mode: 'sandwich', function: HOSTILE.name })] },
    };
    const script = `import { render } from '/cells/flame.js';
      const data = new Map(Object.entries(${JSON.stringify(model)}));
      window.selected = () => data.get('selection');
      await render({ model: { get: (k) => data.get(k), set: (k, v) => data.set(k, v), save_changes: () => {} }, el: document.getElementById('cell') });`;
    await visit.page.route('**/notebook', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><body><div id="cell"></div><script type="module" src="/notebook.js"></script>' }));
    await visit.page.route('**/notebook.js', (route) => route.fulfill({ contentType: 'text/javascript', body: script }));
    visit.complaints.length = 0;
    visit.requests.length = 0;
    await visit.page.goto(`${bench.address}/notebook`);
    await shown('left-heavy');
    await picture('cell-left-heavy');
    const { x, y } = await at(0.1, 9);
    await visit.page.mouse.click(x, y);
    await visit.page.waitForFunction('window.selected()?.path?.length === 1');
    const selected = await visit.page.evaluate('window.selected()') as Record<string, unknown>;
    expect(selected).toMatchObject({ begin_ns: range.from_ns, end_ns: range.to_ns, span_id: null, stream_id: bench.host.streams[0]!.id });
    expect(selected['path']).toEqual([selected['name']]);
    // Only what the report carries can be in the middle.
    await visit.page.keyboard.press('v');
    await visit.page.getByText('was not saved with this page').waitFor();
    await visit.page.locator('.merged-functions').getByRole('button', { name: HOSTILE.name, exact: true }).click();
    await visit.page.getByText('was not saved with this page').waitFor({ state: 'hidden' });
    await picture('cell-sandwich');
    expect(visit.requests.filter((each) => each.includes('/api/'))).toEqual([]);
    await hostile();
  });
});
