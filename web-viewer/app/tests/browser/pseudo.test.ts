import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { visibleText } from '../../src/flame/labels';
import { readTable } from '../../src/query/columns';
import { FUNCTIONS } from '../../src/query/functions';
import { Bench, chromiumPath, type Visit } from '../support/browser';
import { CLOSING, OPENING, pseudoFtl } from '../support/pseudo';
import { SCENES, show } from '../support/scenes';
import { brokenLayout, listenToCanvases, visibleTexts } from '../support/visible';

const PSEUDO = pseudoFtl(readFileSync(new URL('../../src/locale/en.ftl', import.meta.url), 'utf8'));

const BRACKETED = new RegExp(`${OPENING}[^${OPENING}${CLOSING}]*${CLOSING}`, 'g');

/** Numbers and times with signs and units, which all languages share. */
const NUMBER = /[-+≤Σ×]?\s?\d[\d\s.,:/]*(?:(?:ns|µs|ms|s|[KMGTP]?o|k|M|Md|%)(?![\p{L}]))?/gu;

const LEADING_NUMBER = new RegExp(`^${NUMBER.source}`, 'u');

/** What a program would rather not say, but what tells its maker where to look. */
const TECHNICAL = /\/[\w/.-]+: HTTP \d+/g;

/** What stands after a name: the line of a file, how many more there are, that a unit is meant per second. */
const AFTER_NAME = /(?::\d+| \+\d+|\/s)$/;

/** What is left of a text when messages, telemetry and numbers are taken away: text that stands in code. */
function inCode(text: string, telemetry: string): string {
  // A message that has no room in a canvas ends early.
  let rest = text.replace(TECHNICAL, '').replace(new RegExp(`${OPENING}[^${OPENING}${CLOSING}]*…$`), '');
  for (let before = ''; before !== rest; ) [before, rest] = [rest, rest.replace(BRACKETED, '\n')];
  return rest.split(/\n|(?:^|\s)·\s|: | – | > |, |@/).map((part) => part.trim()).filter((part) => {
    const name = part.replace(/^…|…$/g, '').replace(AFTER_NAME, '');
    const unit = part.replace(LEADING_NUMBER, '').replace(AFTER_NAME, '').trim();
    return /\p{L}/u.test(part.replace(NUMBER, '')) && !telemetry.includes(name) && !(unit !== part && telemetry.includes(`unit ${unit}\n`));
  }).join(' | ');
}

/** All strings of an answer, keys included. */
function strings(json: unknown): string[] {
  if (typeof json === 'string') return [json];
  if (typeof json !== 'object' || json === null) return [];
  return Object.entries(json).flatMap(([key, value]) => [key, ...strings(value)]);
}

/** All texts of an Arrow stream. */
function cells(bytes: Uint8Array): string[] {
  const { columns, rows } = readTable(bytes);
  return columns.flatMap((column) => [`${column.name} ${column.type}`, ...Array.from({ length: rows }, (_, row) => visibleText(column.exact(row) ?? ''))]);
}

test('what stands in code is found, and nothing else', () => {
  const telemetry = 'Run session\nmain\nlevels/harbour.bin\nunit collection\n';
  for (const text of ['⟦Ţáķé ⟦ţŵó⟧ of 3~~⟧', '12,5 ms', 'Run sess…', '⟦a⟧: Run session', '1\u202f024,5 Mo – 3 Mo', 'main · 22/11/2026 19:24:35,123', '· main', 'Σ 5,1 collection', '3 collection/s', 'levels/harbour.bin:42', '⟦Ţáķ…', '⟦a: /api/x: HTTP 500⟧'])
    expect([text, inCode(text, telemetry)]).toEqual([text, '']);
  for (const text of ['Loading', '⟦a⟧ and', 'main thread', '5 spans', '5 main', 'Enter', 'HTTP 500'])
    expect([text, inCode(text, telemetry)]).not.toEqual([text, '']);
});

describe.skipIf(!chromiumPath)('in a language that is longer, and of no country', () => {
  let bench: Bench;
  let spans: string;
  beforeAll(async () => {
    bench = await Bench.start();
    spans = [...new Set([...bench.host.streams, ...bench.host.family.flatMap(({ streams }) => streams)].flatMap((stream) => [stream.name, stream.threadId, ...stream.spans.map((span) => span.name)]))].join('\n');
  });
  afterAll(() => bench.stop());

  /** A visit whose French is the pseudo language. */
  async function visitOf(width: number): Promise<{ visit: Visit; telemetry: string[] }> {
    const visit = await bench.visit({ locale: 'fr-FR', viewport: { width, height: width < 1000 ? 840 : 800 } });
    const telemetry = [spans, 'Legion', 'nobody', ...FUNCTIONS];
    await visit.page.route(/\/assets\/fr-[^/]*\.js$/, (route) => route.fulfill({ contentType: 'text/javascript', body: `export default ${JSON.stringify(PSEUDO)}` }));
    await visit.page.addInitScript(listenToCanvases);
    // What is written into the editor, and what came of it.
    visit.page.on('request', (request) => void (request.url().endsWith('/api/query') && telemetry.push(request.postDataJSON().sql as string)));
    visit.page.on('response', (response) => {
      if (response.headers()['content-type']?.includes('arrow')) response.body().then((bytes) => telemetry.push(...cells(bytes)), () => undefined);
      if (!response.headers()['content-type']?.includes('json') || !response.ok()) return;
      response.json().then((json: unknown) => telemetry.push(...strings(json).flatMap((text) => [text, visibleText(text), `unit ${text.replace(/^\{(.*)\}(?:\/s)?$/, '$1')}`])), () => undefined);
    });
    return { visit, telemetry };
  }

  test.each([1400, 390].flatMap((width) => SCENES.map((scene) => [scene.name, width, scene] as const)))('%s, %d pixels wide: no text in code, and nothing out of place', async (name, width, scene) => {
    const { visit, telemetry } = await visitOf(width);
    // An address may name a message's pattern, and processes that nobody knows.
    const { searchParams } = new URL(scene.path, bench.address);
    telemetry.push(searchParams.get('pattern') ?? '', ...(searchParams.get('with') ?? '').split(','));
    await show(visit.page, bench.address, scene);
    const folder = process.env['LEGION_PICTURES'];
    if (folder) await visit.page.screenshot({ path: `${folder}/pseudo-${width}-${name.replaceAll(' ', '-')}.png` });
    const texts = await visit.page.evaluate(visibleTexts);
    expect(texts.some((text) => text.startsWith(OPENING))).toBe(true);
    const known = `${telemetry.join('\n')}\n`;
    expect(texts.map((text) => inCode(text, known)).filter((text) => text !== '')).toEqual([]);
    expect(await visit.page.evaluate(brokenLayout)).toEqual([]);
    await visit.close();
  });
});
