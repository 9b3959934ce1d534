import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Bench, Visit, chromiumPath } from '../support/browser';
import { PROCESS } from '../support/fakeHost';
import { FRAMES, FRAMES_TO_HITCH, FRAME_NS, HITCH_NS, MARKERS } from '../support/fakeTimeline';
import { BEGIN_NS, HOSTILE } from '../support/synthetic';

const TIMELINE = `/process/${PROCESS}/timeline`;
const GUTTER = 156;
const LOG_ROW = 14;
const COUNTER_ROW = 34;
const at = (seconds: number): bigint => BEGIN_NS + BigInt(Math.round(seconds * 1e9));

describe.skipIf(!chromiumPath)('the timeline beside the threads', () => {
  let bench: Bench;
  let visit: Visit;
  beforeAll(async () => {
    bench = await Bench.start();
  });
  afterAll(() => bench.stop());
  afterEach(() => visit.close());

  async function open(query: string): Promise<void> {
    visit = await bench.open(`${TIMELINE}${query}`);
    await settled();
  }

  async function settled(): Promise<void> {
    await visit.page.waitForSelector('.flame[data-sharp=true][data-settled=true]');
  }

  /** A position over the tracks: `share` of the width from the left, `y` below their top. */
  async function overTracks(share: number, y: number): Promise<{ x: number; y: number }> {
    const box = (await visit.page.locator('.tracks').boundingBox())!;
    const lanes = (await visit.page.locator('.rectangles').boundingBox())!;
    return { x: box.x + GUTTER + share * lanes.width, y: box.y + y };
  }

  test('an async span is selected by a click, tells its trace and threads, and its link brings it back', async () => {
    const view = { from: at(3.8), to: at(4.5) };
    await open(`?from=${view.from}&to=${view.to}`);
    await visit.page.locator('.stage').hover();
    await visit.page.mouse.wheel(0, 100_000);
    const span = bench.host.asyncSpans.find((each) => each.name === HOSTILE.name)!;
    const lanes = (await visit.page.locator('.rectangles').boundingBox())!;
    const content = await visit.page.locator('.scroller > div').evaluate((element) => element.clientHeight);
    const scrolled = await visit.page.locator('.scroller').evaluate((element) => element.scrollTop);
    expect(scrolled).toBeGreaterThan(0);
    const share = Number(BEGIN_NS + BigInt((span.begin + span.end) / 2) - view.from) / Number(view.to - view.from);
    const x = lanes.x + share * lanes.width;
    // From the last row up: which lane it got is the host's business.
    for (let y = lanes.y + content - scrolled - 12; ; y -= 18) {
      expect(y).toBeGreaterThan(lanes.y);
      await visit.page.mouse.move(x, y);
      if (await visit.page.locator('.stage .tooltip').getByText(HOSTILE.name, { exact: true }).isVisible()) break;
    }
    await visit.page.mouse.down();
    await visit.page.mouse.up();
    const url = await visit.address(`sel=async:${span.id}`);
    const facts = ['480 ms', '0af7651916cd43dd8448eb211c80319c', 'main', 'worker 3', HOSTILE.key, HOSTILE.value, HOSTILE.target];
    for (const fact of facts) await visit.page.locator('.panel').getByText(fact, { exact: true }).waitFor();
    await visit.page.goto('about:blank');
    await visit.page.goto(url.href);
    await visit.page.locator('.panel-title').getByText(HOSTILE.name).waitFor();
    await settled();
    expect(visit.page.url()).toBe(url.href);
    expect(await visit.page.evaluate('window.hostile')).toBeUndefined();
    expect(visit.complaints).toEqual([]);
  });

  test('a mark of log entries tells its first message, and leads to the entries of that moment', async () => {
    await open(`?from=${at(4)}&to=${at(4.5)}`);
    const { x, y } = await overTracks(0.5, LOG_ROW);
    await visit.page.mouse.move(x, y);
    const tooltip = visit.page.locator('.track-tooltip');
    await tooltip.waitFor();
    const [message, facts] = (await tooltip.innerText()).split('\n');
    expect(facts).toMatch(/^\d+ (trace|debug|info|warn|error|fatal)/);
    await visit.page.mouse.click(x, y);
    const url = await visit.address('/logs?');
    const moment = BigInt(url.searchParams.get('at')!);
    expect(moment > at(4.24) && moment < at(4.26)).toBe(true);
    const chosen = visit.page.locator('.log-row[aria-selected=true]');
    await chosen.waitFor();
    expect(await chosen.locator('.log-message').innerText()).toBe(message);
    await visit.page.goBack();
    await settled();
    expect(new URL(visit.page.url()).searchParams.get('from')).toBe(String(at(4)));
  });

  test('counters tell their value under the pointer, and those chosen are in the link', async () => {
    await open('');
    const { x, y } = await overTracks(0.5, 28 + 1.5 * COUNTER_ROW);
    await visit.page.mouse.move(x, y);
    await visit.page.locator('.track-tooltip').getByText('dotnet.gc.heap.size').waitFor();
    expect(await visit.page.locator('.track-tooltip').innerText()).toMatch(/MB/);
    await visit.page.getByRole('button', { name: 'Counters' }).click();
    const menu = visit.page.getByRole('dialog', { name: 'Counters shown above the threads' });
    expect(await menu.getByRole('checkbox', { checked: true }).count()).toBe(3);
    const before = (await visit.page.locator('.tracks').boundingBox())!.height;
    await menu.getByText(HOSTILE.name).click();
    const url = await visit.address((url) => url.searchParams.getAll('counter').length === 4);
    expect((await visit.page.locator('.tracks').boundingBox())!.height).toBe(before + COUNTER_ROW);
    await settled();
    for (let shown = 3; shown >= 0; shown--) await menu.getByRole('checkbox', { checked: true }).first().click();
    await visit.address((url) => url.searchParams.getAll('counter').join() === '');
    await visit.page.goto(url.href);
    await settled();
    expect((await visit.page.locator('.tracks').boundingBox())!.height).toBe(before + COUNTER_ROW);
    expect(await visit.page.evaluate('window.hostile')).toBeUndefined();
    expect(visit.complaints).toEqual([]);
  });

  test('frames are bars, green as long as they take what they usually take, and tell how long they took', async () => {
    // The first hitch ends after the frames before it and its own three.
    const hitchEnd = (FRAMES_TO_HITCH - 2) * FRAME_NS + HITCH_NS;
    const view = { from: at(0.7), to: at(0.9) };
    await open(`?from=${view.from}&to=${view.to}&counter=${encodeURIComponent(FRAMES)}`);
    const shareOf = (ns: number): number => (ns + Number(BEGIN_NS - view.from)) / Number(view.to - view.from);
    const hitch = await overTracks(shareOf(hitchEnd - HITCH_NS / 2), 28 + COUNTER_ROW / 2);
    const usual = await overTracks(shareOf(hitchEnd + FRAME_NS / 2), 28 + COUNTER_ROW / 2);
    const tooltip = visit.page.locator('.track-tooltip');
    await visit.page.mouse.move(hitch.x, hitch.y);
    await tooltip.getByText(/^50\.0 ms · 3\.00 × the median of 16\.7 ms · /).waitFor();
    expect((await tooltip.innerText()).split('\n')[0]).toBe(FRAMES);
    await visit.page.mouse.move(usual.x, usual.y);
    await tooltip.getByText(/^16\.7 ms · 1\.00 × the median/).waitFor();
    const box = (await visit.page.locator('.tracks').boundingBox())!;
    // Just above the lower edge, where the shortest bar has colour as well.
    const [ofHitch, ofUsual] = await visit.page.locator('.tracks-canvas').evaluate(
      (canvas, { xs, y }) => {
        const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, y * devicePixelRatio, (canvas as HTMLCanvasElement).width, 1);
        return xs.map((x) => [...data.slice(4 * x * devicePixelRatio)].slice(0, 4));
      },
      { xs: [hitch.x - box.x + 5, usual.x - box.x + 5].map(Math.round), y: 28 + COUNTER_ROW - 3 });
    expect(ofHitch![0]! - ofHitch![1]!).toBeGreaterThan(60);
    expect(ofUsual![1]! - ofUsual![0]!).toBeGreaterThan(60);
    expect(await visit.page.evaluate('window.hostile')).toBeUndefined();
    expect(visit.complaints).toEqual([]);
  });

  test('markers are flags on the axis, and tell their name, time and properties', async () => {
    const view = { from: at(3.7), to: at(4.7) };
    await open(`?from=${view.from}&to=${view.to}&counter=`);
    const row = 28 + 10;
    // A little beside the pole: the flag flies to its right.
    const pole = await overTracks((MARKERS[1]!.at - 3700) / 1000, row);
    await visit.page.mouse.move(pole.x + 20, pole.y);
    const tooltip = visit.page.locator('.track-tooltip');
    await tooltip.getByText(HOSTILE.name, { exact: true }).waitFor();
    const [, when, ...properties] = (await tooltip.innerText()).split('\n');
    expect(when).toMatch(/\.323456 · main$/);
    expect(properties).toEqual([`${HOSTILE.key}: ${HOSTILE.value}`, `${HOSTILE.file}: null`]);
    await visit.page.mouse.move(pole.x - 30, pole.y);
    await tooltip.waitFor({ state: 'hidden' });
    expect(await visit.page.evaluate('window.hostile')).toBeUndefined();
    expect(visit.complaints).toEqual([]);
  });

  test('markers that lie close together are one flag, and a process without any has no row for them', async () => {
    await open('?counter=');
    const { x, y } = await overTracks((MARKERS[2]!.at / 1000 + 0.12) / 12.24, 28 + 10);
    await visit.page.mouse.move(x + 6, y);
    const tooltip = visit.page.locator('.track-tooltip');
    await tooltip.getByText('and 1 more close by', { exact: true }).waitFor();
    expect((await tooltip.innerText()).split('\n')[0]).toBe('save');
    const height = (await visit.page.locator('.tracks').boundingBox())!.height;
    await visit.page.route(/\/markers/, (route) => route.fulfill({ status: 200, contentType: 'application/json', body: '{"markers":[]}' }));
    await visit.page.reload();
    await settled();
    expect((await visit.page.locator('.tracks').boundingBox())!.height).toBe(height - 20);
  });

  test('what is asked is as long as a few screens, and a small move asks nothing', async () => {
    const asked = (): string[] => bench.host.requests.filter((request) => /async|buckets|markers/.test(request));
    const earlier = asked().length;
    await open(`?from=${at(4)}&to=${at(4.4)}`);
    const first = asked().slice(earlier);
    expect(new Set(first.map((request) => request.split('?')[0]!.split('/').slice(4).join('/')))).toEqual(new Set(['async', 'logs/buckets', 'series/buckets', 'markers', 'attachments/buckets']));
    for (const request of first) {
      const query = new URL(request, 'http://host').searchParams;
      expect(Number(BigInt(query.get('to_ns')!) - BigInt(query.get('from_ns')!))).toBeLessThanOrEqual(4 * 0.4e9);
    }
    const { x, y } = await overTracks(0.5, LOG_ROW);
    await visit.page.mouse.move(x, y);
    await visit.page.keyboard.down('Shift');
    await visit.page.mouse.down();
    await visit.page.mouse.move(x - 20, y, { steps: 4 });
    await visit.page.mouse.up();
    await visit.page.keyboard.up('Shift');
    await visit.address((url) => BigInt(url.searchParams.get('from')!) > at(4));
    await settled();
    expect(asked().length).toBe(earlier + first.length);
  });

  test('dragging over the tracks selects a range of time, and Ctrl and wheel zoom there', async () => {
    await open(`?from=${at(4)}&to=${at(5)}`);
    const [from, to] = [await overTracks(0.25, 50), await overTracks(0.5, 50)];
    await visit.page.mouse.move(from.x, from.y);
    await visit.page.mouse.down();
    await visit.page.mouse.move(to.x, to.y, { steps: 4 });
    await visit.page.mouse.up();
    const url = await visit.address('range=');
    const [begin, end] = url.searchParams.get('range')!.split('~').map((text) => Number(BigInt(text) - BEGIN_NS) / 1e9);
    expect(begin).toBeCloseTo(4.25, 2);
    expect(end).toBeCloseTo(4.5, 2);
    await visit.page.keyboard.down('Control');
    await visit.page.mouse.wheel(0, -300);
    await visit.page.keyboard.up('Control');
    await visit.address((url) => BigInt(url.searchParams.get('to')!) < at(5));
  });

  test('answers that do not come are said, and the threads are drawn all the same', async () => {
    visit = await bench.open('/');
    await visit.page.route(/\/api\/processes\/[^/]+\/(async|series|logs\/buckets|markers)/, (route) => route.fulfill({ status: 500, body: '{}' }));
    await visit.page.goto(bench.address + TIMELINE);
    await settled();
    await visit.page.locator('.status').getByText('some data did not load').waitFor();
  });
});
