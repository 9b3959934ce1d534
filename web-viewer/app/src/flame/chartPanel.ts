import type { Translate } from '../locale/text';
import type { Tile } from '../tiles/tile';
import type { Beside } from './beside';
import { DIM, type Brush } from './brush';
import { button, element, refill } from './dom';
import type { Emphasis } from './emphasis';
import { laneTitle, visibleText } from './labels';
import { linkDuration, type LinkedEvents } from './linkedEvents';
import type { SpanLink } from './lookup';
import { Panel, type TableRow } from './panel';
import { isAsync, type Member, type Processes } from './processes';
import type { Search } from './search';
import { selectionOfDrawn, selectionOfHit, type Selection } from './selection';
import type { Slot, Window } from './slots';
import { StatisticsView, type StatisticsOf } from './statisticsView';
import { drawnWithin } from './spans';
import type { TimeRange, View } from './view';

/** More rows than anybody reads; the caption says how many there are. */
const MAX_ROWS = 200;

/** The same of linked events, each of which is a button. */
const MOST_LINKED = 8;

interface PanelActions {
  absolute(ns: number): bigint;
  /** Of a process on the axis. */
  logsLink(range: TimeRange, member: Member): string | null;
  /** Shows what is selected anew. */
  changed(): void;
  select(selection: Selection): void;
  zoomTo(range: View): void;
  search(text: string): void;
  follow(link: SpanLink): void;
  brush(brush: Brush | null): void;
}

interface PanelContent {
  readonly selection: Selection | null;
  readonly range: View | null;
  readonly linked: LinkedEvents;
  readonly brush: Brush | null;
  readonly search: Search;
  readonly emphasis: Emphasis;
  readonly attachments: Beside | null;
  readonly slots: readonly Slot[];
  readonly loaded: (group: number) => Iterable<Tile>;
  readonly window: Window;
  readonly originNs: bigint;
}

interface Rows {
  readonly rows: readonly TableRow[];
  readonly total: number;
}

/** Decides what stands beneath the lanes: the selected span, the selected range and its statistics, or the table twin of either. */
export class ChartPanel {
  tableOpen = false;
  readonly root: HTMLElement;
  readonly #t: Translate;
  readonly #actions: PanelActions;
  readonly #panel: Panel;
  readonly #statistics: StatisticsView | null;
  /** Stays so from one range to the next. */
  #statisticsOpen: boolean;
  #range: View | null = null;

  /** `statistics`: of the chart's own process; `null`: nobody knows them. `statisticsOpen`: a link that says what is brushed shows among what. */
  constructor(t: Translate, actions: PanelActions, statistics: StatisticsOf | null, statisticsOpen: boolean) {
    this.#t = t;
    this.#actions = actions;
    this.#statisticsOpen = statisticsOpen;
    this.#panel = new Panel(t);
    this.root = this.#panel.root;
    this.#statistics = statistics && new StatisticsView(t, statistics, actions);
  }

  /** Takes over of which processes there are statistics, the chart's own first. */
  setStatistics(all: readonly StatisticsOf[]): void {
    this.#statistics?.setSources(all);
  }

  dispose(): void {
    this.#statistics?.dispose();
  }

  update(content: PanelContent): void {
    const { selection, range } = content;
    this.#range = range;
    this.#statistics?.mark(content.brush);
    const ofRange = !this.tableOpen && !selection && range !== null && this.#statistics !== null && this.#statisticsOpen;
    this.root.classList.toggle('tall', this.tableOpen || ofRange);
    if (ofRange) return this.#showStatistics(range);
    if (this.tableOpen) this.#showTable(content);
    else if (selection) this.#showSelection(selection, content.linked, content.window.processes);
    else if (range) {
      const absolute = this.#absolute(range);
      const { processes } = content.window;
      const links = this.#links(range, processes.main, processes.shared ? this.#t('range-logs-of', { process: visibleText(processes.main.name) }) : this.#t('range-logs'));
      if (this.#statistics) links.unshift(button('tool', this.#t('statistics-button'), this.#t('statistics-title'), () => this.#openStatistics(true)));
      this.#panel.showRange(absolute.beginNs, absolute.endNs, links);
    } else this.#panel.showNothing();
  }

  /** Says why details are missing, without taking away what is known. */
  note(problem: string): void {
    this.root.append(element('div', 'failed', this.#t('span-problem', { problem })));
  }

  #showSelection(selection: Selection, linked: LinkedEvents, processes: Processes): void {
    const { extent, lane } = selection;
    this.#panel.showSpan(
      {
        name: selection.name,
        thread: selection.details?.thread || laneTitle(lane),
        process: lane.process?.name ?? null,
        depth: selection.depth,
        beginNs: this.#actions.absolute(extent.begin),
        durationNs: BigInt(Math.round(selection.durationNs)),
        count: selection.count,
        async: isAsync(selection.stream),
      },
      selection.details,
      this.#linked(linked),
      this.#links(extent, lane.process ?? processes.main, this.#t('span-logs')));
  }

  /** What its events are linked to, one behind the other; `null`: to nothing. */
  #linked(linked: LinkedEvents): Node | null {
    if (linked.problem !== null) return element('div', 'linked-events failed', this.#t('links-problem', { problem: linked.problem }));
    if (linked.links.length === 0) return null;
    const buttons = linked.links.slice(0, MOST_LINKED).map((link) => button('tool linked', this.#linkLabel(link), this.#linkTitle(link), () => this.#actions.follow(link)));
    const more = linked.links.length - buttons.length + linked.leftOut;
    return element('div', 'linked-events', element('span', 'hint', this.#t('links-label')), ...buttons, ...(more > 0 ? [element('span', 'hint', this.#t('merged-more', { count: more }))] : []));
  }

  #linkLabel(link: SpanLink): string {
    const name = visibleText(link.span?.name ?? link.name);
    return link.direction < 0 ? this.#t('links-back', { name }) : this.#t('links-on', { name });
  }

  #linkTitle(link: SpanLink): string {
    const after = linkDuration(link);
    switch (link.kind) {
      case 'parent': return this.#t('links-parent');
      case 'child': return this.#t('links-child');
      case 'flow': return link.direction < 0 ? this.#t('links-previous', { name: visibleText(link.name), duration: after }) : this.#t('links-next', { name: visibleText(link.name), duration: after });
    }
  }

  #openStatistics(open: boolean): void {
    this.#statisticsOpen = open;
    this.#actions.changed();
  }

  /** What is there already stays while a range is dragged: it is read, scrolled and has the focus. */
  #showStatistics(range: View): void {
    const { root } = this.#statistics!;
    if (root.parentElement !== this.root) {
      refill(this.root, root, element('div', 'links', button('tool', this.#t('zoom-button'), this.#t('zoom-title'), () => this.#range && this.#actions.zoomTo(this.#range)),
        button('tool', this.#t('statistics-close'), this.#t('statistics-close'), () => this.#openStatistics(false))));
    }
    this.#statistics!.show(this.#absolute(range));
  }

  #links(range: View, member: Member, logs: string): Node[] {
    const links: Node[] = [button('tool', this.#t('zoom-button'), this.#t('zoom-title'), () => this.#actions.zoomTo(range))];
    const address = this.#actions.logsLink(this.#absolute(range), member);
    if (address !== null) {
      const link = element('a', 'tool', logs);
      link.href = address;
      links.push(link);
    }
    return links;
  }

  #showTable(content: PanelContent): void {
    const hits = content.search.query !== '' && !content.brush;
    const { rows, total } = hits ? this.#hitRows(content) : this.#drawnRows(content);
    this.#panel.showTable(this.#t(hits ? 'table-hits' : content.brush ? 'table-brushed' : 'table-visible', { shown: rows.length, total }), rows,
      content.attachments?.attachmentTable(content.range ?? content.window.view) ?? null);
  }

  #hitRows({ search, window, originNs, selection }: PanelContent): Rows {
    const rows = search.hits.slice(0, MAX_ROWS).flatMap((hit) => {
      const found = selectionOfHit(hit, window.layout, originNs);
      return found ? [this.#row(found, hit.beginNs, selection)] : [];
    });
    return { rows, total: search.total };
  }

  /** While something is brushed, only what may be among it. */
  #drawnRows({ slots, loaded, range, brush, emphasis, window, originNs, selection }: PanelContent): Rows {
    const { spans, total } = drawnWithin(slots, range ?? window.view, window.layout, originNs, loaded, MAX_ROWS, (tile, i) => brush === null || emphasis.of(tile)![i] !== DIM);
    return { rows: spans.map((span) => this.#row(selectionOfDrawn(span), this.#actions.absolute(span.extent.begin), selection)), total };
  }

  #row(span: Selection, beginNs: bigint, selected: Selection | null): TableRow {
    return {
      name: span.name,
      thread: laneTitle(span.lane),
      process: span.lane.process?.name ?? null,
      depth: span.depth,
      beginNs,
      durationNs: BigInt(Math.round(span.durationNs)),
      count: span.count,
      chosen: selected?.stream === span.stream && selected.span === span.span,
      choose: () => this.#actions.select(span),
    };
  }

  #absolute(range: View): TimeRange {
    return { beginNs: this.#actions.absolute(range.begin), endNs: this.#actions.absolute(range.end) };
  }
}
