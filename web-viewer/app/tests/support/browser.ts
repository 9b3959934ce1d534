import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';
import { preview, type PreviewServer } from 'vite';
import { FakeHost } from './fakeHost';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CHROMIUM = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Where a browser is installed; tests that need one are skipped elsewhere, and say so. */
export const chromiumPath = CHROMIUM.find((path) => path !== undefined && existsSync(path));

/** The built viewer on a loopback port, with a synthetic host behind it and a browser before it. */
export class Bench {
  readonly #server: PreviewServer;
  readonly #browser: Browser;
  readonly host: FakeHost;
  readonly address: string;

  private constructor(host: FakeHost, server: PreviewServer, browser: Browser) {
    this.host = host;
    this.#server = server;
    this.#browser = browser;
    this.address = server.resolvedUrls!.local[0]!.replace(/\/$/, '');
  }

  static async start(): Promise<Bench> {
    const host = new FakeHost();
    const server = await preview({
      root: ROOT,
      configFile: false,
      logLevel: 'error',
      build: { outDir: 'dist' },
      preview: { host: '127.0.0.1', port: 0 },
      plugins: [{ name: 'fake-host', configurePreviewServer: (made) => void made.middlewares.use(host.handle) }],
    });
    const browser = await chromium.launch({
      executablePath: chromiumPath!,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
    });
    return new Bench(host, server, browser);
  }

  async open(path: string, scheme: 'light' | 'dark' = 'light', more: BrowserContextOptions = {}): Promise<Visit> {
    const visit = await this.visit({ colorScheme: scheme, ...more });
    const { page } = visit;
    await page.goto(this.address + path);
    return visit;
  }

  /** A browser of its own, which has not gone anywhere yet. */
  async visit(options: BrowserContextOptions): Promise<Visit> {
    const context = await this.#browser.newContext({ viewport: { width: 1400, height: 800 }, reducedMotion: 'reduce', ...options });
    return new Visit(context, await context.newPage());
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    await this.#server.close();
  }
}

/** One page, and everything that went wrong in it. */
export class Visit {
  readonly complaints: string[] = [];
  readonly requests: string[] = [];

  constructor(readonly context: BrowserContext, readonly page: Page) {
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('request', (request) => this.requests.push(request.url()));
  }

  /** Waits until the chart draws at the level that the view asks for. */
  async sharp(): Promise<void> {
    await this.page.waitForSelector('.flame[data-sharp=true]');
  }

  /** Waits until the address contains or is this. */
  async address(part: string | RegExp | ((url: URL) => boolean)): Promise<URL> {
    await this.page.waitForURL((url) => (typeof part === 'string' ? url.href.includes(part) : part instanceof RegExp ? part.test(url.href) : part(url)));
    return new URL(this.page.url());
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}
