import { test } from 'vitest';
import { Bench } from '../support/browser';
import { PROCESS, LIVE_PROCESS } from '../support/fakeHost';
import { PARENT_PROCESS, FIRST_CHILD, SECOND_CHILD } from '../support/fakeFamily';
test('shot', async () => {
  const bench = await Bench.start();
  bench.host.found();
  bench.host.liveSeconds = 12;
  const v = await bench.open(`/process/${PROCESS}/timeline?with=${PARENT_PROCESS},${FIRST_CHILD},${SECOND_CHILD}`);
  try { await v.page.waitForSelector('.flame[data-sharp=true][data-settled=true]', { timeout: 8000 }); } catch (e) { console.log(String(e).slice(0, 200)); }
  await v.page.screenshot({ path: '/tmp/many/a.png' });
  await v.page.keyboard.press('p'); await v.page.waitForTimeout(500);
  await v.page.screenshot({ path: '/tmp/many/b.png' });
  await v.page.keyboard.press('Escape');
  await v.page.locator('.stage').hover();
  await v.page.mouse.wheel(0, 100000); await v.page.waitForTimeout(500);
  await v.page.screenshot({ path: '/tmp/many/c.png' });
  console.log(v.complaints, v.page.url());
  const w = await bench.open(`/process/${LIVE_PROCESS}/timeline`, 'dark');
  await w.page.waitForTimeout(1500);
  await w.page.screenshot({ path: '/tmp/many/d.png' });
  console.log(w.complaints);
  await bench.stop();
}, 60000);
