import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commandOf, KEY_HELP, motionOf } from '../../src/flame/keys';
import { plainProperties } from '../../src/host/apiSpans';
import type { ProcessInfo } from '../../src/host/api';
import { LANGUAGES } from '../../src/locale/language';
import { translator } from '../../src/locale/text';
import { missingEvents } from '../../src/pages/health';
import { levelOf } from '../../src/pages/levels';
import { processTree } from '../../src/pages/processTree';
import { linkTo, parseRoute, processRoute, queryRoute, type Route } from '../../src/pages/route';
import { programName } from '../../src/pages/program';

const STREAM = '0198c0de-0000-7000-8000-000000000007';

describe('a link', () => {
  test.each<[string, Route]>([
    ['processes', { page: 'processes', search: '' }],
    ['a search for processes', { page: 'processes', search: 'a&b=c #1 ü' }],
    ['a timeline', processRoute('timeline', 'p-1')],
    ['all of a timeline', processRoute('timeline', 'p-1', {
      time: { beginNs: 1795375475123456789n, endNs: 1795375475123456790n }, selection: { stream: STREAM, span: 18446744073709551615n },
      range: { beginNs: -5n, endNs: 7n }, query: '<img> & "quotes"%3A~:', color: 'duration', brush: { name: 'a~b&<i>\n1~2', fromNs: 0, toNs: 9_007_199_254_740_991 },
      marks: [{ atNs: -3n, label: '' }, { atNs: 1795375475123456789n, label: 'a:b & <i>' }],
    })],
    ['all of the metrics', processRoute('metrics', 'p-1', { time: { beginNs: 1n, endNs: 2n }, range: { beginNs: 1n, endNs: 2n }, series: ['a&b', '<i>'], counters: ['c'], per: 'step' })],
    ['all of the call graph', processRoute('graph', 'p-1', { range: { beginNs: 1n, endNs: 2n }, graph: 'nodes', fn: '<b>&"fn"', query: 'a b', link: '2345bcdf6789' })],
    ['a function without a name', processRoute('graph', 'p-1', { fn: '' })],
    ['metrics of which none is drawn', processRoute('metrics', 'p-1', { series: [] })],
    ['all of the logs', processRoute('logs', 'weird/id?%', { time: { beginNs: 1n, endNs: 2n }, level: 'warn', query: 'x', pattern: 'took <*> ms', at: 1795375475123456789n, link: '2345bcdf6789' })],
    ['a process', processRoute('process', 'p-1')],
    ['a frozen process', processRoute('process', 'p-1', { link: '2345bcdf6789', time: { beginNs: 1n, endNs: 2n } })],
    ['a query', queryRoute('')],
    ['all of a query', queryRoute('SELECT \'a&b\', "x y"\n-- %3A~: ü', { view: 'chart', kind: 'bars', x: 'time_ns', y: ['a', '<i>'], raw: true, time: { beginNs: 1n, endNs: 2n } })],
    ['a chart of nothing', queryRoute('x', { view: 'chart', y: [] })],
    ['reports', { page: 'reports', search: '' }],
    ['a search for reports', { page: 'reports', search: 'a&b=c #1 ü' }],
    ['a report', { page: 'report', report: '2345bcdf6789' }],
    ['a short link', { page: 'link', link: '2345bcdf6789' }],
  ])('to %s comes back as it was', (_, route) => {
    const url = new URL(linkTo(route), 'http://viewer');
    expect(parseRoute(url.pathname, url.search)).toEqual(route);
  });

  test.each(['view=pie', 'kind=cake', 'from=2&to=1'])('to a query with %s shows it all the same', (query) => expect(parseRoute('/query', `?sql=x&${query}`)).toEqual(queryRoute('x')));

  test.each(['from=1', 'from=2&to=1', 'from=a&to=b', 'sel=nonsense', 'sel=a:-1', 'range=5', 'at=now', 'color=pink', 'per=hour', 'view=flame'])('with %s opens its page all the same', (query) =>
    expect(parseRoute('/process/p-1/timeline', `?${query}`)).toEqual(processRoute('timeline', 'p-1')));

  test.each(['/elsewhere', '/process', '/process/p/other', '/process/p/process', '/process/p/logs/more', '/query/more'])('to %s is missing', (path) => expect(parseRoute(path, '')).toMatchObject({ page: 'missing' }));

  test.each([['/logs', false], ['/process/p/logs?q=a%20b&from=1', true]])('to the form before %s returns there', (next, refused) => {
    const url = new URL(linkTo({ page: 'sign-in', next, refused }), 'http://viewer');
    expect(parseRoute(url.pathname, url.search)).toEqual({ page: 'sign-in', next, refused });
  });

  test('with a broken escape does not break the page', () => expect(parseRoute('/process/100%/timeline', '')).toMatchObject({ process: '100%' }));
});

describe('processes', () => {
  const process = (id: string, start: number, parent: string | null = null, live = false): ProcessInfo => ({
    process_id: id, parent_process_id: parent, exe: id, user: '', computer: '', os: '', start_ns: String(start), end_ns: live ? null : '99', end_reason: null, last_seen_ns: '99', properties: {},
  });
  const shown = (list: ProcessInfo[]): string[] => processTree(list).map((n) => '>'.repeat(n.depth) + n.process.process_id);

  test('live ones first, then the newest', () => expect(shown([process('old', 1), process('new', 3), process('live', 2, null, true)])).toEqual(['live', 'new', 'old']));
  test('children below their parents', () => expect(shown([process('b', 5, 'a'), process('a', 1), process('c', 9, 'b'), process('x', 4)])).toEqual(['x', 'a', '>b', '>>c']));
  test('a parent that is not in the list is no parent', () => expect(shown([process('b', 5, 'gone')])).toEqual(['b']));
  test('circles are shown all the same', () => expect(shown([process('a', 1, 'b'), process('b', 2, 'a'), process('c', 3, 'c')])).toEqual(['c', 'a', '>b']));
});

describe('logs', () => {
  test.each<[string | number | null, string | null]>([['Warning', 'warn'], ['INFO', 'info'], ['critical', 'fatal'], ['verbose', null], [null, null]])('level %s is %s', (given, level) => expect(levelOf(given)).toBe(level));
});

test.each([
  ['0', [], [0n, 0n]],
  ['47', [['warn', '45'], ['error', '2']], [47n, 0n]],
  ['547', [['info', '500'], ['warn', '45']], [47n, 500n]],
  // What was erased may be more than what the ordinals tell of.
  ['3', [['info', '500']], [0n, 3n]],
] as const)('of %s missing events those are told apart that nobody meant to leave out', (lost_events, kinds, [lost, leftOut]) =>
  expect(missingEvents({ lost_events, kinds: kinds.map(([severity, events]) => ({ kind: 'gap', severity, reason: '', count: 1, events, bytes: '0', begin_ns: '0', end_ns: '0' })), problems: [] })).toEqual({ lost, leftOut }));

test('properties are text, whatever their keys and values', () => {
  const hostile = JSON.parse('{"__proto__": {"a": 1}, "n": 5, "text": "<b>"}') as Record<string, unknown>;
  expect(Object.entries(plainProperties(hostile))).toEqual([['__proto__', '{"a":1}'], ['n', '5'], ['text', '<b>']]);
});

describe('keys', () => {
  const press = (key: string, code: string, more = {}): Parameters<typeof commandOf>[0] => ({ key, code, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...more });
  test('move by position, whatever letter is there', () => expect(motionOf(press('z', 'KeyW'))).toBe('zoom-in'));
  test('with Ctrl belong to the browser', () => expect([motionOf(press('a', 'KeyA', { ctrlKey: true })), commandOf(press('f', 'KeyF', { ctrlKey: true }))]).toEqual([null, null]));
  test('C colours by something else, also where another letter is there', () =>
    expect([commandOf(press('j', 'KeyC')), commandOf(press('C', 'KeyC', { shiftKey: true }))]).toEqual(['color', null]));
  test.each([['Enter', false, 'next-hit'], ['Enter', true, 'previous-hit'], ['/', false, 'search'], ['?', true, 'help'], ['Escape', false, 'clear'], ['.', false, 'next-sibling']])('%s (shift %s) is %s', (key, shiftKey, command) =>
    expect(commandOf(press(key, '', { shiftKey }))).toBe(command));
});

describe('texts', () => {
  const root = join(import.meta.dirname, '../../src');
  const english = readFileSync(join(root, 'locale/en.ftl'), 'utf8');
  const defined = [...english.matchAll(/^([a-z][a-z0-9-]*) =/gm)].map((m) => m[1]!);
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((f) => /\.(ts|svelte)$/.test(f)).map((f) => readFileSync(join(root, f), 'utf8')).join('\n');

  test('that are used are there, and none is left over', () => {
    const used = new Set([...sources.matchAll(/['"`]([a-z]+(?:-[a-z]+)+)['"`]/g)].map((m) => m[1]!));
    for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal']) used.add(`level-${level}`);
    for (const language of LANGUAGES) used.add(`language-${language}`);
    const called = [...sources.matchAll(/\bt\(\s*'([^']+)'/g)].map((m) => m[1]!);
    expect(called.length).toBeGreaterThan(40);
    expect(called.filter((id) => !defined.includes(id))).toEqual([]);
    expect(KEY_HELP.flat().filter((id) => !defined.includes(id))).toEqual([]);
    expect(defined.filter((id) => !used.has(id))).toEqual([]);
  });

  test('count in the grammar of their language', () => {
    const t = translator(english, 'en');
    expect([0, 1, 1200].map((total) => t('search-total', { total }))).toEqual(['no hits', '1 hit', '1,200 hits']);
  });
});

test.each([
  ['/usr/bin/game', 'game'],
  ['C:\\games\\game.exe', 'game.exe'],
  ['game', 'game'],
  ['/', '/'],
  ['', ''],
])('names the program of %j', (exe, name) => {
  expect(programName(exe)).toBe(name);
});
