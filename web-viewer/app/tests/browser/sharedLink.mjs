// A colleague follows a frozen link out of a notebook, in a browser that has never been here, into a host that wants a key, and passes on what is seen:
// `node sharedLink.mjs PLAN`, where PLAN is a JSON file with `address`, `link`, `key`, `chromium` and `output`.
// Prints JSON: `rows`, the messages of the page; `snippet`, what a notebook shows of the link that was passed on. Ends with an error where anything is not as it should be.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const plan = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const browser = await chromium.launch({
  executablePath: plan.chromium,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
});
const page = await (await browser.newContext()).newPage();
page.setDefaultTimeout(60_000);
const complaints = [];
page.on('pageerror', (error) => complaints.push(error.message));
page.on('console', (message) => message.type() === 'error' && !message.text().includes('401') && complaints.push(message.text()));

await page.goto(plan.link);
await page.waitForURL((url) => url.pathname === '/sign-in');
await page.fill('input[name=key]', plan.key);
await page.click('button[type=submit]');
await page.waitForURL((url) => url.pathname.endsWith('/logs') && url.searchParams.has('link'));
await page.locator('.frozen').getByText(/is not shown/).waitFor();
const messages = page.locator('.log-row .log-message');
await messages.first().waitFor();
const rows = await messages.allInnerTexts();
await page.screenshot({ path: `${plan.output}/frozen-logs.png` });

// The cookie lets this page make a link, and pages of elsewhere none.
await page.getByRole('button', { name: 'Share' }).click();
const panel = page.locator('#sharing');
assert(await panel.getByRole('checkbox').isChecked());
await panel.getByRole('button', { name: 'Make the link' }).click();
const snippet = await panel.getByLabel('The same in a notebook').inputValue();
assert(snippet.startsWith(`#!legion logs ${plan.address}/l/`), snippet);
await page.screenshot({ path: `${plan.output}/share-panel.png` });

assert.deepEqual(complaints, []);
await browser.close();
console.log(JSON.stringify({ rows, snippet }));
