import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { chromium, type Browser } from 'playwright-core';
import type { SurfaceKind } from '../../src/flame/surface';
import { LANES_PER_GROUP, STEPS_PER_TILE, tileBaseNs, tileNs } from '../../src/tiles/grid';
import { SURFACES, chromiumPath, hideRenderer } from '../support/browser';
import { encodeTile, rectangle, type Rectangle } from '../support/encodeTile';

const RUNS = 3;
/** Of a run; the first few, in which tiles are uploaded and code is compiled, come before them and do not count. */
const FRAMES = 30;
const WARM_FRAMES = 10;
const LEVEL = 3;
const DEPTHS = 3;
const TILES = 2;

export interface FrameRow {
  readonly surface: SurfaceKind;
  readonly rectangles: number;
  readonly motion: 'pan' | 'zoom';
  /** Script of a frame, its event and its callback, milliseconds: the median of a run's frames, of several runs the median, the least and the most. */
  readonly scriptMs: readonly [median: number, least: number, most: number];
  /** Bytes that went to the GPU in all frames of a run; of a 2D canvas those of the pixels that it puts on the canvas. */
  readonly uploadedBytes: number;
}

interface Measured {
  readonly surface: SurfaceKind;
  readonly scriptMs: number;
  readonly uploadedBytes: number;
}

/** Two tiles of dense lanes, half a tile of which is beside the view on both sides, as a notebook's cell has them. */
function modelOf(rectangles: number): Record<string, unknown> {
  const first = 1_000_000;
  const ofRow = rectangles / (TILES * LANES_PER_GROUP * DEPTHS);
  const tile = (index: number): string => {
    const spans: Rectangle[] = [];
    for (let row = 0; row < LANES_PER_GROUP * DEPTHS; row++)
      for (let i = Math.floor(ofRow * row); i < Math.floor(ofRow * (row + 1)); i++) {
        const at = (i - Math.floor(ofRow * row)) / ofRow;
        spans.push(rectangle({
          id: BigInt(spans.length + 1), offset: Math.floor(at * STEPS_PER_TILE), width: Math.max(1, Math.floor((STEPS_PER_TILE / ofRow) * (i % 4 === 0 ? 0.3 : 0.9))),
          lane: row % LANES_PER_GROUP, depth: Math.floor(row / LANES_PER_GROUP), name: `Step ${(i * 7) % 40}`, durationNs: BigInt(1000 * (1 + (i % 900))), busy: (i * 37) % 256,
        }));
      }
    return Buffer.from(encodeTile(LEVEL, tileBaseNs(LEVEL, index), spans)).toString('base64');
  };
  const begin = tileBaseNs(LEVEL, first);
  const length = BigInt(tileNs(LEVEL));
  const streams = Array.from({ length: LANES_PER_GROUP }, (_, lane) => ({ stream: `lane-${lane}`, name: `lane ${lane}`, thread_id: String(lane), depth: DEPTHS }));
  return {
    manifest: { process: 'frames', begin_ns: String(begin), end_ns: String(begin + BigInt(TILES) * length), max_level: LEVEL, groups: [{ group: 0, g: 'frames', streams }] },
    source: { kind: 'embedded', tiles: Object.fromEntries(Array.from({ length: TILES }, (_, i) => [`0/${LEVEL}/${first + i}`, tile(first + i)])) },
    view: { begin_ns: String(begin + length / 2n), end_ns: String(begin + (3n * length) / 2n) },
    height: 1040,
  };
}

/** Runs in the page before its scripts: adds up the time of frame callbacks, and the bytes that leave script. */
function count(): void {
  const counted = { scriptMs: 0, bytes: 0 };
  Object.assign(window, { counted });
  const next = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (callback) => next((time) => {
    const begin = performance.now();
    callback(time);
    counted.scriptMs += performance.now() - begin;
  });
  for (const [of, name] of [
    [WebGL2RenderingContext.prototype, 'bufferData'], [WebGL2RenderingContext.prototype, 'bufferSubData'], [WebGL2RenderingContext.prototype, 'texImage2D'],
    [CanvasRenderingContext2D.prototype, 'putImageData'],
  ] as const) {
    const inner = (of as unknown as Record<string, (...given: unknown[]) => unknown>)[name]!;
    Object.defineProperty(of, name, {
      value(this: unknown, ...given: unknown[]) {
        for (const each of given) counted.bytes += ArrayBuffer.isView(each) ? each.byteLength : each instanceof ImageData ? each.data.byteLength : 0;
        return inner.apply(this, given);
      },
    });
  }
}

/** Runs in the page: moves the view by a wheel in every frame, to and fro around where it was. */
async function move([motion, frames, warmFrames]: readonly ['pan' | 'zoom', number, number]): Promise<Measured> {
  const counted = (window as unknown as { counted: { scriptMs: number; bytes: number } }).counted;
  const chart = document.querySelector('#cell > div')!.shadowRoot!.querySelector<HTMLElement>('.flame')!;
  const stage = chart.querySelector<HTMLElement>('.stage')!;
  const box = stage.getBoundingClientRect();
  const times: number[] = [];
  let uploaded = 0;
  chart.focus();
  for (let frame = 0; frame < warmFrames + frames; frame++) {
    const [bytes, ofFrames] = [counted.bytes, counted.scriptMs];
    const begin = performance.now();
    const direction = Math.floor(frame / 10) % 2 === 0 ? 1 : -1;
    stage.dispatchEvent(new WheelEvent('wheel', {
      bubbles: true, cancelable: true, clientX: box.left + box.width / 2, clientY: box.top + box.height / 2,
      ...(motion === 'zoom' ? { ctrlKey: true, deltaY: 8 * direction } : { deltaX: 12 * direction }),
    }));
    const ofEvent = performance.now() - begin;
    // The chart asked for this frame first, so that its callback is over when this one runs.
    await new Promise<void>((resolve) => requestAnimationFrame(() => resolve()));
    if (frame < warmFrames) continue;
    times.push(ofEvent + counted.scriptMs - ofFrames);
    uploaded += counted.bytes - bytes;
  }
  times.sort((a, b) => a - b);
  return { surface: chart.dataset['surface'] as Measured['surface'], scriptMs: times[times.length >> 1]!, uploadedBytes: uploaded };
}

async function measure(browser: Browser, surface: SurfaceKind, rectangles: number, motion: 'pan' | 'zoom', cell: string): Promise<Measured> {
  const context = await browser.newContext({ viewport: { width: 1920, height: 1100 } });
  if (surface === 'webgl2') await context.addInitScript(hideRenderer);
  await context.addInitScript(count);
  const page = await context.newPage();
  const script = `import { render } from '/flame.js';
    const data = new Map(Object.entries(${JSON.stringify(modelOf(rectangles))}));
    await render({ model: { get: (key) => data.get(key) }, el: document.getElementById('cell') });`;
  await page.route('**/*', (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/flame.js') return route.fulfill({ contentType: 'text/javascript', body: cell });
    if (pathname === '/frames.js') return route.fulfill({ contentType: 'text/javascript', body: script });
    return route.fulfill({ contentType: 'text/html', body: '<!doctype html><body><div id="cell"></div><script type="module" src="/frames.js"></script>' });
  });
  await page.goto('http://frames.test/');
  await page.waitForSelector(`.flame[data-sharp=true][data-surface=${surface}]`);
  const measured = await page.evaluate(move, [motion, FRAMES, WARM_FRAMES] as const);
  await context.close();
  if (measured.surface !== surface) throw new Error(`drawn on ${measured.surface}, expected ${surface}`);
  return measured;
}

/** Script and bytes of a frame, on both surfaces in turns. `cell`: the built flame cell. */
export async function frames(cell: string): Promise<FrameRow[]> {
  if (!chromiumPath) throw new Error('needs Chromium; CHROMIUM=path names one');
  const browsers = new Map<SurfaceKind, Browser>();
  for (const surface of ['canvas2d', 'webgl2'] as const)
    browsers.set(surface, await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', ...SURFACES[surface]] }));
  const rows: FrameRow[] = [];
  for (const rectangles of [10_000, 50_000])
    for (const motion of ['pan', 'zoom'] as const) {
      const runs = new Map<SurfaceKind, Measured[]>([['canvas2d', []], ['webgl2', []]]);
      for (let run = 0; run < RUNS; run++)
        for (const [surface, browser] of browsers) runs.get(surface)!.push(await measure(browser, surface, rectangles, motion, cell));
      for (const [surface, measured] of runs) {
        const times = measured.map(({ scriptMs }) => scriptMs).sort((a, b) => a - b);
        rows.push({
          surface, rectangles, motion, scriptMs: [times[RUNS >> 1]!, times[0]!, times[RUNS - 1]!],
          uploadedBytes: Math.max(...measured.map(({ uploadedBytes }) => uploadedBytes)),
        });
      }
    }
  for (const browser of browsers.values()) await browser.close();
  return rows;
}

export async function main(arguments_: readonly string[]): Promise<void> {
  const rows = await frames(readFileSync(new URL('../../dist/cells/flame.js', import.meta.url), 'utf8'));
  const processor = cpus()[0]?.model ?? 'unknown';
  if (arguments_.includes('--json')) {
    console.log(JSON.stringify({ processor, frames: FRAMES, runs: RUNS, rows }));
    return;
  }
  console.log(`${processor}; ${RUNS} runs of ${FRAMES} frames; script of a frame in milliseconds`);
  console.table(rows.map(({ surface, rectangles, motion, scriptMs: [median, least, most], uploadedBytes }) => ({
    rectangles, motion, surface, median: Number(median.toFixed(2)), least: Number(least.toFixed(2)), most: Number(most.toFixed(2)), 'bytes a frame': Math.round(uploadedBytes / FRAMES),
  })));
}
