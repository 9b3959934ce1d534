import type { Manifest } from '../tiles/manifest';
import type { TileSource } from '../tiles/source';
import type { SpanLookup } from './lookup';
import { MOST_PROCESSES, Processes, type Member } from './processes';
import { SharedSpans, SharedTiles } from './sharedSources';
import type { StatisticsSource } from './statistics';
import type { StatisticsOf } from './statisticsView';
import type { AsyncSource } from './timeline';
import type { TimeRange } from './view';

/** What is known of a process on an axis, and who is asked for more of it. */
export interface ProcessOnAxis {
  /** The file name of its program. */
  readonly program: string;
  readonly manifest: Manifest;
  readonly source: TileSource;
  readonly lookup: SpanLookup;
  /** `null`: nothing is known of async spans. */
  readonly asyncSpans: AsyncSource | null;
  readonly statistics: StatisticsSource | null;
  readonly logsLink: ((range: TimeRange) => string) | null;
}

/** What shares the axis with the process of a chart. */
export interface Company {
  /** The file name of the chart's own program: beside others it has a name. */
  readonly program: string;
  readonly further: readonly ProcessOnAxis[];
  /** Why others that are wanted are not there, by their ids. */
  readonly missing: ReadonlyMap<string, string>;
}

/** The processes of a chart: the one that it is of, and those that share its axis. */
export class SharedAxis {
  /** About spans of all of them. */
  readonly spans: SharedSpans;
  readonly #wide: boolean;
  /** A process that comes back has the number that it had, and finds its tiles. */
  readonly #numbers: Map<string, number>;
  #all: readonly ProcessOnAxis[];
  #processes: Processes;

  /** `wide`: the axis reaches over all events, not only over spans. */
  constructor(main: ProcessOnAxis, wide: boolean) {
    this.#wide = wide;
    this.#numbers = new Map([[main.manifest.process, 0]]);
    this.#processes = Processes.of(main.manifest, wide);
    this.spans = new SharedSpans(this.#processes, new Map([[0, main.lookup]]));
    this.#all = [main];
  }

  get processes(): Processes {
    return this.#processes;
  }

  get tiles(): TileSource {
    return new SharedTiles(this.#by(({ source }) => source));
  }

  /** Of those beside the chart's own, by their numbers. */
  get asyncSources(): ReadonlyMap<number, AsyncSource> {
    return new Map(this.#all.slice(1).flatMap(({ manifest, asyncSpans }) => (asyncSpans ? [[this.#numberOf(manifest), asyncSpans] as const] : [])));
  }

  get statistics(): readonly StatisticsOf[] {
    return this.#all.flatMap(({ manifest, statistics }) => (statistics ? [{ process: manifest.process, name: this.#nameOf(manifest), source: statistics }] : []));
  }

  logsLink(range: TimeRange, { process }: Member): string | null {
    return this.#all.find(({ manifest }) => manifest.process === process)?.logsLink?.(range) ?? null;
  }

  /** Takes over what there is of the chart's own process by now. */
  renew(manifest: Manifest, source: TileSource): void {
    this.#all = [{ ...this.#all[0]!, manifest, source }, ...this.#all.slice(1)];
    this.#compose();
  }

  /** Takes over which processes there are beside the chart's own, instead of those before. */
  accompany({ program, further }: Company): void {
    const own = this.#all[0]!.manifest.process;
    this.#all = [{ ...this.#all[0]!, program }, ...further.filter(({ manifest }) => manifest.process !== own).slice(0, MOST_PROCESSES - 1)];
    for (const { manifest } of this.#all) if (!this.#numbers.has(manifest.process)) this.#numbers.set(manifest.process, this.#numbers.size);
    this.#compose();
  }

  #compose(): void {
    this.#processes = new Processes(this.#all.map(({ program, manifest }) => ({ number: this.#numberOf(manifest), program, manifest })), this.#wide);
    this.spans.show(this.#processes, this.#by(({ lookup }) => lookup));
  }

  #by<T>(part: (process: ProcessOnAxis) => T): ReadonlyMap<number, T> {
    return new Map(this.#all.map((process) => [this.#numberOf(process.manifest), part(process)]));
  }

  #numberOf({ process }: Manifest): number {
    return this.#numbers.get(process)!;
  }

  #nameOf(manifest: Manifest): string {
    return this.#processes.ofNumber(this.#numberOf(manifest))?.name ?? manifest.process;
  }
}
