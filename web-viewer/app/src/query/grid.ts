import { element } from '../flame/dom';
import { visibleText } from '../flame/labels';
import { t } from '../locale/text';
import { linkTo, type ProcessRoute } from '../pages/route';
import type { ResultColumn, ResultTable } from './result';
import { rowLinks } from './rowLink';
import { shownText, unitOf } from './units';

/** Height of a row in CSS pixels, as query.css has it. */
const ROW_PIXELS = 20;
const HEAD_PIXELS = 36;
const ROWS_BEYOND = 10;

/** Rows by whose texts a column is as wide as it is. */
const MEASURED_ROWS = 100;
const CHARACTER_PIXELS = 7.7;
const LEAST_PIXELS = 48;
const MOST_PIXELS = 420;
const PADDING_PIXELS = 18;
const LINK_PIXELS = 26;

/** Longer ones are cut in the list; all of it stands below. */
const MOST_CHARACTERS = 300;

/** A place in the table. */
export interface Cell {
  readonly row: number;
  readonly column: number;
}

export interface GridOptions {
  readonly table: ResultTable;
  readonly rows: number;
  readonly units: ReadonlyMap<string, string>;
  readonly raw: boolean;
  readonly label: string;
  /** Called when another cell is chosen. */
  readonly chosen: (cell: Cell) => void;
  readonly copy: (cell: Cell) => void;
}

/** The rows of a result, of which only those that are seen exist. All content becomes text nodes. */
export class ResultGrid {
  readonly root = element('div', 'grid');
  readonly #options: GridOptions;
  readonly #body = element('div', 'grid-body');
  readonly #units: readonly string[];
  readonly #link: ((row: number) => ProcessRoute | null) | null;
  readonly #resized: ResizeObserver;
  #chosen: Cell | null = null;
  #frame = 0;

  constructor(options: GridOptions) {
    this.#options = options;
    const { table, rows, label } = options;
    this.#units = table.columns.map((column) => unitOf(column, options.units));
    this.#link = rowLinks(table);
    const { root } = this;
    root.tabIndex = 0;
    root.setAttribute('role', 'grid');
    root.setAttribute('aria-label', label);
    root.setAttribute('aria-rowcount', String(rows + 1));
    root.setAttribute('aria-colcount', String(table.columns.length + (this.#link ? 1 : 0)));
    root.style.setProperty('--columns', this.#widths());
    this.#body.setAttribute('role', 'rowgroup');
    this.#body.style.height = `${rows * ROW_PIXELS}px`;
    const head = element('div', 'grid-group', this.#head());
    head.setAttribute('role', 'rowgroup');
    root.append(head, this.#body);
    root.addEventListener('scroll', () => this.#redraw());
    root.addEventListener('keydown', (event) => this.#keyDown(event));
    this.#body.addEventListener('click', (event) => this.#clicked(event));
    this.#resized = new ResizeObserver(() => this.#redraw());
    this.#resized.observe(root);
    this.#redraw();
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame);
    this.#resized.disconnect();
    this.root.remove();
  }

  /** Where the row of a cell leads. */
  linkOf(row: number): ProcessRoute | null {
    return this.#link?.(row) ?? null;
  }

  #shown(column: ResultColumn, at: number, row: number): string | null {
    return shownText(column, row, this.#units[at]!, this.#options.raw);
  }

  #widths(): string {
    const { table, rows } = this.#options;
    const widths = table.columns.map((column, at) => {
      let characters = Math.max(column.name.length, column.type.length);
      for (let row = 0; row < Math.min(rows, MEASURED_ROWS); row++) characters = Math.max(characters, this.#shown(column, at, row)?.length ?? 0);
      return `${Math.min(MOST_PIXELS, Math.max(LEAST_PIXELS, Math.ceil(characters * CHARACTER_PIXELS) + PADDING_PIXELS))}px`;
    });
    return [...(this.#link ? [`${LINK_PIXELS}px`] : []), ...widths].join(' ');
  }

  #head(): HTMLElement {
    const cells = this.#options.table.columns.map((column, at) => {
      const name = element('span', 'grid-name', visibleText(column.name));
      const unit = this.#units[at]!;
      const cell = element('span', isNumber(column) ? 'grid-cell number' : 'grid-cell', name, element('span', 'grid-type', visibleText(unit === '' ? column.type : `${column.type} · ${unit}`)));
      cell.setAttribute('role', 'columnheader');
      cell.title = `${visibleText(column.name)} ${visibleText(column.type)}`;
      return cell;
    });
    const links = element('span', 'grid-cell', element('span', 'unseen', t('query-links')));
    links.setAttribute('role', 'columnheader');
    const row = element('div', 'grid-row grid-head', ...(this.#link ? [links] : []), ...cells);
    row.setAttribute('role', 'row');
    row.setAttribute('aria-rowindex', '1');
    return row;
  }

  #redraw(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    this.#frame = 0;
    const { rows } = this.#options;
    const { scrollTop, clientHeight } = this.root;
    const first = Math.max(0, Math.floor(scrollTop / ROW_PIXELS) - ROWS_BEYOND);
    const end = Math.min(rows, Math.ceil((scrollTop + clientHeight) / ROW_PIXELS) + ROWS_BEYOND);
    const made: HTMLElement[] = [];
    for (let row = first; row < end; row++) made.push(this.#row(row));
    this.#body.replaceChildren(...made);
    const chosen = this.#chosen;
    if (chosen && chosen.row >= first && chosen.row < end) this.root.setAttribute('aria-activedescendant', idOf(chosen));
    else this.root.removeAttribute('aria-activedescendant');
  }

  #row(row: number): HTMLElement {
    const made = element('div', 'grid-row');
    made.setAttribute('role', 'row');
    made.setAttribute('aria-rowindex', String(row + 2));
    made.style.top = `${row * ROW_PIXELS}px`;
    if (this.#link) {
      const cell = element('span', 'grid-cell grid-link');
      cell.setAttribute('role', 'gridcell');
      const route = this.#link(row);
      if (route) {
        const anchor = element('a', '', '↗');
        anchor.href = linkTo(route);
        anchor.tabIndex = -1;
        anchor.setAttribute('aria-label', linkTitle(route));
        anchor.title = linkTitle(route);
        cell.append(anchor);
      }
      made.append(cell);
    }
    this.#options.table.columns.forEach((column, at) => {
      const text = this.#shown(column, at, row);
      const cell = element('span', isNumber(column) ? 'grid-cell number' : 'grid-cell', text === null ? t('query-null') : visibleText(text.slice(0, MOST_CHARACTERS)));
      if (text === null) cell.classList.add('null');
      cell.setAttribute('role', 'gridcell');
      cell.dataset['at'] = `${row},${at}`;
      cell.id = idOf({ row, column: at });
      cell.setAttribute('aria-selected', String(this.#chosen?.row === row && this.#chosen.column === at));
      made.append(cell);
    });
    return made;
  }

  #clicked(event: MouseEvent): void {
    const at = (event.target as Element).closest<HTMLElement>('[data-at]')?.dataset['at']?.split(',').map(Number);
    if (at) this.#choose({ row: at[0]!, column: at[1]! });
  }

  #choose(cell: Cell): void {
    this.#chosen = cell;
    this.#draw();
    const { root } = this;
    const top = cell.row * ROW_PIXELS;
    if (top < root.scrollTop) root.scrollTop = top;
    else if (top + ROW_PIXELS + HEAD_PIXELS > root.scrollTop + root.clientHeight) root.scrollTop = top + ROW_PIXELS + HEAD_PIXELS - root.clientHeight;
    this.#draw();
    this.#body.querySelector(`#${idOf(cell)}`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    this.#options.chosen(cell);
  }

  #keyDown(event: KeyboardEvent): void {
    if (event.target !== this.root || event.altKey) return;
    const { rows, table } = this.#options;
    const chosen = this.#chosen;
    if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey && chosen) {
      this.#body.querySelector<HTMLElement>(`.grid-row[aria-rowindex="${chosen.row + 2}"] a`)?.click();
      event.preventDefault();
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.code === 'KeyC' && chosen && getSelection()?.isCollapsed !== false) {
      this.#options.copy(chosen);
      event.preventDefault();
      return;
    }
    const page = Math.max(1, Math.floor((this.root.clientHeight - HEAD_PIXELS) / ROW_PIXELS) - 1);
    const [byRow, byColumn] = STEPS[event.key]?.(page, event.ctrlKey || event.metaKey) ?? [0, 0];
    if ((byRow === 0 && byColumn === 0) || rows === 0) return;
    const within = (value: number, most: number): number => Math.min(most, Math.max(0, value));
    // The first key goes to the first cell, and not beyond it.
    this.#choose(chosen ? { row: within(chosen.row + byRow, rows - 1), column: within(chosen.column + byColumn, table.columns.length - 1) } : { row: 0, column: 0 });
    event.preventDefault();
  }
}

/** How far keys go: rows and columns. */
const STEPS: Readonly<Record<string, (page: number, far: boolean) => readonly [number, number]>> = {
  ArrowDown: () => [1, 0],
  ArrowUp: () => [-1, 0],
  ArrowRight: () => [0, 1],
  ArrowLeft: () => [0, -1],
  PageDown: (page) => [page, 0],
  PageUp: (page) => [-page, 0],
  Home: (_, far) => (far ? [-Infinity, -Infinity] : [0, -Infinity]),
  End: (_, far) => (far ? [Infinity, Infinity] : [0, Infinity]),
};

function idOf({ row, column }: Cell): string {
  return `cell-${row}-${column}`;
}

function isNumber({ kind }: ResultColumn): boolean {
  return kind === 'integer' || kind === 'float';
}

/** What a link of a row leads to. */
export function linkTitle({ page }: ProcessRoute): string {
  return t(page === 'timeline' ? 'query-in-timeline' : 'query-in-process');
}
