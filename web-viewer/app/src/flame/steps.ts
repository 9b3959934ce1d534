import type { Translate } from '../locale/text';
import type { Choice } from './choice';
import type { DrawnSpans } from './drawnSpans';
import { KeyedRange } from './keyedRange';
import { laneTitle } from './labels';
import { ROW_HEIGHT } from './lanes';
import type { SpanLink } from './lookup';
import type { Search } from './search';
import { selectionOfDrawn, selectionOfHit, type Selection } from './selection';
import type { Shown } from './shown';
import { fit, revealing, type View } from './view';

export interface StepsActions {
  /** Draws the spans that are in sight now, so that they can be found. */
  readonly drawNow: () => void;
  readonly redraw: () => void;
  /** Tells what a key did, where nothing else says so. */
  readonly say: (text: string) => void;
}

/** From span to span, from lane to lane and from hit to hit, by keys and links. */
export class Steps {
  readonly #t: Translate;
  readonly #shown: Shown;
  readonly #drawn: DrawnSpans;
  readonly #choice: Choice;
  readonly #search: Search;
  readonly #actions: StepsActions;
  readonly #keyed = new KeyedRange();

  constructor(t: Translate, shown: Shown, drawn: DrawnSpans, choice: Choice, search: Search, actions: StepsActions) {
    this.#t = t;
    this.#shown = shown;
    this.#drawn = drawn;
    this.#choice = choice;
    this.#search = search;
    this.#actions = actions;
  }

  /** Selects, and moves only as far as needed to see it. */
  reveal(selection: Selection): void {
    const { viewport, stage, layout } = this.#shown;
    const target = revealing(viewport.view, selection.extent, stage.width);
    if (target) viewport.glideTo(target);
    const lane = layout.ofStream(selection.stream);
    if (lane) {
      const row = this.#drawn.rowOf(selection, layout)?.depth ?? 0;
      stage.showRow(lane.top + Math.min(row, lane.rows - 1) * ROW_HEIGHT);
    }
    this.#choice.select(selection);
  }

  hit(direction: 1 | -1): void {
    const { layout, originNs, viewport } = this.#shown;
    const hit = this.#search.step(direction, this.#shown.absolute(viewport.view.begin));
    const selection = hit && selectionOfHit(hit, layout, originNs);
    if (selection) this.reveal(selection);
  }

  async link(direction: 1 | -1): Promise<void> {
    const link = await this.#choice.linked.first(direction);
    if (link) this.follow(link);
    else this.#actions.say(this.#t('links-none'));
  }

  /** Selects the span at the other end; where none was open, it goes to the moment. */
  follow({ span, atNs }: SpanLink): void {
    const selection = span && selectionOfHit(span, this.#shown.layout, this.#shown.originNs);
    if (selection) this.reveal(selection);
    else this.moment(this.#shown.relative(atNs));
  }

  /** Brings a moment into sight, and the cursor's line there; `null` takes the line away. */
  moment(at: number | null): void {
    const { viewport } = this.#shown;
    if (at !== null) viewport.bring(at);
    viewport.anchor = at;
    this.#actions.redraw();
  }

  sibling(direction: 1 | -1): void {
    this.#from((selection) => this.#drawn.beside(selection, this.#shown.layout, direction));
  }

  row(direction: 1 | -1): void {
    const { layout, viewport } = this.#shown;
    this.#from((selection) => this.#choice.cursor.beyond(selection, layout, viewport.view, direction));
  }

  lane(direction: 1 | -1): void {
    const { cursor } = this.#choice;
    const lane = cursor.step(this.#shown.layout, direction);
    if (!lane) return;
    this.#shown.stage.showRow(lane.top);
    // Only what is drawn can be found, and the lane may have been out of sight.
    this.#actions.drawNow();
    const found = cursor.first(lane, this.#shown.viewport.view);
    this.#choice.select(found && selectionOfDrawn(found));
    this.#sayLane();
  }

  fold(): void {
    const lane = this.#choice.cursor.lane(this.#shown.layout);
    if (!lane) return;
    this.#shown.layout = this.#shown.layout.toggled(lane.stream);
    this.#sayLane();
  }

  /** Folds the lanes of the process that keys are at, or unfolds them. */
  foldProcess(): void {
    const { layout } = this.#shown;
    const lane = this.#choice.cursor.lane(layout) ?? layout.lanes[0];
    const header = lane?.process && layout.headerOf(lane.process);
    if (!header) return this.#actions.say(this.#t('fold-process-none'));
    this.#choice.cursor.to(header);
    this.fold();
    this.#shown.stage.showRow(header.top);
  }

  /** Selects the time of the span, or what is shown; then the other end is the one that moves. */
  range(): void {
    const { range, span } = this.#choice;
    this.#showKeyed(this.#keyed.chosen(range, span?.extent ?? this.#shown.viewport.view));
  }

  extendRange(direction: 1 | -1): void {
    const { view, bounds } = this.#shown.viewport;
    this.#showKeyed(this.#keyed.extended(this.#choice.extent, view, fit(bounds), direction));
  }

  /** The moving end is where zooming by keys goes to. */
  #showKeyed(range: View): void {
    this.#choice.selectRange(range, true);
    this.moment(this.#keyed.movingEnd(range));
  }

  /** Where nothing is selected yet, keys begin in the lane that they are at. */
  #from(next: (selection: Selection) => ReturnType<DrawnSpans['near']>): void {
    const { layout, viewport } = this.#shown;
    const { span, cursor } = this.#choice;
    const lane = cursor.lane(layout) ?? layout.lanes[0];
    const found = span ? next(span) : lane && cursor.first(lane, viewport.view);
    if (found) this.reveal(selectionOfDrawn(found));
  }

  #sayLane(): void {
    const lane = this.#choice.cursor.lane(this.#shown.layout);
    this.#actions.say(lane ? `${laneTitle(lane)} · ${lane.collapsed ? this.#t('lane-folded') : this.#t('lane-unfolded')}` : '');
  }
}
