import { count, decimal } from '../locale/format';
import type { Translate } from '../locale/text';
import { formatDuration, formatInstant } from '../time/ns';
import { button, element } from './dom';
import { MOST_LABEL_CHARACTERS, markName, type Mark } from './marks';

export interface MarkMenuActions {
  readonly goTo: (mark: Mark) => void;
  readonly rename: (mark: Mark, label: string) => void;
  readonly remove: (mark: Mark) => void;
  /** Gives the keyboard back to the lanes. */
  readonly leave: () => void;
}

/** The marks one below the other, to be named, gone to and removed. */
export class MarkMenu {
  readonly button: HTMLButtonElement;
  readonly root = element('div', 'help mark-menu');
  readonly #t: Translate;
  readonly #actions: MarkMenuActions;
  readonly #rows = element('tbody', '');
  /** Nanoseconds since the Unix epoch, from which times are counted. */
  readonly #beginNs: bigint;
  #marks: readonly Mark[] = [];

  constructor(t: Translate, beginNs: bigint, actions: MarkMenuActions) {
    this.#t = t;
    this.#beginNs = beginNs;
    this.#actions = actions;
    this.button = button('tool', '', t('marks-title'), () => (this.root.hidden ? this.open(null) : this.#close()));
    this.button.hidden = true;
    this.root.setAttribute('role', 'dialog');
    this.root.setAttribute('aria-label', t('track-marks'));
    this.root.hidden = true;
    const head = ['marks-time', 'marks-label', 'marks-distance'];
    this.root.append(
      element('div', 'help-head', element('strong', '', t('track-marks')), button('tool', '×', t('help-close'), () => this.#close())),
      element('table', '', element('thead', '', element('tr', '', ...head.map((id) => element('th', '', t(id))), element('td', ''))), this.#rows));
    // Letters typed here are a label's.
    this.root.addEventListener('keydown', (event) => {
      event.stopPropagation();
      if (event.key === 'Escape' || (event.key === 'Enter' && event.target instanceof HTMLInputElement)) this.#close();
    });
  }

  /** Takes over what is marked. The rows stay while only a label is another: it is being typed. */
  show(marks: readonly Mark[]): void {
    const same = marks.length === this.#marks.length && marks.every(({ atNs }, i) => atNs === this.#marks[i]!.atNs);
    this.#marks = marks;
    this.button.hidden = marks.length === 0;
    const label = this.#t('marks-button', { count: marks.length });
    this.button.textContent = label;
    this.button.setAttribute('aria-label', label);
    if (marks.length === 0 && !this.root.hidden) this.#close();
    if (!same) this.#rows.replaceChildren(...marks.map((_, i) => this.#row(i)));
  }

  /** Opens with the keyboard at the label of a mark; `null`: of the first one. */
  open(mark: Mark | null): void {
    this.root.hidden = false;
    this.button.setAttribute('aria-expanded', 'true');
    const input = this.#rows.querySelectorAll('input')[Math.max(0, mark ? this.#marks.findIndex(({ atNs }) => atNs === mark.atNs) : 0)];
    input?.focus();
    input?.select();
  }

  #close(): void {
    this.root.hidden = true;
    this.button.setAttribute('aria-expanded', 'false');
    this.#actions.leave();
  }

  #row(i: number): HTMLElement {
    const mark = this.#marks[i]!;
    const next = this.#marks[i + 1];
    // As on the axis, but as exactly as a mark is set.
    const since = `${decimal(Number(mark.atNs - this.#beginNs) / 1e9, 6)} s`;
    const goTo = button('row-button', since, this.#t('marks-go', { when: formatInstant(mark.atNs, 9) }), () => this.#actions.goTo(this.#marks[i]!));
    const label = element('input', '');
    label.value = mark.label;
    label.maxLength = MOST_LABEL_CHARACTERS;
    label.placeholder = count(i + 1);
    label.setAttribute('aria-label', this.#t('marks-name', { name: markName(this.#marks, mark) }));
    label.addEventListener('input', () => this.#actions.rename(this.#marks[i]!, label.value));
    const remove = button('tool', '×', this.#t('marks-remove', { name: markName(this.#marks, mark) }), () => {
      this.#actions.remove(this.#marks[i]!);
      (this.#rows.querySelectorAll<HTMLElement>('.tool')[Math.min(i, this.#marks.length - 1)] ?? this.button).focus();
    });
    return element('tr', '', element('td', '', goTo), element('td', '', label), element('td', 'number', next ? formatDuration(Number(next.atNs - mark.atNs)) : ''), element('td', '', remove));
  }
}
