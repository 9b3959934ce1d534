import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { build } from 'vite';
import { tileIndex } from '../../src/tiles/grid';
import { PROCESS } from '../support/fakeHost';
import type { SceneOptions, SceneResult } from '../support/surfaceScenes';
import { BEGIN_NS, DURATION_NS } from '../support/synthetic';
import { Bench, Visit, chromiumPath } from '../support/browser';

const TIMELINE = `/process/${PROCESS}/timeline`;
const HOUR_NS = 3600e9;
const at = (seconds: number): bigint => BEGIN_NS + BigInt(Math.round(seconds * 1e9));
const chartOn = (surface: string): string => `.flame[data-sharp=true][data-surface=${surface}]`;

/** Many charts on a machine that does other things as well take their time. */
const PATIENT = { timeout: 30_000 };

/** Runs in a page before its scripts: counts the bytes that go to the GPU, and the draw calls. */
function countUploads(): void {
  const counted = { bytes: 0, draws: 0 };
  Object.assign(window, { counted });
  const wrap = (name: 'bufferData' | 'bufferSubData' | 'texImage2D' | 'texSubImage2D' | 'drawArraysInstanced'): void => {
    const inner = WebGL2RenderingContext.prototype[name] as (...given: unknown[]) => void;
    Object.defineProperty(WebGL2RenderingContext.prototype, name, {
      value(this: WebGL2RenderingContext, ...given: unknown[]) {
        if (name === 'drawArraysInstanced') counted.draws++;
        for (const each of given) if (ArrayBuffer.isView(each)) counted.bytes += each.byteLength;
        return inner.apply(this, given);
      },
    });
  };
  for (const name of ['bufferData', 'bufferSubData', 'texImage2D', 'texSubImage2D', 'drawArraysInstanced'] as const) wrap(name);
}

/** Pixels of two pictures of one size that differ in any channel. */
function differing(a: Uint32Array, b: Uint32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((sum, pixel, i) => sum + (pixel === b[i] ? 0 : 1), 0);
}

describe.skipIf(!chromiumPath)('what draws the rectangles', () => {
  let webgl: Bench;
  let canvas: Bench;
  let visit: Visit;
  let scenes: string;
  beforeAll(async () => {
    webgl = await Bench.start('webgl2');
    canvas = await Bench.start('canvas2d');
    const built = await build({
      configFile: false, logLevel: 'error',
      build: { write: false, target: 'es2022', lib: { entry: fileURLToPath(new URL('../support/surfaceScenes.ts', import.meta.url)), formats: ['es'], fileName: 'scenes' } },
    });
    scenes = (built as { output: { code: string }[] }[])[0]!.output[0]!.code;
  });
  afterAll(async () => {
    await webgl.stop();
    await canvas.stop();
  });
  afterEach(() => visit.close());

  async function compared(options: SceneOptions): Promise<SceneResult> {
    await visit.page.route('**/scenes.js', (route) => route.fulfill({ contentType: 'text/javascript', body: scenes }));
    // As text: what compiles these tests would make an import of its own of it.
    return visit.page.evaluate<SceneResult>(`import('/scenes.js').then(({ compare }) => compare(${JSON.stringify(options)}))`);
  }

  const scene: SceneOptions = {
    seed: 1, rectangles: 10_000, level: 3, view: { begin: 3 * HOUR_NS + 17, end: 3 * HOUR_NS + 17 + 120_000_001 }, theme: 'light', by: 'name', emphasized: false, pixelRatio: 1,
  };
  const near = (ns: number): SceneOptions['view'] => ({ begin: 9 * HOUR_NS + 1_234_567, end: 9 * HOUR_NS + 1_234_567 + ns });

  // No pixel and no channel may differ. Arithmetic in the shader is good to some 2^-21 pixels: an edge nearer than that to the middle between two
  // pixels could be drawn one pixel beside, and none of these scenes has one.
  test.each<[string, Partial<SceneOptions>]>([
    ['ten thousand', {}],
    ['ten thousand in dark, by duration', { seed: 2, theme: 'dark', by: 'duration' }],
    ['ten thousand by depth, most of them narrower than a pixel', { seed: 3, by: 'depth', level: 2, view: { begin: 3 * HOUR_NS + 17, end: 3 * HOUR_NS + 17 + 480_000_001 } }],
    ['what stands out, and what may', { seed: 4, emphasized: true }],
    ['what stands out in dark, with 1.25 device pixels to a pixel', { seed: 5, emphasized: true, theme: 'dark', pixelRatio: 1.25 }],
    ['two device pixels to a pixel', { seed: 6, pixelRatio: 2, rectangles: 4000 }],
    ['the closest view, nine hours after the begin', { seed: 7, level: 0, view: near(38_401) }],
    ['a microsecond on the whole width, nine hours after the begin', { seed: 8, level: 0, view: near(1001) }],
    ['a tile of hours in place of one of a millisecond', { seed: 9, level: 6, view: near(38_401) }],
    ['a tile of hours as a line of pixels', { seed: 10, level: 2, rectangles: 2000, view: { begin: 1, end: 1 + 12_000_000_001 } }],
  ])('both surfaces draw what arithmetic says, pixel by pixel: %s', async (_, options) => {
    visit = await webgl.open('/nowhere');
    const result = await compared({ ...scene, ...options });
    expect(result.painted).toBeGreaterThan(10_000);
    expect(result).toMatchObject({ wrong: { webgl2: 0, canvas2d: 0 }, apart: 0, missing: { webgl2: 0, canvas2d: 0 } });
    expect(result.wide).toBeGreaterThan(0);
  });

  test.each([
    ['everything', '', 'light'],
    ['a frame', `?from=${at(4)}&to=${at(4.02)}`, 'light'],
    ['a search', `?from=${at(4)}&to=${at(4.2)}&q=island`, 'dark'],
    ['durations', `?from=${at(6)}&to=${at(6.05)}&color=duration`, 'dark'],
  ] as const)('the viewer shows the same on both: %s', async (_, query, scheme) => {
    const pictures: Uint32Array[] = [];
    for (const [bench, surface] of [[canvas, 'canvas2d'], [webgl, 'webgl2']] as const) {
      visit = await bench.open(TIMELINE + query, scheme);
      await visit.page.waitForSelector(`${chartOn(surface)}[data-settled=true]`);
      expect(visit.complaints).toEqual([]);
      pictures.push(await visit.picture());
      if (surface === 'canvas2d') await visit.close();
    }
    expect(new Set(pictures[0]).size).toBeGreaterThan(3);
    expect(differing(pictures[0]!, pictures[1]!)).toBe(0);
  });

  test('a click selects what WebGL has drawn there', async () => {
    const frame = webgl.host.streams[0]!.spans.find((s) => s.depth === 1 && s.begin > 4e9)!;
    const view = { from: at(3.99), to: at(4.06) };
    visit = await webgl.open(`${TIMELINE}?from=${view.from}&to=${view.to}`);
    await visit.page.waitForSelector(chartOn('webgl2'));
    const box = (await visit.page.locator('.rectangles').boundingBox())!;
    const pixelOf = (ns: number): number => Math.round((Number(BEGIN_NS + BigInt(ns) - view.from) / Number(view.to - view.from)) * box.width);
    const [begin, end] = [pixelOf(frame.begin), pixelOf(frame.end)];
    // The frames before and after it are apart from it by less than their length.
    const row = 18 + 8;
    const [before, first, last, behind] = await visit.colors([[begin - 3, row], [begin + 3, row], [end - 5, row], [end + 3, row]]);
    expect(first).toEqual(last);
    expect([before, behind]).toEqual([[255, 255, 255], [255, 255, 255]]);
    await visit.page.mouse.move(box.x + begin + 3, box.y + row);
    await visit.page.locator('.tooltip').getByText(frame.name).waitFor();
    await visit.page.mouse.click(box.x + end - 5, box.y + row);
    await visit.address(`sel=${webgl.host.streams[0]!.id}:${frame.id}`);
  });

  test('moving the view within drawn tiles uploads nothing', async () => {
    visit = await webgl.open('/nowhere');
    await visit.context.addInitScript(countUploads);
    await visit.page.goto(`${webgl.address}${TIMELINE}?from=${at(4)}&to=${at(4.4)}`);
    await visit.page.waitForSelector(`${chartOn('webgl2')}[data-settled=true]`);
    await visit.page.waitForLoadState('networkidle');
    const counted = (): Promise<{ bytes: number; draws: number }> => visit.page.evaluate(() => ({ ...(window as unknown as { counted: { bytes: number; draws: number } }).counted }));
    const first = await counted();
    expect(first.bytes).toBeGreaterThan(16 * 1000);
    let shown = await visit.picture();
    const url = new URL(visit.page.url());
    const box = (await visit.page.locator('.rectangles').boundingBox())!;
    await visit.page.mouse.move(box.x + 400, box.y + 30);
    // A little closer, to the side, down and back out again: the level stays, and so do the tiles that are drawn.
    const moves: readonly (() => Promise<void>)[] = [
      async () => {
        await visit.page.keyboard.down('Control');
        await visit.page.mouse.wheel(0, -60);
        await visit.page.keyboard.up('Control');
      },
      async () => {
        await visit.page.keyboard.down('Shift');
        await visit.page.mouse.down();
        await visit.page.mouse.move(box.x + 390, box.y + 30);
        await visit.page.mouse.up();
        await visit.page.keyboard.up('Shift');
      },
      () => visit.page.mouse.wheel(0, 40),
    ];
    for (const move of moves) {
      const { draws } = await counted();
      await move();
      await visit.page.waitForFunction((before) => (window as unknown as { counted: { draws: number } }).counted.draws > before, draws);
      await visit.page.waitForSelector(chartOn('webgl2'));
      await expect.poll(async () => differing(shown, await visit.picture()), PATIENT).toBeGreaterThan(1000);
      shown = await visit.picture();
    }
    await visit.address((address) => address.searchParams.get('from') !== url.searchParams.get('from'));
    const last = await counted();
    expect(last.draws).toBeGreaterThan(first.draws);
    expect(last.bytes - first.bytes).toBe(0);
    // Other colours are another upload, of the tiles in sight: what is counted above is counted.
    await visit.page.keyboard.press('c');
    await visit.page.waitForFunction((before) => (window as unknown as { counted: { bytes: number } }).counted.bytes > before, last.bytes);
  });

  test('when the context is lost the 2D canvas takes over before the next frame, and WebGL comes back with the context', async () => {
    visit = await webgl.open(`${TIMELINE}?from=${at(4)}&to=${at(4.4)}`);
    await visit.page.waitForSelector(`${chartOn('webgl2')}[data-settled=true]`);
    const drawn = await visit.picture();
    const next = await visit.page.locator('.rectangles').evaluate((lost) => new Promise<{ surface: string | undefined; painted: number }>((resolve) => {
      const root = lost.closest<HTMLElement>('.flame')!;
      const extension = (lost as HTMLCanvasElement).getContext('webgl2')!.getExtension('WEBGL_lose_context')!;
      // The chart has heard of it before, and its frame comes before the one asked for here.
      lost.addEventListener('webglcontextlost', () => requestAnimationFrame(() => {
        const canvas = root.querySelector<HTMLCanvasElement>('.rectangles')!;
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        resolve({ surface: root.dataset['surface'], painted: data.filter((value, i) => i % 4 === 0 && value < 255).length });
      }));
      Object.assign(window, { giveBack: () => extension.restoreContext() });
      extension.loseContext();
    }));
    expect(next.surface).toBe('canvas2d');
    expect(next.painted).toBeGreaterThan(10_000);
    expect(await visit.page.locator('.rectangles').count()).toBe(1);
    expect(differing(drawn, await visit.picture())).toBe(0);
    // The view moves on meanwhile.
    await visit.page.keyboard.press('c');
    await visit.address('color=duration');
    const meanwhile = await visit.picture();
    expect(differing(drawn, meanwhile)).toBeGreaterThan(10_000);
    await visit.page.evaluate('window.giveBack()');
    await visit.page.waitForSelector(chartOn('webgl2'));
    expect(await visit.page.locator('.rectangles').count()).toBe(1);
    expect(differing(meanwhile, await visit.picture())).toBe(0);
  });

  test.each([
    ['there is no WebGL2', () => Object.defineProperty(HTMLCanvasElement.prototype, 'getContext', {
      value: ((inner) => function (this: HTMLCanvasElement, kind: string, given: unknown) {
        return kind === 'webgl2' ? null : (inner as (kind: string, given: unknown) => unknown).call(this, kind, given);
      })(HTMLCanvasElement.prototype.getContext),
    })],
    ['the driver refuses the program', () => Object.defineProperty(WebGL2RenderingContext.prototype, 'getProgramParameter', { value: () => false })],
    ['a program of the processor stands for the GPU', () => Object.defineProperty(WebGL2RenderingContext.prototype, 'getParameter', { value: () => 'llvmpipe (LLVM 17.0.6, 256 bits)' })],
  ] as const)('the 2D canvas draws where %s', async (_, prepare) => {
    visit = await webgl.open('/nowhere');
    await visit.context.addInitScript(prepare);
    await visit.page.goto(`${webgl.address}${TIMELINE}?from=${at(4)}&to=${at(4.4)}`);
    await visit.page.waitForSelector(`${chartOn('canvas2d')}[data-settled=true]`);
    expect(new Set(await visit.picture()).size).toBeGreaterThan(3);
    expect(visit.complaints).toEqual([]);
  });

  test('of many cells the first few draw by WebGL, and what a cell gives up is free for the next', async () => {
    const level = 6;
    const tiles = Object.fromEntries([0, 1].flatMap((group) =>
      Array.from({ length: tileIndex(level, BEGIN_NS + BigInt(DURATION_NS)) - tileIndex(level, BEGIN_NS) + 1 }, (_, i) => {
        const index = tileIndex(level, BEGIN_NS) + i;
        return [`${group}/${level}/${index}`, Buffer.from(webgl.host.tile(group, level, index)).toString('base64')];
      })));
    const model = { manifest: webgl.host.manifest(PROCESS), height: 160, view: { begin_ns: String(BEGIN_NS), end_ns: String(BEGIN_NS + BigInt(DURATION_NS)) }, source: { kind: 'embedded', tiles } };
    const script = `import { render } from '/cells/flame.js';
      const data = new Map(Object.entries(${JSON.stringify(model)}));
      const cells = [];
      window.add = async () => {
        const el = document.createElement('div');
        document.body.append(el);
        cells.push(await render({ model: { get: (key) => data.get(key) }, el }));
      };
      window.take = (cell) => cells.splice(cell, 1)[0]();
      window.ready = true;`;
    visit = await webgl.open('/nowhere');
    await visit.page.setViewportSize({ width: 400, height: 400 });
    await visit.context.addInitScript(() => {
      const given: unknown[] = [];
      const { getContext } = HTMLCanvasElement.prototype as { getContext(kind: string, attributes: unknown): unknown };
      Object.assign(window, { given });
      Object.defineProperty(HTMLCanvasElement.prototype, 'getContext', {
        value(this: HTMLCanvasElement, kind: string, attributes: unknown) {
          const context = getContext.call(this, kind, attributes);
          if (kind === 'webgl2' && !given.includes(context)) given.push(context);
          return context;
        },
      });
    });
    await visit.page.route('**/notebook', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><body><script type="module" src="/notebook.js"></script>' }));
    await visit.page.route('**/notebook.js', (route) => route.fulfill({ contentType: 'text/javascript', body: script }));
    visit.complaints.length = 0;
    await visit.page.goto(`${webgl.address}/notebook`);
    await visit.page.waitForFunction('window.ready');
    const surfaces = async (count: number): Promise<(string | null)[]> => {
      await expect.poll(() => visit.page.locator('.flame[data-sharp=true]').count(), PATIENT).toBe(count);
      return Promise.all((await visit.page.locator('.flame').all()).map((chart) => chart.getAttribute('data-surface')));
    };
    await visit.page.evaluate('window.add()');
    for (let again = 0; again < 3; again++) await visit.page.evaluate('window.add().then(() => window.take(1))');
    expect(await visit.page.evaluate('window.given.map((context) => context.isContextLost())')).toEqual([false, true, true, true]);
    expect(await surfaces(1)).toEqual(['webgl2']);
    for (let cell = 1; cell < 10; cell++) await visit.page.evaluate('window.add()');
    expect(await surfaces(10)).toEqual([...Array<string>(8).fill('webgl2'), 'canvas2d', 'canvas2d']);
    await visit.page.evaluate('window.take(3); window.add()');
    expect(await surfaces(10)).toEqual([...Array<string>(7).fill('webgl2'), 'canvas2d', 'canvas2d', 'webgl2']);
    expect(visit.complaints.filter((text) => !text.includes('favicon'))).toEqual([]);
  });
});
