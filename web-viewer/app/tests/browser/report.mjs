// A report opened from disk with all network blocked: `node report.mjs PLAN`, where PLAN is a JSON file with `report` (a file), `cells` (how many of
// each live cell it has, by module), `chromium` and `output`. Ends with an error where anything is not as it should be.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const plan = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const browser = await chromium.launch({ executablePath: plan.chromium, args: ['--no-sandbox'] });
const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, offline: true });
const page = await context.newPage();
const requests = [];
const complaints = [];
page.on('request', (request) => requests.push(request.url()));
page.on('pageerror', (error) => complaints.push(String(error)));
page.on('console', (message) => {
  if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
});
page.on('dialog', (dialog) => {
  complaints.push(`a dialog: ${dialog.message()}`);
  dialog.dismiss();
});

const address = pathToFileURL(plan.report).href;
await page.goto(address);
await page.waitForSelector('.flame[data-sharp=true]');
for (const [module, count] of Object.entries(plan.cells)) {
  const cells = page.locator(`.live[data-module=${module}]`);
  assert.equal(await cells.count(), count, `${count} cells of ${module}`);
  assert.equal(await cells.locator('.fallback').count(), 0, `${module} took the place of what stands there without scripts`);
}
for (const chart of await page.locator('.live[data-module=plotly]').all()) assert.equal(await chart.locator('.main-svg').count() > 0, true, 'a chart is drawn');
for (const metrics of await page.locator('.live[data-module=metrics]').all()) {
  await metrics.locator('.metrics[data-settled=true]').waitFor();
  assert(await metrics.locator('canvas').count() > 0, 'metrics are drawn from what the report has');
}
await page.screenshot({ path: join(plan.output, 'report.png'), fullPage: true });

// The flame chart zooms and pans, from tiles that the report has. What lies in its canvases tells that it moved.
const flame = page.locator('.flame').first();
await flame.scrollIntoViewIfNeeded();
await flame.focus();
await flame.screenshot({ path: join(plan.output, 'report-flame.png') });
const painted = await flame.evaluate((chart) => {
  const canvas = chart.querySelector('canvas.rectangles');
  const copy = document.createElement('canvas');
  [copy.width, copy.height] = [canvas.width, canvas.height];
  const context = copy.getContext('2d');
  context.drawImage(canvas, 0, 0);
  return context.getImageData(0, 0, copy.width, copy.height).data.filter((value, index) => index % 4 === 3 && value > 0).length;
});
assert(painted > 10_000, `spans fill a good part of the chart: ${painted} pixels`);
for (const [key, what] of [['w', 'zooms'], ['d', 'pans']]) {
  const before = await flame.evaluate((chart) => [...chart.querySelectorAll('canvas')].map((canvas) => canvas.toDataURL()).join());
  await page.keyboard.press(key);
  await flame.evaluate((chart, [drawn, missing]) => new Promise((resolve, reject) => {
    let frames = 600;
    const look = () => {
      if ([...chart.querySelectorAll('canvas')].map((canvas) => canvas.toDataURL()).join() !== drawn) resolve(null);
      else if (frames-- > 0) requestAnimationFrame(look);
      else reject(new Error(missing));
    };
    look();
  }), [before, `the chart does not do what it should: ${what}`]);
}

// What a program says is text, whatever it looks like.
assert.equal(await page.evaluate(() => window.hostile), undefined, 'no script of a name, a text, a key or a unit ran');
assert.equal(await page.locator('img:not([src^="data:"])').count(), 0, 'no image of a name was made');
assert.deepEqual(requests.filter((url) => url !== address && !url.startsWith('data:') && !url.startsWith('blob:')), [], 'nothing was asked for');
assert.deepEqual(complaints, []);
await browser.close();
