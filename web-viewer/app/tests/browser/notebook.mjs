// Somebody works in a real Jupyter Notebook with our kernel: `node notebook.mjs PLAN`, where PLAN is a JSON file with `address`, `token`,
// `notebook` (a file: connect, flame, a query of what is selected, a cell that never ends), `untrusted` (a file to write), `chromium` and `output`.
// Ends with an error where anything is not as it should be.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { Jupyter as RealJupyter, levelOf } from '../support/notebookPage.mjs';

const plan = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const jupyter = await RealJupyter.start(plan);

// The cells run; the chart comes over the comm, with one question for what the first view needs.
const first = await jupyter.open(plan.notebook);
const { page } = first;
await first.run(0, 1);
await first.sharp();
assert.equal(await first.cell(1).locator('img').count(), 0, 'the fallback is gone');
assert.equal(first.sent.filter((data) => data.question?.tiles).length, 1, 'one question for the first view');
assert(first.tiles.every((name) => levelOf(name) > 2), `the first view is coarse: ${first.tiles}`);
await page.getByText('What is selected here').waitFor();
await first.picture('flame');

// All spans are searched, not only those that are drawn; the view goes there, and its tiles come while a cell runs.
await first.run(3);
await page.waitForFunction(() => Jupyter.notebook.get_cell(3).element.hasClass('running'));
await page.locator('.flame .bar .search').fill('needle');
await page.getByText('1 hit', { exact: true }).waitFor();
await page.locator('.flame .bar .search').press('Enter');
await page.getByText('Selected, 20.0 µs:').waitFor();
await page.locator('.flame').focus();
await page.keyboard.press('f');
await first.until(() => first.tiles.some((name) => levelOf(name) === 0), 'a tile of the finest level');
await first.sharp();
assert.deepEqual([first.selected.name.startsWith('needle <img'), BigInt(first.selected.end_ns) - BigInt(first.selected.begin_ns)], [true, 20_000n]);
assert(await page.evaluate(() => Jupyter.notebook.get_cell(3).element.hasClass('running')), 'the cell still runs');
await first.picture('selected');

// A cell that uses what is selected sees it.
await page.evaluate(() => Jupyter.notebook.kernel.interrupt());
await page.waitForFunction(() => !Jupyter.notebook.get_cell(3).element.hasClass('running'));
await first.run(2);
assert.deepEqual(await first.table(2), ['needle <img src=x onerror=window.hostile=1> 20000', 'eye 3000']);
await first.picture('query');

// Once something else is selected, that cell says that it is out of date, until it runs again: when asked to, or by itself after each selection.
const rows = (await first.table(2)).join();
await page.locator('.flame').focus();
await page.keyboard.press('Escape');
await page.getByText('Out of date: something else has been selected since this cell ran.').waitFor();
await page.getByText('One cell used what was selected before.').waitFor();
assert.equal(await first.cell(2).locator('.legion-stale').count(), 1);
await first.picture('stale');
await page.getByLabel('after each selection').check();
await page.waitForFunction(() => document.querySelector('.legion-stale') === null);
await page.waitForFunction(() => !Jupyter.notebook.get_cell(2).element.hasClass('running'));
assert.notEqual((await first.table(2)).join(), rows, 'it shows what is selected now');
const ran = await page.evaluate(() => Jupyter.notebook.get_cell(2).input_prompt_number);
await page.locator('.flame .bar .search').focus();
await page.locator('.flame .bar .search').press('Enter');
await page.getByText('Selected, 20.0 µs:').waitFor();
await first.until(() => first.selected?.name.startsWith('needle'), 'the span is selected again');
await page.waitForFunction((before) => {
  const cell = Jupyter.notebook.get_cell(2);
  return cell.input_prompt_number > before && !cell.element.hasClass('running');
}, ran);
assert.equal((await first.table(2)).join(), rows, 'it has run by itself');

// Saved and loaded again, the cell finds its result in the same kernel, with a comm of its own.
await page.evaluate(() => Jupyter.notebook.save_notebook());
await page.close();
const again = await jupyter.open(plan.notebook);
await again.sharp();
assert(again.tiles.length > 0, 'the page that was loaded again asked for tiles');
await again.page.getByText('Selected, 20.0 µs:').waitFor();
await again.picture('reloaded');

// A restarted kernel knows nothing of it: what is drawn stays, and after loading again what was saved does, with the reason.
await again.page.evaluate(() => new Promise((resolve) => {
  Jupyter.notebook.events.one('kernel_ready.Kernel', resolve);
  Jupyter.notebook.kernel.restart();
}));
await again.page.locator('.flame').focus();
await again.page.keyboard.down('w');
await again.page.getByText('Nothing more is loaded here: this kernel does not know the cell: run it again').waitFor();
await again.page.keyboard.up('w');
await again.page.close();
const restarted = await jupyter.open(plan.notebook);
await restarted.page.getByText('Shown as it was saved: this kernel does not know the cell: run it again').waitFor();
assert(await restarted.page.locator('img[src^="data:image/svg+xml"]').isVisible(), 'the fallback stays');
assert.equal(await restarted.page.locator('.flame').count(), 0);
await restarted.picture('restarted');

// From somebody else, no script runs: the image and the table are there.
const notebook = JSON.parse(readFileSync(plan.notebook, 'utf8'));
notebook.metadata.from = 'somebody else';
writeFileSync(plan.untrusted, JSON.stringify(notebook));
const untrusted = await jupyter.open(plan.untrusted);
const image = untrusted.page.locator('img[src^="data:image/svg+xml"]');
await image.waitFor();
assert((await image.evaluate((loaded) => loaded.decode().then(() => loaded.naturalWidth))) > 500, 'the image can be seen');
assert.equal(await untrusted.page.evaluate(() => Jupyter.notebook.trusted), false);
assert.equal(await untrusted.page.locator('.flame').count(), 0);
assert.deepEqual(untrusted.sent, []);
await untrusted.picture('untrusted');

for (const { page: each } of [untrusted, restarted]) assert.equal(await each.evaluate(() => window.hostile), undefined);
await jupyter.stop();
