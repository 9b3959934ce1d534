import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Bench, Visit, chromiumPath } from '../support/browser';
import { PROCESS } from '../support/fakeHost';
import { fakeStatistics } from '../support/fakeStatistics';
import { BEGIN_NS, HOSTILE } from '../support/synthetic';
import { DIMMED, HALVED, LIGHT, colorOfName, hashOf, styleOf } from '../../src/flame/theme';

const SECOND = 1_000_000_000n;

describe.skipIf(!chromiumPath)('statistics of a range', () => {
  let bench: Bench;
  let visit: Visit;
  beforeAll(async () => {
    bench = await Bench.start();
  });
  afterAll(() => bench.stop());
  afterEach(async () => {
    bench.host.failing = null;
    await visit.close();
  });

  const open = async (beginNs: bigint, endNs: bigint): Promise<void> => {
    visit = await bench.open(`/process/${PROCESS}/timeline?range=${beginNs}~${endNs}`);
    await visit.sharp();
    await visit.page.getByRole('button', { name: 'Statistics' }).click();
  };

  async function picture(name: string): Promise<void> {
    const folder = process.env['LEGION_PICTURES'];
    if (folder) await visit.page.screenshot({ path: `${folder}/${name}.png` });
  }

  test('count the spans of each name, and show how long they took', async () => {
    await open(BEGIN_NS + SECOND, BEGIN_NS + 4n * SECOND);
    const statistics = visit.page.locator('.statistics[data-settled=true]');
    await statistics.waitFor();
    const expected = fakeStatistics(bench.host.streams, new URLSearchParams({ from_ns: String(BEGIN_NS + SECOND), to_ns: String(BEGIN_NS + 4n * SECOND) }));
    const names = expected['names'] as { name: string; count: number; p99_ns: number; buckets: unknown[] }[];
    await statistics.getByText(`${(expected['spans'] as number).toLocaleString('en')} spans end in this range`).waitFor();
    const rows = statistics.locator('tbody tr');
    expect(await rows.count()).toBe(names.length);
    expect(await rows.locator('.row-button').allInnerTexts()).toEqual(names.map(({ name }) => name));
    expect(await statistics.locator('.bar-fill').count()).toBe(names[0]!.buckets.length);
    await picture('statistics');

    // Another order, and another name: the chart looks for it.
    await statistics.getByRole('button', { name: 'p99', exact: true }).click();
    const slowest = [...names].sort((a, b) => b.p99_ns - a.p99_ns)[0]!;
    expect(await rows.first().locator('.row-button').innerText()).toBe(slowest.name);
    // Who goes by keys stays where they are.
    await statistics.getByRole('button', { name: 'p90', exact: true }).focus();
    await visit.page.keyboard.press('Space');
    await statistics.locator('.sort[aria-pressed=true]').getByText('p90').waitFor();
    expect(await statistics.locator('.sort:focus').innerText()).toBe('p90');
    await statistics.getByRole('button', { name: HOSTILE.name, exact: true }).click();
    await visit.address((url) => url.searchParams.get('q') === HOSTILE.name);
    expect(await statistics.locator('.histogram-title').innerText()).toBe(HOSTILE.name);
    expect(await visit.page.evaluate('window.hostile')).toBeUndefined();
    expect(visit.complaints.filter((text) => !text.includes('favicon'))).toEqual([]);
  });

  test('follow the range that is selected, once it stands still', async () => {
    await open(BEGIN_NS + SECOND, BEGIN_NS + 2n * SECOND);
    await visit.page.locator('.statistics[data-settled=true]').waitFor();
    const asked = (): number => bench.host.requests.filter((each) => each.includes('/statistics?')).length;
    const before = asked();
    const lanes = (await visit.page.locator('.stage').boundingBox())!;
    await visit.page.mouse.move(lanes.x + 400, lanes.y + 120);
    await visit.page.mouse.down();
    for (let x = 420; x <= 700; x += 20) await visit.page.mouse.move(lanes.x + x, lanes.y + 120);
    await visit.page.mouse.up();
    await visit.page.locator('.statistics[data-settled=true]').waitFor();
    expect(await visit.page.locator('.statistics tbody tr').count()).toBeGreaterThan(0);
    expect(asked()).toBeLessThanOrEqual(before + 2);
    expect(asked()).toBeGreaterThan(before);
    // Nothing of one range is shown as that of another.
    bench.host.failing = /\/statistics$/;
    await visit.page.mouse.move(lanes.x + 500, lanes.y + 120);
    await visit.page.mouse.down();
    await visit.page.mouse.move(lanes.x + 800, lanes.y + 120, { steps: 3 });
    await visit.page.mouse.up();
    await visit.page.getByText(/Spans could not be counted/).waitFor();
    expect(await visit.page.locator('.statistics .twin').isVisible()).toBe(false);
    // What is closed stays closed, and a selected span takes the place of a range.
    await visit.page.getByRole('button', { name: 'Close' }).click();
    await visit.page.locator('.statistics').waitFor({ state: 'detached' });
    await visit.page.locator('.panel').getByText('Selected range').waitFor();
  });

  test('say where there are none, and where they do not come', async () => {
    await open(BEGIN_NS - 2n * SECOND, BEGIN_NS - SECOND);
    await visit.page.getByText('No span ends in this range.').waitFor();
    await visit.close();
    bench.host.failing = /\/statistics$/;
    await open(BEGIN_NS + SECOND, BEGIN_NS + 2n * SECOND);
    await visit.page.getByText(/Spans could not be counted: .*HTTP 500/).waitFor();
  });

  /** Pixels of the chart: in the colour of a name, in the lower half of a row that may hold some, and in any colour of names. */
  async function drawn(name: string): Promise<{ lit: number; half: number; all: number }> {
    const pixels = await visit.picture();
    const width = await visit.page.locator('.rectangles').evaluate((canvas) => (canvas as HTMLCanvasElement).width);
    const doubt = LIGHT.fills[HALVED]!;
    const color = LIGHT.fills[styleOf(colorOfName(hashOf(name)), 255)]!;
    let [lit, half] = [0, 0];
    const colored = new Set(LIGHT.fills.subarray(0, DIMMED));
    pixels.forEach((pixel, i) => {
      if (pixel === color) lit++;
      if (pixel === doubt && pixels[i - 9 * width] === LIGHT.ground) half++;
    });
    return { lit, half, all: pixels.filter((pixel) => colored.has(pixel)).length };
  }

  test('light up the spans whose durations are brushed, and what may be among them where several are drawn as one', async () => {
    const view = `from=${BEGIN_NS + 4n * SECOND}&to=${BEGIN_NS + 4n * SECOND + SECOND / 10n}`;
    visit = await bench.open(`/process/${PROCESS}/timeline?${view}&range=${BEGIN_NS + SECOND}~${BEGIN_NS + 4n * SECOND}`);
    await visit.sharp();
    await visit.page.getByRole('button', { name: 'Statistics' }).click();
    const statistics = visit.page.locator('.statistics[data-settled=true]');
    await statistics.getByRole('button', { name: 'Physics', exact: true }).click();
    await statistics.locator('.histogram-title').getByText('Physics').waitFor();
    const before = await drawn('Physics');
    const bars = statistics.locator('.bars');
    const box = (await bars.boundingBox())!;
    const count = await bars.locator('.bar-of').count();
    const over = (bar: number): number => box.x + (box.width * (bar + 0.5)) / count;
    await visit.page.mouse.move(over(count - 4), box.y + 20);
    await visit.page.mouse.down();
    await visit.page.mouse.move(over(count - 1), box.y + 20, { steps: 4 });
    await visit.page.mouse.up();
    const url = await visit.address('brush=');
    const [from, to, name] = url.searchParams.get('brush')!.split('~');
    expect(name).toBe('Physics');
    expect(await bars.locator('.brushed').count()).toBe(4);
    const chosen = bench.host.streams.flatMap(({ spans }) => spans).filter((span) => span.name === 'Physics' && BigInt(span.end) >= SECOND && BigInt(span.end) < 4n * SECOND)
      .filter((span) => span.end - span.begin >= Number(from) && span.end - span.begin < Number(to));
    expect(chosen.length).toBeGreaterThan(0);
    await statistics.locator('.histogram-note').getByText(new RegExp(`^${chosen.length} spans? from`)).waitFor();
    await visit.page.locator('.bar .brush').getByText(/^× Physics from /).waitFor();
    const after = await drawn('Physics');
    expect(after.lit).toBeGreaterThan(0);
    expect(after.all).toBeLessThan(before.all / 2);
    await picture('brush');
    // The same link shows the same, with its statistics.
    await visit.page.goto('about:blank');
    await visit.page.goto(url.href);
    await visit.sharp();
    await statistics.locator('.brushed').first().waitFor();
    expect(await drawn('Physics')).toEqual(after);
    // Far away nearly nothing is known for certain.
    await visit.page.locator('.stage').click({ position: { x: 60, y: 10 } });
    await visit.page.keyboard.press('0');
    await visit.address((each) => BigInt(each.searchParams.get('to')!) > BEGIN_NS + 12n * SECOND);
    await visit.sharp();
    expect((await drawn('Physics')).half).toBeGreaterThan(100);
    expect(new URL(visit.page.url()).searchParams.get('brush')).toBe(url.searchParams.get('brush'));
    await picture('brush-far');
    // What is selected stays when nothing stands out any more.
    await visit.page.keyboard.press('Escape');
    await visit.address((each) => !each.searchParams.has('brush') && each.searchParams.has('range'));
    expect(await bars.locator('.brushed').count()).toBe(0);
    expect(visit.complaints).toEqual([]);
  });

  test('are brushed by keys alone', async () => {
    await open(BEGIN_NS + SECOND, BEGIN_NS + 4n * SECOND);
    const bars = visit.page.locator('.statistics[data-settled=true] .bars');
    await bars.focus();
    const said = (): Promise<string | null> => bars.getAttribute('aria-valuetext');
    const range = visit.page.url().match(/range=[^&]*/)![0];
    await visit.page.keyboard.press('ArrowRight');
    const first = await visit.address('brush=');
    expect(await bars.locator('.brushed').count()).toBe(1);
    const one = await said();
    await visit.page.keyboard.press('Home');
    await visit.page.keyboard.press('Shift+End');
    await visit.address((url) => url.searchParams.get('brush') !== first.searchParams.get('brush'));
    expect(await bars.locator('.brushed').count()).toBe(await bars.locator('.bar-of').count());
    expect(await said()).not.toBe(one);
    await visit.page.keyboard.press('Shift+ArrowLeft');
    await visit.page.keyboard.press('Shift+ArrowLeft');
    await visit.page.waitForFunction(() => {
      const all = [...document.querySelector('.chart')!.shadowRoot!.querySelectorAll('.bar-of')];
      return all.filter((bar) => bar.matches('.brushed')).length === all.length - 2;
    });
    expect(visit.page.url()).toContain(range);
    await visit.page.keyboard.press('Escape');
    await visit.address((url) => !url.searchParams.has('brush'));
    expect(await bars.locator('.brushed').count()).toBe(0);
    expect(await bars.evaluate((element) => element.matches(':focus'))).toBe(true);
  });
});
