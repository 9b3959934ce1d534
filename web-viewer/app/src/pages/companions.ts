import { MOST_PROCESSES } from '../flame/processes';
import type { Company, ProcessOnAxis } from '../flame/sharedAxis';
import type { TimeRange } from '../flame/view';
import type { ViewerApi } from '../host/api';
import { ApiSpans } from '../host/apiSpans';
import { ApiStatistics } from '../host/apiStatistics';
import { ApiTimeline } from '../host/apiTimeline';
import { t } from '../locale/text';
import { parseManifest, type Manifest } from '../tiles/manifest';
import { HttpTileSource } from '../tiles/source';
import { NewsOfMany } from './newsOfMany';
import { programName } from './program';
import { ReadAhead } from './readAhead';

/** As long as the page's own process is waited for. */
const FIRST_PATIENCE_MS = 200;

interface Companion {
  readonly ended: AbortController;
  /** `null`: nothing is known of it yet. */
  process: ProcessOnAxis | null;
  ahead: ReadAhead | null;
}

/** The processes that share the axis with that of the page: what is known of each, and more as it comes. */
export class Companions {
  readonly #api: ViewerApi;
  readonly #own: string;
  readonly #logsLink: (process: string, range: TimeRange) => string;
  readonly #changed: () => void;
  readonly #ended = new AbortController();
  readonly #known = new Map<string, Companion>();
  readonly #missing = new Map<string, string>();
  readonly #news: NewsOfMany;
  #program = '';
  #window: TimeRange | null;
  #chosen: readonly string[] = [];

  constructor(api: ViewerApi, own: string, window: TimeRange | null, logsLink: (process: string, range: TimeRange) => string, changed: () => void) {
    this.#api = api;
    this.#own = own;
    this.#window = window;
    this.#logsLink = logsLink;
    this.#changed = changed;
    this.#news = new NewsOfMany((process, seen, signal) => api.live(process, seen, signal), (process) => this.#known.get(process)?.ahead?.again());
  }

  /** Those that are wanted, whether they are there or not: a link names all of them. */
  get chosen(): readonly string[] {
    return this.#chosen;
  }

  /** Settled once each of them is there, or was not given. */
  async choose(processes: readonly string[]): Promise<void> {
    this.#chosen = [...new Set(processes)].filter((process) => process !== this.#own);
    for (const [process, companion] of this.#known) if (!this.#chosen.includes(process)) this.#leave(process, companion);
    this.#missing.clear();
    for (const process of this.#chosen.slice(MOST_PROCESSES - 1)) this.#missing.set(process, t('axis-most', { count: MOST_PROCESSES }));
    const added = this.#chosen.slice(0, MOST_PROCESSES - 1).filter((process) => !this.#known.has(process));
    await Promise.all([...added.map((process) => this.#add(process)), this.#nameOwn()]);
    this.#changed();
  }

  /** Those that are there by now. */
  get company(): Company {
    return { program: this.#program, further: [...this.#known.values()].flatMap(({ process }) => (process ? [process] : [])), missing: new Map(this.#missing) };
  }

  /** Takes over what is shown: only of processes that have any of it more is read. */
  shows(window: TimeRange | null): void {
    this.#window = window;
    for (const { process, ahead } of this.#known.values()) if (process && touches(process.manifest, window)) ahead?.shows(window);
  }

  dispose(): void {
    this.#ended.abort();
    this.#news.dispose();
    for (const [process, companion] of this.#known) this.#leave(process, companion);
  }

  /** Beside others, the page's own has a name as well. */
  async #nameOwn(): Promise<void> {
    if (this.#program !== '' || this.#chosen.length === 0) return;
    try {
      this.#program = programName((await this.#api.process(this.#own, this.#ended.signal)).exe);
    } catch {
      // Its id stands there instead, and the page says what is wrong with it.
    }
  }

  async #add(process: string): Promise<void> {
    const companion: Companion = { ended: new AbortController(), process: null, ahead: null };
    this.#known.set(process, companion);
    const { signal } = companion.ended;
    const window = this.#window;
    try {
      const [page, json] = await Promise.all([this.#api.process(process, signal), this.#api.manifest(process, window, FIRST_PATIENCE_MS, signal)]);
      if (signal.aborted) return;
      const manifest = parseManifest(json);
      companion.process = {
        program: programName(page.exe),
        manifest,
        source: new HttpTileSource('', manifest),
        lookup: new ApiSpans(this.#api, process),
        asyncSpans: new ApiTimeline(this.#api, process),
        statistics: new ApiStatistics(this.#api, process),
        logsLink: (range) => this.#logsLink(process, range),
      };
      companion.ahead = new ReadAhead(manifest, window, async (asked, patience, ended) => parseManifest(await this.#api.manifest(process, asked, patience, ended)), (now) => this.#renew(companion, now));
      if (page.end_ns === null) this.#news.follow(process, page.version);
    } catch (problem) {
      if (signal.aborted) return;
      this.#known.delete(process);
      this.#missing.set(process, problem instanceof Error ? problem.message : String(problem));
    }
  }

  #renew(companion: Companion, manifest: Manifest): void {
    companion.process = { ...companion.process!, manifest, source: new HttpTileSource('', manifest) };
    this.#changed();
  }

  #leave(process: string, { ended, ahead }: Companion): void {
    ended.abort();
    ahead?.dispose();
    this.#news.leave(process);
    this.#known.delete(process);
  }
}

function touches({ firstNs, lastNs, beginNs, endNs }: Manifest, window: TimeRange | null): boolean {
  if (!window) return true;
  const begin = beginNs < firstNs ? beginNs : firstNs;
  const end = endNs > lastNs ? endNs : lastNs;
  return begin <= window.endNs && end >= window.beginNs;
}
