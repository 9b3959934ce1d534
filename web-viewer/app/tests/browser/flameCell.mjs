// Draws the flame cell of a notebook again and again in a real Jupyter Notebook: `node flameCell.mjs CHROMIUM ADDRESS TOKEN FILE RUNS`, where the second
// cell of FILE is the flame chart. Prints the milliseconds of the first run, and of each that follows, from running the cell to the sharp chart, as JSON.
import { Jupyter as RealJupyter } from '../support/notebookPage.mjs';

const [chromium, address, token, file, runs] = process.argv.slice(2);
const jupyter = await RealJupyter.start({ chromium, address, token });
const notebook = await jupyter.open(file);
const { page } = notebook;
page.setDefaultTimeout(600_000);
await notebook.run(0);
await page.waitForFunction(() => !Jupyter.notebook.get_cell(0).element.hasClass('running'));

/** What was drawn before is taken out first, so that it cannot pass for what is drawn now. */
async function draw() {
  await page.evaluate(() => {
    Jupyter.notebook.get_cell(1).clear_output();
    window.began = performance.now();
    Jupyter.notebook.execute_cells([1]);
  });
  await notebook.sharp();
  return page.evaluate(() => performance.now() - window.began);
}

const first = await draw();
const again = [];
for (let i = 0; i < Number(runs); i++) again.push(await draw());
await page.evaluate(() => Jupyter.notebook.save_notebook());
console.log(JSON.stringify({ first, again }));
await jupyter.stop();
