// Somebody looks around in a process, in a real browser before a real host: `node journey.mjs PLAN`, where PLAN is a JSON file
// with `address`, `process`, `large`, `hostile`, `chromium` and `output`. Prints what was measured as JSON; ends with an error where anything is not as it should be.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const plan = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const browser = await chromium.launch({
  executablePath: plan.chromium,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
});
const complaints = [];

/** When the script of the process begins, 2026-01-01. */
const START = 1_767_225_600_000_000_000n;

async function open(path) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 800 }, colorScheme: 'light', reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => complaints.push(`dialog: ${dialog.message()}`));
  page.on('request', (request) => request.url().startsWith(plan.address) || request.url().startsWith('data:') || complaints.push(`request: ${request.url()}`));
  await page.goto(plan.address + path);
  return page;
}

const sharp = (page) => page.waitForSelector('.flame[data-sharp=true]');
const address = async (page, matches) => {
  await page.waitForURL(matches);
  return new URL(page.url());
};
const shown = (url) => Number(BigInt(url.searchParams.get('to')) - BigInt(url.searchParams.get('from')));
const picture = (page, name) => page.screenshot({ path: `${plan.output}/${name}.png` });

async function firstView(process) {
  const page = await open(`/process/${process}/timeline`);
  await sharp(page);
  const [mark] = await page.evaluate(() => performance.getEntriesByName('legion-first-view').map((entry) => entry.startTime));
  assert(mark > 0, 'the page marks its first view');
  return [page, Math.round(mark)];
}

// From the list of processes to a process.
const list = await open('/');
await list.getByText(plan.hostile).first().waitFor();
await picture(list, 'processes');

const timeline = `/process/${plan.process}/timeline`;
const [page] = await firstView(plan.process);
await picture(page, 'timeline');

// Requests, counters and log lines lie on the axis of the threads.
const [from, to] = [400_000_000, 600_000_000];
await page.goto(`${plan.address}${timeline}?from=${START + BigInt(from)}&to=${START + BigInt(to)}`);
await page.waitForSelector('.flame[data-sharp=true][data-settled=true]');
const tracks = await page.locator('.tracks').boundingBox();
const lanes = await page.locator('.rectangles').boundingBox();
const moment = (ns) => lanes.x + (lanes.width * (ns - from)) / (to - from);
await page.mouse.move(moment(484_000_000), tracks.y + 14);
await page.locator('.track-tooltip').getByText('inside two').waitFor();
await page.mouse.move(moment(482_500_000), tracks.y + 28 + 17);
await page.locator('.track-tooltip').getByText('60 %').waitFor();
await page.keyboard.press('/');
await page.keyboard.type('query');
await page.locator('.hit-count').getByText('60 hits').waitFor();
await page.keyboard.press('Enter');
await page.locator('.panel-title').getByText('query').waitFor();
await page.locator('.panel').getByText('4.00 ms').waitFor();
await page.locator('.panel').getByText('0af7651916cd43dd8448eb211c80319c').waitFor({ state: 'hidden' });
await page.waitForSelector('.flame[data-settled=true]');
await picture(page, 'requests');
await page.goto(plan.address + timeline);
await sharp(page);

// Zoom in at the pointer, twice.
const box = await page.locator('.rectangles').boundingBox();
await page.mouse.move(box.x + box.width / 2, box.y + 8);
await page.keyboard.down('Control');
await page.mouse.wheel(0, -200);
await page.keyboard.up('Control');
const once = await address(page, (url) => url.searchParams.has('from'));
await page.keyboard.press('w');
const twice = await address(page, (url) => url.searchParams.has('from') && shown(url) < shown(once));
assert(shown(twice) < shown(once), 'each step shows less');
await sharp(page);
await picture(page, 'zoomed');

// Find a span by name, and go to its log lines.
await page.keyboard.press('/');
await page.keyboard.type('slow frame');
await page.locator('.hit-count').getByText('1 hit').waitFor();
await page.keyboard.press('Enter');
await page.locator('.hit-count').getByText('1 of 1').waitFor();
await page.locator('.panel-title').getByText('slow frame').waitFor();
const selected = await address(page, (url) => url.searchParams.has('sel') && url.searchParams.get('q') === 'slow frame');
await sharp(page);
await picture(page, 'selected');
await page.getByText('Logs of this span').click();
await page.locator('.log-row').first().waitFor();
assert.deepEqual(await page.locator('.log-message').allTextContents(), ['inside one', plan.hostile, 'inside two']);
await picture(page, 'logs');

// What was measured in the selected time, and all of it.
const metrics = await open(selected.pathname.replace('timeline', 'metrics') + selected.search);
await metrics.waitForSelector('.metrics[data-settled=true]');
assert.deepEqual(await metrics.locator('.legend-name').allTextContents(), ['requests <b>', 'process.cpu']);
await metrics.keyboard.press('0');
await metrics.waitForSelector('.metrics[data-settled=true]');
await metrics.getByText(/^Σ 60 request$/).waitFor();
await metrics.getByText(/^30 % – 8\d %$/).waitFor();
await picture(metrics, 'metrics');

// A link brings back what its sender saw.
const again = await open(selected.pathname + selected.search);
await sharp(again);
await again.locator('.panel-title').getByText('slow frame').waitFor();
assert.equal(again.url(), selected.href);

// Hostile names are text wherever they stand.
const hostile = await open(`${timeline}?q=${encodeURIComponent(plan.hostile)}`);
await sharp(hostile);
await hostile.locator('.hit-count').getByText('1 hit').waitFor();
await hostile.keyboard.press('/');
await hostile.keyboard.press('Enter');
await hostile.locator('.panel-title').getByText(plan.hostile).waitFor();
await picture(hostile, 'hostile');
for (const each of [list, page, metrics, again, hostile]) assert.equal(await each.evaluate('window.hostile'), undefined);

// Time to the first view of a larger process: nothing built, then everything built.
const cold = await firstView(plan.large);
const warm = await firstView(plan.large);
await picture(warm[0], 'large');
assert.deepEqual(complaints, []);
await browser.close();
console.log(JSON.stringify({ 'cold ms': cold[1], 'warm ms': warm[1] }));
