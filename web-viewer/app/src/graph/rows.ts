import { element } from '../flame/dom';

/** Rows above and below what is seen, for the moment until the next frame. */
const MARGIN_ROWS = 10;

export interface RowActions {
  /** Makes a row; where it is and whether it is active is added to it. */
  row(index: number): HTMLElement;
  choose(index: number): void;
}

/** Any number of rows of one height, of which only those that are seen exist. One is active: keys move it, and choose it. */
export class VirtualRows {
  readonly root = element('div', 'scroller');
  readonly #pixels: number;
  readonly #prefix: string;
  readonly #actions: RowActions;
  readonly #space = element('div', '');
  readonly #rows = element('div', 'rows');
  readonly #observer = new ResizeObserver(() => this.redraw());
  #length = 0;
  #active = 0;
  #frame = 0;

  /** `prefix`: of the rows' ids. */
  constructor(role: 'listbox' | 'tree', label: string, prefix: string, pixels: number, actions: RowActions) {
    this.#pixels = pixels;
    this.#prefix = prefix;
    this.#actions = actions;
    this.root.tabIndex = 0;
    this.root.dataset['scrolls'] = '';
    this.root.setAttribute('role', role);
    this.root.setAttribute('aria-label', label);
    this.root.append(this.#space, this.#rows);
    this.root.addEventListener('scroll', () => this.redraw());
    // By where it is: the rows may be made anew between the press and the release.
    this.#rows.addEventListener('click', (event) => {
      const index = Math.floor((event.clientY - this.#space.getBoundingClientRect().top) / this.#pixels);
      if (index < 0 || index >= this.#length) return;
      this.#active = index;
      this.#actions.choose(index);
      this.redraw();
    });
    this.root.addEventListener('keydown', (event) => this.#keyDown(event));
    this.#observer.observe(this.root);
  }

  get active(): number {
    return this.#active;
  }

  /** Shows so many rows. `active`: the one that keys go on from. */
  show(length: number, active: number): void {
    this.#length = length;
    this.#active = Math.max(0, Math.min(length - 1, active));
    // At once, so that it can be scrolled before the next frame.
    this.#space.style.height = `${length * this.#pixels}px`;
    this.redraw();
  }

  activate(index: number): void {
    this.#active = Math.max(0, Math.min(this.#length - 1, index));
    const { scrollTop, clientHeight } = this.root;
    const top = this.#active * this.#pixels;
    if (top < scrollTop) this.root.scrollTop = top;
    else if (top + this.#pixels > scrollTop + clientHeight) this.root.scrollTop = top + this.#pixels - clientHeight;
    this.redraw();
  }

  redraw(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame);
    this.#observer.disconnect();
  }

  #keyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(this.root.clientHeight / this.#pixels) - 1);
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    const step = steps[event.key];
    if (step !== undefined) this.activate(this.#active + step);
    else if ((event.key === ' ' || event.key === 'Enter') && this.#length > 0) this.#actions.choose(this.#active);
    else return;
    event.stopPropagation();
    event.preventDefault();
  }

  #draw(): void {
    this.#frame = 0;
    const { scrollTop, clientHeight } = this.root;
    const first = Math.max(0, Math.floor(scrollTop / this.#pixels) - MARGIN_ROWS);
    const end = Math.min(this.#length, first + Math.ceil(clientHeight / this.#pixels) + 2 * MARGIN_ROWS);
    this.#rows.style.top = `${first * this.#pixels}px`;
    const rows: HTMLElement[] = [];
    for (let index = first; index < end; index++) {
      const row = this.#actions.row(index);
      row.id = `${this.#prefix}-${index}`;
      row.classList.toggle('active', index === this.#active);
      rows.push(row);
    }
    this.#rows.replaceChildren(...rows);
    if (this.#active >= first && this.#active < end) this.root.setAttribute('aria-activedescendant', `${this.#prefix}-${this.#active}`);
    else this.root.removeAttribute('aria-activedescendant');
  }
}
