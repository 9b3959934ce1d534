// Reports in the viewer of a real service that wants a key: `node publishedReport.mjs PLAN`, where PLAN is a JSON file with `address`, `path` and `tampered`
// (of a report of `process` as it was published, and of one with more in it), `title` of the second, `key`, `chromium` and `output`.
// Ends with an error where anything is not as it should be.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const plan = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const browser = await chromium.launch({ executablePath: plan.chromium, args: ['--no-sandbox'] });
const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
const page = await context.newPage();
const requests = [];
const refused = [];
const complaints = [];
page.on('request', (request) => requests.push(request.url()));
page.on('requestfailed', (request) => refused.push(`${new URL(request.url()).pathname} ${request.failure()?.errorText}`));
page.on('pageerror', (error) => complaints.push(String(error)));
page.on('console', (message) => {
  if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
});
page.on('dialog', (dialog) => {
  complaints.push(`a dialog: ${dialog.message()}`);
  dialog.dismiss();
});

/** Waits for a chart and a flame chart of the frame, and that somebody sees them. */
async function drawn(frame) {
  await frame.locator('.flame[data-sharp=true]').waitFor();
  await frame.locator('.live[data-module=plotly] .main-svg').first().waitFor();
  assert.equal(await frame.locator('.live .fallback').count(), 0, 'cells took the place of what stands there without scripts');
  assert.equal(await frame.locator('body').evaluate(() => self.origin), 'null', 'the report is of no origin');
}

await page.goto(plan.address + plan.path);
await page.locator('input[name=key]').fill(plan.key);
await page.locator('form button').first().click();
await page.waitForURL((url) => url.pathname === plan.path);
const frame = page.frameLocator('iframe');
await drawn(frame);
await page.screenshot({ path: join(plan.output, 'published-report.png') });
assert.deepEqual(complaints.filter((text) => !text.includes('401')), []);

// A key that is pressed in the chart moves it: its script runs.
const flame = frame.locator('.flame').first();
await flame.focus();
const before = await flame.evaluate((chart) => [...chart.querySelectorAll('canvas')].map((canvas) => canvas.toDataURL()).join());
await page.keyboard.press('w');
await flame.evaluate((chart, shown) => new Promise((resolve, reject) => {
  let frames = 600;
  const look = () => {
    if ([...chart.querySelectorAll('canvas')].map((canvas) => canvas.toDataURL()).join() !== shown) resolve(null);
    else if (frames-- > 0) requestAnimationFrame(look);
    else reject(new Error('the chart does not zoom'));
  };
  look();
}), before);

// A link of the report leads nowhere in the frame, which the page says; by itself the report may be left for it.
await frame.getByText('Open in the viewer').first().click();
await page.getByRole('status').getByText('Links in a report open only where it is opened by itself.').waitFor();
await drawn(frame);
await page.goto(`${plan.address}${plan.path.replace('/report/', '/reports/')}/content`);
await drawn(page);
await page.getByText('Open in the viewer').first().click();
await page.waitForURL((url) => url.pathname === `/process/${plan.process}/timeline`);

// One with more in it shows what the other does, and nothing else happens.
complaints.length = 0;
await page.goto(plan.address + plan.tampered);
await drawn(frame);
assert.equal(await page.locator('h1').textContent(), plan.title);
assert.equal(await frame.locator('body').evaluate(() => document.title), 'What was found', 'no smuggled script ran');
assert(complaints.some((text) => text.includes('Content Security Policy')), 'the browser says what it kept from running');
for (const path of [plan.tampered, `${plan.tampered.replace('/report/', '/reports/')}/content`]) {
  await page.goto(plan.address + path);
  await drawn(path === plan.tampered ? frame : page);
  assert.equal(await page.evaluate(() => window.hostile), undefined);
}
assert.deepEqual(requests.filter((url) => !url.startsWith(plan.address) && !url.startsWith('data:') && !url.startsWith('blob:')), [], 'nothing was asked for elsewhere');
// A request that the policy stops is told of, and never leaves.
const leaks = refused.filter((text) => text.startsWith('/api/leak'));
assert.equal(leaks.length, requests.filter((url) => url.includes('leak')).length, 'nothing that the report asks for leaves');
assert(leaks.length > 0 && leaks.every((text) => /csp|ERR_BLOCKED_BY_CSP/.test(text)), `the policy is what stopped it: ${leaks}`);
await browser.close();
