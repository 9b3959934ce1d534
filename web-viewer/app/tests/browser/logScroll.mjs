// Scrolls the logs of a process to places in no order, in visits of a real browser that scroll to the same ones: `node logScroll.mjs CHROMIUM ADDRESS PROCESS VISITS`.
// Prints of each visit, as JSON: milliseconds from the link to the first lines, from each scroll to its lines on the screen, and the most rows that the page had.
import { chromium } from 'playwright-core';

const [executablePath, address, process_id, visits] = process.argv.slice(2);
const PLACES = 20;
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'] });

async function visit() {
  const context = await browser.newContext({ viewport: { width: 1920, height: 1000 } });
  const page = await context.newPage();
  page.setDefaultTimeout(600_000);
  await page.goto(`${address}/process/${process_id}/logs`);
  await page.waitForSelector('.log-row:not(.waiting)');
  const opened = await page.evaluate(() => performance.now());
  const seen = await page.locator('.log-list').evaluate(async (list, places) => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const scrolls = [];
    let rows = 0;
    let seed = 1;
    for (let i = 0; i < places; i++) {
      // A sequence that repeats (the constants are those of Numerical Recipes).
      seed = (seed * 1664525 + 1013904223) % 2 ** 32;
      const before = list.querySelector('.log-row').dataset.row;
      const begun = performance.now();
      list.scrollTop = (seed / 2 ** 32) * (list.scrollHeight - list.clientHeight);
      do {
        await frame();
        rows = Math.max(rows, list.querySelectorAll('.log-row').length);
      } while (list.querySelector('.log-row').dataset.row === before || list.querySelector('.log-row.waiting'));
      scrolls.push(performance.now() - begun);
    }
    return { scrolls, rows };
  }, PLACES);
  await context.close();
  return { opened, ...seen };
}

const seen = [];
for (let i = 0; i < Number(visits); i++) seen.push(await visit());
console.log(JSON.stringify(seen));
await browser.close();
