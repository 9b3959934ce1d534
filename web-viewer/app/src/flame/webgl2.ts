import { LANES_PER_GROUP } from '../tiles/grid';
import type { Tile } from '../tiles/tile';
import type { ColorBy } from './color';
import { element } from './dom';
import { InstanceBuffers } from './instances';
import { ROW_HEIGHT } from './lanes';
import { RECTANGLE_LOCATION, split, useRectangleProgram, wholeAndRest, type RectangleUniforms } from './rectangleProgram';
import { GAP_FROM_PIXELS, gapOf, type Placement, type RectSurface } from './surface';
import type { Theme } from './theme';

/**
 * Charts of a page that draw by WebGL at a time; others use a 2D canvas. Browsers give some 16 contexts to a page and take away
 * the oldest for one more, and other libraries of a notebook need some as well.
 */
const MOST_CONTEXTS = 8;
let contexts = 0;

const CONTEXT: WebGLContextAttributes = {
  alpha: false,
  antialias: false,
  depth: false,
  stencil: false,
  // Printing, and whatever copies the canvas between two frames, finds the picture.
  preserveDrawingBuffer: true,
  failIfMajorPerformanceCaveat: true,
};

/** Renderers without a GPU. Not every browser takes them for a performance caveat, and a 2D canvas costs the processor far less. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;
/** Whether this browser has been found to have nothing else. */
let softwareOnly = false;

export interface ContextEvents {
  /** The browser took the context away: nothing is on the canvas any more, and drawing does nothing. */
  readonly lost: () => void;
  /** It gave the context back, and the surface can draw again. */
  readonly restored: () => void;
}

/** What has to be made anew with each context. */
interface OnGpu {
  readonly uniforms: RectangleUniforms;
  readonly buffers: InstanceBuffers;
}

/** Draws a tile's rectangles as instances of one: a tile is uploaded once, and moving the view changes a few uniforms. */
export class WebGL2Surface implements RectSurface {
  readonly kind = 'webgl2';
  readonly canvas: HTMLCanvasElement;
  readonly #gl: WebGL2RenderingContext;
  readonly #ended = new AbortController();
  readonly #lanes = new Float32Array(3 * LANES_PER_GROUP);
  #onGpu: OnGpu;
  #theme: Theme | null = null;
  #by: ColorBy = 'name';
  #ratio = 1;

  private constructor(canvas: HTMLCanvasElement, gl: WebGL2RenderingContext, onGpu: OnGpu, events: ContextEvents) {
    this.canvas = canvas;
    this.#gl = gl;
    this.#onGpu = onGpu;
    contexts++;
    const { signal } = this.#ended;
    canvas.addEventListener('webglcontextlost', (event) => {
      // Otherwise it would never be given back.
      event.preventDefault();
      events.lost();
    }, { signal });
    canvas.addEventListener('webglcontextrestored', () => {
      const again = setUp(gl);
      if (!again) return;
      this.#onGpu = again;
      this.#theme = null;
      events.restored();
    }, { signal });
  }

  /** `null` where the browser has no WebGL2, gives this page no more of it, or would draw by software. */
  static create(events: ContextEvents): WebGL2Surface | null {
    if (softwareOnly || contexts >= MOST_CONTEXTS) return null;
    const canvas = element('canvas', 'rectangles');
    const gl = canvas.getContext('webgl2', CONTEXT);
    if (!gl) return null;
    softwareOnly = SOFTWARE.test(rendererOf(gl));
    const onGpu = softwareOnly ? null : setUp(gl);
    if (onGpu) return new WebGL2Surface(canvas, gl, onGpu, events);
    release(gl);
    return null;
  }

  resize(width: number, height: number, pixelRatio: number): void {
    this.canvas.width = Math.max(1, Math.round(width * pixelRatio));
    this.canvas.height = Math.max(1, Math.round(height * pixelRatio));
    this.#ratio = pixelRatio;
  }

  begin(theme: Theme, by: ColorBy): void {
    const gl = this.#gl;
    const { uniforms } = this.#onGpu;
    const ratio = this.#ratio;
    const gap = gapOf(ratio);
    this.#by = by;
    if (theme !== this.#theme) this.#setTheme(theme);
    // Of a canvas too large for the GPU the browser makes less, and stretches it.
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniform2f(uniforms.size, this.canvas.width, this.canvas.height);
    gl.uniform2f(uniforms.perRow, ...split(ROW_HEIGHT * ratio));
    gl.uniform3f(uniforms.shape, gap, GAP_FROM_PIXELS * ratio, Math.round(ROW_HEIGHT * ratio) - gap);
  }

  draw(tile: Tile, placement: Placement, emphasis: Uint8Array | null): void {
    const gl = this.#gl;
    const { uniforms, buffers } = this.#onGpu;
    const ratio = this.#ratio;
    const x = placement.x * ratio;
    const perStep = placement.pixelsPerStep * ratio;
    const left = Math.max(0, Math.round(placement.clipLeft * ratio));
    const right = Math.min(this.canvas.width, Math.round(placement.clipRight * ratio));
    // Counted from the first step in sight, places are exact however far away the tile begins.
    const firstStep = Math.max(0, Math.floor((left - x) / perStep));
    gl.uniform1ui(uniforms.firstStep, firstStep);
    gl.uniform2f(uniforms.origin, ...wholeAndRest(x + firstStep * perStep));
    gl.uniform2f(uniforms.perStep, ...split(perStep));
    gl.uniform2f(uniforms.clip, left, Math.max(left, right));
    this.#setLanes(placement);
    buffers.bind(tile, this.#by, emphasis);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, tile.size);
  }

  end(): void {
    this.#onGpu.buffers.trim();
  }

  dispose(): void {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    contexts--;
    release(this.#gl);
  }

  #setTheme(theme: Theme): void {
    const gl = this.#gl;
    this.#theme = theme;
    const channel = (shift: number): number => ((theme.ground >> shift) & 255) / 255;
    gl.clearColor(channel(0), channel(8), channel(16), 1);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, theme.fills.length, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(theme.fills.buffer));
  }

  #setLanes({ laneTops, laneRows }: Placement): void {
    for (let lane = 0; lane < LANES_PER_GROUP; lane++) {
      const top = laneTops[lane]! * this.#ratio;
      const shown = !Number.isNaN(top);
      const [whole, rest] = wholeAndRest(shown ? top : 0);
      this.#lanes[3 * lane] = whole;
      this.#lanes[3 * lane + 1] = rest;
      this.#lanes[3 * lane + 2] = shown ? laneRows[lane]! : 0;
    }
    this.#gl.uniform3fv(this.#onGpu.uniforms.lanes, this.#lanes);
  }
}

/** Everything that stays as it is between frames. `null` where the driver refuses the program. */
function setUp(gl: WebGL2RenderingContext): OnGpu | null {
  const uniforms = useRectangleProgram(gl);
  if (!uniforms) return null;
  gl.disable(gl.DITHER);
  gl.uniform1i(uniforms.fills, 0);
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, filter, gl.NEAREST);
  return { uniforms, buffers: new InstanceBuffers(gl, RECTANGLE_LOCATION) };
}

function rendererOf(gl: WebGL2RenderingContext): string {
  const name = String(gl.getParameter(gl.RENDERER));
  // Chromium and what is built on it say more only when asked for it; elsewhere the question is deprecated.
  const names = name === 'WebKit WebGL' ? gl.getExtension('WEBGL_debug_renderer_info') : null;
  return names ? String(gl.getParameter(names.UNMASKED_RENDERER_WEBGL)) : name;
}

/** Left to the collector, it would count among the contexts of the page for a long time. */
function release(gl: WebGL2RenderingContext): void {
  gl.getExtension('WEBGL_lose_context')?.loseContext();
}
