import type { DrawnSpans } from './drawnSpans';
import { LaneCursor } from './laneCursor';
import { LinkedEvents } from './linkedEvents';
import type { SpanLookup } from './lookup';
import { SelectedSpan } from './selectedSpan';
import type { Selection, SpanRef } from './selection';
import type { Shown } from './shown';
import type { View } from './view';

export interface ChoiceActions {
  /** Something else is selected, or more is known of it; `problem`: why more is not. */
  readonly changed: (problem: string | null) => void;
  /** The reader has come to rest at it. */
  readonly rest: () => void;
}

/** What a reader selected, a span or a range of time: one of them at a time. */
export class Choice {
  readonly linked: LinkedEvents;
  /** The lane that keys are at follows the span. */
  readonly cursor: LaneCursor;
  readonly #selected: SelectedSpan;
  readonly #actions: ChoiceActions;
  #range: View | null;

  constructor(lookup: SpanLookup, shown: Shown, drawn: DrawnSpans, range: View | null, actions: ChoiceActions) {
    this.#actions = actions;
    this.#range = range;
    this.cursor = new LaneCursor(drawn);
    this.#selected = new SelectedSpan(lookup, () => shown.layout, shown.originNs, (problem) => this.#described(problem));
    this.linked = new LinkedEvents(lookup, () => actions.changed(null));
  }

  get span(): Selection | null {
    return this.#selected.current;
  }

  /** Which span is meant, also while nothing else is known of it. */
  get ref(): SpanRef | null {
    return this.#selected.ref;
  }

  get range(): View | null {
    return this.#range;
  }

  /** When what is selected is. */
  get extent(): View | null {
    return this.#range ?? this.span?.extent ?? null;
  }

  /** Selects what a link names. */
  restore(ref: SpanRef | null): void {
    this.#selected.restore(ref);
    this.linked.of(ref);
  }

  /** `done`: the range is no longer dragged. */
  selectRange(range: View, done: boolean): void {
    this.#range = range;
    this.#selected.set(null);
    this.linked.of(null);
    this.#actions.changed(null);
    if (done) this.#actions.rest();
  }

  /** Selects a span, or nothing at all. */
  select(selection: Selection | null): void {
    this.#range = null;
    this.#selected.set(selection);
    this.linked.of(this.#selected.ref);
    this.cursor.follow(selection);
    this.#actions.changed(null);
    this.#actions.rest();
  }

  dispose(): void {
    this.#selected.dispose();
    this.linked.dispose();
  }

  #described(problem: string | null): void {
    this.cursor.follow(this.span);
    this.#actions.changed(problem);
    this.#actions.rest();
  }
}
