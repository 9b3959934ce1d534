import { t } from '../locale/text';
import { levelOf } from '../pages/levels';
import { formatDuration, formatTimeOfDay, parseNs } from '../time/ns';
import { renderList } from './listCell';
import type { CellModel } from './model';

interface LogLine {
  readonly timeNs: bigint;
  readonly level: string;
  readonly thread: string;
  readonly target: string;
  readonly message: string;
}

/** The lines of a log, however many there are. What is selected, one line or some, is a range of time to the notebook. */
export function render(place: { model: CellModel; el: HTMLElement }): Promise<() => void> {
  return renderList<LogLine>(place, (comm, line) => ({
    label: t('logs-label'),
    searchLabel: t('logs-search'),
    columns: [
      { title: t('log-time'), width: '120px', text: (row) => formatTimeOfDay(row.timeNs, 6, 'UTC') },
      { title: t('log-level'), width: '46px', text: (row) => row.level },
      { title: t('log-thread'), width: '110px', text: (row) => row.thread },
      { title: t('log-target'), width: '130px', text: (row) => row.target },
      { title: t('log-message'), width: 'minmax(0, 1fr)', text: (row) => row.message },
    ],
    className: (row) => {
      const level = levelOf(row.level);
      return level === null ? '' : `level-${level}`;
    },
    count: (total) => t('logs-count', { count: total }),
    selectsRanges: true,
    ask: async (from, count, text, signal) => {
      const { json } = await comm.ask({ lines: { from, count, text } }, signal);
      return { rows: rowsOf(json['lines']), total: Number(json['total'] ?? 0) };
    },
    selected: (rows) => {
      if (rows === null) return line.select(null, null, '');
      const [first, last] = rows;
      const range = { begin_ns: first.timeNs.toString(), end_ns: last.timeNs.toString() };
      if (first === last) line.select(range, t('cell-selected-line'), first.message);
      else line.select(range, t('cell-selected-lines', { duration: formatDuration(Number(last.timeNs - first.timeNs)) }), '');
    },
  }));
}

function rowsOf(lines: unknown): LogLine[] {
  if (!Array.isArray(lines)) throw new Error(`expected lines of the kernel, saw ${JSON.stringify(lines)}`);
  return lines.map((line: readonly string[]) => {
    const [time, level = '', thread = '', target = '', message = ''] = line;
    const timeNs = parseNs(time);
    if (timeNs === null) throw new Error(`expected a time in nanoseconds, saw ${JSON.stringify(time)}`);
    return { timeNs, level, thread, target, message };
  });
}
