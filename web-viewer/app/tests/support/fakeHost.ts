import type { IncomingMessage, ServerResponse } from 'node:http';
import { LANES_PER_GROUP } from '../../src/tiles/grid';
import { fakeAsyncSpan, fakeAsyncSpans, fakeAsyncWindow, fakeLogWindow, fakeMarkerWindow, fakeSeries, fakeSeriesWindow } from './fakeTimeline';
import { answerFile, fakeAttachmentWindow, type FakeAttachment } from './fakeAttachments';
import { fakeFamily, PARENT_PROCESS, relativeInfo, relativeManifest, relativeTile, type Relative } from './fakeFamily';
import { fakeGraph } from './fakeGraph';
import { fakeAsyncLinks, fakeLinks } from './fakeLinks';
import { fakeLogs, type LogList, type LogRow } from './fakeLogs';
import { fakeMerged } from './fakeMerged';
import { fakeFiles, fakeHealth, fakeProcessPage, WHOLE } from './fakeProcess';
import { fakeAnswer, fakeQueries, fakeViews } from './fakeQuery';
import { FakeReports } from './fakeReports';
import { fakeDurations, fakeStatistics } from './fakeStatistics';
import { BEGIN_NS, DURATION_NS, HOSTILE, buildTile, syntheticStreams, type Stream } from './synthetic';

export const PROCESS = '0198c0de-1111-7000-8000-000000000001';
export const EMPTY_PROCESS = '0198c0de-1111-7000-8000-000000000002';
export const LIVE_PROCESS = '0198c0de-1111-7000-8000-000000000003';

/** The policy that the viewer's host sends with every page. */
export const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; " +
  "require-trusted-types-for 'script'; trusted-types svelte-trusted-html";

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
const MAX_LEVEL = 6;
const LOG_ROWS = 20_000;
/** What the live process has logged at first. */
export const LIVE_ROWS = 200;

type Json = Record<string, unknown> | readonly unknown[];

/** What a host says of a link. */
export function fakeLink(given: Record<string, unknown>): Record<string, unknown> {
  const link = '2345bcdf6789';
  return { link, path: `/l/${link}`, address: '/', frozen: false, created_ns: String(BEGIN_NS), created_by: HOSTILE.name, expires_ns: null, gone: [], ...given };
}

/** Answers what a viewer host answers, for one synthetic process and a few that have nothing. */
export class FakeHost {
  readonly streams: readonly Stream[] = syntheticStreams();
  readonly asyncSpans = fakeAsyncSpans();
  /** Requests seen, for tests that ask what was fetched. */
  readonly requests: string[] = [];
  /** What the host cannot answer. */
  failing: RegExp | null = null;
  /** Short links by their ids: what the host answers, or the status of one that opens nothing. */
  readonly links = new Map<string, Json | number>();
  readonly reports = new FakeReports();
  /** Bodies of requests that make a link. */
  readonly made: string[] = [];
  /** Bodies of queries. */
  readonly asked: { sql: string; rows: number; from?: string; to?: string }[] = [];
  /** Queries whose reader went away before they were answered: those with a comment `slow`. */
  cancelled = 0;
  /** Files on the time axis of every process. */
  sent: readonly FakeAttachment[] = [];
  /** A parent of the process that began before it, and two children. */
  readonly family: readonly Relative[] = fakeFamily(PROCESS);
  /** Whether they are listed, and known as its parent and children. */
  related = false;
  /** How far spans of the live process reach, in seconds after its begin; `null`: there is no timeline of it. */
  liveSeconds: number | null = null;
  /** Log rows that have come since. */
  readonly newRows: LogRow[] = [];
  /** Log lines of the process, made when they are asked for; `null`: the usual ones. */
  manyLogs: LogList | null = null;
  /** Lines that were looked at by now, where some are left out; each time that somebody waits for more it is twice as many. `null`: all were. */
  lookedAt: number | null = null;
  /** Processes that have started since; `version` tells who waits. */
  lateProcesses: readonly Record<string, unknown>[] = [];
  /** Those who wait for more of the live process, or of the list. */
  readonly #waiting = new Set<() => void>();
  #version = 1;
  readonly #tiles = new Map<string, Uint8Array>();

  /** How often what is stored of the live process has grown. */
  get version(): number {
    return this.#version;
  }

  set version(version: number) {
    this.#version = version;
    for (const answer of this.#waiting) answer();
    this.#waiting.clear();
  }

  /** Middleware in the manner of connect. */
  readonly handle = (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const path = url.pathname.split('/').filter((part) => part !== '').map(decodeURIComponent);
    response.setHeader('content-security-policy', path[0] === 'report' ? `${POLICY}; frame-src 'self'` : POLICY);
    if (path[0] !== 'api' && path[0] !== 'tiles' && path[2] !== 'content') {
      next();
      return;
    }
    this.requests.push(url.pathname + url.search);
    if (this.failing?.test(url.pathname)) {
      response.statusCode = 500;
      response.end('{}');
      return;
    }
    if (this.reports.answer(path, url, request, response)) return;
    if (path[1] === 'links') {
      void this.#answerLink(path[2], request, response);
      return;
    }
    if (path[1] === 'query') {
      void this.#answerQuery(request, response);
      return;
    }
    if (path[1] === 'processes' && path[2] === 'live') {
      this.#answerList(url.searchParams.get('after'), response);
      return;
    }
    if (path[3] === 'live') {
      this.#answerLive(path[2]!, url.searchParams.get('after'), response);
      return;
    }
    if (path[0] === 'tiles' && path.length === 5) {
      response.setHeader('content-type', 'application/vnd.legion.tile');
      const relative = this.family.find(({ id }) => id === path[1]);
      const [group, level, index] = [Number(path[2]), Number(path[3]), Number(path[4])];
      response.end(relative ? relativeTile(relative, group, level, index) : this.tile(group, level, index));
      return;
    }
    if (path[3] === 'attachments' && path[4] !== undefined && path[4] !== 'buckets') {
      answerFile(this.sent.find(({ id }) => id === path[4]), response);
      return;
    }
    const answer = path[0] === 'tiles' ? this.manifest(path[1]!) : this.#api(path.slice(1), url.searchParams);
    response.setHeader('content-type', 'application/json');
    if (answer === null) response.statusCode = 404;
    response.end(JSON.stringify(answer ?? { error: 'not found' }));
  };

  async #answerLink(id: string | undefined, request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('content-type', 'application/json');
    if (request.method !== 'POST') {
      const link = this.links.get(id ?? '') ?? 404;
      if (typeof link === 'number') response.statusCode = link;
      response.end(JSON.stringify(typeof link === 'number' ? { error: 'as the test wants it' } : link));
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    this.made.push(body);
    const { address, frozen, days } = JSON.parse(body) as { address: string; frozen: boolean; days: number | null };
    const link = fakeLink({ address, frozen, expires_ns: days === null ? null : String(BEGIN_NS + BigInt(days) * 86_400_000_000_000n) });
    this.links.set(String(link['link']), link);
    response.statusCode = 201;
    response.end(JSON.stringify(link));
  }

  /** As the list's version, the number of those that came late. */
  #answerList(seen: string | null, response: ServerResponse): void {
    const version = (): string => `${this.lateProcesses.length}-${this.lateProcesses.filter((process) => process['end_ns'] !== null).length}`;
    const answer = (): void => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ version: version(), live: true }));
    };
    if (seen !== version()) return answer();
    this.#waiting.add(answer);
    response.on('close', () => this.#waiting.delete(answer));
  }

  #answerLive(process: string, seen: string | null, response: ServerResponse): void {
    const answer = (): void => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ version: String(process === LIVE_PROCESS ? this.#version : 1), live: process === LIVE_PROCESS }));
    };
    if (process !== LIVE_PROCESS || seen !== String(this.#version)) return answer();
    this.#waiting.add(answer);
    response.on('close', () => this.#waiting.delete(answer));
  }

  async #answerQuery(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const asked = JSON.parse(Buffer.concat(chunks).toString('utf8')) as (typeof this.asked)[number];
    this.asked.push(asked);
    if (/-- slow/.test(asked.sql)) {
      response.on('close', () => this.cancelled++);
      return;
    }
    const { status, arrow, receipt, problem } = fakeAnswer(asked.sql, asked.rows, this.streams);
    response.statusCode = status;
    response.setHeader('content-type', arrow ? 'application/vnd.apache.arrow.stream' : 'application/json');
    if (arrow) response.setHeader('Legion-Receipt', JSON.stringify(receipt));
    response.end(arrow ?? JSON.stringify(problem));
  }

  tile(group: number, level: number, index: number): Uint8Array {
    const key = `${group}/${level}/${index}`;
    let bytes = this.#tiles.get(key);
    if (!bytes) {
      bytes = buildTile(this.#group(group), level, index);
      this.#tiles.set(key, bytes);
    }
    return bytes;
  }

  manifest(process: string): Json | null {
    const relative = this.family.find(({ id }) => id === process);
    if (relative) return relativeManifest(relative);
    const live = process === LIVE_PROCESS && this.liveSeconds !== null;
    const streams = process === PROCESS || live ? this.streams : process === EMPTY_PROCESS ? [] : null;
    return streams && {
      process,
      begin_ns: String(BEGIN_NS),
      end_ns: String(BEGIN_NS + (live ? BigInt(this.liveSeconds! * 1e9) : BigInt(DURATION_NS))),
      max_level: MAX_LEVEL,
      groups: Array.from({ length: Math.ceil(streams.length / LANES_PER_GROUP) }, (_, group) => ({
        group,
        g: `${group}f00d`,
        streams: this.#group(group).map((stream) => ({
          stream: stream.id, name: stream.name, thread_id: stream.threadId,
          depth: stream.spans.reduce((depth, span) => Math.max(depth, span.depth + 1), 0),
        })),
      })),
    };
  }

  #group(group: number): readonly Stream[] {
    return this.streams.slice(group * LANES_PER_GROUP, (group + 1) * LANES_PER_GROUP);
  }

  #looked(query: URLSearchParams): number {
    const leavesOut = ['search', 'min_level', 'pattern'].some((name) => (query.get(name) ?? '') !== '');
    if (this.lookedAt === null || !leavesOut) return Infinity;
    if (query.has('for_ms')) this.lookedAt *= 2;
    return this.lookedAt;
  }

  #api(path: readonly string[], query: URLSearchParams): Json | null {
    if (path[0] === 'views') return fakeViews();
    if (path[0] === 'queries') return fakeQueries();
    if (path[0] !== 'processes') return null;
    if (path.length === 1) {
      const search = (query.get('search') ?? '').toLowerCase();
      return { processes: [...this.lateProcesses, ...this.#processes].filter((p) => JSON.stringify(p).toLowerCase().includes(search)) };
    }
    const process = [...this.#processes, ...this.family.map(relativeInfo)].find((p) => p['process_id'] === path[1]);
    if (!process) return null;
    if (path.length === 2) return { ...process, ...this.#processPage(path[1]!) };
    const relative = this.family.find(({ id }) => id === path[1]);
    if (relative && path[2] === 'find') return path[3] === 'density' ? this.#density(relative.streams, query) : this.#find(relative.streams, query);
    if (relative && path[2] === 'spans') return path[5] === 'links' ? { links: [], left_out: 0 } : this.#span(relative.streams, path[3]!, BigInt(path[4]!));
    if (relative && path[2] === 'statistics') return fakeStatistics(relative.streams, query);
    if (relative && path[2] === 'async') return { spans: [], lanes: 0 };
    if (path[2] === 'health') return path[1] === PROCESS ? fakeHealth(this.streams) : WHOLE;
    if (path[2] === 'attachments' && path[3] === 'buckets') return fakeAttachmentWindow(this.sent, query);
    if (path[2] === 'attachments') return path[1] === PROCESS ? fakeFiles() : { total: 0, attachments: [] };
    if (path[2] === 'logs') return path[3] === 'buckets' ? fakeLogWindow(logRows(), query) : fakeLogs(path[3]!, query, path[1] === LIVE_PROCESS ? [...logRows().slice(0, LIVE_ROWS), ...this.newRows] : (this.manyLogs ?? logRows()), this.#looked(query));
    if (path[2] === 'series') return path[3] === 'buckets' ? fakeSeriesWindow(query) : fakeSeries();
    if (path[2] === 'markers') return fakeMarkerWindow(query);
    if (path[2] === 'async' && path[4] === 'links') return fakeAsyncLinks(this.asyncSpans, BigInt(path[3]!));
    if (path[2] === 'async') return path[3] === undefined ? fakeAsyncWindow(this.asyncSpans, query) : fakeAsyncSpan(this.asyncSpans, BigInt(path[3]));
    if (path[2] === 'merged') return fakeMerged(this.streams, query);
    if (path[2] === 'graph') return fakeGraph(path[1] === EMPTY_PROCESS ? [] : this.streams, path[3], query);
    if (path[2] === 'statistics') return fakeStatistics(this.streams, query);
    if (path[2] === 'durations') return fakeDurations(this.streams, query);
    if (path[2] === 'find') return path[3] === 'density' ? this.#density(this.streams, query) : this.#find(this.streams, query);
    if (path[2] === 'spans' && path[5] === 'links') return fakeLinks(this.streams, path[3]!, BigInt(path[4]!));
    if (path[2] === 'spans') return this.#span(this.streams, path[3]!, BigInt(path[4]!));
    return null;
  }

  get #processes(): readonly Record<string, unknown>[] {
    return [...processes().map((process) => (this.related && process['process_id'] === PROCESS ? { ...process, parent_process_id: PARENT_PROCESS } : process)), ...(this.related ? this.family.map(relativeInfo) : [])];
  }

  #processPage(id: string): Record<string, unknown> {
    if (this.related || this.family.some((each) => each.id === id)) return this.#relatedPage(id);
    const page = fakeProcessPage(id === PROCESS ? this.streams : id === LIVE_PROCESS ? this.streams.slice(0, 1) : [], id === LIVE_PROCESS ? this.version : 1);
    const of = (other: string): readonly unknown[] => processes().filter((p) => p['process_id'] === other);
    return { ...page, ...(id === LIVE_PROCESS ? { last_seen_ns: String(BEGIN_NS + BigInt(990 + 10 * this.version) * 1_000_000_000n) } : {}), ...(id === PROCESS ? { children: of(EMPTY_PROCESS) } : {}), ...(id === EMPTY_PROCESS ? { parent: of(PROCESS) } : {}) };
  }

  /** Who is whose parent is what the processes say. */
  #relatedPage(id: string): Record<string, unknown> {
    const all = this.#processes;
    const own = all.find((p) => p['process_id'] === id);
    const relative = this.family.find((each) => each.id === id);
    const page = fakeProcessPage(relative?.streams ?? (id === PROCESS ? this.streams : []), 1);
    return { ...page, parent: all.filter((p) => p['process_id'] === own?.['parent_process_id']), children: all.filter((p) => p['parent_process_id'] === id) };
  }

  #find(streams: readonly Stream[], query: URLSearchParams): Json {
    const text = (query.get('text') ?? '').toLowerCase();
    const from = Number(BigInt(query.get('from_ns') ?? BEGIN_NS) - BEGIN_NS);
    const hits = streams.flatMap((stream) => stream.spans
      .filter((span) => span.begin >= from && span.name.toLowerCase().includes(text))
      .map((span) => ({
        stream_id: stream.id, span_id: String(span.id), name: span.name, depth: span.depth,
        begin_ns: String(BEGIN_NS + BigInt(span.begin)), duration_ns: String(span.end - span.begin),
      })));
    hits.sort((a, b) => (a.begin_ns < b.begin_ns ? -1 : a.begin_ns > b.begin_ns ? 1 : 0));
    return { hits: hits.slice(0, Number(query.get('limit') ?? 100)), total: hits.length };
  }

  #density(streams: readonly Stream[], query: URLSearchParams): Json {
    const text = (query.get('text') ?? '').toLowerCase();
    const [from, to] = ['from_ns', 'to_ns'].map((key) => Number(BigInt(query.get(key)!) - BEGIN_NS)) as [number, number];
    const step = Math.ceil((to - from) / 600);
    const bins = new Map<number, number>();
    for (const { begin, name } of streams.flatMap(({ spans }) => spans)) {
      if (begin < from || begin >= to || !name.toLowerCase().includes(text)) continue;
      const bin = Math.floor((begin - from) / step);
      bins.set(bin, (bins.get(bin) ?? 0) + 1);
    }
    return { step_ns: String(step), bins: [...bins].sort(([a], [b]) => a - b) };
  }

  #span(streams: readonly Stream[], streamId: string, id: bigint): Json | null {
    const stream = streams.find((s) => s.id === streamId);
    const span = stream?.spans[Number(id) - 1];
    if (!stream || !span) return null;
    const children = stream.spans.filter((s) => s.parent === id).reduce((sum, s) => sum + s.end - s.begin, 0);
    return {
      stream_id: stream.id, span_id: String(span.id), parent_id: span.parent === null ? null : String(span.parent), depth: span.depth,
      begin_ns: String(BEGIN_NS + BigInt(span.begin)), end_ns: String(BEGIN_NS + BigInt(span.end)),
      duration_ns: String(span.end - span.begin), self_ns: String(span.end - span.begin - children), name: span.name,
      target: HOSTILE.target, file: HOSTILE.file, line: 42, thread: stream.name, truncated: false,
      properties: { [HOSTILE.key]: HOSTILE.value, frame: '1207', asset: 'levels/harbour.bin' },
    };
  }
}

function processes(): Record<string, unknown>[] {
  const base = { user: 'mira', computer: 'BUILD-07', os: 'Windows 11 26200', properties: { build: '4812', branch: 'main', [HOSTILE.key]: HOSTILE.value } };
  const at = (seconds: number): string => String(BEGIN_NS + BigInt(seconds) * 1_000_000_000n);
  return [
    { ...base, process_id: LIVE_PROCESS, parent_process_id: null, exe: 'harbour-server', start_ns: at(900), end_ns: null, end_reason: null, last_seen_ns: at(1000) },
    { ...base, process_id: EMPTY_PROCESS, parent_process_id: PROCESS, exe: 'ShaderCompileWorker', start_ns: at(4), end_ns: at(10), end_reason: 'exit 0', last_seen_ns: at(10) },
    { ...base, process_id: PROCESS, parent_process_id: null, exe: 'Harbour.exe', start_ns: at(0), end_ns: at(12), end_reason: 'crash: access violation', last_seen_ns: at(12) },
    { ...base, process_id: '0198c0de-1111-7000-8000-000000000004', parent_process_id: null, exe: HOSTILE.name, user: 'ci', computer: 'AGENT-3', os: 'Ubuntu 26.04', start_ns: at(-4000), end_ns: at(-3900), end_reason: 'exit 0', last_seen_ns: at(-3900), properties: {} },
  ];
}

let madeRows: readonly LogRow[] | null = null;

function logRows(): readonly LogRow[] {
  madeRows ??= Array.from({ length: LOG_ROWS }, (_, i) => ({
    time_ns: String(BEGIN_NS + BigInt(Math.round(((i + 0.5) / LOG_ROWS) * DURATION_NS))),
    level: LEVELS[i % 401 === 7 ? 4 : i % 37 === 5 ? 3 : i % 3 === 0 ? 2 : i % 3]!,
    thread: i % 4 === 0 ? 'main' : `worker ${i % 7}`,
    target: i % 90 === 4 ? HOSTILE.target : 'Harbour.Streaming',
    message: i % 50 === 3 ? HOSTILE.message : `frame ${Math.floor(i / 28)}: streamed ${(i * 7919) % 1000} KB of levels/harbour.bin`,
  }));
  return madeRows;
}
