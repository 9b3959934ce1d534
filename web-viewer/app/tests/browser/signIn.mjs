// Somebody follows a link into a host that wants a key, in a real browser: `node signIn.mjs PLAN`, where PLAN is a JSON file
// with `address`, `path`, `key`, `expected`, `chromium` and `output`. Ends with an error where anything is not as it should be.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const plan = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const browser = await chromium.launch({
  executablePath: plan.chromium,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
});
const context = await browser.newContext();
const page = await context.newPage();
page.setDefaultTimeout(60_000);
const complaints = [];
page.on('pageerror', (error) => complaints.push(error.message));
// The browser itself reports each 401; that is the answer that leads to the form.
page.on('console', (message) => message.type() === 'error' && !message.text().includes('401') && complaints.push(message.text()));

// The link leads to the form, and the form, after a key that is not accepted, back to what the link meant.
await page.goto(plan.address + plan.path);
await page.waitForURL((url) => url.pathname === '/sign-in' && url.searchParams.get('next') === plan.path);
await page.screenshot({ path: `${plan.output}/sign-in.png` });
await page.fill('input[name=key]', 'nonsense');
await page.click('button[type=submit]');
await page.waitForURL((url) => url.searchParams.has('refused'));
await page.getByRole('alert').waitFor();
await page.fill('input[name=key]', plan.key);
await page.click('button[type=submit]');
await page.waitForURL((url) => url.pathname + url.search === plan.path);
await page.getByText(plan.expected).first().waitFor();

// Neither an address nor a script has the key.
assert(!page.url().includes(plan.key));
assert.equal(await page.evaluate(() => document.cookie), '');
const [cookie] = await context.cookies();
assert.deepEqual([cookie.value, cookie.httpOnly, cookie.sameSite, cookie.expires], [plan.key, true, 'Strict', -1]);

// Another page of the same browser needs no form.
const second = await context.newPage();
await second.goto(plan.address + plan.path);
await second.getByText(plan.expected).first().waitFor();

assert.deepEqual(complaints, []);
await browser.close();
