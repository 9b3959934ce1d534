import type { Translate } from '../locale/text';
import { button, element } from './dom';
import type { Search } from './search';

export interface BarActions {
  search(text: string): void;
  step(direction: 1 | -1): void;
  fit(): void;
  toggleTable(): void;
  toggleHelp(): void;
  /** Gives the keyboard back to the lanes. */
  leave(): void;
}

/** Search, and what else needs a button because not everybody knows the keys. */
export class Bar {
  readonly root = element('div', 'bar');
  readonly extra = element('span', 'bar-extra');
  readonly #t: Translate;
  readonly #input = element('input', 'search');
  readonly #count = element('span', 'hit-count');
  readonly #status = element('span', 'status');
  readonly #table: HTMLButtonElement;
  #typing: ReturnType<typeof setTimeout> | undefined;

  constructor(t: Translate, actions: BarActions) {
    this.#t = t;
    this.#input.type = 'search';
    this.#input.placeholder = t('search-placeholder');
    this.#input.setAttribute('aria-label', t('search-placeholder'));
    this.#input.spellcheck = false;
    this.#input.autocomplete = 'off';
    this.#input.addEventListener('input', () => {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => actions.search(this.#input.value), TYPING_PAUSE_MS);
    });
    this.#input.addEventListener('keydown', (event) => {
      // All other keys are letters here, and must not reach the lanes or the notebook around a cell.
      event.stopPropagation();
      if (event.key === 'Enter') {
        clearTimeout(this.#typing);
        actions.search(this.#input.value);
        actions.step(event.shiftKey ? -1 : 1);
      } else if (event.key === 'Escape') {
        if (this.#input.value === '') actions.leave();
        this.#input.value = '';
        actions.search('');
      } else return;
      event.preventDefault();
    });
    this.#table = button('tool', t('table-button'), t('table-title'), actions.toggleTable);
    this.#count.setAttribute('role', 'status');
    this.#status.setAttribute('role', 'status');
    this.root.append(
      this.#input,
      button('tool', '‹', t('search-previous'), () => actions.step(-1)),
      button('tool', '›', t('search-next'), () => actions.step(1)),
      this.#count, element('span', 'space'), this.#status, this.extra, this.#table,
      button('tool', t('fit-button'), t('fit-title'), actions.fit),
      button('tool', '?', t('keys-title'), actions.toggleHelp));
  }

  focusSearch(): void {
    this.#input.focus();
    this.#input.select();
  }

  setQuery(text: string): void {
    if (this.#input.value !== text) this.#input.value = text;
  }

  update(search: Search, loading: number, problem: string | null, tableOpen: boolean): void {
    this.#count.textContent = this.#countText(search);
    const failed = search.problem ?? problem;
    this.#status.textContent = failed === null ? (loading > 0 ? this.#t('status-loading') : '') : this.#t('status-problem');
    this.#status.title = failed ?? '';
    this.#status.classList.toggle('failed', failed !== null);
    this.#table.setAttribute('aria-pressed', String(tableOpen));
  }

  dispose(): void {
    clearTimeout(this.#typing);
  }

  #countText(search: Search): string {
    if (search.query === '') return '';
    if (search.busy) return this.#t('search-busy');
    if (search.current !== null && search.complete) return this.#t('search-position', { at: search.current + 1, total: search.total });
    return this.#t('search-total', { total: search.total });
  }
}

/** Long enough that a word typed at speed is one search, short enough to feel immediate. */
const TYPING_PAUSE_MS = 160;
