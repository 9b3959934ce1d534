import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';
import { preview, type PreviewServer } from 'vite';
import type { SurfaceKind } from '../../src/flame/surface';
import { FakeHost } from './fakeHost';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CHROMIUM = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Where a browser is installed; tests that need one are skipped elsewhere, and say so. */
export const chromiumPath = CHROMIUM.find((path) => path !== undefined && existsSync(path));

/** On machines without a GPU. What is composed without one reads every frame of WebGL back, so the browser takes software for a GPU there. */
export const SURFACES: Readonly<Record<SurfaceKind, readonly string[]>> = {
  webgl2: ['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
  canvas2d: ['--disable-gpu'],
};

/** Runs in a page before its scripts: the renderer has no name by which it could be known for software. */
export function hideRenderer(): void {
  const { getExtension } = WebGL2RenderingContext.prototype as { getExtension(name: string): unknown };
  Object.defineProperty(WebGL2RenderingContext.prototype, 'getExtension', {
    value(this: WebGL2RenderingContext, name: string) {
      return name === 'WEBGL_debug_renderer_info' ? null : getExtension.call(this, name);
    },
  });
}

/** The built viewer on a loopback port, with a synthetic host behind it and a browser before it. */
export class Bench {
  readonly #server: PreviewServer;
  readonly #browser: Browser;
  readonly #surface: SurfaceKind;
  readonly host: FakeHost;
  readonly address: string;

  private constructor(host: FakeHost, server: PreviewServer, browser: Browser, surface: SurfaceKind) {
    this.host = host;
    this.#server = server;
    this.#browser = browser;
    this.#surface = surface;
    this.address = server.resolvedUrls!.local[0]!.replace(/\/$/, '');
  }

  /** `surface`: what charts are drawn on. Without a GPU, WebGL is slow: most tests say nothing of it, and do without. */
  static async start(surface: SurfaceKind = 'canvas2d'): Promise<Bench> {
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
      args: ['--no-sandbox', ...SURFACES[surface], '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
    });
    return new Bench(host, server, browser, surface);
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
    if (this.#surface === 'webgl2') await context.addInitScript(hideRenderer);
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

  /** Colours of the rectangles of the first chart at device pixels `[x, y]`, as red, green and blue. */
  async colors(points: readonly (readonly [number, number])[]): Promise<number[][]> {
    return this.page.locator('.rectangles').first().evaluate((canvas, at) => {
      // A canvas of WebGL can be read only through a copy.
      const copy = document.createElement('canvas');
      [copy.width, copy.height] = [(canvas as HTMLCanvasElement).width, (canvas as HTMLCanvasElement).height];
      const context = copy.getContext('2d', { willReadFrequently: true })!;
      context.drawImage(canvas as HTMLCanvasElement, 0, 0);
      const { data, width } = context.getImageData(0, 0, copy.width, copy.height);
      return at.map(([x, y]) => [...data.subarray(4 * (y * width + x), 4 * (y * width + x) + 3)]);
    }, points);
  }

  /** All of them, as one number a pixel. */
  async picture(): Promise<Uint32Array> {
    const base64 = await this.page.locator('.rectangles').first().evaluate((canvas) => {
      const copy = document.createElement('canvas');
      [copy.width, copy.height] = [(canvas as HTMLCanvasElement).width, (canvas as HTMLCanvasElement).height];
      const context = copy.getContext('2d', { willReadFrequently: true })!;
      context.drawImage(canvas as HTMLCanvasElement, 0, 0);
      const { data } = context.getImageData(0, 0, copy.width, copy.height);
      let text = '';
      for (let at = 0; at < data.length; at += 32768) text += String.fromCharCode(...data.subarray(at, at + 32768));
      return btoa(text);
    });
    return new Uint32Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer);
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
