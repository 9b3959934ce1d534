import type { Translate } from '../locale/text';
import type { TimelineSource } from '../flame/timeline';
import type { TimeRange } from '../flame/view';
import type { DurationSource, HeatCell } from './heat';

/** What is drawn of a metric whose increments are known: how many there were a second, or in each step. */
export type CountsPer = 'second' | 'step';

/** All that a link must carry to show the same again. */
export interface MetricState {
  readonly view: TimeRange | null;
  /** The selected time. */
  readonly range: TimeRange | null;
  /** The series that somebody chose; `null`: the usual ones. */
  readonly names: readonly string[] | null;
  readonly per: CountsPer;
  /** The spans whose durations are shown by a map; empty: those of most time; `null`: there is no map. */
  readonly heat: string | null;
}

export type MetricSource = Pick<TimelineSource, 'series' | 'counters'>;

export interface MetricOptions {
  readonly source: MetricSource;
  /** What there is at most to show: the time of the process. */
  readonly bounds: TimeRange;
  readonly t: Translate;
  readonly initial: MetricState;
  /** Called after changes, not for each frame of them. `names`: the series that are drawn, chosen or usual. */
  readonly changed: (state: MetricState, names: readonly string[]) => void;
  /** Keys act while this has the focus: the page, or only the explorer itself. */
  readonly keys: 'page' | 'chart';
  /** The series that have values, where nobody can be asked for those of others; `null`: all have. */
  readonly saved: readonly string[] | null;
  /** Where durations of spans come from, and the address of the spans of a cell; `null`: there is no map of durations. */
  readonly durations: { readonly source: DurationSource; readonly spansOf: (name: string, cell: HeatCell) => string } | null;
}
