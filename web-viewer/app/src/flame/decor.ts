import { ticks } from '../time/axis';
import { drawArrows, type Arrow } from './arrows';
import { LABEL_FONT, laneTitle, visibleText, type TextFitter } from './labels';
import { ROW_HEIGHT, type Lane, type LaneRow } from './lanes';
import type { Window } from './slots';
import type { Theme } from './theme';
import { nsPerPixel, xOf, type View } from './view';

export const GUTTER_WIDTH = 156;
export const AXIS_HEIGHT = 22;

/** Wide enough for the longest label, so that labels never touch. */
const TICK_SPACING = 120;
const MINOR_TICKS = 5;

export interface Outline {
  readonly row: LaneRow;
  readonly extent: View;
}

/** A time of which not all is known, and the heights of the lanes that it is of, without scrolling. */
export interface Hatched extends View {
  readonly top: number;
  readonly bottom: number;
}

export interface Decor {
  readonly theme: Theme;
  readonly fitter: TextFitter;
  readonly range: View | null;
  /** The position of the pointer, nanoseconds from the origin. */
  readonly cursor: number | null;
  readonly hover: Outline | null;
  readonly selection: Outline | null;
  /** What the selected span's events are linked to. */
  readonly arrows: readonly Arrow[];
  /** Begins of search hits, drawn as marks on the axis. */
  readonly marks: readonly number[];
  readonly currentMark: number | null;
  /** Moments marked by a reader. */
  readonly marked: readonly number[];
  readonly corner: string;
  /** What was not read yet, and what is said of it. */
  readonly unread: readonly Hatched[];
  readonly unreadText: string;
  /** From the first to the last event of each process that shares the axis, by its number. */
  readonly lives: ReadonlyMap<number, View>;
  /** Where keys are. */
  readonly lane: Lane | null;
}

/** Draws all that is not a rectangle or its label. Coordinates are CSS pixels of the whole stage. */
export function drawDecor(context: CanvasRenderingContext2D, window: Window, decor: Decor): void {
  const { width, height } = window;
  context.save();
  context.beginPath();
  context.rect(GUTTER_WIDTH, AXIS_HEIGHT, width, height);
  context.clip();
  context.translate(GUTTER_WIDTH, AXIS_HEIGHT);
  drawUnread(context, window, decor);
  drawHeaders(context, window, decor);
  drawRange(context, window, decor);
  if (decor.hover) drawOutline(context, window, decor.hover, decor.theme.muted, 1);
  if (decor.selection) drawOutline(context, window, decor.selection, decor.theme.selection, 2);
  drawArrows(context, window, decor.arrows, decor.theme.selection);
  context.restore();
  drawAxis(context, window, decor);
  drawGutter(context, window, decor);
}

/** Lines behind everything; drawn on the same canvas as the labels, under them. */
export function drawLaneLines(context: CanvasRenderingContext2D, window: Window, theme: Theme): void {
  context.fillStyle = theme.line;
  for (const lane of window.layout.lanes) {
    const y = Math.round(lane.top + lane.rows * ROW_HEIGHT + 3 - window.scrollTop);
    if (y > 0 && y < window.height) context.fillRect(GUTTER_WIDTH, y + AXIS_HEIGHT, window.width, 1);
  }
}

/** Between two lines of the hatch, pixels across. */
const HATCH_SPACING = 9;
const LEAST_TEXT_PIXELS = 60;

/** Of the row of a process, pixels: what it has above and below, and of the line from its begin to its end. */
const HEADER_MARGIN = 3;
const LIFE_HEIGHT = 3;

/** Hatched, so that nobody takes how many spans there are for when they ran. */
function drawUnread(context: CanvasRenderingContext2D, { view, width, height, scrollTop }: Window, { unread, unreadText, theme, fitter }: Decor): void {
  for (const { begin, end, top, bottom } of unread) {
    const x0 = Math.max(0, xOf(view, width, begin));
    const x1 = Math.min(width, xOf(view, width, end));
    const y0 = Math.max(0, top - scrollTop);
    const y1 = Math.min(height, bottom - scrollTop);
    if (x1 <= x0 || y1 <= y0) continue;
    context.save();
    context.beginPath();
    context.rect(x0, y0, x1 - x0, y1 - y0);
    context.clip();
    context.strokeStyle = theme.muted;
    context.globalAlpha = 0.35;
    context.beginPath();
    for (let x = Math.floor((x0 - height) / HATCH_SPACING) * HATCH_SPACING; x < x1; x += HATCH_SPACING) {
      context.moveTo(x, height);
      context.lineTo(x + height, 0);
    }
    context.stroke();
    context.globalAlpha = 1;
    if (x1 - x0 >= LEAST_TEXT_PIXELS) {
      context.font = LABEL_FONT;
      context.textBaseline = 'middle';
      const text = fitter.fit(unreadText, x1 - x0 - 24);
      context.fillStyle = theme.background;
      context.fillRect(x0 + 6, y1 - ROW_HEIGHT - 4, fitter.width(text) + 12, ROW_HEIGHT);
      context.fillStyle = theme.text;
      context.fillText(text, x0 + 12, y1 - ROW_HEIGHT / 2 - 4);
    }
    context.restore();
  }
}

/** The rows above the lanes of each process: which it is, and from when to when it was there. */
function drawHeaders(context: CanvasRenderingContext2D, { layout, view, width, height, scrollTop }: Window, { lives, theme, fitter }: Decor): void {
  for (const { header, process, top } of layout.lanes) {
    const y = Math.round(top - scrollTop);
    if (!header || !process || y >= height || y + ROW_HEIGHT <= 0) continue;
    context.fillStyle = theme.chrome;
    context.fillRect(0, y - HEADER_MARGIN, width, ROW_HEIGHT + 2 * HEADER_MARGIN);
    const life = lives.get(process.number);
    if (life) {
      const x0 = Math.max(0, Math.round(xOf(view, width, life.begin)));
      const x1 = Math.min(width, Math.max(x0 + 1, Math.round(xOf(view, width, life.end))));
      context.fillStyle = theme.activity;
      if (x1 > x0) context.fillRect(x0, y + ROW_HEIGHT - LIFE_HEIGHT, x1 - x0, LIFE_HEIGHT);
    }
    context.font = LABEL_FONT;
    context.textBaseline = 'middle';
    context.fillStyle = theme.muted;
    context.fillText(fitter.fit(visibleText(process.process), width - 16), 8, y + ROW_HEIGHT / 2 - 1);
  }
}

function drawRange(context: CanvasRenderingContext2D, window: Window, { range, theme }: Decor): void {
  if (!range) return;
  const x0 = xOf(window.view, window.width, range.begin);
  const x1 = xOf(window.view, window.width, range.end);
  context.fillStyle = theme.accent;
  context.globalAlpha = 0.16;
  context.fillRect(x0, 0, x1 - x0, window.height);
  context.globalAlpha = 1;
  context.fillRect(Math.round(x0), 0, 1, window.height);
  context.fillRect(Math.round(x1) - 1, 0, 1, window.height);
}

function drawOutline(context: CanvasRenderingContext2D, window: Window, outline: Outline, color: string, thickness: number): void {
  const { lane, depth } = outline.row;
  if (depth >= lane.rows) return;
  const x0 = Math.max(-4, Math.round(xOf(window.view, window.width, outline.extent.begin)));
  const x1 = Math.min(window.width + 4, Math.round(xOf(window.view, window.width, outline.extent.end)));
  const y = Math.round(lane.top + depth * ROW_HEIGHT - window.scrollTop);
  if (x1 < 0 || x0 > window.width) return;
  const inset = thickness / 2;
  context.strokeStyle = color;
  context.lineWidth = thickness;
  context.strokeRect(x0 + inset, y + inset, Math.max(2, x1 - x0 - thickness), ROW_HEIGHT - 1 - thickness);
}

function drawAxis(context: CanvasRenderingContext2D, window: Window, decor: Decor): void {
  const { theme } = decor;
  const { view, width } = window;
  context.fillStyle = theme.chrome;
  context.fillRect(0, 0, GUTTER_WIDTH + width, AXIS_HEIGHT);
  // Counted from the begin of the chart's own process: no moment gets another name once others are beside it.
  const start = window.processes.reachOf(window.processes.main, window.originNs).begin;
  const scale = ticks(view.begin - start, view.end - start, nsPerPixel(view, width) * TICK_SPACING);
  context.save();
  context.beginPath();
  context.rect(GUTTER_WIDTH, 0, width, AXIS_HEIGHT + window.height);
  context.clip();
  context.font = LABEL_FONT;
  context.textBaseline = 'middle';
  const first = (scale.at[0] ?? 0) - scale.step;
  for (let i = 0; i <= (scale.at.length + 1) * MINOR_TICKS; i++) {
    const at = first + (i * scale.step) / MINOR_TICKS;
    const x = GUTTER_WIDTH + Math.round(xOf(view, width, at + start));
    context.fillStyle = theme.muted;
    const major = i % MINOR_TICKS === 0;
    context.fillRect(x, major ? AXIS_HEIGHT - 9 : AXIS_HEIGHT - 4, 1, major ? 9 : 4);
    if (!major) continue;
    context.fillStyle = theme.text;
    const label = scale.label(first + Math.round(i / MINOR_TICKS) * scale.step);
    // A number cut off at the edge would read as another number.
    if (x + 4 + decor.fitter.width(label) <= GUTTER_WIDTH + width) context.fillText(label, x + 4, AXIS_HEIGHT / 2 - 1);
  }
  for (const mark of decor.marks) {
    const x = GUTTER_WIDTH + xOf(view, width, mark);
    if (x < GUTTER_WIDTH - 3 || x > GUTTER_WIDTH + width + 3) continue;
    context.fillStyle = mark === decor.currentMark ? theme.selection : theme.accent;
    context.fillRect(Math.round(x) - 1, AXIS_HEIGHT - 6, 2, 6);
  }
  context.fillStyle = theme.mark;
  for (const at of decor.marked) {
    const x = GUTTER_WIDTH + Math.round(xOf(view, width, at));
    if (x >= GUTTER_WIDTH && x < GUTTER_WIDTH + width) context.fillRect(x, 0, 1, AXIS_HEIGHT + window.height);
  }
  if (decor.cursor !== null) {
    const x = GUTTER_WIDTH + Math.round(xOf(view, width, decor.cursor));
    context.fillStyle = theme.accent;
    context.globalAlpha = 0.7;
    context.fillRect(x, 0, 1, AXIS_HEIGHT + window.height);
    context.globalAlpha = 1;
  }
  context.restore();
  context.fillStyle = theme.line;
  context.fillRect(0, AXIS_HEIGHT - 1, GUTTER_WIDTH + width, 1);
}

function drawGutter(context: CanvasRenderingContext2D, window: Window, { theme, fitter, corner, lane: cursor }: Decor): void {
  context.fillStyle = theme.chrome;
  context.fillRect(0, AXIS_HEIGHT, GUTTER_WIDTH, window.height);
  context.font = LABEL_FONT;
  context.textBaseline = 'middle';
  context.save();
  context.beginPath();
  context.rect(0, AXIS_HEIGHT, GUTTER_WIDTH, window.height);
  context.clip();
  for (const lane of window.layout.lanes) {
    const top = AXIS_HEIGHT + lane.top - window.scrollTop;
    const bottom = top + lane.rows * ROW_HEIGHT;
    if (bottom <= AXIS_HEIGHT || top >= AXIS_HEIGHT + window.height) continue;
    context.fillStyle = theme.line;
    context.fillRect(0, Math.round(bottom + 3), GUTTER_WIDTH, 1);
    if (lane.stream === cursor?.stream) {
      context.fillStyle = theme.accent;
      context.fillRect(0, Math.round(top), 3, lane.rows * ROW_HEIGHT);
    }
    // The name stays in sight while any row of its lane does.
    const y = Math.min(Math.max(top, AXIS_HEIGHT), bottom - ROW_HEIGHT) + ROW_HEIGHT / 2;
    drawFold(context, theme, lane.collapsed, y);
    const id = lane.name === '' ? '' : lane.threadId;
    const idWidth = fitter.width(id);
    context.fillStyle = theme.text;
    if (lane.header) context.font = `bold ${LABEL_FONT}`;
    // Measured as it is drawn elsewhere: bold is a tenth wider.
    context.fillText(fitter.fit(laneTitle(lane), (GUTTER_WIDTH - 34 - idWidth) * (lane.header ? 0.9 : 1)), 20, y);
    context.font = LABEL_FONT;
    context.fillStyle = theme.muted;
    context.fillText(id, GUTTER_WIDTH - 8 - idWidth, y);
  }
  context.restore();
  context.fillStyle = theme.line;
  context.fillRect(GUTTER_WIDTH - 1, 0, 1, AXIS_HEIGHT + window.height);
  context.fillStyle = theme.muted;
  context.fillText(fitter.fit(corner, GUTTER_WIDTH - 12), 8, AXIS_HEIGHT / 2 - 1);
}

function drawFold(context: CanvasRenderingContext2D, theme: Theme, collapsed: boolean, y: number): void {
  context.fillStyle = theme.muted;
  context.beginPath();
  if (collapsed) {
    context.moveTo(8, y - 4);
    context.lineTo(13, y);
    context.lineTo(8, y + 4);
  } else {
    context.moveTo(6, y - 2.5);
    context.lineTo(14, y - 2.5);
    context.lineTo(10, y + 2.5);
  }
  context.fill();
}
