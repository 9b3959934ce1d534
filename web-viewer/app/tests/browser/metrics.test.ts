import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Bench, Visit, chromiumPath } from '../support/browser';
import { EMPTY_PROCESS, PROCESS } from '../support/fakeHost';
import { FRAMES } from '../support/fakeTimeline';
import { BEGIN_NS, DURATION_NS, HOSTILE } from '../support/synthetic';

const METRICS = `/process/${PROCESS}/metrics`;
const SETTLED = '.metrics[data-settled=true]';
const HEAP = 'dotnet.gc.heap.size';
const at = (seconds: number): bigint => BEGIN_NS + BigInt(Math.round(seconds * 1e9));

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

describe.skipIf(!chromiumPath)('metrics', () => {
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

  const plot = async (index = 0): Promise<Box> => (await visit.page.locator('.over').nth(index).boundingBox())!;
  const legends = (): Promise<string[]> => visit.page.locator('.legend-name').allTextContents();

  async function drag(from: number, to: number): Promise<void> {
    const box = await plot();
    await visit.page.mouse.move(box.x + from * box.width, box.y + box.height / 2);
    await visit.page.mouse.down();
    await visit.page.mouse.move(box.x + to * box.width, box.y + box.height / 2, { steps: 4 });
    await visit.page.mouse.up();
  }

  /** Whether a colour other than a grey is drawn in a plot. */
  const isDrawn = (index = 0): Promise<boolean> => visit.page.locator('canvas').nth(index).evaluate((canvas) => {
    const { width, height } = canvas as HTMLCanvasElement;
    const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height);
    let colored = 0;
    for (let i = 0; i < data.length; i += 4) if (data[i + 3]! > 200 && Math.max(data[i]!, data[i + 1]!, data[i + 2]!) - Math.min(data[i]!, data[i + 1]!, data[i + 2]!) > 60) colored++;
    return colored > 200;
  });

  describe('the page', () => {
    test.each(['light', 'dark'] as const)('draws the program\'s own first, keeps to the page policy, and shows hostile text as text, in %s', async (scheme) => {
      await open('', scheme);
      expect(await legends()).toEqual([`frame time ${HOSTILE.name}`, 'frames', FRAMES, 'dotnet.gc.collections']);
      for (let i = 0; i < 4; i++) expect(await isDrawn(i)).toBe(true);
      expect(await visit.page.locator('.unit').allTextContents()).toEqual([HOSTILE.value, 'frame/s', '', 'collection/s']);
      expect(await visit.page.locator('.legend-kind').allTextContents()).toEqual(['', 'per second', '', 'per second']);
      expect(await visit.page.evaluate('window.hostile')).toBeUndefined();
      expect(visit.complaints).toEqual([]);
      expect(visit.requests.filter((url) => !url.startsWith(bench.address))).toEqual([]);
    });

    test('comes with a script of its own, which no other page loads', async () => {
      await open('');
      expect(visit.requests.filter((url) => url.includes('/assets/explorer')).length).toBe(1);
      const other = await bench.open(`/process/${PROCESS}/timeline`);
      await other.sharp();
      expect(other.requests.filter((url) => url.includes('/assets/explorer'))).toEqual([]);
      await other.close();
    });

    test('finds a metric by a part of its name, and the link has what was chosen', async () => {
      await open('?series=frames');
      await visit.page.keyboard.press('/');
      await visit.page.keyboard.type('HEAP');
      expect(await visit.page.locator('.row-name').allTextContents()).toEqual([HEAP]);
      await visit.page.keyboard.press('Enter');
      const url = await visit.address('series=frames&series=dotnet.gc.heap.size');
      await visit.page.goto('about:blank');
      await visit.page.goto(url.href);
      await visit.page.waitForSelector(SETTLED);
      expect(await legends()).toEqual(['frames', HEAP]);
      await visit.page.getByRole('option', { name: 'frames {frame}' }).click();
      await visit.address(/\?(?!.*series=frames&)/);
      expect(await legends()).toEqual([HEAP]);
    });

    test('is chosen from by keys alone', async () => {
      await open(`?series=${HEAP}`);
      await visit.page.getByRole('listbox').focus();
      await visit.page.keyboard.press('End');
      await visit.page.keyboard.press('Space');
      await visit.address('series=dotnet.process.cpu');
      const active = await visit.page.getByRole('listbox').getAttribute('aria-activedescendant');
      expect(await visit.page.locator(`#${active}`).getAttribute('aria-selected')).toBe('true');
    });

    test('tells the values at the pointer with their units', async () => {
      await open(`?series=${HEAP}&series=dotnet.gc.collections&from=${at(0)}&to=${at(10)}`);
      const values = visit.page.locator('.legend-value');
      const box = await plot();
      await visit.page.mouse.move(box.x + 0.4 * box.width, box.y + 20);
      await visit.page.waitForFunction(() => /^[\d.]+ MB$/.test(document.querySelector('.chart')!.shadowRoot!.querySelector('.legend-value')!.textContent));
      expect(await values.nth(1).textContent()).toMatch(/ collection\/s$/);
      await visit.page.mouse.move(5, 5);
      await visit.page.waitForFunction(() => document.querySelector('.chart')!.shadowRoot!.querySelector('.legend-value')!.textContent.includes('–'));
      expect(await values.nth(1).textContent()).toMatch(/^Σ \d+(\.\d+)? collection$/);
    });

    test('draws counts as the sum of each step when told so, and the link says it', async () => {
      await open('?series=frames');
      await visit.page.getByRole('button', { name: 'Counts: per second' }).click();
      await visit.page.getByRole('button', { name: /^Counts: sum of each step of [\d.]+ ms$/ }).waitFor();
      await visit.address('per=step');
      expect(await visit.page.locator('.legend-kind').textContent()).toBe('sum of each step');
    });

    test('a drag selects a time, F shows it, Esc clears it and 0 shows everything', async () => {
      await open(`?series=${HEAP}&from=${at(2)}&to=${at(6)}`);
      await drag(0.25, 0.5);
      const url = await visit.address('range=');
      const [begin, end] = url.searchParams.get('range')!.split('~').map((text) => Number(BigInt(text) - BEGIN_NS) / 1e9);
      expect(begin).toBeCloseTo(3, 1);
      expect(end).toBeCloseTo(4, 1);
      await visit.page.getByText('Selected range', { exact: true }).waitFor();
      await visit.page.keyboard.press('f');
      await visit.address((now) => BigInt(now.searchParams.get('from')!) > at(2.5));
      await visit.page.keyboard.press('Escape');
      await visit.address(/^(?!.*range=)/);
      await visit.page.keyboard.press('0');
      await visit.address((now) => BigInt(now.searchParams.get('from')!) < BEGIN_NS);
    });

    test('Ctrl and wheel zoom at the pointer, Shift and drag move', async () => {
      await open(`?series=${HEAP}&from=${at(2)}&to=${at(6)}`);
      const box = await plot();
      await visit.page.mouse.move(box.x + 0.25 * box.width, box.y + 20);
      await visit.page.keyboard.down('Control');
      await visit.page.mouse.wheel(0, -300);
      await visit.page.keyboard.up('Control');
      const url = await visit.address((now) => BigInt(now.searchParams.get('from')!) > at(2));
      const [from, to] = ['from', 'to'].map((key) => Number(BigInt(url.searchParams.get(key)!) - BEGIN_NS) / 1e9) as [number, number];
      expect(from + 0.25 * (to - from)).toBeCloseTo(3, 1);
      await visit.page.keyboard.down('Shift');
      await drag(0.5, 0.25);
      await visit.page.keyboard.up('Shift');
      const moved = await visit.address((now) => now.searchParams.get('from') !== url.searchParams.get('from'));
      expect(Number(BigInt(moved.searchParams.get('from')!) - BEGIN_NS) / 1e9 - from).toBeCloseTo((to - from) / 4, 1);
      expect(moved.searchParams.has('range')).toBe(false);
    });

    test('what is there stays drawn while a finer answer is on its way, and while another series is', async () => {
      await open(`?series=${HEAP}`);
      let release = (): void => {};
      const held = new Promise<void>((resolve) => (release = resolve));
      await visit.page.route(/\/series\/buckets/, async (route) => {
        await held;
        await route.continue();
      });
      const box = await plot();
      await visit.page.mouse.move(box.x + 0.5 * box.width, box.y + 20);
      await visit.page.keyboard.down('Control');
      await visit.page.mouse.wheel(0, -900);
      await visit.page.keyboard.up('Control');
      await visit.page.waitForSelector('.metrics[data-settled=false]');
      expect(await isDrawn()).toBe(true);
      await visit.page.getByRole('option', { name: 'dotnet.process.cpu' }).click();
      await visit.page.waitForFunction(() => document.querySelector('.chart')!.shadowRoot!.querySelectorAll('.plot').length === 2);
      expect([await isDrawn(), await isDrawn(1)]).toEqual([true, false]);
      release();
      await visit.page.waitForSelector(SETTLED);
      expect([await isDrawn(), await isDrawn(1)]).toEqual([true, true]);
    });

    test('has a table that says what is drawn, of the selected time', async () => {
      await open(`?series=${HEAP}&series=dotnet.gc.collections&range=${at(0)}~${at(2.4)}`);
      await visit.page.getByRole('button', { name: 'Table' }).click();
      const rows = visit.page.locator('.twin').first().locator('tbody tr');
      // 40 to 88 MB, as programs count them; collections of 1, 1.7, 2.4 and 3.1.
      expect(await rows.nth(0).locator('td').allTextContents()).toEqual(['38.15 MB', '83.92 MB', '83.92 MB', '·', '·']);
      expect(await rows.nth(1).locator('td').allTextContents()).toEqual(['·', '·', '·', '8.2 collection', '3.417 collection/s']);
      expect(await visit.page.locator('.twin').nth(1).locator('tbody tr').count()).toBe(24);
    });

    test('? shows the keys and Esc hides them', async () => {
      await open('');
      await visit.page.keyboard.press('?');
      await visit.page.getByRole('dialog').getByText('Select a range').waitFor();
      await visit.page.keyboard.press('Escape');
      await visit.page.getByRole('dialog').waitFor({ state: 'hidden' });
    });

    test('time and selection go along to timeline and logs and back, with what was chosen', async () => {
      await open(`?from=${at(2)}&to=${at(6)}&range=${at(3)}~${at(4)}&series=${HEAP}`);
      await visit.page.getByRole('link', { name: 'Timeline' }).click();
      await visit.sharp();
      await visit.page.getByText('Selected range', { exact: true }).waitFor();
      await visit.page.getByRole('link', { name: 'Logs', exact: true }).click();
      await visit.page.locator('.log-row').first().waitFor();
      await visit.page.getByRole('link', { name: 'Metrics' }).click();
      await visit.page.waitForSelector(SETTLED);
      const url = await visit.address('/metrics');
      expect(['from', 'to', 'range', 'series'].map((key) => url.searchParams.get(key))).toEqual([String(at(2)), String(at(6)), `${at(3)}~${at(4)}`, HEAP]);
      expect(visit.complaints).toEqual([]);
    });

    test('says what does not load', async () => {
      visit = await bench.open('/');
      await visit.page.route(/\/series$/, (route) => route.fulfill({ status: 500, body: '{}' }));
      await visit.page.goto(bench.address + METRICS);
      await visit.page.getByText('some data did not load').waitFor();
    });

    test('of a process that is not there says so', async () => {
      visit = await bench.open(`/process/${EMPTY_PROCESS.replace('2', '9')}/metrics`);
      await visit.page.getByText(/The metrics did not load: .*404/).waitFor();
    });
  });

  describe('the cell', () => {
    const whole = { begin_ns: String(BEGIN_NS), end_ns: String(BEGIN_NS + BigInt(DURATION_NS)) };

    /** What a report has, as the host tells it: all series, values of two. */
    async function model(kind: 'embedded' | 'comm'): Promise<Record<string, unknown>> {
      const api = async (path: string): Promise<Record<string, unknown>> => (await fetch(`${bench.address}/api/processes/${PROCESS}/${path}`)).json() as Promise<Record<string, unknown>>;
      const counters = await api(`series/buckets?from_ns=${whole.begin_ns}&to_ns=${whole.end_ns}&name=${HEAP}&name=frames`);
      const { series } = await api('series');
      return { process: PROCESS, bounds: whole, view: whole, cell: 'legion-1', source: { kind }, timeline: { counters: [HEAP], ...whole, series, window: { counters } } };
    }

    /** A page as a notebook makes it: it takes letters itself, and has a model that listens. `before` runs before the cell does. */
    async function notebook(given: Record<string, unknown>, before = '', scheme: 'light' | 'dark' = 'light'): Promise<void> {
      visit = await bench.open('/nowhere', scheme);
      const script = `import { render } from '/cells/metrics.js';
        ${before}
        window.keys = []; window.saved = [];
        document.addEventListener('keydown', (e) => window.keys.push(e.key));
        const data = new Map(Object.entries(${JSON.stringify(given).replaceAll('<', '\\u003c')}));
        const model = { get: (k) => data.get(k), set: (k, v) => data.set(k, v), save_changes: () => window.saved.push(data.get('selection')) };
        window.dispose = await render({ model, el: document.getElementById('cell') });`;
      await visit.page.route('**/notebook', (route) => route.fulfill({
        contentType: 'text/html', body: '<!doctype html><body><p tabindex="0" id="before">before</p><div id="cell"></div><script type="module" src="/notebook.js"></script>',
      }));
      await visit.page.route('**/notebook.js', (route) => route.fulfill({ contentType: 'text/javascript', body: script }));
      visit.requests.length = 0;
      visit.complaints.length = 0;
      await visit.page.goto(`${bench.address}/notebook`);
    }

    test('draws what a report carries without any request, and offers no more', async () => {
      await notebook(await model('embedded'));
      await visit.page.waitForSelector(SETTLED);
      expect(await legends()).toEqual([HEAP]);
      expect(await isDrawn()).toBe(true);
      await visit.page.getByRole('option', { name: 'frames {frame}' }).click();
      await visit.page.waitForFunction(() => document.querySelector('#cell > div')!.shadowRoot!.querySelectorAll('.plot').length === 2);
      await visit.page.waitForSelector(SETTLED);
      expect(await isDrawn(1)).toBe(true);
      const other = visit.page.getByRole('option', { name: 'dotnet.process.cpu' });
      expect(await other.getAttribute('aria-disabled')).toBe('true');
      await other.click({ force: true });
      expect(await legends()).toEqual([HEAP, 'frames']);
      expect(visit.requests.map((url) => new URL(url).pathname).filter((path) => path !== '/favicon.ico')).toEqual(['/notebook', '/notebook.js', '/cells/metrics.js']);
      expect(visit.complaints.filter((text) => !text.includes('favicon'))).toEqual([]);
      expect(await visit.page.evaluate('window.hostile')).toBeUndefined();
    });

    test('says that it was saved where the page gives no way to the kernel, and leaves nothing behind', async () => {
      await notebook(await model('comm'));
      await visit.page.getByText('Drawn from what was saved with the notebook').waitFor();
      await visit.page.evaluate('window.dispose()');
      expect(await visit.page.locator('#cell').innerHTML()).toBe('');
    });

    test('asks the kernel, and tells it what is selected and which series are drawn', async () => {
      const kernel = `
        window.questions = []; window.selected = [];
        const get = async (path) => (await fetch('/api/processes/${PROCESS}/' + path)).json();
        const answer = async ({ series, beside }) => series ? get('series')
          : { counters: await get('series/buckets?from_ns=' + beside.from_ns + '&to_ns=' + beside.to_ns + beside.counters.map((name) => '&name=' + encodeURIComponent(name)).join('')) };
        let tell = () => {};
        const comm = {
          send(data) {
            if ('select' in data) window.selected.push(data.select);
            if (!data.question) return;
            window.questions.push(data.question);
            void answer(data.question).then((json) => tell({ content: { data: { answer: data.ask, json } } }));
          },
          close() {}, on_close() {},
          on_msg(listener) { tell = listener; queueMicrotask(() => tell({ content: { data: { open: true, selected: null } } })); },
        };
        window.Jupyter = { notebook: { events: { on() {}, off() {} }, kernel: { is_connected: () => true, info_reply: { status: 'ok' }, comm_manager: { new_comm: () => comm } } } };`;
      await notebook(await model('comm'), kernel);
      await visit.page.waitForSelector(SETTLED);
      expect(await isDrawn()).toBe(true);
      expect(await visit.page.evaluate('window.questions.map((question) => Object.keys(question).join()).sort().join()')).toBe('beside,series');
      await drag(0.25, 0.5);
      await visit.page.waitForFunction('window.selected.length === 1');
      await visit.page.getByText('a range of time').waitFor();
      await visit.page.getByRole('option', { name: 'dotnet.process.cpu' }).click();
      await visit.page.waitForFunction('window.selected.length === 2');
      const [first, second] = await visit.page.evaluate('window.selected') as Record<string, unknown>[];
      expect(first).toEqual({ begin_ns: expect.stringMatching(/^\d{19}$/), end_ns: expect.stringMatching(/^\d{19}$/), names: [HEAP] });
      expect(second!['names']).toEqual([HEAP, 'dotnet.process.cpu.utilization.of.all.processors']);
      await visit.page.locator('.metrics').focus();
      await visit.page.keyboard.press('Escape');
      await visit.page.waitForFunction('window.selected.at(-1).begin_ns === null');
    });

    test('takes keys only while it has the focus, and lets none of them through', async () => {
      await notebook(await model('embedded'));
      await visit.page.waitForSelector(SETTLED);
      await visit.page.locator('#before').focus();
      await visit.page.keyboard.press('?');
      expect(await visit.page.getByRole('dialog').isVisible()).toBe(false);
      await visit.page.locator('.metrics').focus();
      await visit.page.keyboard.press('?');
      await visit.page.getByRole('dialog').waitFor();
      await visit.page.keyboard.press('Escape');
      await visit.page.keyboard.press('/');
      await visit.page.keyboard.type('ab');
      await visit.page.keyboard.press('ArrowDown');
      await visit.page.keyboard.press('Space');
      await visit.page.keyboard.press('b');
      expect(await visit.page.evaluate('window.keys')).toEqual(['?']);
    });

    test('says what is wrong with its model, as text', async () => {
      await notebook({ process: '<img src=x onerror=alert(1)>', source: {} });
      await visit.page.getByText('These metrics cannot be shown: expected bounds and a timeline').waitFor();
    });
  });
});
