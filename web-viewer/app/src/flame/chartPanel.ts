import type { Translate } from '../locale/text';
import { spanIdOf } from '../tiles/tile';
import { button, element } from './dom';
import { laneTitle } from './labels';
import { compareHits } from './lookup';
import { Panel, type TableRow } from './panel';
import type { Search } from './search';
import { selectionOfDrawn, selectionOfHit, type Selection } from './selection';
import type { Slot, Window } from './slots';
import { extentOf, type DrawnSpan } from './spans';
import type { TimeRange, View } from './view';

/** More rows than anybody reads; the caption says how many there are. */
const MAX_ROWS = 200;

interface PanelActions {
  absolute(ns: number): bigint;
  readonly logsLink: ((range: TimeRange) => string) | null;
  select(selection: Selection): void;
  zoomTo(range: View): void;
}

interface PanelContent {
  readonly selection: Selection | null;
  readonly range: View | null;
  readonly search: Search;
  readonly slots: readonly Slot[];
  readonly window: Window;
  readonly originNs: bigint;
}

/** Decides what stands beneath the lanes: the selected span, the selected range, or the table twin of either. */
export class ChartPanel {
  tableOpen = false;
  readonly root: HTMLElement;
  readonly #t: Translate;
  readonly #actions: PanelActions;
  readonly #panel: Panel;

  constructor(t: Translate, actions: PanelActions) {
    this.#t = t;
    this.#actions = actions;
    this.#panel = new Panel(t);
    this.root = this.#panel.root;
  }

  update(content: PanelContent): void {
    this.root.classList.toggle('tall', this.tableOpen);
    const { selection, range } = content;
    if (this.tableOpen) this.#showTable(content);
    else if (selection) this.#showSelection(selection);
    else if (range) {
      const absolute = this.#absolute(range);
      this.#panel.showRange(absolute.beginNs, absolute.endNs, this.#links(range, 'range-logs'));
    } else this.#panel.showNothing();
  }

  /** Says why details are missing, without taking away what is known. */
  note(problem: string): void {
    this.root.append(element('div', 'failed', this.#t('span-problem', { problem })));
  }

  #showSelection(selection: Selection): void {
    const { extent, lane } = selection;
    this.#panel.showSpan(
      {
        name: selection.name,
        thread: selection.details?.thread || laneTitle(lane),
        depth: selection.depth,
        beginNs: this.#actions.absolute(extent.begin),
        durationNs: BigInt(Math.round(selection.durationNs)),
        count: selection.count,
      },
      selection.details,
      this.#links(extent, 'span-logs'));
  }

  #links(range: View, logs: string): Node[] {
    const links: Node[] = [button('tool', this.#t('zoom-button'), this.#t('zoom-title'), () => this.#actions.zoomTo(range))];
    if (this.#actions.logsLink) {
      const link = element('a', 'tool', this.#t(logs));
      link.href = this.#actions.logsLink(this.#absolute(range));
      links.push(link);
    }
    return links;
  }

  #showTable(content: PanelContent): void {
    const hits = content.search.query !== '';
    const all = hits ? this.#hitRows(content) : this.#drawnRows(content);
    const caption = this.#t(hits ? 'table-hits' : 'table-visible', { shown: Math.min(all.length, MAX_ROWS), total: hits ? content.search.total : all.length });
    this.#panel.showTable(caption, all.slice(0, MAX_ROWS));
  }

  #hitRows({ search, window, originNs, selection }: PanelContent): TableRow[] {
    return search.hits.flatMap((hit) => {
      const found = selectionOfHit(hit, window.layout, originNs);
      return found ? [this.#row(found, hit.beginNs, selection)] : [];
    });
  }

  /** What is drawn within the selected range, or within the view. */
  #drawnRows({ slots, range, window, originNs, selection }: PanelContent): TableRow[] {
    const within = range ?? window.view;
    const spans = new Map<string, DrawnSpan>();
    for (const { group, tile } of slots) {
      const lanes = window.layout.ofGroup(group);
      for (let i = 0; i < tile.size; i++) {
        const lane = lanes[tile.lanes[i]!];
        if (!lane || tile.depths[i]! >= lane.rows) continue;
        const begin = Number(tile.baseNs - originNs) + tile.offsets[i]! * tile.stepNs;
        if (begin > within.end || begin + tile.widths[i]! * tile.stepNs < within.begin) continue;
        const id = spanIdOf(tile, i);
        const key = `${lane.stream}:${id}`;
        if (spans.has(key)) continue;
        spans.set(key, {
          lane, depth: tile.depths[i]!, id, name: tile.names[tile.nameIndexes[i]!]!, count: tile.counts[i]!,
          durationNs: Number(tile.durationsNs[i]), extent: { begin, end: begin + tile.widths[i]! * tile.stepNs },
        });
      }
    }
    // A long span may begin outside of what is shown; only now is it worth looking for.
    const shown = [...spans.values()].map((span) => ({
      ...span,
      extent: extentOf(slots.map((slot) => slot.tile), originNs, span.lane, span.depth, span.id) ?? span.extent,
    }));
    return shown
      .map((span) => ({ span, beginNs: this.#actions.absolute(span.extent.begin) }))
      .sort((a, b) => compareHits(
        { ...a.span, span: a.span.id, stream: a.span.lane.stream, beginNs: a.beginNs, durationNs: 0n },
        { ...b.span, span: b.span.id, stream: b.span.lane.stream, beginNs: b.beginNs, durationNs: 0n }))
      .map(({ span, beginNs }) => this.#row(selectionOfDrawn(span), beginNs, selection));
  }

  #row(span: Selection, beginNs: bigint, selected: Selection | null): TableRow {
    return {
      name: span.name,
      thread: laneTitle(span.lane),
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
