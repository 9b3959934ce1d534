import axe from 'axe-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Bench, chromiumPath } from '../support/browser';
import { SCENES, show } from '../support/scenes';

describe.skipIf(!chromiumPath)('for everybody', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await Bench.start();
  });
  afterAll(() => bench.stop());

  test.each((['light', 'dark'] as const).flatMap((scheme) => SCENES.map((scene) => [scene.name, scheme, scene] as const)))('%s, in %s: no rule is broken', async (name, scheme, scene) => {
    const visit = await bench.visit({ colorScheme: scheme });
    await show(visit.page, bench.address, scene);
    const folder = process.env['LEGION_PICTURES'];
    if (folder) await visit.page.screenshot({ path: `${folder}/${scheme}-${name.replaceAll(' ', '-')}.png` });
    // The debugger runs it, so that the page keeps its policy: for the page, no script has come.
    await visit.page.evaluate(axe.source);
    const { violations, passes } = await visit.page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ['violations'] }));
    expect(passes.length).toBeGreaterThan(10);
    expect(violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.flat().join(' ')} ${node.any.map(({ message }) => message).join('; ')}`))).toEqual([]);
    await visit.close();
  });
});
