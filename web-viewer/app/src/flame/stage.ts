import { Canvas2DSurface } from './canvas2d';
import { AXIS_HEIGHT, GUTTER_WIDTH, drawDecor, drawLaneLines, type Decor } from './decor';
import { element } from './dom';
import { LABEL_FONT, TextFitter, drawLabels } from './labels';
import type { Search } from './search';
import type { Slot, Window } from './slots';
import type { RectSurface } from './surface';

/** The two canvases on top of each other, and the scroll bar beside them. */
export class Stage {
  readonly root = element('div', 'stage');
  readonly fitter: TextFitter;
  readonly #rectangles = element('canvas', 'rectangles');
  readonly #text = element('canvas', 'text');
  readonly #scroller = element('div', 'scroller');
  readonly #scrolled = element('div', '');
  readonly #surface: RectSurface;
  readonly #context: CanvasRenderingContext2D;
  #width = 0;
  #height = 0;
  #ratio = 0;

  constructor(scrolled: () => void) {
    const context = this.#text.getContext('2d');
    if (!context) throw new Error('this browser gives no 2D canvas');
    this.#context = context;
    this.#surface = new Canvas2DSurface(this.#rectangles);
    this.fitter = new TextFitter((text) => {
      context.font = LABEL_FONT;
      return context.measureText(text).width;
    });
    this.#text.setAttribute('aria-hidden', 'true');
    this.#scroller.tabIndex = -1;
    this.#scroller.append(this.#scrolled);
    this.#scroller.addEventListener('scroll', scrolled);
    this.root.append(this.#rectangles, this.#text, this.#scroller);
  }

  /** Width of the lanes in CSS pixels. */
  get width(): number {
    return this.#width;
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
    this.#text.width = Math.round((width + GUTTER_WIDTH) * ratio);
    this.#text.height = Math.round((height + AXIS_HEIGHT) * ratio);
    this.#text.style.width = `${width + GUTTER_WIDTH}px`;
    this.#text.style.height = `${height + AXIS_HEIGHT}px`;
    this.#rectangles.style.width = `${width}px`;
    this.#rectangles.style.height = `${height}px`;
    return true;
  }

  draw(window: Window, slots: readonly Slot[], search: Search, decor: Decor): void {
    this.#surface.begin(decor.theme);
    for (const slot of slots) this.#surface.draw(slot.tile, slot.placement, search.matches(slot.tile));
    const context = this.#context;
    context.setTransform(this.#ratio, 0, 0, this.#ratio, 0, 0);
    context.clearRect(0, 0, this.#width + GUTTER_WIDTH, this.#height + AXIS_HEIGHT);
    drawLaneLines(context, window, decor.theme);
    context.save();
    context.translate(GUTTER_WIDTH, AXIS_HEIGHT);
    drawLabels(context, this.fitter, decor.theme, slots, window.width, (slot) => search.matches(slot.tile));
    context.restore();
    drawDecor(context, window, decor);
  }
}
