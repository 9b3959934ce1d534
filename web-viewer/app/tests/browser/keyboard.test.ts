import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Bench, Visit, chromiumPath } from '../support/browser';
import { PROCESS } from '../support/fakeHost';
import { MARKERS } from '../support/fakeTimeline';
import { BEGIN_NS, HOSTILE } from '../support/synthetic';

const TIMELINE = `/process/${PROCESS}/timeline`;
const at = (seconds: number): bigint => BEGIN_NS + BigInt(Math.round(seconds * 1e9));
const VIEW = { from: at(4), to: at(4.5) };

/** What a mouse does on the timeline, done by keys alone. */
describe.skipIf(!chromiumPath)('the timeline by keys', () => {
  let bench: Bench;
  let visit: Visit;
  beforeAll(async () => {
    bench = await Bench.start();
  });
  afterAll(() => bench.stop());
  afterEach(() => visit.close());

  async function open(query = `?from=${VIEW.from}&to=${VIEW.to}`): Promise<void> {
    visit = await bench.open(TIMELINE + query);
    await settled();
  }

  const settled = (): Promise<unknown> => visit.page.waitForSelector('.flame[data-sharp=true][data-settled=true]');
  const press = (key: string): Promise<void> => visit.page.keyboard.press(key);
  const name = (text: string): Promise<void> => visit.page.locator('.flame > .panel .panel-title').getByText(text, { exact: true }).waitFor();

  /** What the link says, once it says something else than before. */
  async function changed(part: string, before: string | null): Promise<string | null> {
    const url = await visit.address((each) => each.searchParams.get(part) !== before);
    return url.searchParams.get(part);
  }

  const viewOf = (url: URL): { from: number; to: number } => ({
    from: Number(BigInt(url.searchParams.get('from')!) - BEGIN_NS), to: Number(BigInt(url.searchParams.get('to')!) - BEGIN_NS),
  });

  /** The class of what has the focus, wherever it is. */
  const focused = (): Promise<string> => visit.page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element?.className ?? '';
  });

  /** Goes with the Tab key to what the selector finds. */
  async function tabTo(selector: string): Promise<void> {
    for (let steps = 0; steps < 40; steps++) {
      await press('Tab');
      const isThere = await visit.page.evaluate((wanted) => {
        let element = document.activeElement;
        while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
        return element?.matches(wanted) ?? false;
      }, selector);
      if (isThere) return;
    }
    throw new Error(`Tab does not lead to ${selector}`);
  }

  test('to a span, to those beside, below and above it, and to its logs', async () => {
    await open();
    await press('.');
    await name('Run session');
    await visit.address('sel=');
    await press('Shift+ArrowDown');
    const frame = await changed('sel', `${bench.host.streams[0]!.id}:1`);
    const spans = bench.host.streams[0]!.spans;
    const spanOf = (sel: string | null): (typeof spans)[number] => spans[Number(sel!.split(':')[1]) - 1]!;
    expect(spanOf(frame).depth).toBe(1);
    await press('.');
    const next = await changed('sel', frame);
    expect(spanOf(next).begin).toBeGreaterThan(spanOf(frame).begin);
    expect(spanOf(next).depth).toBe(1);
    await press('Shift+ArrowDown');
    const child = await changed('sel', next);
    expect(spanOf(child).parent).toBe(spanOf(next).id);
    await press('Shift+ArrowUp');
    await visit.address(`sel=${next}`);
    await press(',');
    await visit.address(`sel=${frame}`);
    await press('f');
    const zoomed = viewOf(await visit.address((url) => viewOf(url).to - viewOf(url).from < 1e8));
    expect([zoomed.from < spanOf(frame).begin, zoomed.to > spanOf(frame).end]).toEqual([true, true]);
    await tabTo('.links a');
    await press('Enter');
    await visit.page.locator('.log-row').first().waitFor();
  });

  test('from lane to lane, folded and unfolded', async () => {
    await open();
    await press('j');
    await name('Run session');
    const said = visit.page.locator('.stage .said');
    expect(await said.textContent()).toBe('main · unfolded');
    await press('j');
    await visit.address(`sel=${bench.host.streams[1]!.id}:`);
    expect(await said.textContent()).toBe('render · unfolded');
    const height = (): Promise<number> => visit.page.locator('.stage .scroller > div').evaluate((element) => element.clientHeight);
    const before = await height();
    await press('x');
    expect(await said.textContent()).toBe('render · folded');
    expect(await height()).toBeLessThan(before);
    await press('x');
    expect(await height()).toBe(before);
    await press('k');
    await visit.address(`sel=${bench.host.streams[0]!.id}:`);
    await visit.page.goto(bench.address + TIMELINE);
    await settled();
    await press('k');
    // From nowhere back: to the last lane, which is that of async spans.
    await visit.address('sel=async:');
    expect(await said.textContent()).toBe('Async spans · unfolded');
  });

  test('a range of time: chosen, grown at its end, then at its begin, zoomed to and cleared', async () => {
    await open();
    const rangeOf = (text: string | null): number[] => text!.split('~').map((ns) => Number(BigInt(ns) - BEGIN_NS));
    await press('r');
    const all = await changed('range', null);
    expect(rangeOf(all)).toEqual([4e9, 4.5e9]);
    await press('Shift+ArrowLeft');
    const shorter = await changed('range', all);
    expect(rangeOf(shorter)).toEqual([4e9, 4.495e9]);
    await press('r');
    await press('Shift+ArrowRight');
    const both = await changed('range', shorter);
    expect(rangeOf(both)).toEqual([4.005e9, 4.495e9]);
    await press('f');
    await visit.address((url) => url.searchParams.get('from') !== String(VIEW.from));
    await press('Escape');
    await visit.address((url) => !url.searchParams.has('range'));
    await press('Shift+ArrowRight');
    const [begin, end] = rangeOf(await changed('range', null));
    expect(end! - begin!).toBeGreaterThan(0);
    await press('.');
    const sel = await changed('sel', null);
    await press('r');
    await changed('range', null);
    expect(sel).not.toBeNull();
    await tabTo('.links a');
    await press('Enter');
    await visit.page.locator('.log-row').first().waitFor();
  });

  test('to the left and right, closer and further, to both ends, and to everything', async () => {
    await open();
    const before = viewOf(new URL(visit.page.url()));
    await press('d');
    const right = viewOf(await visit.address((url) => viewOf(url).from > before.from));
    await press('ArrowLeft');
    const left = viewOf(await visit.address((url) => viewOf(url).from < right.from));
    await press('w');
    const closer = viewOf(await visit.address((url) => viewOf(url).to - viewOf(url).from < left.to - left.from));
    await press('s');
    await visit.address((url) => viewOf(url).to - viewOf(url).from > closer.to - closer.from);
    await press('End');
    await visit.address((url) => viewOf(url).to > 12e9);
    await press('Home');
    await visit.address((url) => viewOf(url).from < 0 && viewOf(url).to < 1e9);
    await press('0');
    await visit.address((url) => viewOf(url).from < 0 && viewOf(url).to > 12e9);
    const scrolled = (): Promise<number> => visit.page.locator('.stage .scroller').evaluate((element) => element.scrollTop);
    await press('ArrowDown');
    await visit.page.waitForFunction(() => document.querySelector('.chart')!.shadowRoot!.querySelector('.stage .scroller')!.scrollTop > 0);
    await visit.page.keyboard.down('ArrowUp');
    await visit.page.waitForFunction(() => document.querySelector('.chart')!.shadowRoot!.querySelector('.stage .scroller')!.scrollTop === 0);
    await visit.page.keyboard.up('ArrowUp');
    expect(await scrolled()).toBe(0);
  });

  test('over log entries, counters and markers, and on to the logs of a moment', async () => {
    await open();
    await press('l');
    expect(await focused()).toBe('tracks');
    const tooltip = visit.page.locator('.track-tooltip');
    const said = visit.page.locator('.tracks .said');
    await press('ArrowRight');
    await tooltip.waitFor();
    const first = await tooltip.innerText();
    expect((await said.textContent())!.split(' · ')[0]).toBe(first.split('\n')[0]);
    await press('ArrowRight');
    await visit.page.waitForFunction((text) => document.querySelector('.chart')!.shadowRoot!.querySelector<HTMLElement>('.track-tooltip')!.innerText !== text, first);
    await press('ArrowDown');
    await tooltip.getByText('dotnet.gc.collections').waitFor();
    await press('ArrowDown');
    await tooltip.getByText('dotnet.gc.heap.size').waitFor();
    await press('ArrowDown');
    await press('ArrowDown');
    await tooltip.getByText(MARKERS[1]!.name, { exact: true }).waitFor();
    expect(await said.textContent()).toContain(`${HOSTILE.key}: ${HOSTILE.value}`);
    // To a marker that is out of sight: the view goes along, as far as is loaded.
    for (const key of ['ArrowUp', 'ArrowUp', 'ArrowUp', 'ArrowUp']) await press(key);
    await tooltip.getByText(/trace|debug|info|warn|error/).waitFor();
    await press('Enter');
    const url = await visit.address('/logs?');
    const moment = BigInt(url.searchParams.get('at')!);
    expect(moment > at(4.15) && moment < at(4.25)).toBe(true);
    await visit.page.locator('.log-row[aria-selected=true]').waitFor();
    expect(await visit.page.evaluate('window.hostile')).toBeUndefined();
  });

  test('the view goes along to a mark that is out of sight', async () => {
    await open();
    await press('l');
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown']) await press(key);
    await visit.page.locator('.track-tooltip').getByText(HOSTILE.name, { exact: true }).waitFor();
    await press('Escape');
    await press('0');
    await visit.address((url) => viewOf(url).to > 12e9);
    await settled();
    await press('ArrowRight');
    await visit.page.locator('.track-tooltip').getByText('save', { exact: true }).waitFor();
  });

  test('counters are chosen, and the table, the modes, the colours and the keys are shown', async () => {
    await open();
    await tabTo('.bar-extra .tool');
    await press('Enter');
    await visit.page.locator('.track-menu').waitFor();
    await press('Space');
    await visit.address((url) => url.searchParams.getAll('counter').length === 2);
    await press('Escape');
    await visit.page.locator('.track-menu').waitFor({ state: 'hidden' });
    expect(await focused()).toBe('tool');
    await tabTo('.bar > .tool[aria-pressed=false]');
    await press('Enter');
    await tabTo('.row-button');
    await press('Enter');
    await visit.address('sel=');
    // The rows are made anew, and the keyboard is still at this place.
    await visit.page.locator('.twin .chosen').waitFor();
    const before = viewOf(new URL(visit.page.url()));
    await press('w');
    await visit.address((url) => viewOf(url).to - viewOf(url).from < before.to - before.from);
    expect(await focused()).toBe('row-button');
    await press('c');
    await visit.address('color=duration');
    await press('?');
    await visit.page.locator('.help:not(.track-menu, .mark-menu, .process-menu, .palette)').waitFor();
    expect(await focused()).toBe('help');
    await press('Escape');
    await visit.page.locator('.help:not(.track-menu, .mark-menu, .process-menu, .palette)').waitFor({ state: 'hidden' });
    await press('v');
    await visit.page.waitForSelector('.flame[data-mode=left-heavy][data-settled=true]');
    // What lies below what is merged is not come to.
    for (let steps = 0; steps < 30; steps++) {
      await press('Tab');
      expect(await focused()).not.toBe('tracks');
    }
  });

  test('merged frames: beside, on and below each other, of the next thread, and to a sandwich', async () => {
    await open('?mode=left-heavy');
    await visit.page.waitForSelector('.flame[data-mode=left-heavy][data-settled=true]');
    const title = visit.page.locator('.merged .panel-title');
    const depth = async (): Promise<number> => (await visit.page.locator('.merged .panel .fact').last().locator('dd').innerText()).split(' > ').length;
    await press('.');
    await title.getByText('Run session').waitFor();
    expect(await depth()).toBe(1);
    await press('Shift+ArrowDown');
    await title.getByText('Run session').waitFor({ state: 'hidden' });
    expect(await depth()).toBe(2);
    await press('Shift+ArrowUp');
    await title.getByText('Run session').waitFor();
    await press('j');
    await press('Shift+ArrowDown');
    await press('f');
    await tabTo('.merged .links .tool');
    await press('Enter');
    await visit.address('mode=sandwich');
    await visit.page.waitForSelector('.flame[data-mode=sandwich][data-settled=true]');
    await press('Shift+ArrowUp');
    await press('Enter');
    await visit.address('function=');
  });

  test('nothing glides for those who want no motion, and much does for others', async () => {
    const steps = async (reducedMotion: 'reduce' | 'no-preference'): Promise<number> => {
      visit = await bench.visit({ reducedMotion });
      await visit.page.goto(`${bench.address}${TIMELINE}?from=${VIEW.from}&to=${VIEW.to}`);
      await settled();
      // Each step of the way writes another range into the corner.
      await visit.page.evaluate(() => {
        const seen = new Set<string>();
        (window as unknown as { seen: Set<string> }).seen = seen;
        const { fillText } = CanvasRenderingContext2D.prototype;
        CanvasRenderingContext2D.prototype.fillText = function (text: string, ...rest: [number, number, number?]) {
          if (text.startsWith('shows ')) seen.add(text);
          return fillText.call(this, text, ...rest);
        };
      });
      await press('0');
      await visit.address((url) => viewOf(url).to > 12e9);
      return visit.page.evaluate(() => (window as unknown as { seen: Set<string> }).seen.size);
    };
    expect(await steps('reduce')).toBe(1);
    await visit.close();
    expect(await steps('no-preference')).toBeGreaterThan(1);
    // No style moves anything either.
    expect(await visit.page.evaluate(() => document.getAnimations().length)).toBe(0);
  });

  test.each(['light', 'dark'] as const)('the focus is seen wherever it goes, in %s', async (colorScheme) => {
    visit = await bench.visit({ colorScheme });
    await visit.page.goto(`${bench.address}${TIMELINE}?from=${VIEW.from}&to=${VIEW.to}`);
    await settled();
    await press('r');
    await visit.page.locator('.links a').waitFor();
    const seen = new Set<string>();
    for (let steps = 0; steps < 24; steps++) {
      await press('Tab');
      const found = await visit.page.evaluate(() => {
        let element = document.activeElement;
        while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
        if (!element || element === document.body) return null;
        const style = getComputedStyle(element);
        const around = getComputedStyle(element, '::after');
        const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1;
        const frame = around.content !== 'none' && parseFloat(around.borderTopWidth) >= 1;
        return { what: `${element.tagName} ${element.className}`, isSeen: ring || frame };
      });
      if (!found) continue;
      expect(found).toEqual({ what: found.what, isSeen: true });
      seen.add(found.what);
    }
    expect(seen.size).toBeGreaterThan(6);
  });
});
