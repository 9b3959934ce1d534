// Opens the timeline of a process again and again, each time in a new context of a real browser, and zooms in: `node firstView.mjs CHROMIUM ADDRESS PROCESS VISITS`.
// Prints of each visit, as JSON: milliseconds from the link to the first meaningful paint and to the sharp view, bytes of data that travelled until then, milliseconds from
// a zoom to the sharp view after it and from a question for statistics to its answer, and bytes of memory of the page's process.
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const [executablePath, address, process_id, visits] = process.argv.slice(2);
const ZOOMS = 4;
const QUESTIONS = 4;
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
});
const root = await browser.newBrowserCDPSession();

async function renderers() {
  const { processInfo } = await root.send('SystemInfo.getProcessInfo');
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
}

function residentBytes(pid) {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
}

async function visit() {
  const before = new Set(await renderers());
  const context = await browser.newContext({ viewport: { width: 1920, height: 1000 } });
  const page = await context.newPage();
  page.setDefaultTimeout(600_000);
  let bytes = 0;
  const asked = new Set();
  const network = await context.newCDPSession(page);
  await network.send('Network.enable');
  network.on('Network.requestWillBeSent', ({ requestId, request }) => void (/\/(api|tiles)\//.test(request.url) && asked.add(requestId)));
  network.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => void (asked.has(requestId) && (bytes += encodedDataLength)));
  await page.goto(`${address}/process/${process_id}/timeline`);
  await page.waitForSelector('.flame[data-sharp=true]');
  const opened = await page.evaluate(() => ({ first: performance.getEntriesByName('legion-first-view')[0].startTime, sharp: performance.now() }));
  const seen = { ...opened, bytes };

  const zooms = [];
  for (let zoom = 0; zoom < ZOOMS; zoom++) {
    // Several steps at once, so that it ends among tiles that are not there yet.
    await page.mouse.move(500 + 300 * zoom, 500);
    zooms.push(await page.locator('.flame').evaluate(async (flame, at) => {
      const target = flame.getRootNode().elementFromPoint(at, 500);
      const begun = performance.now();
      for (let step = 0; step < 8; step++) target.dispatchEvent(new WheelEvent('wheel', { bubbles: true, composed: true, cancelable: true, ctrlKey: true, deltaY: -120, clientX: at, clientY: 500 }));
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      await frame();
      do await frame(); while (flame.dataset.sharp !== 'true');
      return performance.now() - begun;
    }, 500 + 300 * zoom));
  }

  const statistics = await page.evaluate(async ({ id, questions }) => {
    const manifest = await (await fetch(`/tiles/${id}`)).json();
    const [begin, end] = [BigInt(manifest.begin_ns), BigInt(manifest.end_ns)];
    const times = [];
    for (let i = 0; i < questions; i++) {
      const from = begin + ((end - begin) * BigInt(i + 1)) / BigInt(questions + 3);
      const began = performance.now();
      await (await fetch(`/api/processes/${id}/statistics?from_ns=${from}&to_ns=${from + (end - begin) / 3n}`)).json();
      times.push(performance.now() - began);
    }
    return times;
  }, { id: process_id, questions: QUESTIONS });

  const own = (await renderers()).filter((pid) => !before.has(pid));
  const memory = Math.max(0, ...own.map(residentBytes));
  await context.close();
  return { ...seen, zooms, statistics, memory };
}

const seen = [];
for (let i = 0; i < Number(visits); i++) seen.push(await visit());
console.log(JSON.stringify(seen));
await browser.close();
