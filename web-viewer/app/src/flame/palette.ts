import type { Translate } from '../locale/text';
import { element } from './dom';
import { ACTIONS, type Action, type Command } from './keys';
import { matchesText } from './lookup';

/** Actions of which each word of a text is a part of what they do or of what to press, whatever its case. */
export function actionsFor(text: string, describe: (action: Action) => string): readonly Action[] {
  const words = text.split(/\s+/).filter((word) => word !== '');
  return ACTIONS.filter((action) => action.command !== 'palette' && words.every((word) => matchesText(describe(action), word)));
}

/** Everything that the page can do, to be found by typing and done at once. */
export class Palette {
  readonly root = element('div', 'help palette');
  readonly #t: Translate;
  readonly #run: (command: Command) => void;
  readonly #leave: () => void;
  readonly #input = element('input', 'search');
  readonly #list = element('div', 'palette-list');
  readonly #none: HTMLElement;
  #found: readonly Action[] = [];
  #current = 0;

  /** `leave` gives the keyboard back to the lanes. */
  constructor(t: Translate, run: (command: Command) => void, leave: () => void) {
    this.#t = t;
    this.#run = run;
    this.#leave = leave;
    this.#none = element('div', 'hint', t('palette-none'));
    this.#none.setAttribute('role', 'status');
    this.root.setAttribute('role', 'dialog');
    this.root.setAttribute('aria-label', t('keys-palette'));
    this.root.hidden = true;
    this.#list.id = 'palette-list';
    this.#list.setAttribute('role', 'listbox');
    this.#list.setAttribute('aria-label', t('keys-palette'));
    this.#input.type = 'text';
    this.#input.placeholder = t('palette-placeholder');
    this.#input.spellcheck = false;
    this.#input.autocomplete = 'off';
    for (const [name, value] of [['role', 'combobox'], ['aria-label', t('palette-placeholder')], ['aria-expanded', 'true'], ['aria-controls', this.#list.id], ['aria-autocomplete', 'list']] as const)
      this.#input.setAttribute(name, value);
    this.#input.addEventListener('input', () => this.#show());
    this.root.addEventListener('keydown', (event) => this.#press(event));
    this.root.append(this.#input, this.#list, this.#none);
  }

  open(): void {
    this.root.hidden = false;
    this.#input.value = '';
    this.#show();
    this.#input.focus();
  }

  #close(): void {
    this.root.hidden = true;
    this.#leave();
  }

  #do(action: Action): void {
    // What it does may take the keyboard elsewhere.
    this.#close();
    this.#run(action.command);
  }

  #press(event: KeyboardEvent): void {
    event.stopPropagation();
    const action = this.#found[this.#current];
    switch (event.key) {
      case 'Escape': this.#close(); break;
      case 'Enter': if (action) this.#do(action); break;
      case 'ArrowDown': this.#choose(this.#current + 1); break;
      case 'ArrowUp': this.#choose(this.#current - 1); break;
      // There is nothing else in it to go to.
      case 'Tab': break;
      default: return;
    }
    event.preventDefault();
  }

  #show(): void {
    this.#found = actionsFor(this.#input.value, (action) => `${this.#t(action.message)} ${this.#keys(action)}`);
    this.#none.hidden = this.#found.length > 0;
    this.#list.hidden = this.#found.length === 0;
    this.#list.replaceChildren(...this.#found.map((action, i) => {
      const option = element('div', 'palette-option', element('span', '', this.#t(action.message)), element('kbd', '', this.#keys(action)));
      option.id = `palette-${action.command}`;
      option.setAttribute('role', 'option');
      option.addEventListener('click', () => this.#do(action));
      option.addEventListener('pointermove', () => this.#mark(i));
      return option;
    }));
    this.#choose(0);
  }

  #keys({ pressed }: Action): string {
    return pressed === null ? '' : this.#t(pressed);
  }

  #choose(at: number): void {
    this.#mark((at + this.#found.length) % Math.max(1, this.#found.length));
    this.#list.children[this.#current]?.scrollIntoView({ block: 'nearest' });
  }

  #mark(at: number): void {
    this.#current = at;
    [...this.#list.children].forEach((option, i) => option.setAttribute('aria-selected', String(i === at)));
    this.#input.setAttribute('aria-activedescendant', this.#list.children[at]?.id ?? '');
  }
}
