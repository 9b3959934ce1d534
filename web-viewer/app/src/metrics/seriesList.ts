import { element } from '../flame/dom';
import { visibleText } from '../flame/labels';
import type { SeriesInfo } from '../flame/timeline';
import type { Translate } from '../locale/text';
import { matching } from './choice';

const ROW_PIXELS = 22;

/** Rows above and below what is seen, for the moment until the next frame. */
const MARGIN_ROWS = 10;

export interface ListActions {
  choose(name: string): void;
  /** Gives the keyboard back to the curves. */
  leave(): void;
}

/** The series of the process to search and to choose from; only the rows that are seen exist. */
export class SeriesList {
  readonly root = element('div', 'side');
  readonly #t: Translate;
  readonly #actions: ListActions;
  readonly #saved: readonly string[] | null;
  readonly #input = element('input', 'search');
  readonly #count = element('div', 'count');
  readonly #scroller = element('div', 'scroller');
  readonly #space = element('div', 'space-of-rows');
  readonly #rows = element('div', 'rows');
  #series: readonly SeriesInfo[] = [];
  #shown: readonly SeriesInfo[] = [];
  #colors: ReadonlyMap<string, string> = new Map();
  #chosen: readonly string[] = [];
  #active = 0;
  #frame = 0;

  /** `saved`: the series that can be chosen; `null`: all. */
  constructor(t: Translate, saved: readonly string[] | null, actions: ListActions) {
    this.#t = t;
    this.#saved = saved;
    this.#actions = actions;
    this.#input.type = 'search';
    this.#input.placeholder = t('metrics-search');
    this.#input.setAttribute('aria-label', t('metrics-search'));
    this.#input.spellcheck = false;
    this.#input.autocomplete = 'off';
    this.#count.setAttribute('role', 'status');
    this.#scroller.tabIndex = 0;
    this.#scroller.setAttribute('role', 'listbox');
    this.#scroller.setAttribute('aria-multiselectable', 'true');
    this.#scroller.setAttribute('aria-label', t('metrics-list'));
    this.#scroller.append(this.#space, this.#rows);
    this.root.append(this.#input, this.#scroller, this.#count);
    this.#listen();
  }

  focusSearch(): void {
    this.#input.focus();
    this.#input.select();
  }

  /** `colors`: of those that are chosen. */
  update(series: readonly SeriesInfo[], chosen: readonly string[], colors: ReadonlyMap<string, string>): void {
    if (series !== this.#series) {
      this.#series = series;
      this.#filter();
    }
    this.#chosen = chosen;
    this.#colors = colors;
    this.#draw();
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame);
  }

  #listen(): void {
    this.#input.addEventListener('input', () => {
      this.#active = 0;
      this.#scroller.scrollTop = 0;
      this.#filter();
      this.#draw();
    });
    this.#input.addEventListener('keydown', (event) => {
      // All keys are letters here, and must not reach the curves or the notebook around a cell.
      event.stopPropagation();
      if (event.key === 'Enter') this.#choose(this.#active);
      else if (event.key === 'ArrowDown') this.#scroller.focus();
      else if (event.key === 'Escape') {
        if (this.#input.value === '') this.#actions.leave();
        this.#input.value = '';
        this.#filter();
        this.#draw();
      } else return;
      event.preventDefault();
    });
    this.#scroller.addEventListener('scroll', () => {
      if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
    });
    // By where it is: the rows may be made anew between the press and the release.
    this.#rows.addEventListener('click', (event) => this.#choose(Math.floor((event.clientY - this.#space.getBoundingClientRect().top) / ROW_PIXELS)));
    this.#scroller.addEventListener('keydown', (event) => {
      const page = Math.max(1, Math.floor(this.#scroller.clientHeight / ROW_PIXELS) - 1);
      const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
      const step = steps[event.key];
      if (step !== undefined) this.#move(step);
      else if (event.key === ' ' || event.key === 'Enter') this.#choose(this.#active);
      else return;
      event.stopPropagation();
      event.preventDefault();
    });
  }

  #filter(): void {
    this.#shown = matching(this.#series, this.#input.value);
    this.#active = Math.max(0, Math.min(this.#active, this.#shown.length - 1));
  }

  #canChoose(name: string): boolean {
    return this.#saved?.includes(name) ?? true;
  }

  #choose(index: number): void {
    const series = this.#shown[index];
    if (!series || !this.#canChoose(series.name)) return;
    this.#active = index;
    this.#actions.choose(series.name);
  }

  #move(step: number): void {
    this.#active = Math.max(0, Math.min(this.#shown.length - 1, this.#active + step));
    const { scrollTop, clientHeight } = this.#scroller;
    const top = this.#active * ROW_PIXELS;
    if (top < scrollTop) this.#scroller.scrollTop = top;
    else if (top + ROW_PIXELS > scrollTop + clientHeight) this.#scroller.scrollTop = top + ROW_PIXELS - clientHeight;
    this.#draw();
  }

  #draw(): void {
    this.#frame = 0;
    const total = this.#shown.length;
    const first = Math.max(0, Math.floor(this.#scroller.scrollTop / ROW_PIXELS) - MARGIN_ROWS);
    const end = Math.min(total, first + Math.ceil(this.#scroller.clientHeight / ROW_PIXELS) + 2 * MARGIN_ROWS);
    this.#space.style.height = `${total * ROW_PIXELS}px`;
    this.#rows.style.top = `${first * ROW_PIXELS}px`;
    this.#rows.replaceChildren(...this.#shown.slice(first, end).map((series, i) => this.#row(series, first + i)));
    this.#count.textContent = this.#t('metrics-count', { chosen: this.#chosen.length, count: total });
    const active = this.#rows.querySelector('.active');
    if (active) this.#scroller.setAttribute('aria-activedescendant', active.id);
    else this.#scroller.removeAttribute('aria-activedescendant');
  }

  #row({ name, unit, kind, samples }: SeriesInfo, index: number): HTMLElement {
    const isChosen = this.#chosen.includes(name);
    const mark = element('span', 'mark', isChosen ? '✓' : '');
    mark.style.background = this.#colors.get(name) ?? '';
    const facts = [visibleText(unit), this.#kind(kind), this.#t('tracks-samples', { count: samples })].filter((fact) => fact !== '').join(' · ');
    const row = element('div', 'row', mark, element('span', 'row-name', visibleText(name)), element('span', 'row-facts', facts));
    row.id = `series-${index}`;
    row.title = `${visibleText(name)}\n${facts}`;
    row.classList.toggle('active', index === this.#active);
    row.setAttribute('role', 'option');
    row.setAttribute('aria-selected', String(isChosen));
    row.setAttribute('aria-setsize', String(this.#shown.length));
    row.setAttribute('aria-posinset', String(index + 1));
    if (!this.#canChoose(name)) {
      row.setAttribute('aria-disabled', 'true');
      row.title = this.#t('metrics-not-saved');
    }
    return row;
  }

  #kind(kind: SeriesInfo['kind']): string {
    switch (kind) {
      case 'count': return this.#t('metrics-kind-count');
      case 'frame': return this.#t('metrics-kind-frame');
      case 'gauge': return '';
    }
  }
}
