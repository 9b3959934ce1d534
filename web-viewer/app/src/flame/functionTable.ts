import { count } from '../locale/format';
import type { Translate } from '../locale/text';
import { formatDuration } from '../time/ns';
import { element, refill } from './dom';
import { visibleText } from './labels';
import { matchesText } from './lookup';
import type { MergedFunction, MergedSpans } from './mergedSpans';

type Sorting = 'totalNs' | 'selfNs' | 'count';

/** The names of a time, to choose the middle of a sandwich from. */
export class FunctionTable {
  readonly root = element('div', 'merged-functions');
  readonly #t: Translate;
  readonly #choose: (name: string) => void;
  #sorting: Sorting = 'totalNs';
  #functions: readonly MergedFunction[] = [];
  #leftOut = 0;
  #chosen: string | null = null;
  #query = '';

  constructor(t: Translate, choose: (name: string) => void) {
    this.#t = t;
    this.#choose = choose;
  }

  show({ functions, functionsLeftOut, middle }: MergedSpans): void {
    this.#functions = functions;
    this.#leftOut = functionsLeftOut;
    this.#chosen = middle?.name ?? null;
    this.#update();
    this.root.querySelector('.chosen')?.scrollIntoView({ block: 'nearest' });
  }

  /** Leaves names that don't contain the text out. */
  search(query: string): void {
    this.#query = query;
    this.#update();
  }

  /** The name after (or before) the chosen one, of those that are shown. */
  beside(direction: 1 | -1): string | null {
    const rows = this.#rows();
    const at = rows.findIndex(({ name }) => name === this.#chosen);
    const next = at < 0 ? (direction > 0 ? 0 : rows.length - 1) : (at + direction + rows.length) % rows.length;
    return rows[next]?.name ?? null;
  }

  #rows(): readonly MergedFunction[] {
    const rows = this.#query === '' ? this.#functions : this.#functions.filter(({ name }) => matchesText(name, this.#query));
    return [...rows].sort((a, b) => b[this.#sorting] - a[this.#sorting]);
  }

  #update(): void {
    const rows = this.#rows();
    const head: readonly (readonly [Sorting, string])[] = [
      ['count', this.#t('merged-count')], ['totalNs', this.#t('merged-total')], ['selfNs', this.#t('merged-self')],
    ];
    const caption = this.#t('merged-functions', { count: rows.length }) + (this.#leftOut > 0 ? ` ${this.#t('merged-more', { count: this.#leftOut })}` : '');
    refill(this.root, element('table', 'twin',
      element('caption', '', caption),
      element('thead', '', element('tr', '', element('th', '', this.#t('table-name')), ...head.map(([by, label]) => element('th', '', this.#sorter(by, label))))),
      element('tbody', '', ...rows.map((row) => this.#row(row)))));
  }

  #sorter(by: Sorting, label: string): HTMLElement {
    const made = element('button', 'sort', label);
    made.type = 'button';
    made.setAttribute('aria-pressed', String(by === this.#sorting));
    made.addEventListener('click', () => {
      this.#sorting = by;
      this.#update();
    });
    return made;
  }

  #row({ name, count: spans, totalNs, selfNs }: MergedFunction): HTMLElement {
    const open = element('button', 'row-button', visibleText(name));
    open.type = 'button';
    open.title = visibleText(name);
    open.addEventListener('click', () => this.#choose(name));
    const made = element('tr', name === this.#chosen ? 'chosen' : '',
      element('th', '', open),
      element('td', 'number', count(spans)), element('td', 'number', formatDuration(totalNs)), element('td', 'number', formatDuration(selfNs)));
    made.firstElementChild?.setAttribute('scope', 'row');
    return made;
  }
}
