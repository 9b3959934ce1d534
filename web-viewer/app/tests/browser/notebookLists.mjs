// Lists in a real Jupyter Notebook with our kernel: `node notebookLists.mjs PLAN`, where PLAN is a JSON file with `address`, `token`,
// `notebook` (a file: connect, processes, logs of which the limit cuts most, a cell that prints what is selected), `process` (the older of two),
// `lines` (of its log), `hostile`, `chromium` and `output`. Ends with an error where anything is not as it should be.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Jupyter as RealJupyter } from '../support/notebookPage.mjs';

const plan = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const jupyter = await RealJupyter.start(plan);
const notebook = await jupyter.open(plan.notebook);
const { page } = notebook;
const printed = () => notebook.cell(3).locator('.output_text, .output_stdout').innerText();

// The newest process stands for the list until another one is selected.
await notebook.run(0, 1);
const processes = notebook.cell(1);
await processes.getByText('2 processes').waitFor();
assert.equal(await processes.locator('table').count(), 0, 'the fallback is gone');
await processes.locator('.row', { hasText: plan.hostile }).click();
await processes.getByText(`Selected:`).waitFor();
assert.equal(notebook.selected.process_id, plan.process);
await notebook.picture('processes');

// All lines are there, those beyond the limit too, and are asked for where somebody scrolls.
await notebook.run(2);
const logs = notebook.cell(2);
await logs.getByText(`${plan.lines.toLocaleString('en')} lines`).waitFor();
const pagesOf = () => notebook.sent.map((data) => data.question?.lines?.from).filter((from) => from !== undefined);
assert.deepEqual(pagesOf(), [0]);
await logs.locator('.scroller').evaluate((scroller) => { scroller.scrollTop = scroller.scrollHeight; });
await logs.getByText(`line ${plan.lines - 1}`, { exact: true }).waitFor();
assert(pagesOf().at(-1) > plan.lines - 500 && pagesOf().length <= 4, `the last page was asked for: ${pagesOf()}`);
await logs.getByText(`line ${plan.lines - 3}`, { exact: true }).click();
await logs.getByText(`line ${plan.lines - 1}`, { exact: true }).click({ modifiers: ['Shift'] });
await logs.getByText('Selected, lines of 2.00 ms').waitFor();
await notebook.picture('logs');

await notebook.run(3);
await notebook.cell(3).getByText(plan.process).waitFor();
assert.equal((await printed()).trim(), `${plan.process} ${notebook.selected.begin_ns} ${notebook.selected.end_ns}`);

// A text narrows the list.
await logs.locator('.scroller').press('/');
await logs.locator('input:focus').fill(`line ${plan.lines - 2}`);
await logs.getByText('1 line', { exact: true }).waitFor();
assert.equal(await logs.locator('.row').count(), 1);
await notebook.picture('search');
assert.equal(await page.evaluate(() => window.hostile), undefined);
await jupyter.stop();
