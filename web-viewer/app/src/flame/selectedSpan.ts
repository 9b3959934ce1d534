import type { LaneLayout } from './lanes';
import type { SpanLookup } from './lookup';
import { sameSpan, selectionOfDetails, withDetails, type Selection, type SpanRef } from './selection';

/** The selected span, known at first as far as it is drawn (or only by the link), then in full. */
export class SelectedSpan {
  readonly #lookup: SpanLookup;
  readonly #layout: () => LaneLayout;
  readonly #originNs: bigint;
  readonly #changed: (problem: string | null) => void;
  readonly #ended = new AbortController();
  #selection: Selection | null = null;
  #ref: SpanRef | null = null;

  /** `changed` is called when details have arrived, or with the reason why they have not. */
  constructor(lookup: SpanLookup, layout: () => LaneLayout, originNs: bigint, changed: (problem: string | null) => void) {
    this.#lookup = lookup;
    this.#layout = layout;
    this.#originNs = originNs;
    this.#changed = changed;
  }

  get current(): Selection | null {
    return this.#selection;
  }

  /** Which span is meant, also while nothing else is known of it. */
  get ref(): SpanRef | null {
    return this.#ref;
  }

  set(selection: Selection | null): void {
    this.#selection = selection;
    this.#ref = selection && { stream: selection.stream, span: selection.span };
    void this.#describe();
  }

  /** Selects what a link names. */
  restore(ref: SpanRef | null): void {
    this.#ref = ref;
    void this.#describe();
  }

  dispose(): void {
    this.#ended.abort();
  }

  async #describe(): Promise<void> {
    const ref = this.#ref;
    const { signal } = this.#ended;
    if (!ref) return;
    try {
      const details = await this.#lookup.describe(ref.stream, ref.span, signal);
      if (!details || signal.aborted || !sameSpan(ref, this.#ref)) return;
      this.#selection = this.#selection
        ? withDetails(this.#selection, details, this.#originNs)
        : selectionOfDetails(ref, details, this.#layout(), this.#originNs);
      this.#changed(null);
    } catch (problem) {
      if (!signal.aborted && sameSpan(ref, this.#ref)) this.#changed(problem instanceof Error ? problem.message : String(problem));
    }
  }
}
