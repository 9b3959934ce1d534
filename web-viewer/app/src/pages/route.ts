import { brushOf, brushText, type Brush } from '../flame/brush';
import { colorByOf, type ColorBy } from '../flame/color';
import { markText, marksOf, type Mark } from '../flame/marks';
import { modeOf, type FlameMode } from '../flame/mode';
import type { SpanRef } from '../flame/selection';
import type { TimeRange } from '../flame/view';
import { graphViewOf, type GraphView } from '../graph/options';
import type { CountsPer } from '../metrics/options';
import { parseNs } from '../time/ns';

/** `process`: what it is and how it was recorded. */
export type ProcessPageName = 'process' | 'timeline' | 'logs' | 'metrics' | 'graph';

const PAGES: readonly string[] = ['timeline', 'logs', 'metrics', 'graph'] satisfies readonly ProcessPageName[];

/** One time range and one selection run through all pages of a process. */
export interface ProcessRoute {
  readonly page: ProcessPageName;
  readonly process: string;
  readonly time: TimeRange | null;
  readonly selection: SpanRef | null;
  readonly range: TimeRange | null;
  /** What is searched for: span names in the timeline and the graph, messages in the logs. */
  readonly query: string;
  /** Timeline: spans that stand out by their name and duration. */
  readonly brush: Brush | null;
  /** Timeline: moments that a reader marked. */
  readonly marks: readonly Mark[];
  /** Timeline: the counters that somebody chose; `null`: the usual ones. */
  readonly counters: readonly string[] | null;
  /** Timeline: the processes that share the axis with this one. */
  readonly with: readonly string[];
  /** Timeline: what the colour of a span tells. */
  readonly color: ColorBy;
  /** Timeline: how spans are laid out. */
  readonly mode: FlameMode;
  /** Timeline: the function in the middle of a sandwich; graph: the chosen one. */
  readonly fn: string | null;
  /** Graph: how calls are shown. */
  readonly graph: GraphView;
  /** Metrics: the series that somebody chose; `null`: the usual ones. */
  readonly series: readonly string[] | null;
  /** Metrics: what is drawn of counts. */
  readonly per: CountsPer;
  /** Metrics: the spans whose durations are shown; empty: those of most time; `null`: none. */
  readonly heat: string | null;
  /** Logs: the least level shown. */
  readonly level: string | null;
  /** Logs: what all messages shown look like; `null`: as they do. */
  readonly pattern: string | null;
  /** Logs: the moment to scroll to. */
  readonly at: bigint | null;
  /** The frozen link that says which of the process's blocks count; `null`: all. */
  readonly link: string | null;
}

/** Where a key is typed in; `next` is the address that somebody was about to see. */
export interface SignInRoute {
  readonly page: 'sign-in';
  readonly next: string;
  /** The key before was not accepted. */
  readonly refused: boolean;
}

/** A short link, before anybody knows what it is of. */
export interface LinkRoute {
  readonly page: 'link';
  readonly link: string;
}

/** A report: a notebook with its outputs. */
export interface ReportRoute {
  readonly page: 'report';
  readonly report: string;
}

export type ChartKind = 'line' | 'points' | 'bars';

/** SQL, and what is shown of its answer. */
export interface QueryRoute {
  readonly page: 'query';
  readonly sql: string;
  readonly view: 'table' | 'chart';
  readonly kind: ChartKind;
  /** Names of the chart's columns; `null`: the first that will do. */
  readonly x: string | null;
  readonly y: readonly string[] | null;
  /** Values as they came, without units. */
  readonly raw: boolean;
  /** Rows outside are left out of views that hold events; `null`: none are. */
  readonly time: TimeRange | null;
}

export type Route =
  | { readonly page: 'processes'; readonly search: string }
  | { readonly page: 'reports'; readonly search: string }
  | { readonly page: 'missing'; readonly path: string }
  | ReportRoute
  | SignInRoute
  | LinkRoute
  | QueryRoute
  | ProcessRoute;

export function processRoute(page: ProcessPageName, process: string, given: Partial<ProcessRoute> = {}): ProcessRoute {
  return { time: null, selection: null, range: null, query: '', brush: null, marks: [], counters: null, with: [], color: 'name', mode: 'timeline', fn: null, graph: 'butterfly', series: null, per: 'second', heat: null, level: null, pattern: null, at: null, link: null, ...given, page, process };
}

export function queryRoute(sql: string, given: Partial<QueryRoute> = {}): QueryRoute {
  return { view: 'table', kind: 'line', x: null, y: null, raw: false, time: null, ...given, page: 'query', sql };
}

/** Reads an address of the viewer. Parts that make no sense are left out, so that an old link still opens its page. */
export function parseRoute(pathname: string, search: string): Route {
  const query = new URLSearchParams(search);
  const parts = pathname.split('/').filter((part) => part !== '').map(decodePart);
  if (parts.length === 0) return { page: 'processes', search: query.get('search') ?? '' };
  if (parts.length === 1 && parts[0] === 'sign-in') return { page: 'sign-in', next: query.get('next') ?? '/', refused: query.has('refused') };
  if (parts.length === 2 && parts[0] === 'l') return { page: 'link', link: parts[1]! };
  if (parts.length === 1 && parts[0] === 'query') return parseQuery(query);
  if (parts.length === 1 && parts[0] === 'reports') return { page: 'reports', search: query.get('search') ?? '' };
  if (parts.length === 2 && parts[0] === 'report') return { page: 'report', report: parts[1]! };
  const [root, process, named] = parts;
  const page = named === undefined ? 'process' : isPage(named) ? named : null;
  if (root !== 'process' || process === undefined || parts.length > 3 || page === null) return { page: 'missing', path: pathname };
  const [rangeBegin, rangeEnd] = (query.get('range') ?? '').split('~');
  return {
    page,
    process,
    time: timeRange(query.get('from'), query.get('to')),
    selection: spanRef(query.get('sel')),
    range: timeRange(rangeBegin, rangeEnd),
    query: query.get('q') ?? '',
    brush: brushOf(query.get('brush')),
    marks: marksOf(query.getAll('mark')),
    counters: namesOf(query, 'counter'),
    with: (query.get('with') ?? '').split(',').filter((id) => id !== ''),
    color: colorByOf(query.get('color')) ?? 'name',
    mode: modeOf(query.get('mode')) ?? 'timeline',
    fn: query.get('function'),
    graph: graphViewOf(query.get('view')) ?? 'butterfly',
    series: namesOf(query, 'series'),
    per: query.get('per') === 'step' ? 'step' : 'second',
    heat: query.get('heat'),
    level: query.get('level'),
    pattern: query.get('pattern'),
    at: parseNs(query.get('at')),
    link: query.get('link') || null,
  };
}

export function linkTo(route: Route): string {
  if (route.page === 'missing') return route.path;
  if (route.page === 'link') return `/l/${encodeURIComponent(route.link)}`;
  if (route.page === 'query') return queryAddress(route);
  if (route.page === 'report') return `/report/${encodeURIComponent(route.report)}`;
  const query = new URLSearchParams();
  if (route.page === 'sign-in') {
    if (route.refused) query.set('refused', '1');
    query.set('next', route.next);
    return withQuery('/sign-in', query);
  }
  if (route.page === 'processes' || route.page === 'reports') {
    if (route.search !== '') query.set('search', route.search);
    return withQuery(route.page === 'reports' ? '/reports' : '/', query);
  }
  if (route.time) {
    query.set('from', String(route.time.beginNs));
    query.set('to', String(route.time.endNs));
  }
  if (route.selection) query.set('sel', `${route.selection.stream}:${route.selection.span}`);
  if (route.range) query.set('range', `${route.range.beginNs}~${route.range.endNs}`);
  if (route.query !== '') query.set('q', route.query);
  if (route.brush) query.set('brush', brushText(route.brush));
  for (const mark of route.marks) query.append('mark', markText(mark));
  setNames(query, 'counter', route.counters);
  if (route.with.length > 0) query.set('with', route.with.join(','));
  if (route.color !== 'name') query.set('color', route.color);
  if (route.mode !== 'timeline') query.set('mode', route.mode);
  if (route.fn !== null) query.set('function', route.fn);
  if (route.graph !== 'butterfly') query.set('view', route.graph);
  setNames(query, 'series', route.series);
  if (route.per !== 'second') query.set('per', route.per);
  if (route.heat !== null) query.set('heat', route.heat);
  if (route.level !== null) query.set('level', route.level);
  if (route.pattern !== null) query.set('pattern', route.pattern);
  if (route.at !== null) query.set('at', String(route.at));
  if (route.link !== null) query.set('link', route.link);
  const process = `/process/${encodeURIComponent(route.process)}`;
  return withQuery(route.page === 'process' ? process : `${process}/${route.page}`, query);
}

function parseQuery(query: URLSearchParams): QueryRoute {
  const kind = query.get('kind');
  return queryRoute(query.get('sql') ?? '', {
    view: query.get('view') === 'chart' ? 'chart' : 'table',
    kind: kind === 'points' || kind === 'bars' ? kind : 'line',
    x: query.get('x'),
    y: namesOf(query, 'y'),
    raw: query.has('raw'),
    time: timeRange(query.get('from'), query.get('to')),
  });
}

function queryAddress({ sql, view, kind, x, y, raw, time }: QueryRoute): string {
  const query = new URLSearchParams();
  if (time) {
    query.set('from', String(time.beginNs));
    query.set('to', String(time.endNs));
  }
  if (view !== 'table') query.set('view', view);
  if (kind !== 'line') query.set('kind', kind);
  if (x !== null) query.set('x', x);
  setNames(query, 'y', y);
  if (raw) query.set('raw', '1');
  if (sql !== '') query.set('sql', sql);
  return withQuery('/query', query);
}

function isPage(text: string): text is ProcessPageName {
  return PAGES.includes(text);
}

/** `null`: the address says nothing of them. */
function namesOf(query: URLSearchParams, key: string): readonly string[] | null {
  return query.has(key) ? query.getAll(key).filter((name) => name !== '') : null;
}

function setNames(query: URLSearchParams, key: string, names: readonly string[] | null): void {
  // An empty one says that none is to be shown.
  for (const name of names?.length === 0 ? [''] : (names ?? [])) query.append(key, name);
}

function withQuery(path: string, query: URLSearchParams): string {
  const text = query.toString();
  // Colons, tildes and commas are fine in a query; escaped, the links are only harder to read.
  return text === '' ? path : `${path}?${text.replaceAll('%3A', ':').replaceAll('%7E', '~').replaceAll('%2C', ',')}`;
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // A lone percent sign is not an escape; taken literally it leads to "no such process", which is true.
    return part;
  }
}

function timeRange(begin: string | null | undefined, end: string | null | undefined): TimeRange | null {
  const beginNs = parseNs(begin);
  const endNs = parseNs(end);
  return beginNs !== null && endNs !== null && beginNs < endNs ? { beginNs, endNs } : null;
}

function spanRef(text: string | null): SpanRef | null {
  const parts = text === null ? null : /^([^:]+):(\d{1,20})$/.exec(text);
  return parts ? { stream: parts[1]!, span: BigInt(parts[2]!) } : null;
}
