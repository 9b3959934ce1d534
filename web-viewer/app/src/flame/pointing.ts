import type { Translate } from '../locale/text';
import type { GestureTarget } from './gestures';
import type { DrawnSpan } from './spans';
import type { Stage } from './stage';
import { Tooltip } from './tooltip';
import type { View } from './view';
import type { Viewport } from './viewport';

export interface PointingActions {
  readonly spanAt: (x: number, y: number) => DrawnSpan | null;
  readonly select: (span: DrawnSpan | null) => void;
  /** Called while a range is dragged open, and once more with `done`. */
  readonly selectRange: (range: View, done: boolean) => void;
  readonly toggleLane: (y: number) => void;
  /** Folds the process whose row is there, and says whether one is. */
  readonly toggleProcess: (y: number) => boolean;
  readonly scroll: (pixels: number) => boolean;
  readonly takesWheel: () => boolean;
  /** What is drawn at the pointer is to be drawn anew. */
  readonly changed: () => void;
}

/** What the pointer over the lanes is at: the moment and the span under it, and what it is about to zoom to. */
export class Pointing implements GestureTarget {
  readonly tooltip: Tooltip;
  readonly #viewport: Viewport;
  readonly #stage: Stage;
  readonly #actions: PointingActions;
  #span: DrawnSpan | null = null;
  #zoomRange: View | null = null;

  constructor(t: Translate, viewport: Viewport, stage: Stage, actions: PointingActions) {
    this.tooltip = new Tooltip(t);
    this.#viewport = viewport;
    this.#stage = stage;
    this.#actions = actions;
  }

  /** The span under the pointer. */
  get span(): DrawnSpan | null {
    return this.#span;
  }

  /** What Alt and drag are about to zoom to. */
  get zoomRange(): View | null {
    return this.#zoomRange;
  }

  /** Moves the cursor's line. */
  to(x: number): void {
    this.#viewport.anchor = this.#viewport.nsAt(x);
    this.#actions.changed();
  }

  hover(x: number, y: number): void {
    this.to(x);
    this.#span = this.#actions.spanAt(x, y);
    if (this.#span) this.tooltip.show(this.#span, x, y, this.#stage.width, this.#stage.height);
    else this.tooltip.hide();
  }

  leave(): void {
    this.#viewport.anchor = null;
    this.#zoomRange = null;
    this.#letGo();
    this.#actions.changed();
  }

  click(x: number, y: number): void {
    if (!this.#actions.toggleProcess(y)) this.#actions.select(this.#actions.spanAt(x, y));
  }

  clickGutter(y: number): void {
    this.#actions.toggleLane(y);
  }

  doubleClick(x: number, y: number): void {
    this.#viewport.focusOn(this.#actions.spanAt(x, y)?.extent ?? null);
  }

  dragRange(from: number, to: number, done: boolean): void {
    this.#letGo();
    this.#actions.selectRange(this.#between(from, to), done);
  }

  dragZoom(from: number, to: number, done: boolean): void {
    this.#letGo();
    const range = this.#between(from, to);
    this.#zoomRange = done ? null : range;
    if (done) this.#viewport.glideTo(range);
    this.#actions.changed();
  }

  pan(pixels: number): void {
    this.#viewport.pan(pixels);
  }

  scroll(pixels: number): boolean {
    return this.#actions.scroll(pixels);
  }

  takesWheel(): boolean {
    return this.#actions.takesWheel();
  }

  zoom(x: number, factor: number): void {
    this.#viewport.zoomAt(x, factor);
  }

  #between(from: number, to: number): View {
    return { begin: this.#viewport.nsAt(Math.min(from, to)), end: this.#viewport.nsAt(Math.max(from, to)) };
  }

  #letGo(): void {
    this.#span = null;
    this.tooltip.hide();
  }
}
