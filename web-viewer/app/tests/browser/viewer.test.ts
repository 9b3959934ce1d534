import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { EMPTY_PROCESS, PROCESS } from '../support/fakeHost';
import { BEGIN_NS, HOSTILE } from '../support/synthetic';
import { Bench, Visit, chromiumPath } from '../support/browser';

const TIMELINE = `/process/${PROCESS}/timeline`;
const LOGS = `/process/${PROCESS}/logs`;
const at = (seconds: number): bigint => BEGIN_NS + BigInt(Math.round(seconds * 1e9));

describe.skipIf(!chromiumPath)('the viewer', () => {
  let bench: Bench;
  let visit: Visit;
  beforeAll(async () => {
    bench = await Bench.start();
  });
  afterAll(() => bench.stop());
  afterEach(() => visit.close());

  /** Middle of a span of the synthetic main thread, as a position in the page. */
  async function middleOf(depth: number, begin: bigint, end: bigint, view: { from: bigint; to: bigint }): Promise<{ x: number; y: number }> {
    const box = (await visit.page.locator('.rectangles').boundingBox())!;
    const share = Number((begin + end) / 2n - view.from) / Number(view.to - view.from);
    return { x: box.x + share * box.width, y: box.y + depth * 18 + 8 };
  }

  test.each([['/', 'tbody tr'], [TIMELINE, '.flame[data-sharp=true]'], [LOGS, '.log-row'], [`${TIMELINE}?q=island`, '.flame[data-sharp=true]'], [`/process/${EMPTY_PROCESS}/timeline`, '.message'], ['/nowhere', 'main']])(
    '%s keeps to the page policy', async (path, ready) => {
      visit = await bench.open(path);
      await visit.page.waitForSelector(ready);
      expect(visit.complaints).toEqual([]);
      expect(visit.requests.filter((url) => !url.startsWith(bench.address) && !url.startsWith('data:'))).toEqual([]);
    });

  test('shows hostile text as text, wherever it stands', async () => {
    const worker = bench.host.streams[2]!;
    const span = worker.spans.find((s) => s.name === HOSTILE.name)!;
    visit = await bench.open('/');
    await visit.page.getByText(HOSTILE.name).waitFor();
    expect(await visit.page.locator('.property').first().isVisible()).toBe(true);
    await visit.page.goto(`${bench.address}${TIMELINE}?sel=${worker.id}:${span.id}`);
    for (const text of [HOSTILE.name, HOSTILE.target, `${HOSTILE.file}:42`, HOSTILE.key, HOSTILE.value])
      await visit.page.locator('.panel').getByText(text, { exact: true }).waitFor();
    await visit.page.goto(bench.address + LOGS);
    await visit.page.getByText(HOSTILE.message).first().waitFor();
    await visit.page.getByText(HOSTILE.target).first().waitFor();
    expect(await visit.page.evaluate('window.hostile')).toBeUndefined();
    expect(visit.complaints).toEqual([]);
  });

  test('marks the first meaningful paint', async () => {
    visit = await bench.open(TIMELINE);
    await visit.sharp();
    const marks = await visit.page.evaluate(() => performance.getEntriesByName('legion-first-view').map((e) => e.startTime));
    expect(marks.length).toBe(1);
    expect(marks[0]).toBeGreaterThan(0);
  });

  test.each(['light', 'dark'] as const)('draws spans in %s', async (scheme) => {
    visit = await bench.open(TIMELINE, scheme);
    await visit.sharp();
    const colors = {
      session: (await visit.colors([[100, 8], [400, 8], [900, 8], [1200, 8]])).map(String),
      empty: String((await visit.colors([[1, 8]]))[0]),
      rows: new Set((await visit.colors(Array.from({ length: 400 }, (_, i) => [200 + i, 44] as const))).map(String)).size,
    };
    expect(new Set(colors.session).size).toBe(1);
    expect(colors.session[0]).not.toBe(colors.empty);
    expect(colors.empty).toBe(scheme === 'light' ? '255,255,255' : '19,21,25');
    expect(colors.rows).toBeGreaterThan(5);
  });

  test('a click selects the span under it, and the link brings it back', async () => {
    const frame = bench.host.streams[0]!.spans.find((s) => s.depth === 1 && s.begin > 4e9)!;
    const view = { from: at(3.99), to: at(4.06) };
    visit = await bench.open(`${TIMELINE}?from=${view.from}&to=${view.to}`);
    await visit.sharp();
    const { x, y } = await middleOf(1, BEGIN_NS + BigInt(frame.begin), BEGIN_NS + BigInt(frame.end), view);
    await visit.page.mouse.move(x, y);
    await visit.page.locator('.tooltip').getByText(frame.name).waitFor();
    await visit.page.mouse.click(x, y);
    const url = await visit.address(`sel=${bench.host.streams[0]!.id}:${frame.id}`);
    expect([url.searchParams.get('from'), url.searchParams.get('to')]).toEqual([String(view.from), String(view.to)]);
    await visit.page.goto('about:blank');
    await visit.page.goto(url.href);
    await visit.page.locator('.panel-title').getByText(frame.name).waitFor();
    await visit.sharp();
    expect(visit.page.url()).toBe(url.href);
  });

  test('double click zooms to the span, F again to everything', async () => {
    const frame = bench.host.streams[0]!.spans.find((s) => s.depth === 1 && s.begin > 4e9)!;
    const view = { from: at(3.9), to: at(4.2) };
    visit = await bench.open(`${TIMELINE}?from=${view.from}&to=${view.to}`);
    await visit.sharp();
    const { x, y } = await middleOf(1, BEGIN_NS + BigInt(frame.begin), BEGIN_NS + BigInt(frame.end), view);
    await visit.page.mouse.dblclick(x, y);
    await visit.page.waitForURL((url) => {
      const from = Number(BigInt(url.searchParams.get('from') ?? 0) - BEGIN_NS);
      const to = Number(BigInt(url.searchParams.get('to') ?? 0) - BEGIN_NS);
      return from < frame.begin && to > frame.end && to - from < 1.5 * (frame.end - frame.begin);
    });
    await visit.page.keyboard.press('f');
    await visit.page.waitForURL((url) => BigInt(url.searchParams.get('from')!) < BEGIN_NS);
  });

  test('Ctrl and wheel zoom at the pointer, and a small move fetches nothing', async () => {
    const view = { from: at(4), to: at(4.4) };
    visit = await bench.open(`${TIMELINE}?from=${view.from}&to=${view.to}`);
    await visit.sharp();
    const box = (await visit.page.locator('.rectangles').boundingBox())!;
    await visit.page.mouse.move(box.x + box.width * 0.25, box.y + 30);
    await visit.page.keyboard.down('Control');
    await visit.page.mouse.wheel(0, -300);
    await visit.page.keyboard.up('Control');
    const url = await visit.address(/from=(?!1795375479123456789)/);
    const from = Number(BigInt(url.searchParams.get('from')!) - view.from);
    const to = Number(BigInt(url.searchParams.get('to')!) - view.from);
    expect(from + (to - from) * 0.25).toBeCloseTo(0.1e9, -6);
    await visit.sharp();
    await visit.page.waitForLoadState('networkidle');
    const fetched = bench.host.requests.length;
    await visit.page.keyboard.down('Shift');
    await visit.page.mouse.down();
    await visit.page.mouse.move(box.x + box.width * 0.25 - 60, box.y + 30);
    await visit.page.mouse.up();
    await visit.page.keyboard.up('Shift');
    await visit.address(new RegExp(`from=(?!${url.searchParams.get('from')})`));
    await visit.sharp();
    expect(bench.host.requests.slice(fetched)).toEqual([]);
  });

  test('the overview moves what is shown', async () => {
    visit = await bench.open(`${TIMELINE}?from=${at(1)}&to=${at(1.5)}`);
    await visit.sharp();
    const box = (await visit.page.locator('.overview').boundingBox())!;
    const gutter = (await visit.page.locator('.rectangles').boundingBox())!.x;
    await visit.page.mouse.click(gutter + (box.x + box.width - gutter) / 2, box.y + 10);
    const url = await visit.address(new RegExp(`from=(?!${at(1)})`));
    const from = BigInt(url.searchParams.get('from')!);
    const to = BigInt(url.searchParams.get('to')!);
    expect(Number(to - from)).toBeCloseTo(0.5e9, -3);
    expect(Number((from + to) / 2n - BEGIN_NS)).toBeCloseTo(6e9, -8);
  });

  test('dragging selects a range that survives in the link, and Esc clears it', async () => {
    visit = await bench.open(TIMELINE);
    await visit.sharp();
    const box = (await visit.page.locator('.rectangles').boundingBox())!;
    await visit.page.mouse.move(box.x + 300, box.y + 60);
    await visit.page.mouse.down();
    await visit.page.mouse.move(box.x + 500, box.y + 60, { steps: 4 });
    await visit.page.mouse.up();
    const url = await visit.address('range=');
    await visit.page.goto('about:blank');
    await visit.page.goto(url.href);
    await visit.page.getByText('Selected range', { exact: true }).waitFor();
    await visit.page.keyboard.press('Escape');
    await visit.address(/^(?!.*range=)/);
  });

  test('Alt and drag show the range, and keep none', async () => {
    const view = { from: at(2), to: at(4) };
    visit = await bench.open(`${TIMELINE}?from=${view.from}&to=${view.to}`);
    await visit.sharp();
    const box = (await visit.page.locator('.rectangles').boundingBox())!;
    await visit.page.keyboard.down('Alt');
    await visit.page.mouse.move(box.x + box.width * 0.25, box.y + 60);
    await visit.page.mouse.down();
    await visit.page.mouse.move(box.x + box.width * 0.75, box.y + 60, { steps: 4 });
    await visit.page.mouse.up();
    await visit.page.keyboard.up('Alt');
    const url = await visit.address(new RegExp(`from=(?!${view.from})`));
    expect(Number(BigInt(url.searchParams.get('from')!) - BEGIN_NS)).toBeCloseTo(2.5e9, -7);
    expect(Number(BigInt(url.searchParams.get('to')!) - BEGIN_NS)).toBeCloseTo(3.5e9, -7);
    expect(url.searchParams.has('range')).toBe(false);
  });

  test('where all hits are is seen above the whole process, also beyond those that can be walked through', async () => {
    visit = await bench.open(`${TIMELINE}?from=${at(1)}&to=${at(1.1)}&q=Solve%20islands`);
    await visit.sharp();
    // More than the host gives: all that are listed begin in the first second.
    const hits = bench.host.streams.flatMap(({ spans }) => spans).filter(({ name }) => name === 'Solve islands');
    expect(hits.length).toBeGreaterThan(2000);
    const accent = [0x17, 0x63, 0xbd];
    /** How far down the strip is in the colour of hits, in each column of pixels. */
    const hanging = (): Promise<number[]> => visit.page.locator('.overview').evaluate((canvas, [r, g, b]) => {
      const { width, height } = canvas as HTMLCanvasElement;
      const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height);
      return Array.from({ length: width }, (_, x) => {
        let y = 0;
        while (y < height && data[4 * (y * width + x)] === r && data[4 * (y * width + x) + 1] === g && data[4 * (y * width + x) + 2] === b) y++;
        return y;
      });
    }, accent);
    await visit.page.waitForFunction(() => performance.getEntriesByType('resource').some(({ name }) => name.includes('/find/density')));
    await expect.poll(async () => (await hanging()).filter((y) => y > 0).length).toBeGreaterThan(1000);
    const columns = await hanging();
    const seconds = (s: number): number => 156 + Math.round(((s + 0.12) / 12.24) * (columns.length - 156));
    for (const s of [0.5, 3, 6, 9, 11.5]) expect(columns.slice(seconds(s), seconds(s) + 20).some((y) => y >= 2)).toBe(true);
    // Nothing hangs where the process has no span.
    expect(columns.slice(156, seconds(-0.05)).every((y) => y === 0)).toBe(true);
    // The test reads back what nobody else does.
    expect(visit.complaints.filter((text) => !text.includes('willReadFrequently'))).toEqual([]);
  });

  test('searching walks through the hits in order of time', async () => {
    const total = bench.host.streams.reduce((sum, stream) => sum + stream.spans.filter((s) => s.name.includes('hitch')).length, 0);
    visit = await bench.open(TIMELINE);
    await visit.sharp();
    await visit.page.keyboard.press('/');
    await visit.page.keyboard.type('hitch');
    await visit.page.locator('.hit-count').getByText(`${total} hits`).waitFor();
    await visit.page.keyboard.press('Enter');
    await visit.page.locator('.hit-count').getByText(`1 of ${total}`).waitFor();
    const first = (await visit.address('sel=')).searchParams.get('sel');
    await visit.page.keyboard.press('Enter');
    await visit.page.locator('.hit-count').getByText(`2 of ${total}`).waitFor();
    await visit.page.keyboard.press('Shift+Enter');
    await visit.page.locator('.hit-count').getByText(`1 of ${total}`).waitFor();
    await visit.address(`sel=${first}`);
    expect(new URL(visit.page.url()).searchParams.get('q')).toBe('hitch');
    await visit.page.locator('.panel-title').getByText('Frame (hitch)').waitFor();
  });

  test('Enter goes to the next hit from here, however many there are before', async () => {
    visit = await bench.open(`${TIMELINE}?from=${at(6)}&to=${at(6.1)}`);
    await visit.sharp();
    await visit.page.keyboard.press('/');
    await visit.page.keyboard.type('islands');
    await visit.page.locator('.hit-count').getByText(/^\d+,\d+ hits$/).waitFor();
    await visit.page.keyboard.press('Enter');
    const [stream, span] = (await visit.address('sel=')).searchParams.get('sel')!.split(':');
    const found = bench.host.streams.find((s) => s.id === stream)!.spans[Number(span) - 1]!;
    expect(found.name).toBe('Solve islands');
    expect(found.begin).toBeGreaterThanOrEqual(6e9);
    expect(found.begin).toBeLessThan(6.01e9);
  });

  test('C colours the spans by something else, and the link brings that back', async () => {
    visit = await bench.open(TIMELINE);
    await visit.sharp();
    await visit.page.keyboard.press('c');
    await visit.address('color=duration');
    await visit.page.reload();
    await visit.page.getByRole('button', { name: 'Colour: duration' }).waitFor();
    await visit.page.getByRole('button', { name: 'Colour: duration' }).click();
    await visit.address('color=depth');
    await visit.page.keyboard.press('c');
    await visit.address((url) => !url.searchParams.has('color'));
  });

  test('the table twin says what the canvas shows', async () => {
    visit = await bench.open(`${TIMELINE}?from=${at(4)}&to=${at(4.03)}`);
    await visit.sharp();
    await visit.page.getByRole('button', { name: 'Table' }).click();
    const row = visit.page.getByRole('row').filter({ hasText: 'Run session' }).first();
    await row.waitFor();
    expect(await row.innerText()).toContain('main');
    await row.getByRole('button').click();
    await visit.address(`sel=${bench.host.streams[0]!.id}:1`);
    expect(await visit.page.locator('.twin tbody tr').count()).toBeLessThanOrEqual(200);
  });

  test('? shows the keys and Esc hides them', async () => {
    visit = await bench.open(TIMELINE);
    await visit.sharp();
    await visit.page.keyboard.press('?');
    await visit.page.getByRole('dialog').waitFor();
    await visit.page.keyboard.press('Escape');
    await visit.page.getByRole('dialog').waitFor({ state: 'hidden' });
  });

  test('from a span to its log lines and back keeps range and selection', async () => {
    const stream = bench.host.streams[0]!;
    const frame = stream.spans.find((s) => s.depth === 1 && s.begin > 4e9)!;
    visit = await bench.open(`${TIMELINE}?sel=${stream.id}:${frame.id}`);
    await visit.page.getByRole('link', { name: 'Logs of this span' }).click();
    await visit.page.locator('.log-row').first().waitFor();
    const url = new URL(visit.page.url());
    expect(url.pathname).toBe(LOGS);
    expect(BigInt(url.searchParams.get('from')!) - BEGIN_NS).toBe(BigInt(frame.begin));
    expect(BigInt(url.searchParams.get('to')!) - BEGIN_NS).toBe(BigInt(frame.end));
    await visit.page.locator('.log-row').nth(3).click();
    await visit.page.getByRole('link', { name: 'Show in the timeline' }).click();
    await visit.sharp();
    const back = new URL(visit.page.url());
    expect(back.searchParams.get('sel')).toBe(`${stream.id}:${frame.id}`);
    expect(BigInt(back.searchParams.get('from')!) < BEGIN_NS + BigInt(frame.end)).toBe(true);
    expect(visit.complaints).toEqual([]);
  });

  test('logs open at the moment of the link, filtered as in the link', async () => {
    visit = await bench.open(`${LOGS}?at=${at(4)}&level=warn`);
    const chosen = visit.page.locator('.log-row[aria-selected=true]');
    await chosen.waitFor();
    expect(await chosen.isVisible()).toBe(true);
    expect(new Set(await visit.page.locator('.log-level').allInnerTexts())).toEqual(new Set(['warn', 'error']));
  });

  test('a tile that does not load is said, and the rest is drawn', async () => {
    visit = await bench.open('/');
    await visit.page.route(/\/tiles\/[^/]+\/0\/0\//, (route) => route.fulfill({ body: Buffer.from('garbage') }));
    await visit.page.goto(`${bench.address}${TIMELINE}?from=${at(4)}&to=${at(4.0005)}`);
    await visit.page.locator('.status').getByText('some data did not load').waitFor();
    await expect.poll(() => visit.colors([[300, 8]]), { timeout: 30_000 }).not.toEqual([[255, 255, 255]]);
  });
});
