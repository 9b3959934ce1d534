import { formatDuration } from '../time/ns';
import type { SpanLink, SpanLinks, SpanLookup } from './lookup';
import { sameSpan, type SpanRef } from './selection';

/** What the selected span's events are linked to: asked for when it is selected. */
export class LinkedEvents {
  readonly #lookup: SpanLookup;
  readonly #changed: () => void;
  #ref: SpanRef | null = null;
  #reading: AbortController | null = null;
  #found: Promise<void> = Promise.resolve();
  links: readonly SpanLink[] = [];
  /** Points of flows in it whose links are not among these. */
  leftOut = 0;
  problem: string | null = null;

  constructor(lookup: SpanLookup, changed: () => void) {
    this.#lookup = lookup;
    this.#changed = changed;
  }

  /** Takes over what is selected now. */
  of(ref: SpanRef | null): void {
    if (sameSpan(ref, this.#ref)) return;
    this.#reading?.abort();
    this.#ref = ref;
    this.links = [];
    this.leftOut = 0;
    this.problem = null;
    if (!ref) return;
    const reading = new AbortController();
    this.#reading = reading;
    this.#found = this.#read(ref, reading.signal);
  }

  /** Once the answer is there, the first link in a direction; `null`: there is none. */
  async first(direction: 1 | -1): Promise<SpanLink | null> {
    const ref = this.#ref;
    await this.#found;
    return sameSpan(ref, this.#ref) ? (this.links.find((link) => link.direction === direction) ?? null) : null;
  }

  dispose(): void {
    this.#reading?.abort();
  }

  async #read(ref: SpanRef, signal: AbortSignal): Promise<void> {
    try {
      const { links, leftOut }: SpanLinks = await this.#lookup.links(ref.stream, ref.span, signal);
      if (signal.aborted) return;
      this.links = links;
      this.leftOut = leftOut;
    } catch (error) {
      if (signal.aborted) return;
      this.problem = error instanceof Error ? error.message : String(error);
    }
    this.#changed();
  }
}

/** How long it takes from one end of a link to the other. */
export function linkDuration({ fromNs, atNs }: SpanLink): string {
  return formatDuration(Math.abs(Number(atNs - fromNs)));
}
