import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ACTIONS } from '../../src/flame/keys';
import { Bench, Visit, chromiumPath } from '../support/browser';
import { PROCESS } from '../support/fakeHost';

describe.skipIf(!chromiumPath)('the palette', () => {
  let bench: Bench;
  let visit: Visit;
  beforeAll(async () => {
    bench = await Bench.start();
  });
  afterAll(() => bench.stop());
  afterEach(() => visit.close());

  const press = (key: string): Promise<void> => visit.page.keyboard.press(key);

  test('finds an action by what is typed, says its keys, and does it', async () => {
    visit = await bench.open(`/process/${PROCESS}/timeline`);
    await visit.page.waitForSelector('.flame[data-sharp=true][data-settled=true]');
    await press('Control+Shift+P');
    const palette = visit.page.getByRole('dialog', { name: 'All actions' });
    await palette.waitFor();
    const options = palette.getByRole('option');
    // All but itself.
    expect(await options.count()).toBe(ACTIONS.length - 1);
    await visit.page.keyboard.type('colour');
    await options.first().getByText('Colour by name, duration or depth').waitFor();
    expect(await options.count()).toBe(1);
    expect(await options.first().locator('kbd').innerText()).toBe('C');
    await press('Enter');
    await palette.waitFor({ state: 'hidden' });
    await visit.address('color=duration');

    // By arrows: the second of two.
    await press('F1');
    await visit.page.keyboard.type('range an end');
    await options.nth(1).waitFor();
    expect(await options.evaluateAll((all) => all.map((option) => option.getAttribute('aria-selected')))).toEqual(['true', 'false']);
    await press('ArrowDown');
    expect(await palette.getByRole('combobox').getAttribute('aria-activedescendant')).toBe('palette-extend-right');
    await press('Enter');
    await visit.address('range=');
    // What has no key is done as well, and what takes the keyboard keeps it.
    await press('F1');
    await visit.page.keyboard.type('table');
    await press('Enter');
    await visit.page.locator('.panel .twin').waitFor();
    await press('F1');
    await visit.page.keyboard.type('search');
    await palette.getByText('Search', { exact: true }).click();
    await visit.page.locator('.bar .search:focus').waitFor();
    await press('Escape');
    await press('F1');
    await visit.page.keyboard.type('nothing is called so');
    await palette.getByText('No action is called so.').waitFor();
    await press('Enter');
    await press('Escape');
    await palette.waitFor({ state: 'hidden' });
    expect(await visit.page.locator('.flame:focus').count()).toBe(1);
    expect(visit.complaints).toEqual([]);
  });
});
