import { element } from '../flame/dom';
import { t } from '../locale/text';
import type { CellComm } from './comm';
import { openComm, SelectionLine, whenRemoved } from './liveCell';
import type { CellModel } from './model';
import { VirtualList, type ListOptions } from './virtualList';

/** A list whose rows the kernel has. Rejected where nobody can be asked: then the table that was saved stays. */
export async function renderList<T>(
  { model, el }: { model: CellModel; el: HTMLElement },
  options: (comm: CellComm, line: SelectionLine) => ListOptions<T>,
): Promise<() => void> {
  const comm = await openComm(model, el);
  if (!comm) throw new Error(t('cell-only-asking'));
  // Rows are known by where they stand, and where those stand that were selected is not known: the list begins without.
  if (comm.selected) comm.select(null);
  const host = element('div', '');
  const line = new SelectionLine(comm);
  el.append(host, line.root);
  const list = new VirtualList(host, options(comm, line));
  const dispose = (): void => {
    comm.close();
    list.dispose();
    line.root.remove();
    host.remove();
  };
  whenRemoved(host, dispose);
  return dispose;
}
