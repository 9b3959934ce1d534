import type { Translate } from '../locale/text';
import { formatDuration } from '../time/ns';
import { durationStep, type ColorBy } from './color';
import { AXIS_HEIGHT, GUTTER_WIDTH } from './decor';
import { element } from './dom';
import { listenToPointer, type GestureTarget } from './gestures';
import { LABEL_FONT, TextFitter, visibleText } from './labels';
import { ROW_HEIGHT } from './lanes';
import { Layer } from './layer';
import { matchesText } from './lookup';
import { MergedLayout, type Box } from './mergedLayout';
import type { MergedSpans } from './mergedSpans';
import { DIMMED, colorOfDepth, colorOfDuration, colorOfName, hashOf, styleOf, type Theme } from './theme';
import { around, spanOf, xOf } from './view';
import { Viewport } from './viewport';

const MIN_LABEL_PIXELS = 22;
const PADDING = 4;
const TOOLTIP_OFFSET = 14;
/** All of a colour, as rectangles have that are one span. */
const FULL = 255;

export interface MergedStageActions {
  select(box: Box | null): void;
  /** Puts it in the middle of a sandwich. */
  open(box: Box): void;
  takesWheel(): boolean;
  describe(box: Box): readonly string[];
}

export interface MergedContent {
  readonly theme: Theme;
  readonly color: ColorBy;
  readonly query: string;
  readonly selected: Box | null;
}

/** Draws merged spans. Its axis is total time, so that nothing in it has a moment. */
export class MergedStage implements GestureTarget {
  readonly root = element('div', 'merged-stage');
  readonly #t: Translate;
  readonly #actions: MergedStageActions;
  readonly #layer = new Layer('merged-canvas');
  readonly #scroller = element('div', 'scroller');
  readonly #scrolled = element('div', '');
  readonly #head = element('div', 'merged-head');
  readonly #tooltip = element('div', 'tooltip');
  readonly #fitter: TextFitter;
  readonly #content: () => MergedContent;
  #layout: MergedLayout | null = null;
  #viewport: Viewport | null = null;
  #hover: Box | null = null;
  #width = 1;
  #height = 1;
  #dragged: number | null = null;
  #frame = 0;

  constructor(t: Translate, content: () => MergedContent, actions: MergedStageActions) {
    this.#t = t;
    this.#content = content;
    this.#actions = actions;
    const { context } = this.#layer;
    this.#fitter = new TextFitter((text) => {
      context.font = LABEL_FONT;
      return context.measureText(text).width;
    });
    this.#tooltip.setAttribute('role', 'tooltip');
    this.#tooltip.hidden = true;
    this.#scroller.tabIndex = -1;
    this.#scroller.append(this.#scrolled);
    this.#scroller.addEventListener('scroll', () => this.redraw());
    this.root.append(this.#head, this.#layer.canvas, this.#scroller, this.#tooltip);
    listenToPointer(this.root, this);
  }

  get layout(): MergedLayout | null {
    return this.#layout;
  }

  get viewport(): Viewport | null {
    return this.#viewport;
  }

  /** Shows other spans, all of them. `head`: what they are, in a line. */
  show(spans: MergedSpans, head: string): void {
    this.clear();
    this.#head.textContent = head;
    this.#head.title = head;
    this.#layout = new MergedLayout(spans, { callers: this.#t('merged-callers'), callees: this.#t('merged-callees') });
    this.#viewport = new Viewport({ begin: 0, end: this.#layout.wholeNs }, null, () => this.redraw(), (pixels) => this.scroll(pixels));
    this.measure();
    this.#viewport.resize(this.#width);
    this.#scrolled.style.height = `${this.#layout.height}px`;
    // Callers of callers stand above; what is looked at is the middle.
    const middle = this.#layout.boxes.find((box) => box.middle);
    this.#scroller.scrollTop = middle ? middle.top - this.#height / 2 : 0;
    this.redraw();
  }

  clear(): void {
    this.#viewport?.dispose();
    this.#viewport = null;
    this.#layout = null;
    this.#head.textContent = '';
    this.leave();
    this.redraw();
  }

  /** Takes over the size of the element. */
  measure(): void {
    this.#width = Math.max(1, this.root.clientWidth - GUTTER_WIDTH - this.#scroller.offsetWidth);
    this.#height = Math.max(1, this.root.clientHeight - AXIS_HEIGHT);
    this.#layer.resize(this.#width + GUTTER_WIDTH, this.#height, devicePixelRatio);
    this.#viewport?.resize(this.#width);
    this.redraw();
  }

  /** Draws in the next frame. */
  redraw(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  zoomTo(box: Box): void {
    this.#viewport?.focusOn({ begin: box.begin, end: box.end });
  }

  /** Selects, and moves only as far as needed to see it. */
  reveal(box: Box): void {
    const view = this.#viewport?.view;
    if (view && (box.end < view.begin || box.begin > view.end)) this.#viewport!.glideTo(around(box));
    if (box.top < this.#scroller.scrollTop || box.top + ROW_HEIGHT > this.#scroller.scrollTop + this.#height) this.#scroller.scrollTop = box.top - this.#height / 2;
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame);
    this.#viewport?.dispose();
  }

  hover(x: number, y: number): void {
    // Before the answer there is no axis.
    if (!this.#viewport) return;
    this.#viewport.anchor = this.#viewport.nsAt(x);
    const box = this.#boxAt(x, y);
    if (box !== this.#hover) this.redraw();
    this.#hover = box;
    if (box) this.#showTooltip(box, x + GUTTER_WIDTH, y + AXIS_HEIGHT);
    else this.#tooltip.hidden = true;
  }

  leave(): void {
    if (this.#viewport) this.#viewport.anchor = null;
    this.#hover = null;
    this.#tooltip.hidden = true;
    this.redraw();
  }

  click(x: number, y: number): void {
    this.#actions.select(this.#boxAt(x, y));
  }

  clickGutter(): void {
    this.#actions.select(null);
  }

  doubleClick(x: number, y: number): void {
    const box = this.#boxAt(x, y);
    if (box) this.zoomTo(box);
  }

  /** There is no time to select: dragging moves. */
  dragRange(from: number, to: number, done: boolean): void {
    this.#viewport?.pan((this.#dragged ?? from) - to);
    this.#dragged = done ? null : to;
  }

  dragZoom(from: number, to: number, done: boolean): void {
    const viewport = this.#viewport;
    if (viewport && done) viewport.glideTo({ begin: viewport.nsAt(Math.min(from, to)), end: viewport.nsAt(Math.max(from, to)) });
  }

  pan(pixels: number): void {
    this.#viewport?.pan(pixels);
  }

  scroll(pixels: number): boolean {
    const before = this.#scroller.scrollTop;
    this.#scroller.scrollTop = before + pixels;
    return this.#scroller.scrollTop !== before;
  }

  takesWheel(): boolean {
    return this.#actions.takesWheel();
  }

  zoom(x: number, factor: number): void {
    this.#viewport?.zoomAt(x, factor);
  }

  #boxAt(x: number, y: number): Box | null {
    return this.#viewport && this.#layout && y >= 0 ? this.#layout.at(y + this.#scroller.scrollTop, this.#viewport.nsAt(x)) : null;
  }

  #showTooltip(box: Box, x: number, y: number): void {
    const [name, ...facts] = this.#actions.describe(box);
    this.#tooltip.replaceChildren(element('div', 'tooltip-name', visibleText(name!)), element('div', 'tooltip-facts', facts.map(visibleText).join(' · ')));
    this.#tooltip.hidden = false;
    // Its own place is where lanes begin.
    const { offsetWidth: width, offsetHeight: height } = this.#tooltip;
    const left = x + TOOLTIP_OFFSET + width > this.root.clientWidth ? Math.max(0, x - TOOLTIP_OFFSET - width) : x + TOOLTIP_OFFSET;
    const top = y + TOOLTIP_OFFSET + height > this.root.clientHeight ? Math.max(0, y - TOOLTIP_OFFSET - height) : y + TOOLTIP_OFFSET;
    this.#tooltip.style.transform = `translate(${Math.round(left - GUTTER_WIDTH)}px, ${Math.round(top - AXIS_HEIGHT)}px)`;
  }

  #draw(): void {
    this.#frame = 0;
    const context = this.#layer.cleared();
    const [layout, viewport] = [this.#layout, this.#viewport];
    if (!layout || !viewport) return;
    const content = this.#content();
    const { theme } = content;
    const scrollTop = this.#scroller.scrollTop;
    context.font = LABEL_FONT;
    context.textBaseline = 'middle';
    context.textAlign = 'left';
    context.save();
    context.beginPath();
    context.rect(GUTTER_WIDTH, 0, this.#width, this.#height);
    context.clip();
    for (const box of layout.boxes) {
      const y = box.top - scrollTop;
      if (y + ROW_HEIGHT < 0 || y > this.#height) continue;
      const x0 = xOf(viewport.view, this.#width, box.begin);
      const x1 = xOf(viewport.view, this.#width, box.end);
      if (x1 < 0 || x0 > this.#width) continue;
      this.#drawBox(context, content, box, Math.max(0, x0), Math.max(Math.min(this.#width, x1), x0 + 0.5), y);
    }
    for (const box of [this.#hover, content.selected]) {
      if (!box) continue;
      const x0 = Math.max(-2, xOf(viewport.view, this.#width, box.begin));
      const x1 = Math.min(this.#width + 2, xOf(viewport.view, this.#width, box.end));
      context.strokeStyle = theme.selection;
      context.lineWidth = box === content.selected ? 2 : 1;
      context.strokeRect(GUTTER_WIDTH + x0 + 0.5, box.top - scrollTop + 0.5, Math.max(1, x1 - x0 - 1), ROW_HEIGHT - 2);
    }
    context.restore();
    this.#drawGutter(context, layout, theme, scrollTop);
    const corner = this.#t('merged-visible', { duration: formatDuration(Math.min(layout.wholeNs, spanOf(viewport.view))) });
    context.fillStyle = theme.muted;
    context.textAlign = 'right';
    context.fillText(corner, GUTTER_WIDTH + this.#width - 6, this.#height - 8);
  }

  #drawBox(context: CanvasRenderingContext2D, { theme, color, query }: MergedContent, box: Box, x0: number, x1: number, y: number): void {
    const wide = x1 - x0 > 3;
    const name = nameOf(box, this.#t);
    const dimmed = query !== '' && (box.leftOut > 0 || !matchesText(name, query));
    context.fillStyle = box.leftOut > 0 ? theme.line : cssOf(theme.fills[styleOf(colorOf(box, color), FULL) + (dimmed ? DIMMED : 0)]!);
    context.fillRect(GUTTER_WIDTH + x0, y, Math.max(0.5, x1 - x0 - (wide ? 1 : 0)), ROW_HEIGHT - 1);
    const room = x1 - x0 - 2 * PADDING;
    if (room + 2 * PADDING < MIN_LABEL_PIXELS || (dimmed && box.leftOut === 0)) return;
    const text = this.#fitter.fit(visibleText(name), room);
    if (text === '') return;
    context.fillStyle = box.leftOut > 0 ? theme.muted : theme.label;
    context.fillText(text, GUTTER_WIDTH + x0 + PADDING, y + ROW_HEIGHT / 2);
    const duration = formatDuration(box.end - box.begin);
    const used = this.#fitter.width(text);
    if (text.endsWith('…') || used + this.#fitter.width(duration) + 10 > room) return;
    context.fillStyle = theme.labelMuted;
    context.fillText(duration, GUTTER_WIDTH + x0 + PADDING + used + 8, y + ROW_HEIGHT / 2);
  }

  #drawGutter(context: CanvasRenderingContext2D, layout: MergedLayout, theme: Theme, scrollTop: number): void {
    for (const band of layout.bands) {
      const y = band.top - scrollTop;
      if (y > this.#height || y + band.rows * ROW_HEIGHT < 0) continue;
      const title = band.tree ? visibleText(band.title) : '';
      context.fillStyle = theme.text;
      context.textAlign = 'left';
      context.fillText(this.#fitter.fit(title, GUTTER_WIDTH - 16), 8, y + ROW_HEIGHT / 2);
      if (band.tree && band.rows > 1) {
        context.fillStyle = theme.muted;
        context.fillText(formatDuration(band.tree.totalNs), 8, y + 1.5 * ROW_HEIGHT);
      }
      context.fillStyle = theme.line;
      context.fillRect(0, y + band.rows * ROW_HEIGHT + 3, GUTTER_WIDTH + this.#width, 1);
    }
    context.fillStyle = theme.line;
    context.fillRect(GUTTER_WIDTH - 1, 0, 1, this.#height);
  }
}

/** What stands in a rectangle. */
export function nameOf(box: Box, t: Translate): string {
  if (box.leftOut > 0) return t('merged-more', { count: box.leftOut });
  return box.frame?.name ?? box.middle?.name ?? '';
}

function colorOf({ frame, middle }: Box, by: ColorBy): number {
  const of = frame ?? middle!;
  switch (by) {
    case 'name': return colorOfName(hashOf(of.name));
    case 'depth': return colorOfDepth(frame ? frame.depth : 0);
    case 'duration': return colorOfDuration(durationStep(of.totalNs / Math.max(1, of.count)));
  }
}

function cssOf(pixel: number): string {
  return `rgb(${pixel & 255} ${(pixel >> 8) & 255} ${(pixel >> 16) & 255})`;
}
