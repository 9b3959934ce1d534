// Looks at the end of a live process's logs in a real browser: `node liveView.mjs CHROMIUM ADDRESS PROCESS`. Prints `looking`, then for each line `tick N` that is on the screen
// N and the milliseconds since 1970 at which the frame that shows it began, until a line `end` is there.
import { chromium } from 'playwright-core';

const [executablePath, address, process_id] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'] });
const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
const ended = new Promise((resolve) => page.exposeFunction('tell', (line) => (line === 'end' ? resolve() : console.log(line))));
await page.goto(`${address}/process/${process_id}/logs`);
await page.waitForSelector('.log-row');
await page.evaluate(() => {
  const told = new Set();
  const look = () => {
    for (const row of document.querySelectorAll('.log-message')) {
      const text = row.textContent;
      if (told.has(text)) continue;
      told.add(text);
      if (text === 'end') window.tell('end');
      else if (text.startsWith('tick ')) window.tell(`${text.slice(5)} ${Date.now()}`);
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
});
console.log('looking');
await ended;
await browser.close();
