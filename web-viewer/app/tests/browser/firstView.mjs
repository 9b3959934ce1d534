// Opens the timeline of a process twice, each time in a new context of a real browser: `node firstView.mjs CHROMIUM ADDRESS PROCESS`.
// Prints the milliseconds from the link to the first meaningful paint and to the sharp view, as JSON.
import { chromium } from 'playwright-core';

const [executablePath, address, process_id] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
});

async function open() {
  const page = await (await browser.newContext({ viewport: { width: 1920, height: 1000 } })).newPage();
  page.setDefaultTimeout(120_000);
  await page.goto(`${address}/process/${process_id}/timeline`);
  await page.waitForSelector('.flame[data-sharp=true]');
  return page.evaluate(() => ({ first: performance.getEntriesByName('legion-first-view')[0].startTime, sharp: performance.now() }));
}

console.log(JSON.stringify({ cold: await open(), warm: await open() }));
await browser.close();
