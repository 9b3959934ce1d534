// What the scripts share that drive a real Jupyter Notebook.
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { chromium } from 'playwright-core';

const PATIENCE_MS = 60_000;

export const levelOf = (tile) => Number(tile.split('/')[1]);

export class Jupyter {
  /** What went wrong in any page. */
  complaints = [];

  static async start(plan) {
    const browser = await chromium.launch({
      executablePath: plan.chromium,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
    });
    return new Jupyter(plan, browser, await browser.newContext({ viewport: { width: 1300, height: 1000 }, colorScheme: 'light', reducedMotion: 'reduce' }));
  }

  constructor(plan, browser, context) {
    Object.assign(this, { plan, browser, context });
  }

  /** A notebook whose kernel is ready. */
  async open(file) {
    const page = await this.context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('request', (request) => /^(data|blob):/.test(request.url()) || request.url().startsWith(this.plan.address) || this.complaints.push(`request: ${request.url()}`));
    const notebook = new Notebook(this.plan, page);
    await page.goto(`${this.plan.address}/notebooks/${basename(file)}?token=${this.plan.token}`);
    await page.waitForFunction(() => globalThis.Jupyter?.notebook?.kernel?.is_connected() && Object.keys(Jupyter.notebook.kernel.info_reply).length > 0);
    return notebook;
  }

  async stop() {
    assert.deepEqual(this.complaints, []);
    await this.browser.close();
  }
}

/** A notebook in a page, and what its cells have sent to the kernel. */
class Notebook {
  sent = [];
  #changed = () => {};

  constructor(plan, page) {
    this.plan = plan;
    this.page = page;
    page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => {
      const message = typeof payload === 'string' ? JSON.parse(payload) : {};
      if (message.header?.msg_type !== 'comm_msg') return;
      this.sent.push(message.content.data);
      this.#changed();
    }));
  }

  get tiles() {
    return this.sent.flatMap((data) => data.question?.tiles ?? []);
  }

  get selected() {
    return this.sent.filter((data) => data.select).at(-1)?.select;
  }

  /** Until it has sent what this is true of. */
  until(isSent, what) {
    return new Promise((resolve, reject) => {
      const patience = setTimeout(() => reject(new Error(`expected ${what}, saw ${JSON.stringify(this.sent)}`)), PATIENCE_MS);
      this.#changed = () => {
        if (!isSent()) return;
        clearTimeout(patience);
        resolve();
      };
      this.#changed();
    });
  }

  run(...cells) {
    return this.page.evaluate((indexes) => Jupyter.notebook.execute_cells(indexes), cells);
  }

  cell(index) {
    return this.page.locator('.cell').nth(index);
  }

  /** What a cell shows as rows of a table. */
  async table(index) {
    const table = this.cell(index).locator('.output_area table');
    await table.waitFor();
    return table.locator('tbody tr').evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent).join(' ')));
  }

  sharp() {
    return this.page.waitForSelector('.flame[data-sharp=true]');
  }

  picture(name) {
    return this.page.screenshot({ path: `${this.plan.output}/notebook-${name}.png` });
  }
}
