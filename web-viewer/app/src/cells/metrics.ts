import { element } from '../flame/dom';
import { t } from '../locale/text';
import { MetricExplorer } from '../metrics/explorer';
import type { MetricState } from '../metrics/options';
import { formatDuration } from '../time/ns';
import { CellTimeline, CommTimeline } from './cellTimeline';
import type { CellComm } from './comm';
import { openComm, SelectionLine, viewerLink, whenRemoved } from './liveCell';
import { fields, messageOf, rangeOf, type CellModel, type Fields } from './model';

const HEIGHT_PIXELS = 460;

/**
 * Draws the model into `el` and returns what takes it away again.
 * Rejected, with a line in `el`, where the kernel that should answer the cell doesn't know it: what was saved stays.
 */
export async function render({ model, el }: { model: CellModel; el: HTMLElement }): Promise<() => void> {
  const comm = fields(model.get('source'))['kind'] === 'comm' ? await openComm(model, el) : null;
  const host = element('div', '');
  host.style.height = `${HEIGHT_PIXELS}px`;
  el.append(host);
  try {
    const cell = new MetricsCell(model, host, comm);
    return () => cell.dispose();
  } catch (problem) {
    host.remove();
    comm?.close();
    const note = element('p', '', t('cell-metrics-problem', { problem: messageOf(problem) }));
    el.append(note);
    return () => note.remove();
  }
}

class MetricsCell {
  readonly #model: CellModel;
  readonly #host: HTMLElement;
  readonly #comm: CellComm | null;
  readonly #explorer: MetricExplorer;
  readonly #line: SelectionLine | null;
  /** Below the plots: what is selected, or that this is all there is. */
  readonly #below: HTMLElement | null;
  readonly #namesAtFirst: string;

  constructor(model: CellModel, host: HTMLElement, comm: CellComm | null) {
    this.#model = model;
    this.#host = host;
    this.#comm = comm;
    const timeline = CellTimeline.of(model.get('timeline'));
    const bounds = rangeOf(model.get('bounds'));
    if (!timeline || !bounds) throw new Error('expected bounds and a timeline in the model of a metric explorer');
    const process = String(model.get('process'));
    this.#namesAtFirst = JSON.stringify(timeline.counters);
    const selected = comm?.selected ?? null;
    this.#explorer = new MetricExplorer(host, {
      source: timeline.options(process, comm && new CommTimeline(comm)).source,
      bounds,
      t,
      initial: { view: rangeOf(model.get('view')), range: rangeOf(selected), names: namesOf(selected) ?? timeline.counters, per: 'second', heat: null },
      changed: (state, names) => this.#changed(state, names),
      keys: 'chart',
      saved: comm ? null : savedNames(model),
      durations: null,
    });
    const link = viewerLink(model);
    if (link) this.#explorer.extra.append(link);
    this.#line = comm && new SelectionLine(comm);
    this.#below = this.#line?.root ?? (fields(model.get('source'))['kind'] === 'comm' ? element('p', '', t('cell-saved-view')) : null);
    if (this.#below) host.after(this.#below);
    if (comm) whenRemoved(host, () => this.dispose());
  }

  dispose(): void {
    this.#comm?.close();
    this.#explorer.dispose();
    this.#below?.remove();
    this.#host.remove();
  }

  /** Tells the notebook what is selected and which series are drawn. Times are decimal strings, as everywhere outside the browser. */
  #changed({ range }: MetricState, names: readonly string[]): void {
    const isChosen = JSON.stringify(names) !== this.#namesAtFirst;
    const selected = range || isChosen ? { begin_ns: range?.beginNs.toString() ?? null, end_ns: range?.endNs.toString() ?? null, names } : null;
    this.#model.set?.('selection', selected);
    this.#model.save_changes?.();
    this.#line?.select(selected, range && t('cell-selected', { duration: formatDuration(Number(range.endNs - range.beginNs)) }), t('cell-range'));
  }
}

/** The series of which the model has values. */
function savedNames(model: CellModel): readonly string[] {
  const { series } = fields(fields(fields(model.get('timeline'))['window'])['counters']);
  return Array.isArray(series) ? series.map((each) => String(fields(each)['name'])) : [];
}

function namesOf(selected: Fields | null): readonly string[] | null {
  const names = selected?.['names'];
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : null;
}
