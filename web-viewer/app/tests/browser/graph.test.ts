import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Bench, Visit, chromiumPath } from '../support/browser';
import { fakeGraph } from '../support/fakeGraph';
import { PROCESS, fakeLink } from '../support/fakeHost';
import { BEGIN_NS, DURATION_NS, HOSTILE } from '../support/synthetic';

const GRAPH = `/process/${PROCESS}/graph`;
const at = (seconds: number): bigint => BEGIN_NS + BigInt(Math.round(seconds * 1e9));
const WHOLE = `from_ns=${BEGIN_NS}&to_ns=${BEGIN_NS + BigInt(DURATION_NS) + 1n}`;

type Call = readonly [name: string | null, count: number, totalNs: number];
type Fn = readonly [name: string, count: number, totalNs: number, selfNs: number];

describe.skipIf(!chromiumPath)('the call graph', () => {
  let bench: Bench;
  let visit: Visit;

  /** What the host answers of all the process. */
  const answer = (what: string | undefined, fn = ''): Record<string, unknown> => fakeGraph(bench.host.streams, what, new URLSearchParams(`${WHOLE}&function=${encodeURIComponent(fn)}`));
  const functions = (): readonly Fn[] => answer('functions')['functions'] as Fn[];

  const settled = (view: string): Promise<unknown> => visit.page.waitForSelector(`.graph[data-view=${view}][data-settled=true]`);
  const middle = (name: string): Promise<unknown> => visit.page.locator('.middle h2').getByText(name, { exact: true }).waitFor();
  const option = (name: string): ReturnType<Visit['page']['locator']> => visit.page.locator('[role=option]').filter({ has: visit.page.getByText(name, { exact: true }) });

  async function harmless(): Promise<void> {
    expect(await visit.page.evaluate('window.hostile')).toBeUndefined();
    expect(visit.complaints.filter((text) => !text.includes('favicon'))).toEqual([]);
  }

  async function picture(name: string): Promise<void> {
    const folder = process.env['LEGION_PICTURES'];
    if (folder) await visit.page.screenshot({ path: `${folder}/${name}.png` });
  }

  /** A browser that draws nothing by itself, as on machines whose drivers are not trusted. */
  async function openWithoutWebGl(path: string): Promise<void> {
    visit = await bench.visit({});
    await visit.page.addInitScript(() => {
      const { getContext } = HTMLCanvasElement.prototype as { getContext(kind: string, options?: unknown): unknown };
      Object.defineProperty(HTMLCanvasElement.prototype, 'getContext', {
        value(this: HTMLCanvasElement, kind: string, options?: unknown) {
          return kind.includes('webgl') ? null : getContext.call(this, kind, options);
        },
      });
    });
    await visit.page.goto(bench.address + path);
  }

  describe('as lists and trees', () => {
    beforeAll(async () => {
      bench = await Bench.start();
    });
    afterAll(() => bench.stop());
    afterEach(() => visit.close());

    test('begins with the function of most self time between its callers and what it calls', async () => {
      visit = await bench.open(GRAPH);
      await settled('butterfly');
      const [heaviest] = [...functions()].sort((a, b) => b[3] - a[3]);
      await middle(heaviest![0]);
      expect(await option(heaviest![0]).getAttribute('aria-selected')).toBe('true');
      expect(new URL(visit.page.url()).search).toBe('');
      await harmless();
    });

    test('shows of each call its share of the function, and leads on to the other', async () => {
      visit = await bench.open(`${GRAPH}?function=Update`);
      await middle('Update');
      const around = answer('calls', 'Update') as { callers: Call[]; callees: Call[]; middle: Fn };
      expect(around.callees.length).toBeGreaterThan(1);
      const names = await visit.page.locator('.callees .call .name').allInnerTexts();
      expect(names).toEqual(around.callees.map(([name]) => name));
      const widths = await visit.page.locator('.callees .call').evaluateAll((calls) => calls.map((call) => call.querySelector<HTMLElement>('.share')!.getBoundingClientRect().width / call.getBoundingClientRect().width));
      around.callees.forEach(([, , total], i) => expect(widths[i]).toBeCloseTo(total / around.middle[2], 2));
      // What the host left out is said.
      await visit.page.locator('.callees .note').getByText('… and 2 more · 1.50 µs').waitFor();
      await picture('butterfly');
      await visit.page.locator('.callees .call').first().click();
      await visit.address((url) => url.searchParams.get('function') === names[0]);
      await middle(names[0]!);
      expect(await visit.page.locator('.callers .call .name').allInnerTexts()).toContain('Update');
      await harmless();
    });

    test('the list is sorted as told and searched, and only the rows in sight exist', async () => {
      visit = await bench.open(GRAPH);
      await settled('butterfly');
      const listed = (): Promise<string[]> => visit.page.locator('[role=option] .row-name').allInnerTexts();
      const names = (by: 1 | 2 | 3): string[] => [...functions()].sort((a, b) => b[by] - a[by]).map(([name]) => name);
      await visit.page.getByRole('listbox').press('Home');
      await expect.poll(async () => (await listed()).slice(0, 5)).toEqual(names(2).slice(0, 5));
      await visit.page.getByRole('button', { name: 'Self', exact: true }).click();
      await visit.page.getByRole('listbox').press('Home');
      await expect.poll(async () => (await listed()).slice(0, 5)).toEqual(names(3).slice(0, 5));
      await visit.page.keyboard.press('/');
      await visit.page.keyboard.type('pass');
      await expect.poll(async () => (await listed()).every((name) => name.toLowerCase().includes('pass'))).toBe(true);
      await visit.page.keyboard.press('Enter');
      const url = await visit.address((now) => (now.searchParams.get('function') ?? '').toLowerCase().includes('pass'));
      expect(url.searchParams.get('q')).toBe('pass');
    });

    test('is walked by keys: along the list, from call to call and to the other side', async () => {
      visit = await bench.open(`${GRAPH}?function=Update`);
      await middle('Update');
      const callees = await visit.page.locator('.callees .call .name').allInnerTexts();
      await visit.page.locator('.callers .call').first().focus();
      await visit.page.keyboard.press('ArrowRight');
      await visit.page.keyboard.press('ArrowDown');
      const focused = (): Promise<string> => visit.page.evaluate(() => document.querySelector('.chart')!.shadowRoot!.activeElement!.querySelector('.name')?.textContent ?? '');
      expect(await focused()).toBe(callees[1]);
      await visit.page.keyboard.press('Enter');
      await middle(callees[1]!);
      await visit.page.locator('.graph').focus();
      const order = functions().map(([name]) => name);
      await visit.page.keyboard.press('.');
      await middle(order[(order.indexOf(callees[1]!) + 1) % order.length]!);
      await visit.page.keyboard.press('?');
      await visit.page.getByRole('dialog').getByText('Butterfly, tree or graph').waitFor();
      await visit.page.keyboard.press('Escape');
      await visit.page.getByRole('dialog').waitFor({ state: 'hidden' });
    });

    test('the tree opens and closes by keys, and gives the chosen function', async () => {
      visit = await bench.open(GRAPH);
      await settled('butterfly');
      await visit.page.keyboard.press('v');
      await settled('tree');
      await visit.address('view=tree');
      const tree = visit.page.getByRole('tree');
      const active = async (): Promise<{ level: string | null; expanded: string | null; text: string; id: string }> => {
        await visit.page.waitForTimeout(50);
        const id = (await tree.getAttribute('aria-activedescendant'))!;
        const row = visit.page.locator(`#${id}`);
        return { id, level: await row.getAttribute('aria-level'), expanded: await row.getAttribute('aria-expanded'), text: await row.locator('.row-name').innerText() };
      };
      await tree.focus();
      await visit.page.keyboard.press('Home');
      expect(await active()).toMatchObject({ level: '1', expanded: 'true' });
      await visit.page.keyboard.press('ArrowLeft');
      expect(await active()).toMatchObject({ level: '1', expanded: 'false' });
      await visit.page.keyboard.press('ArrowRight');
      await visit.page.keyboard.press('ArrowRight');
      expect(await active()).toMatchObject({ level: '2', id: 'path-1' });
      await visit.page.keyboard.press('ArrowLeft');
      await visit.page.keyboard.press('ArrowLeft');
      expect(await active()).toMatchObject({ level: '1', id: 'path-0' });
      await picture('call-tree');
      await visit.page.keyboard.press('Home');
      await visit.page.keyboard.press('ArrowDown');
      await visit.page.keyboard.press('Enter');
      await visit.address('function=Run+session');
      await visit.page.locator('.below strong').getByText('Run session').waitFor();
      expect(await visit.page.locator('[role=treeitem][aria-selected=true]').count()).toBeGreaterThan(0);
      await harmless();
    });

    test('says that it cannot draw, and has a table of the same calls', async () => {
      await openWithoutWebGl(`${GRAPH}?view=nodes&q=update`);
      await settled('nodes');
      await visit.page.getByText('cannot draw them without WebGL').waitFor();
      await visit.page.getByText('The lightest are left out: 3 functions and 41 calls.').waitFor();
      const drawn = answer(undefined) as { functions: Fn[]; calls: [number, number, number, number][] };
      const wanted = drawn.calls.map(([caller, callee, count]) => [drawn.functions[caller]![0], drawn.functions[callee]![0], String(count)]).filter(([caller, callee]) => `${caller} ${callee}`.toLowerCase().includes('update'));
      const rows = await visit.page.locator('.twin tbody tr').evaluateAll((all) => all.map((row) => [...row.children].slice(0, 3).map((cell) => cell.textContent.replaceAll(',', ''))));
      expect(rows).toEqual(wanted);
      await visit.page.locator('.twin tbody tr').first().getByRole('button').nth(1).click();
      await visit.address((url) => url.searchParams.get('function') === wanted[0]![1]);
      await harmless();
    });

    test('keeps time and selection from page to page, and counts only that time', async () => {
      const range = `${at(3)}~${at(4)}`;
      visit = await bench.open(`/process/${PROCESS}/timeline?range=${range}&from=${at(2)}&to=${at(6)}`);
      await visit.sharp();
      await visit.page.getByRole('link', { name: 'Call graph' }).click();
      await settled('butterfly');
      expect(visit.requests.some((url) => url.includes(`/graph/functions?from_ns=${at(3)}&to_ns=${at(4)}`))).toBe(true);
      await visit.page.getByText(/^from .* on, 1\.00 s$/).waitFor();
      await option('Physics').click();
      await visit.address('function=Physics');
      await visit.page.getByRole('link', { name: 'Metrics' }).click();
      await visit.page.waitForSelector('.metrics[data-settled=true]');
      await visit.page.getByRole('link', { name: 'Call graph' }).click();
      await middle('Physics');
      const url = new URL(visit.page.url());
      expect(['range', 'from', 'to', 'function'].map((key) => url.searchParams.get(key))).toEqual([range, String(at(2)), String(at(6)), 'Physics']);
      await visit.page.getByRole('button', { name: 'Whole process' }).click();
      await visit.address((now) => !now.searchParams.has('range') && !now.searchParams.has('from'));
      await visit.page.getByText(/^whole process, /).waitFor();
      await middle('Physics');
      expect(visit.requests.some((each) => each.includes(`/graph/functions?${WHOLE}`))).toBe(true);
    });

    test('leads to the timeline, which searches for the function, and to its sandwich', async () => {
      visit = await bench.open(`${GRAPH}?function=Physics&range=${at(3)}~${at(4)}`);
      await middle('Physics');
      const sandwich = await visit.page.getByRole('link', { name: 'Sandwich' }).getAttribute('href');
      await visit.page.getByRole('link', { name: 'Show in the timeline' }).click();
      await visit.sharp();
      const url = await visit.address('/timeline');
      expect([url.searchParams.get('q'), url.searchParams.get('range')]).toEqual(['Physics', `${at(3)}~${at(4)}`]);
      await visit.page.goto(bench.address + sandwich);
      await visit.page.waitForSelector('.flame[data-mode=sandwich][data-settled=true]');
      expect(await visit.page.locator('.merged-functions .chosen .row-button').innerText()).toBe('Physics');
    });

    test('asks as a frozen link shows the process', async () => {
      bench.host.links.set('2345bcdf6789', fakeLink({ frozen: true, address: GRAPH }));
      visit = await bench.open(`${GRAPH}?link=2345bcdf6789&view=tree`);
      await settled('tree');
      const asked = visit.requests.filter((url) => /\/(graph|merged)/.test(url) && url.includes('/api/'));
      expect(asked.length).toBe(2);
      expect(asked.every((url) => url.includes('link=2345bcdf6789'))).toBe(true);
      await visit.page.keyboard.press('.');
      await visit.address((url) => url.searchParams.has('function') && url.searchParams.get('link') === '2345bcdf6789');
    });

    test('has hostile names as text, everywhere', async () => {
      await openWithoutWebGl(`${GRAPH}?function=${encodeURIComponent(HOSTILE.name)}`);
      await middle(HOSTILE.name);
      await picture('butterfly-hostile');
      for (const view of ['tree', 'nodes']) {
        await visit.page.keyboard.press('v');
        await settled(view);
        await visit.page.locator('.below strong').getByText(HOSTILE.name, { exact: true }).waitFor();
      }
      expect(await visit.page.locator('.twin').innerText()).toContain(HOSTILE.name);
      await harmless();
    });

    test('says what does not load, and that a time has no spans', async () => {
      visit = await bench.open('/');
      await visit.page.route(/\/graph\/calls/, (route) => route.fulfill({ status: 500, body: '{}' }));
      await visit.page.goto(bench.address + GRAPH);
      await visit.page.getByText(/The call graph did not load: .*500/).waitFor();
      await visit.page.unroute(/\/graph\/calls/);
      await visit.page.goto(`${bench.address}${GRAPH}?range=${at(-9)}~${at(-8)}`);
      await visit.page.getByText('There are no spans in this time.').waitFor();
    });

    test('an answer that comes late is not shown for another function', async () => {
      visit = await bench.open(GRAPH);
      await settled('butterfly');
      let release = (): void => {};
      const held = new Promise<void>((resolve) => (release = resolve));
      await visit.page.route(/\/graph\/calls.*function=Physics/, async (route) => {
        await held;
        await route.continue().catch(() => {});
      });
      await option('Physics').click();
      await option('Update').click();
      await middle('Update');
      release();
      await visit.page.waitForTimeout(200);
      await middle('Update');
    });

    test('fits a telephone', async () => {
      visit = await bench.open(`${GRAPH}?function=Update`, 'light', { viewport: { width: 390, height: 780 } });
      await middle('Update');
      await picture('butterfly-390');
      await visit.page.keyboard.press('v');
      await settled('tree');
      await picture('call-tree-390');
      expect(await visit.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    });
  });

  describe('as a drawing', () => {
    beforeAll(async () => {
      bench = await Bench.start('webgl2');
    });
    afterAll(() => bench.stop());
    afterEach(() => visit.close());

    /** Pixels of the drawing that are no background, from a picture of the page. */
    async function drawnPixels(): Promise<number> {
      const png = (await visit.page.locator('.stage').screenshot()).toString('base64');
      return visit.page.evaluate(async (base64) => {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
        const copy = new OffscreenCanvas(bitmap.width, bitmap.height);
        const context = copy.getContext('2d')!;
        context.drawImage(bitmap, 0, 0);
        const pixels = new Uint32Array(context.getImageData(0, 0, copy.width, copy.height).data.buffer);
        return pixels.reduce((sum, pixel) => sum + (pixel === pixels[0] ? 0 : 1), 0);
      }, png);
    }

    test.each(['light', 'dark'] as const)('draws functions and calls, in %s, and a click on one leads to its butterfly', async (scheme) => {
      visit = await bench.open(`${GRAPH}?view=nodes`, scheme);
      await settled('nodes');
      await visit.page.getByText(/^\d+ functions and \d+ calls between functions\. The lightest are left out/).waitFor();
      await picture(`call-graph-${scheme}`);
      expect(await drawnPixels()).toBeGreaterThan(2000);
      await option('Physics').click();
      await visit.address('function=Physics');
      await visit.page.waitForTimeout(300);
      await picture(`call-graph-chosen-${scheme}`);
      const box = (await visit.page.locator('.stage').boundingBox())!;
      await visit.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await visit.page.waitForTimeout(100);
      await visit.page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
      await middle('Physics');
      await visit.address((url) => !url.searchParams.has('view'));
      await harmless();
    });

    test('whose context is taken away leaves its table', async () => {
      visit = await bench.open(`${GRAPH}?view=nodes`);
      await settled('nodes');
      await visit.page.locator('.sigma-nodes').evaluate((canvas) => (canvas as HTMLCanvasElement).getContext('webgl2')!.getExtension('WEBGL_lose_context')!.loseContext());
      await visit.page.getByText('cannot draw them without WebGL').waitFor();
      expect(await visit.page.locator('.twin tbody tr').count()).toBe(200);
      expect(await visit.page.locator('.stage canvas').count()).toBe(0);
    });

    test('is moved and zoomed by keys, has a table beside it, and gives its canvases back', async () => {
      visit = await bench.open(`${GRAPH}?view=nodes`);
      await settled('nodes');
      await visit.page.locator('.graph').focus();
      const stage = async (): Promise<string> => {
        await visit.page.waitForTimeout(100);
        return (await visit.page.locator('.stage').screenshot()).toString('base64');
      };
      const first = await stage();
      await visit.page.keyboard.press('w');
      const zoomed = await stage();
      expect(zoomed).not.toBe(first);
      await visit.page.keyboard.press('ArrowRight');
      expect(await stage()).not.toBe(zoomed);
      await visit.page.keyboard.press('0');
      expect(await stage()).toBe(first);
      await visit.page.getByRole('button', { name: 'Table' }).click();
      expect(await visit.page.locator('.twin tbody tr').count()).toBeGreaterThan(5);
      await picture('call-graph-table');
      await visit.page.getByRole('link', { name: 'Logs', exact: true }).click();
      await visit.page.locator('.log-row').first().waitFor();
      expect(await visit.page.locator('canvas:not(.logs canvas)').count()).toBe(0);
      await harmless();
    });
  });
});
