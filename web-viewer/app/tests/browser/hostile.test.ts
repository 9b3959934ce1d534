import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { visibleText } from '../../src/flame/labels';
import { Bench, Visit, chromiumPath } from '../support/browser';
import { PROCESS } from '../support/fakeHost';
import { HOSTILE_TEXTS, hostileJson } from '../support/hostileTexts';
import { BEGIN_NS } from '../support/synthetic';
import { brokenLayout, listenToCanvases, visibleTexts } from '../support/visible';

const at = (seconds: number): bigint => BEGIN_NS + BigInt(Math.round(seconds * 1e9));
const query = (comment: string): string => `/query?sql=${encodeURIComponent(`-- ${comment}\n-- ${HOSTILE_TEXTS.slice(0, 20).join(' ').replaceAll(/[\n\r]/g, ' ')}`)}`;
const series = HOSTILE_TEXTS.slice(0, 12).map((text) => `series=${encodeURIComponent(text)}`).join('&');

/** Each with all texts at once: where it is, what is there when it has come to rest, and of how many texts at least something is to be seen. */
const PAGES: readonly { readonly name: string; readonly path: string; readonly ready: string; readonly seen: number }[] = [
  { name: 'processes', path: '/', ready: 'tbody tr:nth-child(20)', seen: 50 },
  { name: 'reports', path: '/reports', ready: 'tbody tr', seen: 1 },
  { name: 'process', path: `/process/${PROCESS}`, ready: '.process .states', seen: 50 },
  { name: 'timeline', path: `/process/${PROCESS}/timeline?from=${at(4)}&to=${at(4.2)}`, ready: '.flame[data-settled=true]', seen: 3 },
  { name: 'metrics', path: `/process/${PROCESS}/metrics?${series}`, ready: '.metrics[data-settled=true]', seen: 12 },
  { name: 'map of durations', path: `/process/${PROCESS}/metrics?series=&heat=${encodeURIComponent(HOSTILE_TEXTS[4]!)}`, ready: '.metrics[data-settled=true] .heat-scale .entry', seen: 20 },
  { name: 'graph', path: `/process/${PROCESS}/graph`, ready: '[data-settled=true]', seen: 10 },
  { name: 'logs', path: `/process/${PROCESS}/logs`, ready: '.log-row', seen: 3 },
  { name: 'query as a table', path: query('hostile'), ready: '#cell-0-0', seen: 10 },
  { name: 'query as a chart', path: `${query('hostile')}&view=chart`, ready: '.uplot, .bars', seen: 5 },
];

/** Texts from elsewhere, wherever telemetry can bring one: they are read, and do nothing. */
describe.skipIf(!chromiumPath)('hostile texts', () => {
  let bench: Bench;
  let visit: Visit;
  beforeAll(async () => {
    bench = await Bench.start();
    // The same name stays the same, so that spans of a name still belong together.
    const named = new Map<string, string>();
    const textOf = (name: string): string => {
      if (!named.has(name)) named.set(name, HOSTILE_TEXTS[named.size % HOSTILE_TEXTS.length]!);
      return named.get(name)!;
    };
    bench.host.streams.forEach((stream, i) => {
      Object.assign(stream, { name: HOSTILE_TEXTS[i]! });
      stream.spans.forEach((span, k) => Object.assign(span, { name: k % 3 === 0 ? HOSTILE_TEXTS[(i + k) % HOSTILE_TEXTS.length]! : textOf(span.name) }));
    });
  });
  afterAll(() => bench.stop());
  afterEach(() => visit.close());

  test.each(PAGES)('are text on the page of $name', async ({ path, ready, seen }) => {
    visit = await bench.visit({});
    await visit.page.addInitScript(listenToCanvases);
    await visit.page.route(/\/api\/(processes|views|queries|reports)/, async (route) => {
      const url = new URL(route.request().url());
      if (/\/live$/.test(url.pathname) || /\/(graph|merged|statistics|durations|buckets|density)/.test(url.pathname) && !/series\/buckets/.test(url.pathname)) return route.continue();
      if (/series\/buckets/.test(url.pathname)) {
        // The host knows its own names only.
        const own = new URL(url);
        own.searchParams.delete('name');
        own.searchParams.append('name', 'dotnet.gc.heap.size');
        const { step_ns, series: [known] } = (await (await fetch(own)).json()) as { step_ns: string; series: Record<string, unknown>[] };
        return route.fulfill({ json: { step_ns, series: url.searchParams.getAll('name').map((name) => ({ ...known, name, unit: name })) } });
      }
      const answer = await route.fetch();
      return route.fulfill({ response: answer, json: hostileJson(await answer.json()) });
    });
    await visit.page.goto(bench.address + path);
    await visit.page.locator(ready).first().waitFor();
    const found = new Set(await visit.page.evaluate(visibleTexts));
    const all = [...found].join('\n');
    const shown = HOSTILE_TEXTS.filter((text) => [text, visibleText(text)].some((each) => each.trim().length > 3 && all.includes(each.trim().slice(0, 12))));
    expect(shown.length).toBeGreaterThanOrEqual(seen);
    for (const width of [1400, 390]) {
      await visit.page.setViewportSize({ width, height: 840 });
      expect((await visit.page.evaluate(brokenLayout)).filter((problem) => problem.startsWith('the page is'))).toEqual([]);
    }
    // Whatever listens to the pointer or the focus would have heard it.
    for (let steps = 0; steps < 12; steps++) await visit.page.keyboard.press('Tab');
    for (let y = 100; y < 800; y += 120) await visit.page.mouse.move(200, y);
    expect(await visit.page.evaluate('[window.hostile, ({}).polluted, document.querySelectorAll("script:not([src]), iframe, base, form[action]").length]')).toEqual([undefined, undefined, 0]);
    expect(new URL(visit.page.url()).origin).toBe(bench.address);
    expect(visit.complaints).toEqual([]);
    expect(visit.requests.filter((url) => !url.startsWith(bench.address) && !url.startsWith('data:'))).toEqual([]);
  });
});
