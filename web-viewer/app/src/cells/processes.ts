import { t } from '../locale/text';
import { programName } from '../pages/program';
import { formatDuration, formatInstant, parseNs } from '../time/ns';
import { renderList } from './listCell';
import type { CellModel } from './model';

interface ListedProcess {
  readonly process_id: string;
  readonly exe: string;
  readonly computer: string;
  readonly user: string;
  readonly start_ns: string;
  readonly end_ns: string;
  readonly state: string;
  readonly properties: string;
}

/** The processes of a list. The one that is selected stands for the list wherever the notebook needs a process. */
export function render(place: { model: CellModel; el: HTMLElement }): Promise<() => void> {
  return renderList<ListedProcess>(place, (comm, line) => ({
    label: t('nav-processes'),
    searchLabel: t('processes-search'),
    columns: [
      { title: t('process-exe'), width: 'minmax(0, 2fr)', text: (row) => programName(row.exe) },
      { title: t('process-computer'), width: 'minmax(0, 1fr)', text: (row) => row.computer },
      { title: t('cell-started'), width: '150px', text: (row) => formatInstant(nsOf(row.start_ns), 0, 'UTC') },
      { title: t('process-lasted'), width: '70px', isNumber: true, text: (row) => formatDuration(Number(nsOf(row.end_ns) - nsOf(row.start_ns))) },
      { title: t('process-state'), width: '80px', text: (row) => row.state },
      { title: t('process-properties'), width: 'minmax(0, 2fr)', text: (row) => row.properties },
    ],
    className: () => '',
    count: (total) => t('processes-count', { count: total }),
    selectsRanges: false,
    ask: async (from, count, text, signal) => {
      const { json } = await comm.ask({ processes: { from, count, text } }, signal);
      const rows = json['processes'];
      if (!Array.isArray(rows)) throw new Error(`expected processes of the kernel, saw ${JSON.stringify(rows)}`);
      return { rows: rows as ListedProcess[], total: Number(json['total'] ?? 0) };
    },
    selected: (rows) => {
      if (rows === null) return line.select(null, null, '');
      const [process] = rows;
      line.select({ process_id: process.process_id }, t('cell-selected-process'), `${programName(process.exe)} ${process.process_id}`);
    },
  }));
}

function nsOf(text: string): bigint {
  const ns = parseNs(text);
  if (ns === null) throw new Error(`expected a time in nanoseconds, saw ${JSON.stringify(text)}`);
  return ns;
}
