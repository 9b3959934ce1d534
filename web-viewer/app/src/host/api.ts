import type { TimeRange } from '../flame/view';
import type { ReportInfo, ReportList } from './apiReports';

/** The viewer's JSON contract. All nanoseconds are decimal strings: they don't fit a number. */

/** What the host says of a process that somebody looks at. */
export interface Liveness {
  /** Changes with whatever is stored of it. */
  readonly version: string;
  /** More of it may come. */
  readonly live: boolean;
}

export interface ProcessInfo {
  readonly process_id: string;
  readonly parent_process_id: string | null;
  readonly exe: string;
  readonly user: string;
  readonly computer: string;
  readonly os: string;
  readonly start_ns: string;
  readonly end_ns: string | null;
  readonly end_reason: string | null;
  readonly last_seen_ns: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** A stream, and what is stored of it. */
export interface StreamInfo {
  readonly stream_id: string;
  readonly class: string;
  readonly name: string;
  readonly thread_id: string;
  readonly blocks: string;
  readonly events: string;
  /** As stored, and of the uncompressed contents. */
  readonly bytes: string;
  readonly raw_bytes: string;
  /** `null`: nothing is stored. */
  readonly begin_ns: string | null;
  readonly end_ns: string | null;
}

export interface ProcessPage extends ProcessInfo {
  readonly cpu: string;
  readonly runtime: string;
  /** Changes with whatever is stored of it. */
  readonly version: string;
  /** None or one. */
  readonly parent: readonly ProcessInfo[];
  /** The newest ones. */
  readonly children: readonly ProcessInfo[];
  readonly streams: readonly StreamInfo[];
}

export interface ProblemSums {
  readonly kind: string;
  readonly severity: string;
  /** Of gaps, why there are; empty for others. */
  readonly reason: string;
  readonly count: number;
  readonly events: string;
  readonly bytes: string;
  readonly begin_ns: string;
  readonly end_ns: string;
}

export interface RecordedProblem {
  readonly kind: string;
  readonly severity: string;
  readonly stream_id: string;
  readonly events: string;
  readonly bytes: string;
  readonly begin_ns: string;
  readonly end_ns: string;
  readonly detail: string;
}

/** What is damaged, missing or doubtful of a process. */
export interface ProcessHealth {
  /** Dropped by the producer, or of blocks that never came. */
  readonly lost_events: string;
  /** All of it, summed up, the worst first. */
  readonly kinds: readonly ProblemSums[];
  /** Some of it one by one, the worst first, without what was left out on purpose. */
  readonly problems: readonly RecordedProblem[];
}

export interface SentFiles {
  readonly total: number;
  readonly attachments: readonly {
    readonly attachment_id: string;
    readonly stream_id: string;
    readonly time_ns: string;
    readonly media_type: string;
    readonly name: string;
    /** What arrived of it. */
    readonly bytes: string;
    readonly complete: boolean;
  }[];
}

/** A view that SQL reads. */
export interface ViewInfo {
  readonly name: string;
  readonly summary: string;
  /** A query has to say which processes it reads. */
  readonly needsProcess: boolean;
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly unit: string;
    readonly summary: string;
  }[];
}

export interface SavedQuery {
  readonly name: string;
  readonly sql: string;
  readonly by: string;
  readonly savedNs: string;
}

/** What an answer to a query cost, and rests on. */
export interface QueryReceipt {
  readonly planMs: number;
  readonly buildMs: number;
  /** Partitions that were built for it. */
  readonly built: number;
  /** Size of the partitions that it read. */
  readonly bytes: number;
  /** Events that are missing of the processes behind it. */
  readonly lost: number;
  /** End of the newest block behind it; `null` where it rests on the catalog alone. */
  readonly newestNs: string | null;
}

export interface LogRow {
  readonly time_ns: string;
  readonly level: string | number;
  readonly thread: string;
  readonly target: string;
  readonly message: string;
}

/** Lines of a list of any length, from a place on. */
export interface LogRows {
  /** Of the list, as far as it is known; where nobody has looked, as many as its blocks say. */
  readonly total: number;
  /** How many of the process's lines were looked at to know the list, of how many: fewer, and more may come behind those that are known. */
  readonly read: number;
  readonly lines: number;
  /** Place of the first row. */
  readonly first: number;
  /** Of the first line at or after the moment that was asked for. */
  readonly found?: number;
  readonly rows: readonly LogRow[];
}

export interface LogCounts {
  /** How many lines were counted, of how many. */
  readonly read: number;
  readonly lines: number;
  /** Lines of the list by now, whose level is shown. */
  readonly total: number;
  /** Until when lines were counted. */
  readonly known_to_ns: string;
  /** Bars that the whole time has. */
  readonly steps: number;
  /** By level, of all levels. */
  readonly levels: Readonly<Record<string, number>>;
  readonly from_ns: string;
  readonly step_ns: string;
  /** Ascending; steps without lines are left out. */
  readonly bars: readonly { readonly step: number; readonly counts: Readonly<Record<string, number>> }[];
}

export interface LogPatterns {
  /** How many lines were looked at, of how many. */
  readonly read: number;
  readonly total: number;
  readonly from_ns: string;
  readonly to_ns: string;
  readonly patterns: readonly { readonly pattern: string; readonly count: number; readonly level: string; readonly example: string }[];
}

export interface SpanInfo {
  readonly stream_id: string;
  readonly span_id: string;
  readonly parent_id: string | null;
  readonly depth: number;
  readonly begin_ns: string;
  readonly end_ns: string | null;
  readonly duration_ns: string;
  readonly self_ns: string | null;
  readonly name: string;
  readonly target: string | null;
  readonly file: string | null;
  readonly line: number | null;
  readonly thread: string | null;
  readonly properties: Readonly<Record<string, unknown>> | null;
  readonly truncated: boolean;
}

export interface AsyncSpanInfo {
  readonly span_id: string;
  readonly parent_id: string | null;
  readonly trace_id: string | null;
  readonly begin_ns: string;
  readonly end_ns: string | null;
  readonly duration_ns: string;
  readonly name: string;
  readonly target: string | null;
  readonly file: string | null;
  readonly line: number | null;
  readonly thread: string | null;
  readonly end_thread: string | null;
  readonly properties: Readonly<Record<string, unknown>> | null;
}

export interface AsyncWindow {
  readonly spans: readonly {
    readonly span_id: string;
    readonly name: string;
    readonly begin_ns: string;
    readonly end_ns: string;
    readonly duration_ns: string;
    readonly count: number;
    readonly lane: number;
  }[];
  readonly lanes: number;
}

export interface SeriesList {
  readonly series: readonly {
    readonly name: string;
    readonly unit: string;
    readonly kind: string;
    readonly samples: number;
    readonly usual: boolean;
  }[];
}

export interface SeriesWindow {
  readonly step_ns: string;
  readonly series: readonly {
    readonly name: string;
    readonly unit: string;
    readonly kind: string;
    /** In steps from the window's begin: time, least, greatest, value. */
    readonly buckets: readonly (readonly [number, number, number, number])[];
  }[];
}

export interface LogWindow {
  readonly step_ns: string;
  readonly buckets: readonly {
    readonly bucket: number;
    readonly time_ns: string;
    readonly message: string;
    readonly counts: Readonly<Record<string, number>>;
  }[];
}

export interface MarkerWindow {
  readonly markers: readonly {
    readonly time_ns: string;
    readonly name: string;
    readonly thread: string;
    readonly properties: Readonly<Record<string, unknown>>;
    readonly count: number;
  }[];
}

export interface AttachmentWindow {
  readonly attachments: readonly {
    readonly attachment_id: string;
    readonly time_ns: string;
    /** Of the last one that lies close by. */
    readonly last_ns: string;
    readonly media_type: string;
    readonly name: string;
    /** What arrived of it. */
    readonly bytes: string;
    readonly complete: boolean;
    readonly count: number;
  }[];
}

export interface FoundSpan {
  readonly stream_id: string;
  readonly span_id: string;
  readonly name: string;
  readonly begin_ns: string;
  readonly duration_ns: string;
  readonly depth: number;
}

export interface FoundLinks {
  readonly links: readonly {
    readonly direction: string;
    readonly kind: string;
    readonly name: string;
    readonly from_ns: string;
    readonly at_ns: string;
    readonly stream_id: string;
    readonly span: FoundSpan | null;
  }[];
  readonly left_out: number;
}

export interface FoundDensity {
  readonly step_ns: string;
  /** In steps from the window's begin: where, and how many. */
  readonly bins: readonly (readonly [number, number])[];
}

/** Which lines are in a list. */
export interface LogQuery {
  readonly from: bigint | null;
  /** Inclusive. */
  readonly to: bigint | null;
  readonly minLevel: string | null;
  readonly search: string;
  readonly pattern: string | null;
}

/** A short link to a page. */
export interface LinkInfo {
  readonly link: string;
  /** The short address. */
  readonly path: string;
  /** Path and query of the page. */
  readonly address: string;
  /** Shows what was there when it was made. */
  readonly frozen: boolean;
  readonly created_ns: string;
  readonly created_by: string;
  readonly expires_ns: string | null;
  /** What of a frozen one was erased, or expired, since. */
  readonly gone: readonly string[];
}

export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(readonly status: number, message: string) {
    super(message);
  }
}

/** Why a query was not answered, in the host's words. */
export class QueryError extends ApiError {
  /** `position`: the character of the SQL that it is about, counted from 0; `null`: none. */
  constructor(status: number, message: string, readonly position: number | null) {
    super(status, message);
  }
}

export class ViewerApi {
  readonly #base: string;
  readonly #signIn: () => void;
  readonly #link: string | null;

  /**
   * `base` is the host's address without a trailing slash, or empty for the page's own host.
   * `signIn` is called when the host wants a key; what was asked fails all the same.
   * `link`: the frozen link whose process is asked as it was.
   */
  constructor(base: string, signIn: () => void = () => {}, link: string | null = null) {
    this.#link = link;
    this.#base = base;
    this.#signIn = signIn;
  }

  /** The same host, as a frozen link shows its process. */
  at(link: string | null): ViewerApi {
    return new ViewerApi(this.#base, this.#signIn, link);
  }

  /** What a link is of. */
  link(link: string, signal: AbortSignal): Promise<LinkInfo> {
    return this.#get(`/api/links/${encodeURIComponent(link)}`, {}, signal);
  }

  /** Makes a link. `days`: how long it opens; `null`: as long as there is something to show. */
  async makeLink(address: string, frozen: boolean, days: number | null): Promise<LinkInfo> {
    return this.#answer('/api/links', await fetch(`${this.#base}/api/links`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ address, frozen, days }) }));
  }

  /** Reports whose title or author has `search`, newest first. */
  reports(search: string, signal: AbortSignal): Promise<ReportList> {
    return this.#get('/api/reports', { search }, signal);
  }

  report(id: string, signal: AbortSignal): Promise<ReportInfo> {
    return this.#get(`/api/reports/${encodeURIComponent(id)}`, {}, signal);
  }

  /** Takes a report away for good. */
  async removeReport(id: string): Promise<void> {
    const path = `/api/reports/${encodeURIComponent(id)}`;
    await this.#answer(path, await fetch(this.#base + path, { method: 'DELETE' }));
  }

  async processes(search: string, signal: AbortSignal): Promise<readonly ProcessInfo[]> {
    const answer = await this.#get<{ processes: readonly ProcessInfo[] }>('/api/processes', { search }, signal);
    return answer.processes;
  }

  process(id: string, signal: AbortSignal): Promise<ProcessPage> {
    return this.#get(`/api/processes/${encodeURIComponent(id)}`, {}, signal);
  }

  health(id: string, signal: AbortSignal): Promise<ProcessHealth> {
    return this.#get(`/api/processes/${encodeURIComponent(id)}/health`, {}, signal);
  }

  attachments(id: string, signal: AbortSignal): Promise<SentFiles> {
    return this.#get(`/api/processes/${encodeURIComponent(id)}/attachments`, {}, signal);
  }

  /** Answers when there is another process than those of `seen`, one of them has ended or is gone, or after some seconds. `seen`: empty for an answer at once. */
  processesLive(seen: string, signal: AbortSignal): Promise<Liveness> {
    return this.#get('/api/processes/live', { after: seen }, signal);
  }

  /** Answers when the process has another version than `seen`, nothing comes of it any more, or after some seconds. */
  live(id: string, seen: string, signal: AbortSignal): Promise<Liveness> {
    return this.#get(`/api/processes/${encodeURIComponent(id)}/live`, { after: seen }, signal);
  }

  views(signal: AbortSignal): Promise<readonly ViewInfo[]> {
    return this.#get('/api/views', {}, signal);
  }

  queries(signal: AbortSignal): Promise<readonly SavedQuery[]> {
    return this.#get('/api/queries', {}, signal);
  }

  /** Runs SQL. The answer is an Arrow stream of at most `rows` and one more, which tells that there are more. */
  async query(sql: string, rows: number, time: TimeRange | null, signal: AbortSignal): Promise<{ arrow: Uint8Array; receipt: QueryReceipt | null }> {
    const path = '/api/query';
    const range = time ? { from: String(time.beginNs), to: String(time.endNs) } : {};
    const response = await fetch(this.#base + path, { method: 'POST', signal, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ sql, rows, ...range }) });
    if (response.status === 401) this.#signIn();
    if (!response.ok) {
      const said = (await response.json().catch(() => ({}))) as { error?: unknown; position?: unknown };
      throw new QueryError(response.status, typeof said.error === 'string' ? said.error : `${path}: HTTP ${response.status}`, typeof said.position === 'number' ? said.position : null);
    }
    return { arrow: new Uint8Array(await response.arrayBuffer()), receipt: JSON.parse(response.headers.get('Legion-Receipt') ?? 'null') as QueryReceipt | null };
  }

  /** A manifest that says how far a process reaches; nothing is read for it. */
  extent(id: string, signal: AbortSignal): Promise<unknown> {
    return this.manifest(id, { beginNs: 0n, endNs: 1n }, 0, signal);
  }

  /** Which tiles there are by now; `window` is what is shown, `null` all of it. No longer than `patienceMs` it waits for what that needs. */
  manifest(id: string, window: { readonly beginNs: bigint; readonly endNs: bigint } | null, patienceMs: number, signal: AbortSignal): Promise<unknown> {
    return this.#get(`/tiles/${encodeURIComponent(id)}`, { patience_ms: `${patienceMs}`, from_ns: window?.beginNs.toString(), to_ns: window?.endNs.toString() }, signal);
  }

  /** Lines from a place of the list on, or around a moment. */
  logRows(id: string, query: LogQuery, place: { readonly first: number } | { readonly atNs: bigint }, limit: number, signal: AbortSignal): Promise<LogRows> {
    const at = 'first' in place ? { first: String(place.first) } : { at_ns: String(place.atNs) };
    return this.#get(`/api/processes/${encodeURIComponent(id)}/logs/rows`, { ...logParameters(query), ...at, limit: String(limit) }, signal);
  }

  /** What is counted of lines by now; `forMs`: more is counted for that long, `null`: nothing is. */
  logCounts(id: string, query: LogQuery, forMs: number | null, signal: AbortSignal): Promise<LogCounts> {
    return this.#get(`/api/processes/${encodeURIComponent(id)}/logs/counts`, { ...logParameters(query), for_ms: forMs?.toString() }, signal);
  }

  /** What lines around a place look like. */
  logPatterns(id: string, query: LogQuery, first: number, signal: AbortSignal): Promise<LogPatterns> {
    return this.#get(`/api/processes/${encodeURIComponent(id)}/logs/patterns`, { ...logParameters(query), first: String(first) }, signal);
  }

  /** `null` when the host knows no such span. */
  span(id: string, stream: string, span: bigint, signal: AbortSignal): Promise<SpanInfo | null> {
    return this.#find(`/api/processes/${encodeURIComponent(id)}/spans/${encodeURIComponent(stream)}/${span}`, signal);
  }

  /** `null` when the host knows no such span. */
  asyncSpan(id: string, span: bigint, signal: AbortSignal): Promise<AsyncSpanInfo | null> {
    return this.#find(`/api/processes/${encodeURIComponent(id)}/async/${span}`, signal);
  }

  asyncSpans(id: string, { beginNs, endNs }: TimeRange, signal: AbortSignal): Promise<AsyncWindow> {
    return this.#get(`/api/processes/${encodeURIComponent(id)}/async`, { from_ns: String(beginNs), to_ns: String(endNs) }, signal);
  }

  series(id: string, signal: AbortSignal): Promise<SeriesList> {
    return this.#get(`/api/processes/${encodeURIComponent(id)}/series`, {}, signal);
  }

  seriesWindow(id: string, names: readonly string[], { beginNs, endNs }: TimeRange, signal: AbortSignal): Promise<SeriesWindow> {
    return this.#get(`/api/processes/${encodeURIComponent(id)}/series/buckets`, { from_ns: String(beginNs), to_ns: String(endNs), name: names }, signal);
  }

  logWindow(id: string, { beginNs, endNs }: TimeRange, signal: AbortSignal): Promise<LogWindow> {
    return this.#get(`/api/processes/${encodeURIComponent(id)}/logs/buckets`, { from_ns: String(beginNs), to_ns: String(endNs) }, signal);
  }

  markers(id: string, { beginNs, endNs }: TimeRange, signal: AbortSignal): Promise<MarkerWindow> {
    return this.#get(`/api/processes/${encodeURIComponent(id)}/markers`, { from_ns: String(beginNs), to_ns: String(endNs) }, signal);
  }

  attachmentWindow(id: string, { beginNs, endNs }: TimeRange, signal: AbortSignal): Promise<AttachmentWindow> {
    return this.#get(`/api/processes/${encodeURIComponent(id)}/attachments/buckets`, { from_ns: String(beginNs), to_ns: String(endNs) }, signal);
  }

  /** Where a browser gets a file that was sent along: the host decides whether it is shown or saved. */
  attachmentAddress(id: string, attachment: string): string {
    return `${this.#base}/api/processes/${encodeURIComponent(id)}/attachments/${encodeURIComponent(attachment)}${this.#link === null ? '' : `?link=${encodeURIComponent(this.#link)}`}`;
  }

  /** Statistics of the spans that end in a time, for `parseStatistics`. */
  statistics(id: string, { beginNs, endNs }: TimeRange, signal: AbortSignal): Promise<unknown> {
    return this.#get(`/api/processes/${encodeURIComponent(id)}/statistics`, { from_ns: String(beginNs), to_ns: String(endNs) }, signal);
  }

  /** The spans of a name by when they ended and how long they took, for `parseHeat`. */
  durations(id: string, name: string, { beginNs, endNs }: TimeRange, signal: AbortSignal): Promise<unknown> {
    return this.#get(`/api/processes/${encodeURIComponent(id)}/durations`, { from_ns: String(beginNs), to_ns: String(endNs), name }, signal);
  }

  /** Spans merged by their call paths, for `parseMerged`. `fn`: in the middle of a sandwich. */
  merged(id: string, mode: string, { beginNs, endNs }: TimeRange, fn: string | null, signal: AbortSignal): Promise<unknown> {
    return this.#get(`/api/processes/${encodeURIComponent(id)}/merged`, { from_ns: String(beginNs), to_ns: String(endNs), mode, function: fn ?? undefined }, signal);
  }

  /** The heaviest functions and calls laid out, for `parseGraph`. */
  graph(id: string, { beginNs, endNs }: TimeRange, signal: AbortSignal): Promise<unknown> {
    return this.#get(`/api/processes/${encodeURIComponent(id)}/graph`, { from_ns: String(beginNs), to_ns: String(endNs) }, signal);
  }

  /** The functions of a time, for `parseFunctions`. */
  graphFunctions(id: string, { beginNs, endNs }: TimeRange, signal: AbortSignal): Promise<unknown> {
    return this.#get(`/api/processes/${encodeURIComponent(id)}/graph/functions`, { from_ns: String(beginNs), to_ns: String(endNs) }, signal);
  }

  /** Callers and callees of a function, for `parseCalls`. */
  graphCalls(id: string, { beginNs, endNs }: TimeRange, fn: string, signal: AbortSignal): Promise<unknown> {
    return this.#get(`/api/processes/${encodeURIComponent(id)}/graph/calls`, { from_ns: String(beginNs), to_ns: String(endNs), function: fn }, signal);
  }

  find(id: string, text: string, from: bigint | null, limit: number, signal: AbortSignal): Promise<{ hits: readonly FoundSpan[]; total: number }> {
    return this.#get(`/api/processes/${encodeURIComponent(id)}/find`, { text, from_ns: from?.toString(), limit: String(limit) }, signal);
  }

  /** How many of the spans that would be found begin in which part of a time. */
  density(id: string, text: string, { beginNs, endNs }: TimeRange, signal: AbortSignal): Promise<FoundDensity> {
    return this.#get(`/api/processes/${encodeURIComponent(id)}/find/density`, { text, from_ns: String(beginNs), to_ns: String(endNs) }, signal);
  }

  /** What the events of a span of a thread are linked to. */
  links(id: string, stream: string, span: bigint, signal: AbortSignal): Promise<FoundLinks> {
    return this.#get(`/api/processes/${encodeURIComponent(id)}/spans/${encodeURIComponent(stream)}/${span}/links`, {}, signal);
  }

  asyncLinks(id: string, span: bigint, signal: AbortSignal): Promise<FoundLinks> {
    return this.#get(`/api/processes/${encodeURIComponent(id)}/async/${span}/links`, {}, signal);
  }

  async #find<T>(path: string, signal: AbortSignal): Promise<T | null> {
    try {
      return await this.#get<T>(path, {}, signal);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return null;
      throw error;
    }
  }

  async #get<T>(path: string, query: Readonly<Record<string, string | readonly string[] | undefined>>, signal: AbortSignal): Promise<T> {
    const parameters = new URLSearchParams();
    for (const [key, value] of Object.entries(query))
      for (const each of typeof value === 'string' ? [value] : (value ?? [])) if (each !== '') parameters.append(key, each);
    if (this.#link !== null) parameters.set('link', this.#link);
    const text = parameters.toString();
    return this.#answer(path, await fetch(this.#base + path + (text === '' ? '' : `?${text}`), { signal, headers: { accept: 'application/json' } }));
  }

  async #answer<T>(path: string, response: Response): Promise<T> {
    if (response.status === 401) this.#signIn();
    if (!response.ok) throw new ApiError(response.status, `${path}: HTTP ${response.status}`);
    return (await response.json()) as T;
  }
}

function logParameters({ from, to, minLevel, search, pattern }: LogQuery): Readonly<Record<string, string | undefined>> {
  return { from_ns: from?.toString(), to_ns: to?.toString(), min_level: minLevel ?? undefined, search, pattern: pattern ?? undefined };
}
