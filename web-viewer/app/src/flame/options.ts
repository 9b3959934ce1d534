import type { Translate } from '../locale/text';
import type { TileCache } from '../tiles/cache';
import type { Manifest } from '../tiles/manifest';
import type { TileSource } from '../tiles/source';
import type { Brush } from './brush';
import type { ColorBy } from './color';
import type { LaneLayout } from './lanes';
import type { Mark } from './marks';
import type { SpanLookup } from './lookup';
import type { MergedSource } from './mergedSpans';
import type { MergedSelection } from './mergedView';
import type { FlameMode } from './mode';
import type { ProcessMenuOptions } from './processMenu';
import type { Selection, SpanRef } from './selection';
import type { Company } from './sharedAxis';
import type { StatisticsSource } from './statistics';
import type { TimelineOptions } from './timeline';
import type { TimeRange } from './view';

/** All that a link must carry to show the same again. */
export interface FlameState {
  readonly view: TimeRange | null;
  readonly selection: SpanRef | null;
  readonly range: TimeRange | null;
  readonly query: string;
  /** Spans that stand out by their name and duration. */
  readonly brush: Brush | null;
  /** Moments that a reader marked, in order of time. */
  readonly marks: readonly Mark[];
  /** The counters that somebody chose; `null`: the usual ones. */
  readonly counters: readonly string[] | null;
  readonly color: ColorBy;
  readonly mode: FlameMode;
  /** The function in the middle of a sandwich; `null`: the one of most self time. */
  readonly fn: string | null;
}

/** What the chart reports once things have come to rest. */
export interface AtRest {
  readonly state: FlameState;
  readonly selection: Selection | null;
  /** When the selected span ran. */
  readonly selectedRange: TimeRange | null;
  /** The selected frame of merged spans. */
  readonly merged: MergedSelection | null;
}

export interface FlameOptions {
  readonly manifest: Manifest;
  readonly source: TileSource;
  readonly lookup: (cache: TileCache, layout: LaneLayout) => SpanLookup;
  readonly t: Translate;
  readonly initial: FlameState;
  /** Called after changes, not for each frame of them. */
  readonly changed: (rest: AtRest) => void;
  /** Keys act while this has the focus: the page, or only the chart itself. */
  readonly keys: 'page' | 'chart';
  /** Address of the log lines of a range, where there is such a page. */
  readonly logsLink: ((range: TimeRange) => string) | null;
  /** What lies on the axis beside the spans of threads; `null`: nothing is known of it. */
  readonly timeline: TimelineOptions | null;
  /** Where spans come from that are merged by call path; `null`: nowhere, they are laid out by time. */
  readonly merged: MergedSource | null;
  /** Which other processes may share the axis; `null`: none. */
  readonly processes: ProcessMenuOptions | null;
  /** What shares the axis from the first. */
  readonly company: Company | null;
  /** Where statistics of a range come from; `null`: nowhere. */
  readonly statistics: StatisticsSource | null;
}
