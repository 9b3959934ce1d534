import type { Page } from 'playwright-core';
import { FIRST_CHILD, PARENT_PROCESS, SECOND_CHILD } from './fakeFamily';
import { EMPTY_PROCESS, LIVE_PROCESS, PROCESS } from './fakeHost';
import { FRAMES } from './fakeTimeline';
import { fakeFlows } from './fakeLinks';
import { CLOSED_REPORT, fakeReport, REPORT } from './fakeReports';
import { BEGIN_NS, syntheticStreams } from './synthetic';

/** A page in a state that a reader brings it to, in whatever language: found by class and key, never by text. */
export interface Scene {
  readonly name: string;
  readonly path: string;
  /** Requests of these paths fail. */
  readonly failing?: RegExp;
  /** Requests of these paths are answered with this. */
  readonly answer?: readonly [path: RegExp, json: unknown];
  /** What is there when the page has come to rest. */
  readonly ready: string;
  readonly act?: (page: Page) => Promise<unknown>;
}

const at = (seconds: number): bigint => BEGIN_NS + BigInt(Math.round(seconds * 1e9));
const TIMELINE = `/process/${PROCESS}/timeline`;
const FAMILY = `${PARENT_PROCESS},${FIRST_CHILD},${SECOND_CHILD}`;
const LOGS = `/process/${PROCESS}/logs`;
const METRICS = `/process/${PROCESS}/metrics`;
const GRAPH = `/process/${PROCESS}/graph`;
const SHARP = '.flame[data-sharp=true][data-settled=true]';
const SETTLED = '.metrics[data-settled=true]';
const NARROW = `from=${at(4)}&to=${at(4.5)}`;
/** A span of the main thread from which a flow leads to another thread. */
const LINKED = linkedSpan();
const SELECTED = '.panel .links .tool';

const CELL = '#cell-0-0';

const queryOf = (sql: string, more = ''): string => `/query?${more === '' ? '' : `${more}&`}sql=${encodeURIComponent(sql)}`;

/** On narrow screens the schema is closed at first. */
async function openSchema(page: Page): Promise<void> {
  if ((await page.locator('.schema').count()) === 0) await page.click('.run + .chip');
  await page.locator('.schema summary').nth(2).click();
}

const graph = (view: string): string => `.graph[data-view=${view}][data-settled=true]`;
const merged = (mode: string): string => `.flame[data-mode=${mode}][data-settled=true]`;

function linkedSpan(): string {
  const { stream, span } = fakeFlows(syntheticStreams()).find(([point]) => point!.at > 4.1e9)![0]!;
  return `${stream.id}:${span.id}`;
}

/** The middle of a track, `y` pixels below the first. */
async function overTracks(page: Page, share: number, y: number): Promise<void> {
  const box = (await page.locator('.tracks').boundingBox())!;
  await page.mouse.move(box.x + 156 + share * (box.width - 168), box.y + y);
  await page.locator('.track-tooltip').waitFor();
}

export const SCENES: readonly Scene[] = [
  { name: 'processes', path: '/', ready: 'tbody tr' },
  { name: 'no processes', path: '/?search=nothing-has-this', ready: '.list .message' },
  { name: 'processes that do not load', path: '/', failing: /\/api\/processes$/, ready: '.failed' },
  { name: 'no such page', path: '/nowhere', ready: 'main' },
  { name: 'a link that opens nothing', path: '/l/none-of-these', ready: '[role=alert]' },
  { name: 'a link to be made', path: LOGS, ready: '.log-row', act: (page) => page.click('[popovertarget=sharing]').then(() => page.waitForSelector('#sharing select')) },
  { name: 'sign-in', path: '/sign-in?refused=1&next=/', ready: '[role=alert]' },
  { name: 'reports', path: '/reports', ready: 'tbody tr' },
  { name: 'no reports', path: '/reports', ready: '.list .message code', answer: [/\/api\/reports$/, { total: 0, reports: [] }] },
  { name: 'no reports of a search', path: '/reports?search=nothing-has-this', ready: '.list .message' },
  { name: 'more reports than are shown', path: '/reports', ready: '.list > .message', answer: [/\/api\/reports$/, { total: 900, reports: [fakeReport()] }] },
  { name: 'reports that do not load', path: '/reports', failing: /\/api\/reports$/, ready: '.failed' },
  { name: 'a report to be removed', path: '/reports', ready: 'tbody tr', act: (page) => page.click('tbody button').then(() => page.waitForSelector('.question:popover-open')) },
  { name: 'a report', path: `/report/${REPORT}`, ready: 'iframe', act: (page) => page.frameLocator('iframe').locator('#drawn').getByText('drawn by').waitFor() },
  { name: 'a report that is gone', path: `/report/${CLOSED_REPORT}`, ready: '[role=alert]' },
  { name: 'no such process', path: '/process/nobody/timeline', ready: 'main .failed' },

  { name: 'timeline', path: TIMELINE, ready: SHARP },
  { name: 'timeline with keys', path: TIMELINE, ready: SHARP, act: (page) => page.keyboard.press('?').then(() => page.waitForSelector('.help:not([hidden])')) },
  { name: 'timeline with all actions', path: TIMELINE, ready: SHARP, act: (page) => page.keyboard.press('F1').then(() => page.waitForSelector('.palette-option')) },
  { name: 'timeline with counters to choose', path: TIMELINE, ready: SHARP, act: (page) => page.click('.bar-extra .tool').then(() => page.waitForSelector('.track-choice')) },
  { name: 'timeline with no counters to choose', path: TIMELINE, ready: SHARP, answer: [/\/series$/, { series: [] }], act: (page) => page.click('.bar-extra .tool').then(() => page.waitForSelector('.track-list .hint')) },
  { name: 'timeline of several processes', path: `${TIMELINE}?with=${FAMILY}&${NARROW}`, ready: SHARP },
  { name: 'timeline with processes to choose', path: `${TIMELINE}?with=${FAMILY},gone`, ready: SHARP, act: (page) => page.keyboard.press('p').then(() => page.waitForSelector('.process-menu .track-choice .failed')) },
  { name: 'timeline with a table of several processes', path: `${TIMELINE}?with=${FAMILY}&${NARROW}`, ready: SHARP, act: (page) => page.click('.bar > .tool[aria-pressed]').then(() => page.waitForSelector('.twin tbody tr')) },
  { name: 'timeline with statistics of several processes', path: `${TIMELINE}?with=${FAMILY}&${NARROW}&range=${at(4)}~${at(5)}&brush=1000000~4000000~Physics`, ready: '.statistics[data-settled=true] .brushed' },
  { name: 'timeline with a table', path: `${TIMELINE}?${NARROW}`, ready: SHARP, act: (page) => page.click('.bar > .tool[aria-pressed]').then(() => page.waitForSelector('.twin tbody tr')) },
  { name: 'timeline with a search', path: `${TIMELINE}?q=island&${NARROW}`, ready: SHARP, act: (page) => page.keyboard.press('Enter').then(() => page.waitForSelector(SELECTED)) },
  { name: 'timeline with a table of hits', path: `${TIMELINE}?q=hitch`, ready: SHARP, act: (page) => page.click('.bar > .tool[aria-pressed]').then(() => page.waitForSelector('.twin tbody tr')) },
  { name: 'timeline with a search for nothing', path: `${TIMELINE}?q=nothing-has-this`, ready: SHARP },
  { name: 'timeline with a range', path: `${TIMELINE}?range=${at(4)}~${at(5)}`, ready: SELECTED },
  { name: 'timeline with brushed spans', path: `${TIMELINE}?${NARROW}&range=${at(4)}~${at(5)}&brush=1000000~4000000~Physics`, ready: '.statistics[data-settled=true] .brushed' },
  { name: 'timeline with marks', path: `${TIMELINE}?${NARROW}&mark=${at(4.1)}&mark=${at(4.3)}:${encodeURIComponent('Frame (hitch)')}`, ready: SHARP, act: (page) => page.click('.bar-extra .tool:last-child').then(() => page.waitForSelector('.mark-menu:not([hidden])')) },
  { name: 'timeline with a span', path: TIMELINE, ready: SHARP, act: (page) => page.keyboard.press('j').then(() => page.waitForSelector('.panel .property')) },
  { name: 'timeline with linked events', path: `${TIMELINE}?${NARROW}&sel=${LINKED}`, ready: '.panel .linked' },
  { name: 'timeline with an async span', path: `${TIMELINE}?sel=async:${2n ** 63n + 1n}`, ready: '.panel .property' },
  {
    name: 'timeline under the pointer', path: `${TIMELINE}?${NARROW}`, ready: SHARP, act: async (page) => {
      const box = (await page.locator('.stage').boundingBox())!;
      await page.mouse.move(box.x + 300, box.y + 30);
      await page.locator('.stage .tooltip').waitFor();
    },
  },
  { name: 'a mark of log entries', path: `${TIMELINE}?${NARROW}`, ready: SHARP, act: (page) => overTracks(page, 0.5, 14) },
  { name: 'frames', path: `${TIMELINE}?${NARROW}&counter=${encodeURIComponent(FRAMES)}`, ready: SHARP, act: (page) => overTracks(page, 0.5, 28 + 17) },
  { name: 'a counter under the pointer', path: `${TIMELINE}?${NARROW}`, ready: SHARP, act: (page) => overTracks(page, 0.5, 28 + 51) },
  { name: 'timeline of which parts do not load', path: TIMELINE, failing: /\/(async|markers)$/, ready: '.status.failed' },
  { name: 'timeline that does not load', path: TIMELINE, failing: /^\/tiles/, ready: 'main .failed' },
  { name: 'timeline of nothing', path: `/process/${EMPTY_PROCESS}/timeline`, ready: 'main .message' },
  { name: 'left heavy', path: `${TIMELINE}?mode=left-heavy`, ready: merged('left-heavy') },
  { name: 'left heavy with a frame', path: `${TIMELINE}?mode=left-heavy`, ready: merged('left-heavy'), act: (page) => page.keyboard.press('.').then(() => page.waitForSelector('.merged .panel .fact')) },
  { name: 'left heavy with a table', path: `${TIMELINE}?mode=left-heavy&q=solve`, ready: merged('left-heavy'), act: (page) => page.click('.bar > .tool[aria-pressed]').then(() => page.waitForSelector('.merged .panel .twin tbody tr')) },
  { name: 'sandwich', path: `${TIMELINE}?mode=sandwich`, ready: merged('sandwich') },
  { name: 'sandwich with keys', path: `${TIMELINE}?mode=sandwich`, ready: merged('sandwich'), act: (page) => page.keyboard.press('?').then(() => page.waitForSelector('.help:not([hidden])')) },
  { name: 'merged spans of no time', path: `${TIMELINE}?mode=left-heavy&range=${at(-9)}~${at(-8)}`, ready: '.merged .message:not([hidden])' },
  { name: 'merged spans that do not load', path: `${TIMELINE}?mode=left-heavy`, failing: /\/merged$/, ready: '.merged .message.failed' },

  { name: 'logs', path: LOGS, ready: '.log-row' },
  { name: 'logs of a time, with a line', path: `${LOGS}?from=${at(3)}&to=${at(5)}&at=${at(4)}`, ready: '.log-head a' },
  { name: 'patterns of logs', path: `${LOGS}?pattern=frame+%3C*%3E:+streamed+%3C*%3E+KB+of+levels/harbour.bin`, ready: '.log-pattern', act: (page) => page.locator('.log-list').press('p').then(() => page.waitForSelector('.log-patterns li')) },
  { name: 'logs with keys', path: LOGS, ready: '.log-row', act: (page) => page.locator('.log-list').press('?').then(() => page.waitForSelector('.help:not([hidden])')) },
  { name: 'no logs', path: `${LOGS}?q=nothing-has-this`, ready: '.log-list .message' },
  { name: 'logs that do not load', path: LOGS, failing: /^\/api\/.*\/logs\/rows$/, ready: '.failed' },

  { name: 'butterfly', path: `${GRAPH}?function=Physics`, ready: '.middle h2' },
  { name: 'butterfly with keys', path: GRAPH, ready: '.middle h2', act: (page) => page.keyboard.press('?').then(() => page.waitForSelector('.help:not([hidden])')) },
  { name: 'butterfly of a time, of nothing that is in it', path: `${GRAPH}?function=nothing&range=${at(4)}~${at(5)}`, ready: '.middle .note' },
  { name: 'call tree', path: `${GRAPH}?view=tree&q=solve`, ready: '[role=treeitem]', act: (page) => page.locator('[role=tree]').press('*') },
  { name: 'call graph', path: `${GRAPH}?view=nodes&function=Physics`, ready: `${graph('nodes')} .nodes .note:not([hidden])` },
  { name: 'call graph of no time', path: `${GRAPH}?range=${at(-9)}~${at(-8)}`, ready: '.graph .message:not([hidden])' },
  { name: 'call graph that does not load', path: GRAPH, failing: /\/graph\/functions$/, ready: '.graph .message.failed' },

  { name: 'metrics', path: METRICS, ready: SETTLED },
  { name: 'metrics with keys', path: METRICS, ready: SETTLED, act: (page) => page.keyboard.press('?').then(() => page.waitForSelector('.help:not([hidden])')) },
  { name: 'metrics with a table of a range', path: `${METRICS}?range=${at(4)}~${at(5)}&per=step`, ready: SETTLED, act: (page) => page.click('.bar .tool[aria-pressed]').then(() => page.waitForSelector('.twin tbody tr')) },
  { name: 'metrics with a map of durations', path: `${METRICS}?heat=Frame&series=&from=${at(4)}&to=${at(5)}`, ready: SETTLED, act: (page) => page.focus('.heat .over').then(() => page.keyboard.press('ArrowUp')).then(() => page.waitForSelector('.heat-link:not([hidden])')) },
  { name: 'metrics of which none is chosen', path: `${METRICS}?series=`, ready: SETTLED },
  { name: 'no metrics', path: METRICS, answer: [/\/series$/, { series: [] }], ready: SETTLED },
  { name: 'metrics that do not load', path: METRICS, failing: /\/series$/, ready: '.status.failed' },

  { name: 'process', path: `/process/${PROCESS}`, ready: '.process .states' },
  { name: 'process that is live', path: `/process/${LIVE_PROCESS}`, ready: '.process .states' },
  { name: 'process of which parts do not load', path: `/process/${PROCESS}`, failing: /\/(health|attachments)$/, ready: '.process [role=alert]' },

  { name: 'query', path: '/query', ready: '.cm-content' },
  { name: 'query with a result', path: queryOf('SELECT name, begin_ns -- spans\nFROM spans WHERE duration_ns > 5'), ready: CELL, act: (page) => page.click(CELL).then(() => page.waitForSelector('.cell-head a')) },
  { name: 'query with values of all types', path: queryOf('-- types', 'raw=1'), ready: CELL },
  { name: 'query with suggestions', path: '/query', ready: '.cm-content', act: (page) => page.waitForLoadState('networkidle').then(() => page.click('.cm-content')).then(() => page.keyboard.type('SELECT * FROM sp')).then(() => page.waitForSelector('.cm-tooltip-autocomplete')) },
  { name: 'query with a view opened', path: '/query', ready: '.cm-content', act: (page) => openSchema(page) },
  { name: 'query with a chart', path: queryOf('-- series', 'view=chart&y=frames&y=load'), ready: '.uplot' },
  { name: 'query with a chart of bars', path: queryOf('-- series', 'view=chart&kind=bars'), ready: '.uplot' },
  { name: 'query with a list of bars', path: queryOf('-- names', 'view=chart'), ready: '.bar-line' },
  { name: 'query with nothing to draw', path: queryOf('-- none', 'view=chart&y='), ready: '.result .message' },
  { name: 'query with keys', path: queryOf('-- many'), ready: CELL, act: (page) => page.focus('.grid').then(() => page.keyboard.press('?')).then(() => page.waitForSelector('.help:not([hidden])')) },
  { name: 'query that fails', path: queryOf('SELECT wrong\nFROM spans'), ready: '.problem' },
  { name: 'query that runs', path: queryOf('-- slow', `from=${at(3)}&to=${at(5)}`), ready: '.cancel' },
  { name: 'query without rows', path: queryOf('-- none'), ready: '.result .message' },
  { name: 'query of which the schema does not load', path: '/query', failing: /\/api\/views$/, ready: '.schema .failed, .run' },
];

/** Shows a scene in a page that is at the host's address. */
export async function show(page: Page, address: string, scene: Scene): Promise<void> {
  const { failing, answer } = scene;
  if (failing) await page.route((url) => failing.test(url.pathname), (route) => route.fulfill({ status: 500, contentType: 'application/json', body: '{}' }));
  if (answer) await page.route((url) => answer[0].test(url.pathname), (route) => route.fulfill({ contentType: 'application/json', body: JSON.stringify(answer[1]) }));
  await page.goto(address + scene.path);
  await page.waitForSelector(scene.ready);
  await scene.act?.(page);
}
