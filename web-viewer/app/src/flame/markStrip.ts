import type { Translate } from '../locale/text';
import { count } from '../locale/format';
import { formatDuration } from '../time/ns';
import { GUTTER_WIDTH } from './decor';
import { LABEL_FONT, visibleText, type TextFitter } from './labels';
import { Layer } from './layer';
import { markName, type Mark } from './marks';
import type { Theme } from './theme';
import { xOf, type View } from './view';

const STRIP_HEIGHT = 18;
const PADDING = 4;
/** Below this a label would be an ellipsis. */
const LEAST_LABEL_PIXELS = 22;

export interface MarkFlag {
  readonly mark: Mark;
  /** Of the pole, CSS pixels from the left of the lanes. */
  readonly x: number;
  readonly label: string;
  readonly labelWidth: number;
}

/** How far it is from one mark to the next. */
export interface MarkGap {
  /** Between which pixels its line lies: behind a label, and within what is shown. */
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

export interface StripContent {
  readonly marks: readonly Mark[];
  readonly view: View;
  readonly originNs: bigint;
}

/** Flags of the marks in sight, and the distances between neighbours: as much of both as fits, the distance first. */
export function stripOf({ marks, view, originNs }: StripContent, width: number, fitter: TextFitter): { flags: readonly MarkFlag[]; gaps: readonly MarkGap[] } {
  const places = marks.map((mark) => xOf(view, width, Number(mark.atNs - originNs)));
  const flags: MarkFlag[] = [];
  const gaps: MarkGap[] = [];
  for (let i = -1; i < marks.length; i++) {
    const begin = i < 0 ? 0 : Math.round(places[i]!);
    const isInSight = i >= 0 && begin >= 0 && begin < width;
    const [left, right] = [Math.max(0, begin), Math.min(width, Math.round(places[i + 1] ?? width))];
    const text = i >= 0 && i + 1 < marks.length ? formatDuration(Number(marks[i + 1]!.atNs - marks[i]!.atNs)) : '';
    const needed = text === '' ? 0 : fitter.width(text) + 2 * PADDING;
    let taken = 0;
    if (isInSight) {
      const name = visibleText(markName(marks, marks[i]!));
      const room = right - left - 2 * PADDING;
      const beside = room - needed;
      const label = fitter.fit(name, beside >= Math.min(LEAST_LABEL_PIXELS, fitter.width(name)) ? beside : room);
      taken = label === '' ? 0 : fitter.width(label) + 2 * PADDING;
      flags.push({ mark: marks[i]!, x: begin, label, labelWidth: taken });
    }
    if (text !== '' && right - left - taken >= needed) gaps.push({ from: left + taken, to: right, text });
  }
  return { flags, gaps };
}

/** Above the axis, while there are marks: their names, and how far they are from each other. */
export class MarkStrip {
  readonly root: HTMLCanvasElement;
  readonly #layer = new Layer('mark-strip');
  readonly #t: Translate;
  #width = 1;

  constructor(t: Translate) {
    this.#t = t;
    this.root = this.#layer.canvas;
    this.root.hidden = true;
  }

  resize(width: number, pixelRatio: number): void {
    this.#width = width;
    this.#layer.resize(width + GUTTER_WIDTH, STRIP_HEIGHT, pixelRatio);
  }

  draw(content: StripContent, theme: Theme, fitter: TextFitter): void {
    this.root.hidden = content.marks.length === 0;
    if (this.root.hidden) return;
    const context = this.#layer.cleared();
    context.fillStyle = theme.chrome;
    context.fillRect(0, 0, GUTTER_WIDTH + this.#width, STRIP_HEIGHT);
    context.font = LABEL_FONT;
    context.textBaseline = 'middle';
    const middle = STRIP_HEIGHT / 2;
    context.fillStyle = theme.text;
    context.fillText(this.#t('track-marks'), 8, middle);
    const total = count(content.marks.length);
    context.fillStyle = theme.muted;
    context.fillText(total, GUTTER_WIDTH - 8 - fitter.width(total), middle);
    const { flags, gaps } = stripOf(content, this.#width, fitter);
    for (const { from, to, text } of gaps) {
      const width = fitter.width(text);
      const x = GUTTER_WIDTH + (from + to - width) / 2;
      context.fillStyle = theme.muted;
      context.fillRect(GUTTER_WIDTH + from, middle, Math.max(0, (to - from - width) / 2 - PADDING), 1);
      context.fillRect(x + width + PADDING, middle, Math.max(0, (to - from - width) / 2 - PADDING), 1);
      context.fillStyle = theme.text;
      context.fillText(text, x, middle);
    }
    for (const { x, label, labelWidth } of flags) {
      context.fillStyle = theme.mark;
      context.fillRect(GUTTER_WIDTH + x, 0, 1, STRIP_HEIGHT);
      context.globalAlpha = 0.2;
      context.fillRect(GUTTER_WIDTH + x, 1, labelWidth, STRIP_HEIGHT - 2);
      context.globalAlpha = 1;
      context.fillStyle = theme.text;
      context.fillText(label, GUTTER_WIDTH + x + PADDING, middle);
    }
    context.fillStyle = theme.line;
    context.fillRect(GUTTER_WIDTH - 1, 0, 1, STRIP_HEIGHT);
    context.fillRect(0, STRIP_HEIGHT - 1, GUTTER_WIDTH + this.#width, 1);
  }
}
