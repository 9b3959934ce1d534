import { Canvas2DSurface } from './canvas2d';
import type { ColorBy } from './color';
import type { Emphasis } from './emphasis';
import type { Slot } from './slots';
import type { RectSurface, SurfaceKind } from './surface';
import type { Theme } from './theme';
import { WebGL2Surface } from './webgl2';

/**
 * The canvas that the rectangles of a chart are on. WebGL2 draws them where the browser gives it; a 2D canvas does where it doesn't,
 * and from the moment that it takes the context away until it gives it back.
 */
export class Rectangles {
  readonly #blank: () => void;
  readonly #webgl: WebGL2Surface | null;
  #surface: RectSurface;
  #width = 1;
  #height = 1;
  #ratio = 1;

  /** `blank`: another canvas has taken the place of the one that was drawn on, and has to be drawn on before the page is shown. */
  constructor(blank: () => void) {
    this.#blank = blank;
    this.#webgl = WebGL2Surface.create({ lost: () => this.#show(new Canvas2DSurface()), restored: () => this.#show(this.#webgl!) });
    this.#surface = this.#webgl ?? new Canvas2DSurface();
  }

  get kind(): SurfaceKind {
    return this.#surface.kind;
  }

  get canvas(): HTMLCanvasElement {
    return this.#surface.canvas;
  }

  /** In CSS pixels. */
  resize(width: number, height: number, pixelRatio: number): void {
    this.#width = width;
    this.#height = height;
    this.#ratio = pixelRatio;
    this.#surface.resize(width, height, pixelRatio);
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
  }

  draw(slots: readonly Slot[], emphasis: Emphasis, theme: Theme, by: ColorBy): void {
    this.#surface.begin(theme, by);
    for (const slot of slots) this.#surface.draw(slot.tile, slot.placement, emphasis.of(slot.tile));
    this.#surface.end();
  }

  dispose(): void {
    this.#webgl?.dispose();
  }

  #show(surface: RectSurface): void {
    this.canvas.replaceWith(surface.canvas);
    this.#surface = surface;
    this.resize(this.#width, this.#height, this.#ratio);
    this.#blank();
  }
}
