import type { Translate } from '../locale/text';
import { formatDuration } from '../time/ns';
import type { Brush } from './brush';
import type { ColorBy } from './color';
import { button, element } from './dom';
import { visibleText } from './labels';
import type { FlameMode } from './mode';
import type { Search } from './search';

export interface BarActions {
  search(text: string): void;
  step(direction: 1 | -1): void;
  clearBrush(): void;
  fit(): void;
  /** Colours the spans by something else. */
  color(): void;
  /** Lays the spans out in another way. */
  mode(): void;
  toggleTable(): void;
  toggleHelp(): void;
  /** Gives the keyboard back to the lanes. */
  leave(): void;
}

export interface BarContent {
  readonly search: Search;
  /** Tiles that are on their way. */
  readonly loading: number;
  /** How much of what is shown was read; `null`: all of it. */
  readonly pieces: { readonly wanted: number; readonly read: number } | null;
  readonly problem: string | null;
  readonly tableOpen: boolean;
  readonly brush: Brush | null;
  readonly color: ColorBy;
  /** `null`: there is no other. */
  readonly mode: FlameMode | null;
  /** The process whose spans are shown alone, although the axis has several; `null`: all are. */
  readonly only: string | null;
  /** Found among merged spans; `null` while they are laid out by time. */
  readonly frames: number | null;
}

/** Search, and what else needs a button because not everybody knows the keys. */
export class Bar {
  readonly root = element('div', 'bar');
  readonly extra = element('span', 'bar-extra');
  readonly #t: Translate;
  readonly #input = element('input', 'search');
  readonly #count = element('span', 'hit-count');
  readonly #status = element('span', 'status');
  readonly #brush: HTMLButtonElement;
  readonly #color: HTMLButtonElement;
  readonly #mode: HTMLButtonElement;
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
    this.#brush = button('tool brush', '', t('brush-clear'), () => {
      actions.clearBrush();
      // Its place is gone with it.
      actions.leave();
    });
    this.#brush.hidden = true;
    this.#mode = button('tool', '', t('mode-title'), actions.mode);
    this.#color = button('tool', '', t('color-title'), actions.color);
    this.#table = button('tool', t('table-button'), t('table-title'), actions.toggleTable);
    this.#count.setAttribute('role', 'status');
    this.#status.setAttribute('role', 'status');
    this.root.append(
      this.#input,
      button('tool', '‹', t('search-previous'), () => actions.step(-1)),
      button('tool', '›', t('search-next'), () => actions.step(1)),
      this.#count, this.#brush, element('span', 'space'), this.#status, this.extra, this.#mode, this.#color, this.#table,
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

  update({ search, loading, pieces, problem, tableOpen, brush, color, mode, only, frames }: BarContent): void {
    this.#count.textContent = frames === null ? this.#countText(search) : search.query === '' ? '' : this.#t('search-total', { total: frames });
    const failed = search.problem ?? problem;
    this.#status.textContent = failed === null ? (pieces && pieces.read < pieces.wanted ? this.#t('status-reading', pieces) : loading > 0 ? this.#t('status-loading') : only === null ? '' : this.#t('status-only', { process: visibleText(only) })) : this.#t('status-problem');
    this.#status.title = failed ?? '';
    this.#status.classList.toggle('failed', failed !== null);
    this.#table.setAttribute('aria-pressed', String(tableOpen));
    this.#brush.hidden = brush === null || (mode !== null && mode !== 'timeline');
    const lit = brush ? this.#t('brush-lit', { name: visibleText(brush.name), low: formatDuration(brush.fromNs), high: formatDuration(brush.toNs) }) : '';
    this.#brush.textContent = lit && `× ${lit}`;
    this.#brush.setAttribute('aria-label', `${lit} · ${this.#t('brush-clear')}`);
    this.#mode.hidden = mode === null;
    const laidOut = this.#modeText(mode ?? 'timeline');
    this.#mode.textContent = laidOut;
    this.#mode.setAttribute('aria-label', laidOut);
    const colored = this.#colorText(color);
    this.#color.textContent = colored;
    this.#color.setAttribute('aria-label', colored);
  }

  dispose(): void {
    clearTimeout(this.#typing);
  }

  #colorText(by: ColorBy): string {
    switch (by) {
      case 'name': return this.#t('color-name');
      case 'duration': return this.#t('color-duration');
      case 'depth': return this.#t('color-depth');
    }
  }

  #modeText(mode: FlameMode): string {
    switch (mode) {
      case 'timeline': return this.#t('mode-timeline');
      case 'left-heavy': return this.#t('mode-left-heavy');
      case 'sandwich': return this.#t('mode-sandwich');
    }
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
