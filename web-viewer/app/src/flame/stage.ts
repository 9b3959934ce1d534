import { Canvas2DSurface } from './canvas2d';
import type { ColorBy } from './color';
import { AXIS_HEIGHT, GUTTER_WIDTH, drawDecor, drawLaneLines, type Decor } from './decor';
import { element } from './dom';
import { LABEL_FONT, TextFitter, drawLabels } from './labels';
import { ROW_HEIGHT } from './lanes';
import { Layer } from './layer';
import type { Search } from './search';
import type { Slot, Window } from './slots';
import type { RectSurface } from './surface';
import type { Theme } from './theme';

/** Three canvases on top of each other (moving the pointer redraws only the topmost), and the scroll bar beside them. */
export class Stage {
  readonly root = element('div', 'stage');
  readonly fitter: TextFitter;
  readonly #rectangles = element('canvas', 'rectangles');
  readonly #labels = new Layer('labels');
  readonly #decor = new Layer('decor');
  readonly #scroller = element('div', 'scroller');
  readonly #scrolled = element('div', '');
  readonly #surface: RectSurface;
  #width = 0;
  #height = 0;
  #ratio = 0;

  constructor(scrolled: () => void) {
    this.#surface = new Canvas2DSurface(this.#rectangles);
    const { context } = this.#labels;
    this.fitter = new TextFitter((text) => {
      context.font = LABEL_FONT;
      return context.measureText(text).width;
    });
    this.#scroller.tabIndex = -1;
    this.#scroller.append(this.#scrolled);
    this.#scroller.addEventListener('scroll', scrolled);
    this.root.append(this.#rectangles, this.#labels.canvas, this.#decor.canvas, this.#scroller);
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
    this.#surface.resize(width, height, ratio);
    this.#labels.resize(width, height, ratio);
    this.#decor.resize(width + GUTTER_WIDTH, height + AXIS_HEIGHT, ratio);
    this.#rectangles.style.width = `${width}px`;
    this.#rectangles.style.height = `${height}px`;
    return true;
  }

  /** Draws what the view shows. */
  drawSpans(window: Window, slots: readonly Slot[], search: Search, theme: Theme, by: ColorBy): void {
    this.#surface.begin(theme, by);
    for (const slot of slots) this.#surface.draw(slot.tile, slot.placement, search.matches(slot.tile));
    this.#surface.end();
    drawLabels(this.#labels.cleared(), this.fitter, theme, slots, window.width, (slot) => search.matches(slot.tile));
  }

  /** Draws what lies over and around it. */
  drawDecor(window: Window, decor: Decor): void {
    const context = this.#decor.cleared();
    drawLaneLines(context, window, decor.theme);
    drawDecor(context, window, decor);
  }
}
