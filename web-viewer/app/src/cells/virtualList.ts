import { element } from '../flame/dom';
import { themeOf } from '../flame/theme';
import { t } from '../locale/text';
import styles from './list.css?inline';
import { Pages, type AskForPage } from './pages';

const ROW_PIXELS = 20;

/** Browsers place nothing reliably beyond some ten million pixels: a longer list is scrolled by its share. */
const MAX_PIXELS = 8_000_000;

/** Rows above and below what is seen, for the moment until the next frame. */
const MARGIN_ROWS = 10;

/** Rows by which keys move. */
const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 };

/** Long enough that a word typed at speed is one question. */
const TYPING_PAUSE_MS = 200;

export interface Column<T> {
  readonly title: string;
  /** As `grid-template-columns` has it. */
  readonly width: string;
  readonly isNumber?: boolean;
  readonly text: (row: T) => string;
}

export interface ListOptions<T> {
  readonly columns: readonly Column<T>[];
  readonly label: string;
  readonly searchLabel: string;
  /** A class for the row. */
  readonly className: (row: T) => string;
  readonly ask: (from: number, count: number, text: string, signal: AbortSignal) => Promise<{ rows: readonly T[]; total: number }>;
  readonly count: (total: number) => string;
  /** The first row that is selected and the last; `null`: none. */
  readonly selected: (rows: readonly [T, T] | null) => void;
  /** Whether more than one row can be selected, by Shift. */
  readonly selectsRanges: boolean;
}

/** A list of any length of which only the rows that are seen exist, below a shadow root. All content becomes text nodes. */
export class VirtualList<T> {
  readonly #options: ListOptions<T>;
  readonly #search = element('input', '');
  readonly #count = element('span', 'count');
  readonly #scroller = element('div', 'scroller');
  readonly #height = element('div', '');
  readonly #rows = element('div', 'rows');
  readonly #ended = new AbortController();
  #pages: Pages<T>;
  #frame = 0;
  #typing: ReturnType<typeof setTimeout> | undefined;
  /** Indexes of the row that a selection began with, and of that it goes to. */
  #selection: { anchor: number; focus: number } | null = null;

  constructor(host: HTMLElement, options: ListOptions<T>) {
    this.#options = options;
    this.#pages = this.#pagesOf('');
    const shadow = host.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    shadow.adoptedStyleSheets = [sheet];
    host.dataset['theme'] = themeOf(host).name;
    // JupyterLab listens before the page's elements do; this attribute tells it to keep out.
    host.dataset['lmSuppressShortcuts'] = 'true';
    const head = element('div', 'head', ...options.columns.map((column) => element('span', column.isNumber ? 'number' : '', column.title)));
    const root = element('div', 'list', element('div', 'bar', this.#search, this.#count), head, this.#scroller);
    root.style.setProperty('--columns', options.columns.map((column) => column.width).join(' '));
    this.#search.type = 'search';
    this.#search.placeholder = options.searchLabel;
    this.#search.setAttribute('aria-label', options.searchLabel);
    this.#count.setAttribute('role', 'status');
    this.#scroller.tabIndex = 0;
    this.#scroller.setAttribute('role', 'listbox');
    this.#scroller.setAttribute('aria-label', options.label);
    this.#scroller.append(this.#height, this.#rows);
    shadow.append(root);
    this.#listen(root);
    this.#draw();
  }

  dispose(): void {
    this.#ended.abort();
    this.#pages.dispose();
    clearTimeout(this.#typing);
    cancelAnimationFrame(this.#frame);
  }

  #pagesOf(text: string): Pages<T> {
    const ask: AskForPage<T> = (from, count, signal) => this.#options.ask(from, count, text, signal);
    return new Pages(ask, () => this.#redraw());
  }

  #listen(root: HTMLElement): void {
    const { signal } = this.#ended;
    this.#scroller.addEventListener('scroll', () => this.#redraw(), { signal });
    this.#rows.addEventListener('click', (event) => {
      const row = (event.target as Element).closest<HTMLElement>('.row');
      if (row) this.#select(Number(row.dataset['index']), event.shiftKey);
    }, { signal });
    this.#search.addEventListener('input', () => {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => this.#find(this.#search.value), TYPING_PAUSE_MS);
    }, { signal });
    // All keys are letters or movements here, and must not reach the notebook around the cell.
    root.addEventListener('keydown', (event) => {
      event.stopPropagation();
      if (event.target !== this.#scroller) return;
      const step = STEPS[event.key];
      if (event.key === 'Escape') this.#clear();
      else if (event.key === '/') this.#search.focus();
      else if (step !== undefined) this.#move(step, event.shiftKey);
      else return;
      event.preventDefault();
    }, { signal });
  }

  #find(text: string): void {
    this.#pages.dispose();
    this.#pages = this.#pagesOf(text);
    this.#scroller.scrollTop = 0;
    this.#clear();
  }

  #clear(): void {
    if (this.#selection) this.#options.selected(null);
    this.#selection = null;
    this.#redraw();
  }

  /** With `goesOn` from where the selection began. */
  #select(index: number, goesOn: boolean): void {
    const anchor = goesOn && this.#options.selectsRanges ? (this.#selection?.anchor ?? index) : index;
    const [first, last] = [this.#pages.at(Math.min(anchor, index)), this.#pages.at(Math.max(anchor, index))];
    if (first === undefined || last === undefined) return;
    this.#selection = { anchor, focus: index };
    this.#options.selected([first, last]);
    this.#redraw();
  }

  #move(step: number, goesOn: boolean): void {
    const index = this.#selection ? this.#selection.focus + step : this.#first();
    if (index < 0 || index >= (this.#pages.total ?? 0)) return;
    this.#select(index, goesOn);
    const { clientHeight } = this.#scroller;
    if (this.#isShare()) return;
    if (index * ROW_PIXELS < this.#scroller.scrollTop) this.#scroller.scrollTop = index * ROW_PIXELS;
    else if ((index + 1) * ROW_PIXELS > this.#scroller.scrollTop + clientHeight) this.#scroller.scrollTop = (index + 1) * ROW_PIXELS - clientHeight;
  }

  #redraw(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  /** Whether the list is too long for a pixel to be a pixel. */
  #isShare(): boolean {
    return (this.#pages.total ?? 0) * ROW_PIXELS > MAX_PIXELS;
  }

  /** Index of the first row that is seen. */
  #first(): number {
    const { scrollTop, clientHeight, scrollHeight } = this.#scroller;
    if (!this.#isShare()) return Math.floor(scrollTop / ROW_PIXELS);
    const rows = (this.#pages.total ?? 0) - Math.floor(clientHeight / ROW_PIXELS);
    return Math.round((scrollTop / Math.max(1, scrollHeight - clientHeight)) * rows);
  }

  #draw(): void {
    this.#frame = 0;
    const total = this.#pages.total ?? 0;
    this.#height.style.height = `${Math.min(total * ROW_PIXELS, MAX_PIXELS)}px`;
    const seen = Math.ceil(this.#scroller.clientHeight / ROW_PIXELS) + 1;
    const first = this.#first();
    const begin = Math.max(0, first - MARGIN_ROWS);
    const end = Math.min(Math.max(total, 1), first + seen + MARGIN_ROWS);
    this.#pages.want(begin, end);
    this.#rows.style.top = `${this.#isShare() ? this.#scroller.scrollTop - (first - begin) * ROW_PIXELS : begin * ROW_PIXELS}px`;
    const rows: HTMLElement[] = [];
    for (let index = begin; index < Math.min(end, total); index++) rows.push(this.#row(index));
    this.#rows.replaceChildren(...rows);
    this.#count.textContent = this.#pages.problem ?? (this.#pages.total === null ? t('status-loading') : this.#options.count(total));
  }

  #row(index: number): HTMLElement {
    const row = this.#pages.at(index);
    const made = element('div', 'row');
    made.dataset['index'] = String(index);
    made.setAttribute('role', 'option');
    if (row === undefined) {
      made.classList.add('waiting');
      made.append(element('span', '', '…'));
      return made;
    }
    const selection = this.#selection;
    const isSelected = selection !== null && index >= Math.min(selection.anchor, selection.focus) && index <= Math.max(selection.anchor, selection.focus);
    made.setAttribute('aria-selected', String(isSelected));
    const className = this.#options.className(row);
    if (className !== '') made.classList.add(className);
    for (const column of this.#options.columns) {
      const text = column.text(row);
      const cell = element('span', column.isNumber ? 'number' : '', text);
      cell.title = text;
      made.append(cell);
    }
    return made;
  }
}
