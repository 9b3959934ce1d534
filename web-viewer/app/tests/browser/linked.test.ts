import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { LIGHT } from '../../src/flame/theme';
import { Bench, Visit, chromiumPath } from '../support/browser';
import { PROCESS } from '../support/fakeHost';
import { fakeFlows, type FlowPoint } from '../support/fakeLinks';
import { BEGIN_NS, HOSTILE } from '../support/synthetic';

const TIMELINE = `/process/${PROCESS}/timeline`;
const at = (seconds: number): bigint => BEGIN_NS + BigInt(Math.round(seconds * 1e9));
const VIEW = { from: at(4), to: at(4.1) };

describe.skipIf(!chromiumPath)('linked events', () => {
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

  async function open(selection: string): Promise<void> {
    visit = await bench.open(`${TIMELINE}?from=${VIEW.from}&to=${VIEW.to}&sel=${selection}`);
    await visit.page.waitForSelector('.flame[data-sharp=true][data-settled=true]');
  }

  const flow = (): readonly FlowPoint[] => fakeFlows(bench.host.streams).find(([point]) => point!.at > 4.02e9)!;
  const idOf = ({ stream, span }: FlowPoint): string => `${stream.id}:${span.id}`;
  const press = (key: string): Promise<void> => visit.page.keyboard.press(key);

  /** Places along the way between two points at which something is drawn in the colour of arrows. */
  async function drawnBetween(from: FlowPoint, to: FlowPoint): Promise<number> {
    const lanes = (await visit.page.locator('.rectangles').boundingBox())!;
    const stage = (await visit.page.locator('.stage').boundingBox())!;
    const x = ({ at: moment }: FlowPoint): number => lanes.x - stage.x + (Number(BEGIN_NS + BigInt(moment) - VIEW.from) / Number(VIEW.to - VIEW.from)) * lanes.width;
    const color = [1, 3, 5].map((i) => parseInt(LIGHT.selection.slice(i, i + 2), 16));
    return visit.page.locator('.decor').evaluate((canvas, { x0, x1, wanted }) => {
      const copy = document.createElement('canvas');
      [copy.width, copy.height] = [(canvas as HTMLCanvasElement).width, (canvas as HTMLCanvasElement).height];
      const context = copy.getContext('2d', { willReadFrequently: true })!;
      context.drawImage(canvas as HTMLCanvasElement, 0, 0);
      const left = Math.round(Math.min(x0, x1));
      const { data, width, height } = context.getImageData(left, 22, Math.max(1, Math.round(Math.abs(x1 - x0))), copy.height - 22);
      let found = 0;
      for (let column = 0; column < width; column++) {
        for (let row = 0; row < height; row++) {
          const i = 4 * (row * width + column);
          if (data[i + 3]! < 200 || wanted.some((channel, c) => Math.abs(data[i + c]! - channel) > 40)) continue;
          found++;
          break;
        }
      }
      return found / width;
    }, { x0: x(from), x1: x(to), wanted: color });
  }

  test('of a flow are gone to by keys, across threads and back, and its arrow is drawn', async () => {
    const [submit, record, present] = flow();
    await open(idOf(submit!));
    await visit.page.locator('.panel .linked').getByText('Record commands →').waitFor();
    // The arrow leads through every column between the two events.
    expect(await drawnBetween(submit!, record!)).toBeGreaterThan(0.9);
    await press(']');
    await visit.address(`sel=${idOf(record!)}`);
    await visit.page.locator('.panel .linked').getByText('← Submit').waitFor();
    await visit.page.locator('.panel .linked').getByText('Present →').waitFor();
    expect(await visit.page.locator('.panel .linked').first().getAttribute('title')).toContain(HOSTILE.name);
    await press(']');
    await visit.address(`sel=${idOf(present!)}`);
    // Nothing follows: it stays, and says so.
    await visit.page.locator('.panel .linked').getByText('← Record commands').waitFor();
    await press(']');
    await visit.page.locator('.stage .said').getByText('Nothing is linked to it in this direction.').waitFor({ state: 'attached' });
    await press('[');
    await visit.address(`sel=${idOf(record!)}`);
    await press('[');
    await visit.address(`sel=${idOf(submit!)}`);
    // A button does the same.
    await visit.page.getByRole('button', { name: 'Record commands →' }).click();
    await visit.address(`sel=${idOf(record!)}`);
    expect(await visit.page.evaluate('window.hostile')).toBeUndefined();
    expect(visit.complaints).toEqual([]);
  });

  test('of an async span are what it is a part of, and the first of its parts', async () => {
    const parent = bench.host.asyncSpans.find((span) => span.parent === null && span.begin > 4e9)!;
    const child = bench.host.asyncSpans.find((span) => span.parent === parent.id)!;
    await open(`async:${parent.id}`);
    await visit.page.locator('.panel .linked').getByText(`${child.name} →`).waitFor();
    await press(']');
    await visit.address(`sel=async:${child.id}`);
    await visit.page.locator('.panel .linked').getByText(`← ${parent.name}`).waitFor();
    await press('[');
    await visit.address(`sel=async:${parent.id}`);
    expect(visit.complaints).toEqual([]);
  });

  test('that do not load are said to be missing, and what is known of the span stays', async () => {
    bench.host.failing = /\/links$/;
    await open(idOf(flow()[0]!));
    await visit.page.locator('.panel').getByText(/What it is linked to did not load: .*HTTP 500/).waitFor();
    await visit.page.locator('.panel .panel-title').getByText('Submit').waitFor();
  });
});
