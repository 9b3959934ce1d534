import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { tileIndex } from '../../src/tiles/grid';
import { PROCESS } from '../support/fakeHost';
import { BEGIN_NS, DURATION_NS } from '../support/synthetic';
import { Bench, Visit, chromiumPath } from '../support/browser';

const CELLS = ['flame', 'logs', 'processes', 'table', 'graph'];
const CHART = '.flame[data-sharp=true]';

test.each(CELLS)('the cell %s is one module that imports nothing', (cell) => {
  const source = readFileSync(new URL(`../../dist/cells/${cell}.js`, import.meta.url), 'utf8');
  expect(source).not.toMatch(/\bimport\s*[({"'*]|\bfrom\s*["']/);
  expect(source).toMatch(/export\s*\{[^}]*\brender\b/);
});

describe.skipIf(!chromiumPath)('the flame cell', () => {
  let bench: Bench;
  let visit: Visit;
  beforeAll(async () => {
    bench = await Bench.start();
  });
  afterAll(() => bench.stop());
  afterEach(() => visit.close());

  /** Tiles of the coarsest level only: what a report of limited size carries. */
  function embedded(): Record<string, string> {
    const level = 6;
    const tiles: Record<string, string> = {};
    for (let index = tileIndex(level, BEGIN_NS); index <= tileIndex(level, BEGIN_NS + BigInt(DURATION_NS)); index++)
      for (const group of [0, 1]) tiles[`${group}/${level}/${index}`] = Buffer.from(bench.host.tile(group, level, index)).toString('base64');
    return tiles;
  }

  /** A page as a notebook makes it: it takes letters itself, and has a model that listens. */
  async function notebook(model: Record<string, unknown>): Promise<void> {
    visit = await bench.open('/nowhere');
    const html = '<!doctype html><body><p tabindex="0" id="before">before</p><div id="cell"></div><script type="module" src="/notebook.js"></script>';
    const script = `import { render } from '/cells/flame.js';
      window.keys = []; window.saved = [];
      document.addEventListener('keydown', (e) => window.keys.push(e.key));
      const data = new Map(Object.entries(${JSON.stringify(model)}));
      const model = { get: (k) => data.get(k), set: (k, v) => data.set(k, v), save_changes: () => window.saved.push(data.get('selection')) };
      window.dispose = await render({ model, el: document.getElementById('cell') });`;
    await visit.page.route('**/notebook', (route) => route.fulfill({ contentType: 'text/html', body: html }));
    await visit.page.route('**/notebook.js', (route) => route.fulfill({ contentType: 'text/javascript', body: script }));
    visit.requests.length = 0;
    visit.complaints.length = 0;
    await visit.page.goto(`${bench.address}/notebook`);
  }

  const whole = { begin_ns: String(BEGIN_NS), end_ns: String(BEGIN_NS + BigInt(DURATION_NS)) };

  test('draws embedded tiles without any request', async () => {
    await notebook({ manifest: bench.host.manifest(PROCESS), view: whole, source: { kind: 'embedded', tiles: embedded() } });
    await visit.page.waitForSelector(CHART);
    expect(visit.requests.map((url) => new URL(url).pathname).filter((path) => path !== '/favicon.ico')).toEqual(['/notebook', '/notebook.js', '/cells/flame.js']);
    expect(visit.complaints.filter((text) => !text.includes('favicon'))).toEqual([]);
  });

  test('draws what was saved where the page gives no way to the kernel, and says so', async () => {
    await notebook({ manifest: bench.host.manifest(PROCESS), view: whole, source: { kind: 'comm', tiles: embedded() }, cell: 'legion-1' });
    await visit.page.waitForSelector(CHART);
    await visit.page.getByText('Drawn from what was saved with the notebook').waitFor();
    await visit.page.evaluate('window.dispose()');
    expect(await visit.page.locator('#cell').innerHTML()).toBe('');
  });

  test('draws the closest level where a sharper one is missing', async () => {
    const view = { begin_ns: String(BEGIN_NS + 4_000_000_000n), end_ns: String(BEGIN_NS + 4_010_000_000n) };
    await notebook({ manifest: bench.host.manifest(PROCESS), view, source: { kind: 'embedded', tiles: embedded() } });
    await visit.page.waitForSelector(CHART);
    await visit.page.waitForFunction(() => {
      const canvas = document.querySelector('#cell > div')!.shadowRoot!.querySelector<HTMLCanvasElement>('.rectangles')!;
      const [red, green, blue] = canvas.getContext('2d')!.getImageData(400, 8, 1, 1).data;
      return red! + green! + blue! < 3 * 255;
    });
  });

  test('fetches tiles of a host when told so', async () => {
    await notebook({ manifest: bench.host.manifest(PROCESS), view: whole, source: { kind: 'http', url: bench.address } });
    await visit.page.waitForSelector(CHART);
    expect(visit.requests.some((url) => url.includes(`/tiles/${PROCESS}/0/`))).toBe(true);
  });

  test('takes keys only while it has the focus, and lets none of them through', async () => {
    await notebook({ manifest: bench.host.manifest(PROCESS), view: whole, source: { kind: 'embedded', tiles: embedded() } });
    await visit.page.waitForSelector(CHART);
    await visit.page.locator('#before').focus();
    await visit.page.keyboard.press('?');
    expect(await visit.page.getByRole('dialog').isVisible()).toBe(false);
    expect(await visit.page.evaluate('window.keys')).toEqual(['?']);
    await visit.page.locator('.flame').focus();
    await visit.page.keyboard.press('?');
    await visit.page.getByRole('dialog').waitFor();
    await visit.page.keyboard.press('b');
    expect(await visit.page.evaluate('window.keys')).toEqual(['?']);
  });

  test('leaves the wheel to the notebook until it has the focus', async () => {
    await notebook({ manifest: bench.host.manifest(PROCESS), view: whole, source: { kind: 'embedded', tiles: embedded() } });
    await visit.page.waitForSelector(CHART);
    const box = (await visit.page.locator('.rectangles').boundingBox())!;
    await visit.page.mouse.move(box.x + 100, box.y + 50);
    const scrolled = (): Promise<boolean> => visit.page.locator('.scroller').evaluate((scroller) => scroller.scrollTop > 0);
    const taken = visit.page.evaluate(() => new Promise((resolve) => document.addEventListener('wheel', (e) => resolve(e.defaultPrevented), { once: true })));
    await visit.page.mouse.wheel(0, 200);
    expect([await taken, await scrolled()]).toEqual([false, false]);
    await visit.page.locator('.flame').focus();
    await visit.page.mouse.wheel(0, 200);
    await visit.page.waitForFunction(() => document.querySelector('#cell > div')!.shadowRoot!.querySelector('.scroller')!.scrollTop > 0);
  });

  test('tells the notebook what is selected, with times as text', async () => {
    await notebook({ manifest: bench.host.manifest(PROCESS), view: whole, source: { kind: 'embedded', tiles: embedded() } });
    await visit.page.waitForSelector(CHART);
    const box = (await visit.page.locator('.rectangles').boundingBox())!;
    await visit.page.mouse.click(box.x + box.width / 2, box.y + 8);
    await visit.page.waitForFunction('window.saved.at(-1)?.name === "Run session"');
    const saved = await visit.page.evaluate('window.saved.at(-1)');
    expect(saved).toMatchObject({ stream_id: bench.host.streams[0]!.id, span_id: '1', begin_ns: expect.stringMatching(/^\d{19}$/), end_ns: expect.stringMatching(/^\d{19}$/) });
    await visit.page.keyboard.press('Escape');
    await visit.page.waitForFunction('window.saved.at(-1) === null');
  });

  test('says what is wrong with its model, as text', async () => {
    await notebook({ manifest: { process: '<img src=x onerror=alert(1)>' }, view: whole, source: {} });
    await visit.page.getByText('cannot be shown: begin_ns is a string').waitFor();
  });

  test('leaves nothing behind', async () => {
    await notebook({ manifest: bench.host.manifest(PROCESS), view: whole, source: { kind: 'embedded', tiles: embedded() } });
    await visit.page.waitForSelector(CHART);
    await visit.page.evaluate('window.dispose()');
    expect(await visit.page.locator('#cell').innerHTML()).toBe('');
  });
});

describe.skipIf(!chromiumPath)('the table cell', () => {
  let bench: Bench;
  let visit: Visit;
  beforeAll(async () => {
    bench = await Bench.start();
  });
  afterAll(() => bench.stop());
  afterEach(() => visit.close());

  const names = Array.from({ length: 45 }, (_, row) => (row === 7 ? '<img src=x onerror=alert(1)>' : `name ${row % 9}`));
  const model = {
    columns: [{ name: '<b>name</b>', type: 'string', number: false }, { name: 'count', type: 'long', number: true }],
    rows: names.map((name, row) => [name, row === 3 ? null : String((row * 7) % 45)]),
    keys: { 1: names.map((_, row) => (row === 3 ? null : (row * 7) % 45)) },
    total: 1234,
  };

  async function table(): Promise<void> {
    visit = await bench.open('/nowhere');
    const script = `import { render } from '/cells/table.js';
      const model = ${JSON.stringify(model).replaceAll('<', '\\u003c')};
      render({ model: { get: (key) => model[key] }, el: document.getElementById('cell') });`;
    await visit.page.route('**/notebook', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><body><div id="cell"></div><script type="module" src="/notebook.js"></script>' }));
    await visit.page.route('**/notebook.js', (route) => route.fulfill({ contentType: 'text/javascript', body: script }));
    visit.complaints.length = 0;
    await visit.page.goto(`${bench.address}/notebook`);
    await visit.page.waitForSelector('tbody tr');
  }

  const column = (index: number): Promise<string[]> => visit.page.locator(`tbody td:nth-child(${index})`).allTextContents();
  const where = (): Promise<string | null> => visit.page.locator('nav [role=status]').textContent();

  test('pages through its rows, and says how many there are', async () => {
    await table();
    expect(await where()).toBe('rows 1 to 20 of 1,234');
    expect(await column(1)).toEqual(names.slice(0, 20));
    await visit.page.getByRole('button', { name: 'Last rows' }).press('Enter');
    expect(await where()).toBe('rows 41 to 45 of 1,234');
    expect(await visit.page.getByRole('button', { name: 'Next rows' }).isDisabled()).toBe(true);
    await visit.page.getByRole('button', { name: 'First rows' }).click();
    expect(await column(1)).toEqual(names.slice(0, 20));
    expect(visit.complaints.filter((text) => !text.includes('favicon'))).toEqual([]);
  });

  test('sorts numbers as numbers, the largest first, what has none last, and gives the order back', async () => {
    await table();
    const header = visit.page.locator('th').nth(1);
    await header.getByRole('button').click();
    expect((await column(2)).slice(0, 3)).toEqual(['44', '43', '42']);
    expect(await header.getAttribute('aria-sort')).toBe('descending');
    await header.getByRole('button').press('Enter');
    expect((await column(2)).slice(0, 3)).toEqual(['0', '1', '2']);
    await visit.page.getByRole('button', { name: 'Last rows' }).click();
    expect((await column(2)).at(-1)).toBe('·');
    await header.getByRole('button').click();
    expect(await column(1)).toEqual(names.slice(0, 20));
  });

  test('shows markup of names as text', async () => {
    await table();
    expect(await column(1)).toContain('<img src=x onerror=alert(1)>');
    expect(await visit.page.locator('th b, td img').count()).toBe(0);
  });
});

describe.skipIf(!chromiumPath)('the call graph cell', () => {
  let bench: Bench;
  let visit: Visit;
  beforeAll(async () => {
    bench = await Bench.start();
  });
  afterAll(() => bench.stop());
  afterEach(() => visit.close());

  const model = {
    names: ['main', 'load', '<img src=x onerror=alert(1)>', 'leaf'],
    // The caller's and the callee's place among the names, -1 for none; calls, total and self nanoseconds.
    calls: [[-1, 0, 1, 9e9, 1e9], [0, 1, 2, 5e9, 1e9], [0, 2, 1, 3e9, 3e9], [1, 3, 40, 4e9, 4e9], [2, 3, 1, 1e6, 1e6]],
    root: null,
  };

  async function graph(root: string | null): Promise<void> {
    visit = await bench.open('/nowhere');
    const script = `import { render } from '/cells/graph.js';
      const model = ${JSON.stringify({ ...model, root }).replaceAll('<', '\\u003c')};
      render({ model: { get: (key) => model[key] }, el: document.getElementById('cell') });`;
    await visit.page.route('**/notebook', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><body><div id="cell"></div><script type="module" src="/notebook.js"></script>' }));
    await visit.page.route('**/notebook.js', (route) => route.fulfill({ contentType: 'text/javascript', body: script }));
    visit.complaints.length = 0;
    await visit.page.goto(`${bench.address}/notebook`);
    await visit.page.waitForSelector('.middle');
  }

  const wing = (name: string): Promise<string[]> => visit.page.locator(`.${name} .name`).allTextContents();
  const middle = (): Promise<string | null> => visit.page.locator('.middle strong').textContent();

  test('begins with the roots, and what is chosen comes into the middle', async () => {
    await graph(null);
    expect([await middle(), await wing('callers'), await wing('callees')]).toEqual(['The whole process', [], ['main']]);
    await visit.page.locator('.callees .call').first().press('Enter');
    expect([await middle(), await wing('callers'), await wing('callees')]).toEqual(['main', ['(root)'], ['load', '<img src=x onerror=alert(1)>']]);
    await visit.page.getByRole('button', { name: 'Back to the name before' }).click();
    expect(await middle()).toBe('The whole process');
    expect(visit.complaints.filter((text) => !text.includes('favicon'))).toEqual([]);
  });

  test('sums up a name over its callers, those of most time first', async () => {
    await graph('leaf');
    expect(await wing('callers')).toEqual(['load', '<img src=x onerror=alert(1)>']);
    expect(await visit.page.locator('.middle dd').allTextContents()).toEqual(['4.00 s', '4.00 s', '41']);
    expect(await visit.page.locator('.callers .cost').allTextContents()).toEqual(['4.00 s in 40 calls', '1.00 ms in 1 call']);
  });

  test('finds a name by a part of it', async () => {
    await graph(null);
    await visit.page.getByRole('combobox').fill('LOA');
    await visit.page.keyboard.press('Enter');
    expect(await middle()).toBe('load');
  });
});
