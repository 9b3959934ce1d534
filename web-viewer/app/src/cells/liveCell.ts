import { element } from '../flame/dom';
import { t } from '../locale/text';
import { CellComm, classicNotebook } from './comm';
import { StaleCells } from './staleCells';
import { httpAddress, messageOf, type CellModel, type Fields } from './model';

/**
 * The cell's way to its result; `null` where the page gives scripts of outputs none.
 * Rejected, with a line in `el`, where the kernel doesn't know the cell: what was saved stays.
 */
export async function openComm(model: CellModel, el: HTMLElement): Promise<CellComm | null> {
  const notebook = classicNotebook();
  if (!notebook) return null;
  try {
    return await CellComm.open(notebook, String(model.get('cell')));
  } catch (problem) {
    el.append(element('p', '', t('cell-unknown', { problem: messageOf(problem) })));
    throw problem;
  }
}

/** Leads to the same view in the viewer; `null` where the model names none. */
export function viewerLink(model: CellModel): HTMLElement | null {
  const address = httpAddress(model.get('link'));
  if (address === null) return null;
  const anchor = element('a', 'tool', t('cell-open'));
  anchor.href = address;
  // A report that a viewer serves may open no tab; what it may is to lead its own somewhere.
  if (self.origin !== 'null' || location.protocol === 'file:') anchor.target = '_blank';
  anchor.rel = 'noopener noreferrer';
  return anchor;
}

/** Running a cell again takes its output out of the page and tells nobody; but what has no size any more is observed. */
export function whenRemoved(host: HTMLElement, removed: () => void): void {
  const observer = new ResizeObserver(() => {
    if (host.isConnected) return;
    observer.disconnect();
    removed();
  });
  observer.observe(host);
}

/** Below a cell: what is selected in it, for the code of the notebook to go on with. */
export class SelectionLine {
  readonly root: HTMLElement;
  readonly #line = element('p', '', t('cell-select-hint'));
  readonly #comm: CellComm;
  #selected = 'null';

  constructor(comm: CellComm) {
    const notebook = classicNotebook();
    this.root = notebook ? element('div', '', this.#line, new StaleCells(notebook, comm).root) : this.#line;
    this.#comm = comm;
    comm.lost = (problem) => this.#say(t('cell-lost', { problem }), '');
    comm.refused = (problem) => this.#say(problem, '');
  }

  /** Tells the kernel, once for a selection, and the reader: `what` it is, and its `name` as telemetry has it. */
  select(selection: Fields | null, what: string | null, name: string): void {
    const text = JSON.stringify(selection);
    if (text === this.#selected) return;
    this.#selected = text;
    this.#comm.select(selection);
    if (what === null) this.#say(t('cell-select-hint'), '');
    else this.#say(what, name);
  }

  #say(text: string, name: string): void {
    this.#line.replaceChildren(text, ' ', element('b', '', name));
  }
}
