import type { ColorBy } from './color';
import { AXIS_HEIGHT, GUTTER_WIDTH, drawDecor, drawLaneLines, type Decor } from './decor';
import { element } from './dom';
import type { Emphasis } from './emphasis';
import { LABEL_FONT, TextFitter, drawLabels } from './labels';
import { ROW_HEIGHT } from './lanes';
import { Layer } from './layer';
import { Rectangles } from './rectangles';
import type { Slot, Window } from './slots';
import type { SurfaceKind } from './surface';
import type { Theme } from './theme';

/** Three canvases on top of each other (moving the pointer redraws only the topmost), and the scroll bar beside them. */
export class Stage {
  readonly root = element('div', 'stage');
  readonly fitter: TextFitter;
  readonly #rectangles: Rectangles;
  readonly #labels = new Layer('labels');
  readonly #decor = new Layer('decor');
  readonly #scroller = element('div', 'scroller');
  readonly #scrolled = element('div', '');
  #width = 0;
  #height = 0;
  #ratio = 0;

  /** `scrolled`: the lanes were. `blank`: there is nothing on the canvas of the rectangles any more. */
  constructor(scrolled: () => void, blank: () => void) {
    this.#rectangles = new Rectangles(blank);
    const { context } = this.#labels;
    this.fitter = new TextFitter((text) => {
      context.font = LABEL_FONT;
      return context.measureText(text).width;
    });
    this.#scroller.tabIndex = -1;
    this.#scroller.append(this.#scrolled);
    this.#scroller.addEventListener('scroll', scrolled);
    this.root.append(this.#rectangles.canvas, this.#labels.canvas, this.#decor.canvas, this.#scroller);
  }

  get surface(): SurfaceKind {
    return this.#rectangles.kind;
  }

  /** Width of the lanes in CSS pixels. */
  get width(): number {
    return this.#width;
  }

  get pixelRatio(): number {
    return this.#ratio;
  }

  get height(): number {
    return this.#height;
  }

  get scrollTop(): number {
    return Math.round(this.#scroller.scrollTop);
  }

  set scrollTop(pixels: number) {
    this.#scroller.scrollTop = pixels;
  }

  /** Scrolls only where the row at `top` is out of sight. */
  showRow(top: number): void {
    if (top < this.scrollTop || top + ROW_HEIGHT > this.scrollTop + this.#height) this.scrollTop = top - this.#height / 2;
  }

  setContentHeight(pixels: number): void {
    this.#scrolled.style.height = `${pixels}px`;
  }

  /** Takes over the size of the element; false where nothing changed. */
  measure(): boolean {
    const width = Math.max(1, this.root.clientWidth - GUTTER_WIDTH - this.#scroller.offsetWidth);
    const height = Math.max(1, this.root.clientHeight - AXIS_HEIGHT);
    const ratio = devicePixelRatio;
    if (width === this.#width && height === this.#height && ratio === this.#ratio) return false;
    this.#width = width;
    this.#height = height;
    this.#ratio = ratio;
    this.#rectangles.resize(width, height, ratio);
    this.#labels.resize(width, height, ratio);
    this.#decor.resize(width + GUTTER_WIDTH, height + AXIS_HEIGHT, ratio);
    return true;
  }

  /** Draws what the view shows. */
  drawSpans(window: Window, slots: readonly Slot[], emphasis: Emphasis, theme: Theme, by: ColorBy): void {
    this.#rectangles.draw(slots, emphasis, theme, by);
    drawLabels(this.#labels.cleared(), this.fitter, theme, slots, window.width, (slot) => emphasis.of(slot.tile));
  }

  /** Draws what lies over and around it. */
  drawDecor(window: Window, decor: Decor): void {
    const context = this.#decor.cleared();
    drawLaneLines(context, window, decor.theme);
    drawDecor(context, window, decor);
  }

  dispose(): void {
    this.#rectangles.dispose();
  }
}
