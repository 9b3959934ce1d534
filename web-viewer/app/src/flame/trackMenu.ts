import type { Translate } from '../locale/text';
import { button, element } from './dom';
import { visibleText } from './labels';
import type { SeriesInfo, TimelineOptions } from './timeline';

/** As many as fit above the threads of a small screen. */
export const MOST_COUNTERS = 6;

/** Where nothing is measured that every program has: enough to see that there is something. */
const FIRST_COUNTERS = 3;

/** What is shown until somebody chooses. */
export function usualCounters(series: readonly SeriesInfo[]): string[] {
  const usual = series.filter((each) => each.usual);
  return (usual.length > 0 ? usual.slice(0, MOST_COUNTERS) : series.slice(0, FIRST_COUNTERS)).map((each) => each.name);
}

/** The metrics of the process, and which of them are drawn. */
export class TrackMenu {
  readonly button: HTMLButtonElement;
  readonly root = element('div', 'help track-menu');
  readonly #t: Translate;
  readonly #changed: (byReader: boolean) => void;
  readonly #ended = new AbortController();
  readonly #list = element('div', 'track-list');
  #series: readonly SeriesInfo[] = [];
  #chosen: readonly string[];
  settled = false;
  problem: string | null = null;

  /** `changed` is told whether a reader chose. */
  constructor(t: Translate, { source, counters }: TimelineOptions, changed: (byReader: boolean) => void) {
    this.#t = t;
    this.#changed = changed;
    this.#chosen = counters?.slice(0, MOST_COUNTERS) ?? [];
    this.button = button('tool', t('tracks-button'), t('tracks-title'), () => this.toggle(this.root.hidden));
    this.root.setAttribute('role', 'dialog');
    this.root.setAttribute('aria-label', t('tracks-title'));
    this.root.hidden = true;
    this.root.append(
      element('div', 'help-head', element('strong', '', t('tracks-title')), button('tool', '×', t('help-close'), () => this.toggle(false))),
      this.#list);
    // Letters chosen by here are not for the chart.
    this.root.addEventListener('keydown', (event) => {
      event.stopPropagation();
      if (event.key === 'Escape') this.toggle(false);
    });
    void this.#load(source.series(this.#ended.signal), counters !== null);
  }

  get chosen(): readonly string[] {
    return this.#chosen;
  }

  toggle(open: boolean): void {
    this.root.hidden = !open;
    this.button.setAttribute('aria-expanded', String(open));
    // What it is for comes first; its head has only the way out.
    if (open) (this.#list.querySelector('input') ?? this.root.querySelector('button'))?.focus();
    else this.button.focus();
  }

  dispose(): void {
    this.#ended.abort();
  }

  async #load(coming: Promise<readonly SeriesInfo[]>, given: boolean): Promise<void> {
    try {
      this.#series = await coming;
      if (!given) this.#chosen = usualCounters(this.#series);
    } catch (problem) {
      if (this.#ended.signal.aborted) return;
      this.problem = problem instanceof Error ? problem.message : String(problem);
    }
    this.settled = true;
    this.#show();
    this.#changed(false);
  }

  #choose(name: string, shown: boolean): void {
    this.#chosen = shown ? [...this.#chosen, name] : this.#chosen.filter((each) => each !== name);
    this.#updateBoxes();
    this.#changed(true);
  }

  #show(): void {
    const rows = this.#series.map((series) => {
      const box = element('input', '');
      box.type = 'checkbox';
      box.value = series.name;
      box.addEventListener('change', () => this.#choose(series.name, box.checked));
      const facts = [series.unit, this.#t('tracks-samples', { count: series.samples })].filter((fact) => fact !== '');
      return element('label', 'track-choice', box, element('span', 'track-name', visibleText(series.name)), element('span', 'hint', visibleText(facts.join(' · '))));
    });
    this.#list.replaceChildren(...(rows.length > 0 ? rows : [element('div', 'hint', this.problem ?? this.#t('tracks-none'))]));
    this.#updateBoxes();
  }

  #updateBoxes(): void {
    for (const box of this.#list.querySelectorAll('input')) {
      box.checked = this.#chosen.includes(box.value);
      box.disabled = !box.checked && this.#chosen.length >= MOST_COUNTERS;
    }
  }
}
