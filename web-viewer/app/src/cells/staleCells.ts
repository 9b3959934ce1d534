import { button, element } from '../flame/dom';
import { t } from '../locale/text';
import type { CellComm, ClassicNotebook, NotebookCell } from './comm';

/**
 * The cells of the notebook that show what was selected before: each says so above its output, until it is run again. Below the cell with the selection
 * stands how many they are, and what runs them: once, or after each selection.
 */
export class StaleCells {
  readonly root = element('p', '');
  readonly #notebook: ClassicNotebook;
  readonly #count = element('span', '');
  readonly #always: HTMLInputElement;
  #stale: readonly NotebookCell[] = [];

  constructor(notebook: ClassicNotebook, comm: CellComm) {
    this.#notebook = notebook;
    this.#always = document.createElement('input');
    this.#always.type = 'checkbox';
    this.#always.addEventListener('change', () => {
      if (this.#always.checked) this.#run();
    });
    this.root.append(this.#count, ' ', button('', t('cell-stale-run'), t('cell-stale-run'), () => this.#run()), ' ', element('label', '', this.#always, ' ', t('cell-stale-always')));
    this.root.hidden = true;
    comm.outdated = (requests) => this.#mark(requests);
  }

  /** Each of `requests` ran a cell, unless the page was loaded anew or the cell was run again since. */
  #mark(requests: readonly string[]): void {
    const found = this.#notebook.get_cells().filter(({ last_msg_id }) => typeof last_msg_id === 'string' && requests.includes(last_msg_id));
    for (const cell of found) placeOf(cell)?.prepend(mark());
    this.#stale = [...this.#stale.filter((cell) => isMarked(cell) && !found.includes(cell)), ...found];
    if (this.#always.checked) this.#run();
    else this.#show();
  }

  #run(): void {
    const cells = this.#notebook.get_cells().filter((cell) => this.#stale.includes(cell) && isMarked(cell));
    this.#stale = [];
    for (const cell of cells) cell.execute();
    this.#show();
  }

  /** Once there was one it stays in sight: whoever ticked the box wants to see how to untick it. */
  #show(): void {
    if (this.#stale.length > 0) this.root.hidden = false;
    this.#count.textContent = this.#stale.length > 0 ? t('cell-stale-count', { count: this.#stale.length }) : '';
  }
}

const MARK = 'legion-stale';

function mark(): HTMLElement {
  const note = element('p', MARK, t('cell-stale'));
  note.style.borderLeft = '3px solid #c77700';
  note.style.padding = '2px 6px';
  return note;
}

/** In its first output, beside the numbers of cells; a cell that shows nothing has its place all the same. */
function placeOf({ output_area }: NotebookCell): Element | null {
  const outputs = output_area?.element[0];
  return outputs?.querySelector('.output_subarea') ?? outputs ?? null;
}

function isMarked({ output_area }: NotebookCell): boolean {
  return output_area?.element[0]?.querySelector(`.${MARK}`) != null;
}
