import { count } from '../locale/format';
import type { Translate } from '../locale/text';
import { formatDuration } from '../time/ns';
import type { Brush } from './brush';
import { element, refill } from './dom';
import { Histogram } from './histogram';
import { visibleText } from './labels';
import type { NameStatistics, Statistics, StatisticsSource } from './statistics';
import type { TimeRange } from './view';

/** A range is asked for once it has stood still for this long. */
const REST_MS = 150;

/** Whose statistics they are. */
export interface StatisticsOf {
  readonly process: string;
  readonly name: string;
  readonly source: StatisticsSource;
}

export interface StatisticsActions {
  /** Has the chart show where the spans of a name are. */
  readonly search: (name: string) => void;
  /** Has it show which of them took so long. */
  readonly brush: (brush: Brush | null) => void;
}

type Sorting = Exclude<keyof NameStatistics, 'name' | 'buckets'> | 'averageNs';

const COLUMNS: readonly Sorting[] = ['count', 'totalNs', 'selfNs', 'averageNs', 'minNs', 'maxNs', 'p50Ns', 'p90Ns', 'p99Ns', 'p999Ns'];

/** The spans of a time by their names, and how long those of one of them took. */
export class StatisticsView {
  readonly root = element('div', 'statistics');
  readonly #t: Translate;
  #sources: readonly StatisticsOf[];
  /** Which of several processes they are of: percentiles of several cannot be put together. */
  readonly #process = element('select', 'statistics-process');
  readonly #actions: StatisticsActions;
  readonly #status = element('div', 'statistics-status');
  readonly #table = element('table', 'twin');
  readonly #histogram: Histogram;
  #range: TimeRange | null = null;
  #found: Statistics | null = null;
  #sorting: Sorting = 'totalNs';
  #chosen: string | null = null;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #reading: AbortController | null = null;

  constructor(t: Translate, first: StatisticsOf, actions: StatisticsActions) {
    this.#t = t;
    this.#sources = [first];
    this.#process.setAttribute('aria-label', t('statistics-process'));
    this.#process.hidden = true;
    this.#process.addEventListener('change', () => this.#range && void this.#read(this.#range));
    this.#actions = actions;
    this.#histogram = new Histogram(t, actions.brush);
    this.#status.setAttribute('role', 'status');
    this.root.append(element('div', 'statistics-head', this.#process, this.#status), element('div', 'statistics-body', this.#table, this.#histogram.root));
  }

  get settled(): boolean {
    return this.#rest === undefined && this.#reading === null;
  }

  /** Takes over of which processes there are any. The one that is shown stays while it is among them; otherwise the first takes its place. */
  setSources(all: readonly StatisticsOf[]): void {
    const before = this.#process.value || this.#sources[0]!.process;
    this.#sources = all;
    this.#process.replaceChildren(...all.map(({ process, name }) => {
      const option = element('option', '', visibleText(name));
      option.value = process;
      return option;
    }));
    const shown = all.find(({ process }) => process === before) ?? all[0]!;
    this.#process.value = shown.process;
    this.#process.hidden = all.length < 2;
    if (shown.process !== before && this.#range) void this.#read(this.#range);
  }

  /** Shows a time, once it stands still. */
  show(range: TimeRange): void {
    if (this.#range?.beginNs === range.beginNs && this.#range.endNs === range.endNs) return;
    this.#range = range;
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => void this.#read(range), REST_MS);
    this.root.dataset['settled'] = 'false';
  }

  /** Shows what is brushed, and the histogram of its name. */
  mark(brush: Brush | null): void {
    const other = brush !== null && brush.name !== this.#chosen;
    if (brush) this.#chosen = brush.name;
    this.#histogram.mark(brush);
    if (other && this.#found) this.#update();
  }

  dispose(): void {
    clearTimeout(this.#rest);
    this.#reading?.abort();
  }

  async #read(range: TimeRange): Promise<void> {
    this.#rest = undefined;
    this.#reading?.abort();
    const reading = new AbortController();
    this.#reading = reading;
    this.#say(this.#t('statistics-loading'), false);
    try {
      const found = await (this.#sources.find(({ process }) => process === this.#process.value) ?? this.#sources[0]!).source.read(range, reading.signal);
      if (reading.signal.aborted) return;
      this.#found = found;
      this.#update();
    } catch (error) {
      if (reading.signal.aborted) return;
      // What stands there is of another range.
      this.#found = null;
      this.#table.hidden = this.#histogram.root.hidden = true;
      this.#say(this.#t('statistics-problem', { problem: error instanceof Error ? error.message : String(error) }), true);
    }
    this.#reading = null;
    this.root.dataset['settled'] = String(this.settled);
  }

  #say(text: string, failed: boolean): void {
    this.#status.textContent = text;
    this.#status.classList.toggle('failed', failed);
  }

  #update(): void {
    const { spans, names, namesLeftOut } = this.#found!;
    this.#say(spans === 0 ? this.#t('statistics-none') : this.#t('statistics-head', { spans }) + (namesLeftOut > 0 ? ` ${this.#t('merged-more', { count: namesLeftOut })}` : ''), false);
    const rows = [...names].sort((a, b) => valueOf(b, this.#sorting) - valueOf(a, this.#sorting));
    this.#table.hidden = rows.length === 0;
    refill(
      this.#table,
      element('thead', '', element('tr', '', element('th', '', this.#t('table-name')), ...COLUMNS.map((by) => element('th', '', this.#sorter(by))))),
      element('tbody', '', ...rows.map((row) => this.#row(row))));
    this.#histogram.show(names.find(({ name }) => name === this.#chosen) ?? names[0] ?? null);
  }

  #sorter(by: Sorting): HTMLElement {
    const made = element('button', 'sort', this.#label(by));
    made.type = 'button';
    made.setAttribute('aria-pressed', String(by === this.#sorting));
    made.addEventListener('click', () => {
      this.#sorting = by;
      this.#update();
    });
    return made;
  }

  #row(of: NameStatistics): HTMLElement {
    const open = element('button', 'row-button', visibleText(of.name));
    open.type = 'button';
    open.title = visibleText(of.name);
    open.addEventListener('click', () => {
      this.#chosen = of.name;
      this.#update();
      this.#actions.search(of.name);
    });
    const made = element('tr', of.name === this.#chosen ? 'chosen' : '', element('th', '', open), ...COLUMNS.map((by) =>
      element('td', 'number', by === 'count' ? count(of.count) : formatDuration(valueOf(of, by)))));
    made.firstElementChild?.setAttribute('scope', 'row');
    return made;
  }

  #label(by: Sorting): string {
    switch (by) {
      case 'count': return this.#t('merged-count');
      case 'totalNs': return this.#t('merged-total');
      case 'selfNs': return this.#t('merged-self');
      case 'averageNs': return this.#t('merged-average');
      case 'minNs': return this.#t('statistics-least');
      case 'maxNs': return this.#t('statistics-greatest');
      case 'p50Ns': return this.#t('statistics-median');
      case 'p90Ns': return this.#t('statistics-most');
      case 'p99Ns': return this.#t('statistics-nearly-all');
      case 'p999Ns': return this.#t('statistics-all-but-few');
    }
  }
}

function valueOf(of: NameStatistics, by: Sorting): number {
  return by === 'averageNs' ? of.totalNs / Math.max(1, of.count) : of[by];
}
