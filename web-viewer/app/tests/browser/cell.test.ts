import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { tileIndex } from '../../src/tiles/grid';
import { PROCESS } from '../support/fakeHost';
import { FRAMES, MARKERS } from '../support/fakeTimeline';
import { BEGIN_NS, DURATION_NS, HOSTILE } from '../support/synthetic';
import { Bench, Visit, chromiumPath } from '../support/browser';

const CELLS = ['flame', 'logs', 'processes', 'table', 'graph', 'metrics'];
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

  async function picture(name: string): Promise<void> {
    const folder = process.env['LEGION_PICTURES'];
    if (folder) await visit.page.screenshot({ path: `${folder}/${name}.png` });
  }

  const whole = { begin_ns: String(BEGIN_NS), end_ns: String(BEGIN_NS + BigInt(DURATION_NS)) };

  /** Tiles of the coarsest level only: what a report of limited size carries. */
  function embedded(): Record<string, string> {
    const level = 6;
    const tiles: Record<string, string> = {};
    for (let index = tileIndex(level, BEGIN_NS); index <= tileIndex(level, BEGIN_NS + BigInt(DURATION_NS)); index++)
      for (const group of [0, 1]) tiles[`${group}/${level}/${index}`] = Buffer.from(bench.host.tile(group, level, index)).toString('base64');
    return tiles;
  }

  /** What a report has beside the spans, as the host tells it. */
  async function timeline(counters: readonly string[]): Promise<Record<string, unknown>> {
    const api = async (path: string): Promise<Record<string, unknown>> => (await fetch(`${bench.address}/api/processes/${PROCESS}/${path}`)).json() as Promise<Record<string, unknown>>;
    const window = `from_ns=${whole.begin_ns}&to_ns=${whole.end_ns}`;
    const { series } = await api('series') as { series: { name: string }[] };
    return {
      async: true, counters, logs: true, ...whole, series: series.filter(({ name }) => counters.includes(name)),
      window: {
        counters: await api(`series/buckets?${window}${counters.map((name) => `&name=${encodeURIComponent(name)}`).join('')}`),
        logs: await api(`logs/buckets?${window}`), markers: await api(`markers?${window}`), async: await api(`async?${window}`),
      },
    };
  }

  const lanes = async (): Promise<{ x: number; y: number; width: number; height: number }> => (await visit.page.locator('.rectangles').boundingBox())!;

  /** Moves the pointer over what stands above the threads: `share` of the width from the left, `y` below their top. */
  async function hoverTracks(share: number, y: number): Promise<void> {
    const { x, width } = await lanes();
    await visit.page.mouse.move(x + share * width, (await visit.page.locator('.tracks').boundingBox())!.y + y);
  }

  /** A page as a notebook makes it: it takes letters itself, and has a model that listens. `before` runs before the cell does. */
  async function notebook(model: Record<string, unknown>, before = ''): Promise<void> {
    visit = await bench.open('/nowhere');
    const html = '<!doctype html><body><p tabindex="0" id="before">before</p><div id="cell"></div><script type="module" src="/notebook.js"></script>';
    const script = `import { render } from '/cells/flame.js';
      ${before}
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
    await expect.poll(() => visit.colors([[400, 8]]), { timeout: 30_000 }).not.toEqual([[255, 255, 255]]);
  });

  test('draws counters, frames, log entries and markers that a report carries, without any request', async () => {
    const counters = [FRAMES, 'dotnet.gc.heap.size'];
    await notebook({ manifest: bench.host.manifest(PROCESS), view: whole, source: { kind: 'embedded', tiles: embedded() }, timeline: await timeline(counters) });
    await visit.page.waitForSelector(`${CHART}[data-settled=true]`);
    expect((await visit.page.locator('.tracks').boundingBox())!.height).toBe(28 + 2 * 34 + 20 + 1);
    // Rows come on top of what a chart without them has.
    expect((await visit.page.locator('#cell > div').boundingBox())!.height).toBe(360 + 28 + 2 * 34);
    const tooltip = visit.page.locator('.track-tooltip');
    await hoverTracks(0.5, 28 + 20);
    await tooltip.getByText(FRAMES, { exact: true }).waitFor();
    await hoverTracks(0.5, 28 + 34 + 20);
    await tooltip.getByText('dotnet.gc.heap.size', { exact: true }).waitFor();
    const marker = MARKERS.find(({ name }) => name === HOSTILE.name)!;
    await hoverTracks((marker.at * 1e6) / DURATION_NS, 28 + 2 * 34 + 10);
    for (const text of [HOSTILE.name, `${HOSTILE.key}: ${HOSTILE.value}`]) await tooltip.getByText(text, { exact: true }).waitFor();
    // Zoomed in, everything is where it was.
    const box = await lanes();
    await visit.page.locator('.flame').focus();
    await visit.page.mouse.move(box.x + (marker.at * 1e6 / DURATION_NS) * box.width, box.y + 5);
    await visit.page.keyboard.down('Control');
    await visit.page.mouse.wheel(0, -600);
    await visit.page.keyboard.up('Control');
    await visit.page.waitForSelector(`${CHART}[data-settled=true]`);
    await hoverTracks((marker.at * 1e6) / DURATION_NS, 28 + 2 * 34 + 10);
    await tooltip.getByText(HOSTILE.name, { exact: true }).waitFor();
    // A click on a frame, or on a mark of log entries, selects its time.
    const saved = (): Promise<{ begin_ns: string; end_ns: string; span_id: string | null } | undefined> => visit.page.evaluate('window.saved.at(-1)');
    const { x, width } = await lanes();
    const top = (await visit.page.locator('.tracks').boundingBox())!.y;
    await visit.page.mouse.click(x + width / 2, top + 28 + 20);
    await visit.page.waitForFunction('window.saved.at(-1)?.begin_ns');
    const frame = (await saved())!;
    expect([Number(BigInt(frame.end_ns) - BigInt(frame.begin_ns)) > 1e6, frame.span_id]).toEqual([true, null]);
    // Async spans have a lane below the threads, and are found.
    await visit.page.keyboard.press('/');
    await visit.page.keyboard.type('cdn/chunk');
    await visit.page.locator('.hit-count').getByText('60 hits').waitFor();
    await visit.page.keyboard.press('Enter');
    await visit.page.waitForFunction("window.saved.at(-1)?.stream_id === 'async'");
    expect(await visit.page.locator('.panel-title').textContent()).toContain('POST cdn/chunk');
    await picture('cell-async');
    // Only what is there can be chosen.
    await visit.page.getByRole('button', { name: 'Counters' }).click();
    expect(await visit.page.locator('.track-menu input').evaluateAll((boxes) => boxes.map((each) => (each as HTMLInputElement).value))).toEqual(['dotnet.gc.heap.size', FRAMES]);
    expect(visit.requests.filter((url) => url.includes('/api/') || url.includes('/tiles/'))).toEqual([]);
    expect(visit.complaints.filter((text) => !text.includes('favicon'))).toEqual([]);
  });

  test('asks the kernel once for all that a view shows beside the spans', async () => {
    // A kernel as the classic Notebook gives a page one; it answers with what the host knows.
    const kernel = `window.questions = [];
      const get = (path) => fetch('/api/processes/${PROCESS}/' + path).then((response) => response.json());
      async function answer(question) {
        if (question.tiles) {
          const buffers = await Promise.all(question.tiles.map((name) => fetch('/tiles/${PROCESS}/' + name).then((response) => response.arrayBuffer())));
          return [{ tiles: buffers.map((_, i) => i) }, buffers];
        }
        if (question.series) return [await get('series'), []];
        if (question.statistics) return [{ statistics: await get('statistics?from_ns=' + question.statistics.from_ns + '&to_ns=' + question.statistics.to_ns) }, []];
        if (question.span) return [{ span: await get(question.span.stream_id === 'async' ? 'async/' + question.span.span_id : 'spans/' + question.span.stream_id + '/' + question.span.span_id) }, []];
        const { from_ns, to_ns, counters = [], logs, markers, async } = question.beside;
        const range = 'from_ns=' + from_ns + '&to_ns=' + to_ns;
        return [{
          counters: counters.length > 0 ? await get('series/buckets?' + range + counters.map((name) => '&name=' + encodeURIComponent(name)).join('')) : undefined,
          logs: logs ? await get('logs/buckets?' + range) : undefined, markers: markers ? await get('markers?' + range) : undefined, async: async ? await get('async?' + range) : undefined,
        }, []];
      }
      let tell = () => {};
      const comm = {
        send(data) {
          if (!data.question) return;
          window.questions.push(data.question);
          void answer(data.question).then(([json, buffers]) => tell({ content: { data: { answer: data.ask, json } }, buffers }));
        },
        close() {}, on_close() {},
        on_msg(listener) { tell = listener; queueMicrotask(() => tell({ content: { data: { open: true, selected: null } } })); },
      };
      window.Jupyter = { notebook: { events: { on() {}, off() {} }, kernel: { is_connected: () => true, info_reply: { status: 'ok' }, comm_manager: { new_comm: () => comm } } } };`;
    await notebook({
      manifest: bench.host.manifest(PROCESS), view: whole, cell: 'legion-1', source: { kind: 'comm', tiles: {} }, timeline: { async: true, counters: ['frames'], logs: true },
    }, kernel);
    await visit.page.waitForSelector(`${CHART}[data-settled=true]`);
    const beside = (): Promise<Record<string, unknown>[]> => visit.page.evaluate('window.questions.filter((question) => question.beside).map((question) => question.beside)');
    // The range that is loaded is wider than the view, so that a small move asks nothing.
    await visit.page.waitForFunction('window.questions.some((question) => question.beside?.counters)');
    const first = await beside();
    expect(first.at(-1)).toMatchObject({ counters: ['frames'] });
    expect(first.filter((question) => question['logs'] === true)).toHaveLength(1);

    const box = await lanes();
    await visit.page.locator('.flame').focus();
    await visit.page.mouse.move(box.x + box.width / 2, box.y + 5);
    await visit.page.keyboard.down('Control');
    await visit.page.mouse.wheel(0, -900);
    await visit.page.keyboard.up('Control');
    await visit.page.waitForFunction((before) => (window as unknown as { questions: { beside?: unknown }[] }).questions.filter((question) => question.beside).length > before, first.length);
    await visit.page.waitForSelector(`${CHART}[data-settled=true]`);
    for (const question of (await beside()).slice(first.length)) expect(Object.keys(question).sort()).toEqual(['async', 'counters', 'from_ns', 'logs', 'markers', 'to_ns']);

    // Any counter of the process can be chosen here.
    await visit.page.getByRole('button', { name: 'Counters' }).click();
    await visit.page.getByRole('checkbox', { name: /dotnet.gc.heap.size/ }).check();
    await visit.page.waitForFunction('window.questions.at(-1).beside?.counters?.length === 2');

    // And how long the spans of a range took.
    await visit.page.mouse.move(box.x + 300, box.y + 5);
    await visit.page.mouse.down();
    await visit.page.mouse.move(box.x + 600, box.y + 5, { steps: 4 });
    await visit.page.mouse.up();
    await visit.page.getByRole('button', { name: 'Statistics' }).click();
    await visit.page.locator('.statistics[data-settled=true]').getByText(/spans end in this range/).waitFor();
    const { statistics } = await visit.page.evaluate('window.questions.findLast((question) => question.statistics)') as { statistics: { from_ns: string; to_ns: string } };
    expect(BigInt(statistics.to_ns) - BigInt(statistics.from_ns) > 0n).toBe(true);
    await picture('cell-statistics');
  });

  test('colours its spans by what it is told, and by something else at a key', async () => {
    const pixel = async (): Promise<number[]> => (await visit.colors([[400, 8]]))[0]!;
    await notebook({ manifest: bench.host.manifest(PROCESS), view: whole, source: { kind: 'embedded', tiles: embedded() }, color: 'duration' });
    await visit.page.waitForSelector(CHART);
    await visit.page.getByRole('button', { name: 'Colour: duration' }).waitFor();
    const seen = [await pixel()];
    await visit.page.locator('.flame').focus();
    for (const next of ['depth', 'name']) {
      await visit.page.keyboard.press('c');
      await visit.page.getByRole('button', { name: `Colour: ${next}` }).waitFor();
      seen.push(await pixel());
    }
    // Twelve seconds are as red as it gets; a row of depth 0 and a name have colours of their own.
    expect(seen[0]![0]).toBeGreaterThan(seen[0]![2]! + 50);
    expect(new Set(seen.map(String)).size).toBe(3);
    expect(await visit.page.evaluate('window.keys')).toEqual([]);
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

  test('shows all around it that it has the focus, and takes clicks all the same', async () => {
    await notebook({ manifest: bench.host.manifest(PROCESS), view: whole, source: { kind: 'embedded', tiles: embedded() } });
    await visit.page.waitForSelector(CHART);
    const ring = (): Promise<string[]> => visit.page.locator('.flame').evaluate((chart) => {
      const { content, borderTopWidth, inset, zIndex, pointerEvents } = getComputedStyle(chart, '::after');
      return [content, borderTopWidth, inset, zIndex, pointerEvents];
    });
    expect((await ring())[0]).toBe('none');
    await visit.page.locator('#before').focus();
    await visit.page.keyboard.press('Tab');
    while (!(await visit.page.locator('.flame').evaluate((chart) => chart.matches(':focus')))) await visit.page.keyboard.press('Tab');
    expect(await ring()).toEqual(['""', '1px', '0px', '4', 'none']);
    await visit.page.getByRole('button', { name: 'Keys (?)' }).click();
    await visit.page.getByRole('dialog').waitFor();
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
