import type { Motion } from './keys';
import { Motions } from './motion';
import { around, clamp, fit, nsAt, pan, sameView, spanOf, zoom, type View } from './view';

/** How fast held keys zoom (factor per second) and move (views, pixels per second). */
const ZOOM_PER_SECOND = 9;
const VIEWS_PER_SECOND = 1.1;
const SCROLL_PER_SECOND = 900;

/** The part of the process that is shown, and all ways to another part. */
export class Viewport {
  #bounds: View;
  /** Where held keys zoom to, nanoseconds from the origin; the middle when `null`. */
  anchor: number | null = null;
  readonly #changed: () => void;
  readonly #scroll: (pixels: number) => void;
  readonly #motions = new Motions((motion, seconds) => this.#move(motion, seconds));
  #view: View;
  #width = 1;

  constructor(bounds: View, view: View | null, changed: () => void, scroll: (pixels: number) => void) {
    this.#bounds = bounds;
    this.#view = view ?? fit(bounds);
    this.#changed = changed;
    this.#scroll = scroll;
  }

  get view(): View {
    return this.#view;
  }

  get bounds(): View {
    return this.#bounds;
  }

  /** Whether the end of everything is in sight. */
  get seesEnd(): boolean {
    return this.#view.end >= fit(this.#bounds).end - spanOf(this.#view) / this.#width;
  }

  /** Takes over how far everything reaches. Who sees what is to be kept, all of it or (with `end`) its end, goes on doing so; all others stay where they are. */
  rebound(bounds: View, keeps: 'end' | 'all' | 'view'): void {
    const before = fit(this.#bounds);
    const { begin, end } = this.#view;
    const pixel = spanOf(this.#view) / this.#width;
    const seesAll = keeps !== 'view' && this.seesEnd && begin <= before.begin + pixel;
    const seesEnd = keeps === 'end' && this.seesEnd;
    this.#bounds = bounds;
    const after = fit(bounds);
    const moved = after.end - before.end;
    this.show(seesAll ? after : seesEnd ? { begin: begin + moved, end: end + moved } : this.#view);
  }

  /** Takes over the width of the lanes in CSS pixels. */
  resize(width: number): void {
    this.#width = width;
    this.#view = clamp(this.#view, this.bounds, width);
  }

  nsAt(x: number): number {
    return nsAt(this.#view, this.#width, x);
  }

  show(view: View): void {
    this.#view = clamp(view, this.bounds, this.#width);
    this.#changed();
  }

  glideTo(view: View): void {
    this.#motions.glide(this.#view, clamp(view, this.bounds, this.#width), (between) => this.show(between));
  }

  fitAll(): void {
    this.glideTo(fit(this.bounds));
  }

  /** As long a part as is shown, from the begin of everything or up to its end. */
  showEnd(end: 'begin' | 'end'): void {
    const all = fit(this.bounds);
    const span = spanOf(this.#view);
    this.glideTo(end === 'begin' ? { begin: all.begin, end: all.begin + span } : { begin: all.end - span, end: all.end });
  }

  /** Moves as far as needed to have a moment in sight. */
  bring(at: number): void {
    const { begin, end } = this.#view;
    if (at >= begin && at <= end) return;
    this.#motions.stopGlide();
    this.show(at < begin ? { begin: at, end: at + end - begin } : { begin: at - (end - begin), end: at });
  }

  /** Shows `range`; when it is shown already, everything. */
  focusOn(range: View | null): void {
    if (!range) return;
    const target = clamp(around(range), this.bounds, this.#width);
    this.glideTo(sameView(target, this.#view) ? fit(this.bounds) : target);
  }

  pan(pixels: number): void {
    this.#motions.stopGlide();
    this.show(pan(this.#view, (pixels / this.#width) * spanOf(this.#view), this.bounds, this.#width));
  }

  zoomAt(x: number, factor: number): void {
    this.#motions.stopGlide();
    this.show(zoom(this.#view, this.nsAt(x), factor, this.bounds, this.#width));
  }

  press(motion: Motion): void {
    this.#motions.press(motion);
  }

  /** `null`: all of them. */
  release(motion: Motion | null): void {
    if (motion === null) this.#motions.releaseAll();
    else this.#motions.release(motion);
  }

  dispose(): void {
    this.#motions.dispose();
  }

  #move(motion: Motion, seconds: number): void {
    switch (motion) {
      case 'up': return this.#scroll(-SCROLL_PER_SECOND * seconds);
      case 'down': return this.#scroll(SCROLL_PER_SECOND * seconds);
      case 'left': return this.pan(-VIEWS_PER_SECOND * seconds * this.#width);
      case 'right': return this.pan(VIEWS_PER_SECOND * seconds * this.#width);
      case 'zoom-in': return this.#zoomBy(ZOOM_PER_SECOND ** -seconds);
      case 'zoom-out': return this.#zoomBy(ZOOM_PER_SECOND ** seconds);
    }
  }

  #zoomBy(factor: number): void {
    this.show(zoom(this.#view, this.anchor ?? (this.#view.begin + this.#view.end) / 2, factor, this.bounds, this.#width));
  }
}
