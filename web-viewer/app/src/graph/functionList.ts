import { element } from '../flame/dom';
import { visibleText } from '../flame/labels';
import { matchesText } from '../flame/lookup';
import type { MergedFunction } from '../flame/mergedSpans';
import type { Theme } from '../flame/theme';
import { count } from '../locale/format';
import type { Translate } from '../locale/text';
import { formatDuration } from '../time/ns';
import type { FunctionList } from './calls';
import { shareBar, swatch } from './parts';
import { VirtualRows } from './rows';

const ROW_PIXELS = 24;

type Sorting = 'totalNs' | 'selfNs' | 'count';

interface FunctionsActions {
  choose(name: string): void;
  searched(query: string): void;
  /** Gives the keyboard back to what is shown. */
  leave(): void;
  theme(): Theme;
}

/** The functions of a time to search and to choose from, by total time, self time or number. */
export class FunctionsBeside {
  readonly root = element('div', 'side');
  readonly #t: Translate;
  readonly #actions: FunctionsActions;
  readonly #input = element('input', 'search');
  readonly #sorters: ReadonlyMap<Sorting, HTMLButtonElement>;
  readonly #rows: VirtualRows;
  readonly #count = element('div', 'count');
  #list: FunctionList = { spans: 0, totalNs: 0, functions: [], leftOut: 0 };
  #shown: readonly MergedFunction[] = [];
  #sorting: Sorting = 'totalNs';
  #chosen: string | null = null;

  constructor(t: Translate, query: string, actions: FunctionsActions) {
    this.#t = t;
    this.#actions = actions;
    this.#input.type = 'search';
    this.#input.placeholder = t('graph-search-list');
    this.#input.setAttribute('aria-label', t('graph-search-list'));
    this.#input.spellcheck = false;
    this.#input.autocomplete = 'off';
    this.#input.value = query;
    this.#count.setAttribute('role', 'status');
    const sorter = (by: Sorting, label: string): [Sorting, HTMLButtonElement] => {
      const made = element('button', 'sort', label);
      made.type = 'button';
      made.title = t('table-sort', { column: label });
      made.addEventListener('click', () => this.#sortBy(by));
      return [by, made];
    };
    this.#sorters = new Map([sorter('totalNs', t('graph-total')), sorter('selfNs', t('graph-self')), sorter('count', t('graph-calls'))]);
    this.#rows = new VirtualRows('listbox', t('graph-list'), 'function', ROW_PIXELS, { row: (index) => this.#row(index), choose: (index) => actions.choose(this.#shown[index]!.name) });
    this.root.append(this.#input, element('div', 'sorters', ...this.#sorters.values()), this.#rows.root, this.#count);
    this.#input.addEventListener('input', () => this.#search());
    this.#input.addEventListener('keydown', (event) => this.#keyDown(event));
    this.#sortBy(this.#sorting);
  }

  focusSearch(): void {
    this.#input.focus();
    this.#input.select();
  }

  show(list: FunctionList): void {
    this.#list = list;
    this.#update();
  }

  choose(name: string | null): void {
    this.#chosen = name;
    this.#rows.activate(this.#shown.findIndex((each) => each.name === name));
  }

  redraw(): void {
    this.#rows.redraw();
  }

  /** The name after (or before) the chosen one, of those that are listed. */
  beside(direction: 1 | -1): string | null {
    const at = this.#shown.findIndex(({ name }) => name === this.#chosen);
    const next = at < 0 ? (direction > 0 ? 0 : this.#shown.length - 1) : (at + direction + this.#shown.length) % this.#shown.length;
    return this.#shown[next]?.name ?? null;
  }

  dispose(): void {
    this.#rows.dispose();
  }

  #sortBy(by: Sorting): void {
    this.#sorting = by;
    for (const [each, made] of this.#sorters) made.setAttribute('aria-pressed', String(each === by));
    this.#update();
  }

  #search(): void {
    this.#update();
    this.#actions.searched(this.#input.value);
  }

  #keyDown(event: KeyboardEvent): void {
    // All keys are letters here.
    event.stopPropagation();
    if (event.key === 'Enter') {
      const first = this.#shown[0];
      if (first) this.#actions.choose(first.name);
    } else if (event.key === 'ArrowDown') this.#rows.root.focus();
    else if (event.key === 'Escape') {
      if (this.#input.value === '') this.#actions.leave();
      this.#input.value = '';
      this.#search();
    } else return;
    event.preventDefault();
  }

  #update(): void {
    const query = this.#input.value;
    const rows = query === '' ? this.#list.functions : this.#list.functions.filter(({ name }) => matchesText(name, query));
    this.#shown = [...rows].sort((a, b) => b[this.#sorting] - a[this.#sorting]);
    const at = this.#shown.findIndex(({ name }) => name === this.#chosen);
    this.#rows.show(this.#shown.length, at);
    if (at >= 0) this.#rows.activate(at);
    this.#count.textContent = this.#t('merged-functions', { count: this.#shown.length }) + (this.#list.leftOut > 0 ? ` ${this.#t('merged-more', { count: this.#list.leftOut })}` : '');
  }

  #row(index: number): HTMLElement {
    const each = this.#shown[index]!;
    const name = visibleText(each.name);
    const value = this.#sorting === 'count' ? count(each.count) : formatDuration(each[this.#sorting]);
    const most = this.#sorting === 'count' ? (this.#shown[0]?.count ?? 0) : this.#list.totalNs;
    const made = element('div', 'row', swatch(each.name, this.#actions.theme()), element('span', 'row-name', name), element('span', 'number', value), shareBar(each[this.#sorting], most));
    made.title = `${name}\n${this.#t('graph-total')} ${formatDuration(each.totalNs)} · ${this.#t('graph-self')} ${formatDuration(each.selfNs)} · ${this.#t('graph-calls')} ${count(each.count)}`;
    made.setAttribute('role', 'option');
    made.setAttribute('aria-selected', String(each.name === this.#chosen));
    made.setAttribute('aria-setsize', String(this.#shown.length));
    made.setAttribute('aria-posinset', String(index + 1));
    return made;
  }
}
