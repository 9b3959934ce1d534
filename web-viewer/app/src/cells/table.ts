import { button, element } from '../flame/dom';
import { t } from '../locale/text';
import type { CellModel } from './model';
import css from './table.css?inline';

interface Column {
  readonly name: string;
  /** Of its values, as the notebook names it. */
  readonly type: string;
  /** Stands on the right. */
  readonly number: boolean;
}

interface Table {
  readonly columns: readonly Column[];
  /** What is shown. A cell without a value is null. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** By column, what its rows are sorted by; columns without are sorted by their texts. */
  readonly keys: Readonly<Record<string, readonly (number | null)[]>>;
  /** Rows of the whole; those that are here are the first of them. */
  readonly total: number;
}

const PAGE_ROWS = 20;

/** Draws rows that can be sorted and paged through, and returns what takes them away again. */
export function render({ model, el }: { model: CellModel; el: HTMLElement }): () => void {
  const table = readTable(model);
  const host = document.createElement('div');
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  const scroll = element('div', 'scroll');
  const nav = element('nav', '');
  root.append(scroll, nav);
  el.append(host);

  let sorted: { column: number; descending: boolean } | null = null;
  let order = table.rows.map((_, row) => row);
  let page = 0;
  draw(null);
  return () => host.remove();

  function sortBy(column: number): void {
    // The first click on a column of numbers shows the largest, as that is mostly what is looked for; the third restores the rows' own order.
    const first = table.columns[column]?.number === true;
    sorted = sorted?.column !== column ? { column, descending: first } : sorted.descending === first ? { column, descending: !first } : null;
    order = table.rows.map((_, row) => row);
    if (sorted !== null) order.sort(comparison(table, sorted.column, sorted.descending));
    page = 0;
    draw(`th:nth-child(${column + 1}) button`);
  }

  function draw(focus: string | null): void {
    scroll.replaceChildren(body());
    const pages = Math.max(1, Math.ceil(table.rows.length / PAGE_ROWS));
    const from = page * PAGE_ROWS;
    const to = Math.min(from + PAGE_ROWS, table.rows.length);
    const where = element('span', '', t('table-rows', { from: table.rows.length === 0 ? 0 : from + 1, to, total: table.total }));
    where.setAttribute('role', 'status');
    nav.replaceChildren(
      move('first', t('table-first'), '«', page === 0, 0), move('previous', t('table-previous'), '‹', page === 0, page - 1), where,
      move('next', t('table-next'), '›', page >= pages - 1, page + 1), move('last', t('table-last'), '»', page >= pages - 1, pages - 1),
    );
    nav.hidden = pages === 1 && table.total === table.rows.length;
    if (table.total > table.rows.length) nav.append(element('span', 'null', t('table-here', { count: table.rows.length })));
    if (focus !== null) root.querySelector<HTMLElement>(focus)?.focus();
  }

  function move(name: string, title: string, sign: string, disabled: boolean, target: number): HTMLButtonElement {
    const made = button(name, sign, title, () => {
      page = target;
      draw(`.${name}`);
    });
    made.disabled = disabled;
    return made;
  }

  function body(): HTMLTableElement {
    const shown = document.createElement('table');
    const head = shown.createTHead().insertRow();
    table.columns.forEach((column, index) => {
      const cell = document.createElement('th');
      cell.scope = 'col';
      if (column.number) cell.className = 'number';
      const isSorted = sorted?.column === index;
      cell.setAttribute('aria-sort', !isSorted ? 'none' : sorted?.descending ? 'descending' : 'ascending');
      const label = isSorted ? `${column.name} ${sorted?.descending ? '▾' : '▴'}` : column.name;
      cell.append(button('', label, t('table-sort', { column: column.name }), () => sortBy(index)), element('span', 'type', column.type));
      head.append(cell);
    });
    const rows = shown.createTBody();
    for (const index of order.slice(page * PAGE_ROWS, (page + 1) * PAGE_ROWS)) {
      const row = rows.insertRow();
      (table.rows[index] ?? []).forEach((value, column) => {
        const cell = row.insertCell();
        cell.textContent = value ?? '·';
        cell.className = `${table.columns[column]?.number ? 'number' : ''}${value === null ? ' null' : ''}`;
        if (value !== null && value.length > 40) cell.title = value;
      });
    }
    return shown;
  }
}

/** Rows without a value come last, whichever way the others go; equal ones keep their order. */
function comparison(table: Table, column: number, descending: boolean): (a: number, b: number) => number {
  const sign = descending ? -1 : 1;
  const keys = table.keys[column];
  const value = (row: number): number | string | null => (keys === undefined ? table.rows[row]?.[column] : keys[row]) ?? null;
  return (a, b) => {
    const [left, right] = [value(a), value(b)];
    if (left === null || right === null) return left === right ? a - b : left === null ? 1 : -1;
    const difference = typeof left === 'number' && typeof right === 'number' ? left - right : String(left).localeCompare(String(right));
    return difference === 0 ? a - b : sign * difference;
  };
}

function readTable(model: CellModel): Table {
  const columns = model.get('columns');
  const rows = model.get('rows');
  if (!Array.isArray(columns) || !Array.isArray(rows)) throw new Error('expected columns and rows in the model of a table');
  return { columns, rows, keys: (model.get('keys') ?? {}) as Table['keys'], total: Number(model.get('total') ?? rows.length) };
}
