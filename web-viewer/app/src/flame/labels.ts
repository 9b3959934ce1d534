import { formatDuration } from '../time/ns';
import { LIT } from './brush';
import { RectanglesByWidth } from './byWidth';
import type { Lane } from './lanes';
import { ROW_HEIGHT } from './lanes';
import type { Slot } from './slots';
import type { Theme } from './theme';

/** Narrower rectangles have no room for a legible letter and its ellipsis. */
const MIN_LABEL_PIXELS = 22;

/** The edge of a tile and that of a span that reaches it are reckoned in two ways, which differ by less than this. */
const EDGE_PIXELS = 1e-6;
const PADDING = 4;
export const LABEL_FONT = '11px Inter, "Segoe UI", system-ui, -apple-system, "Helvetica Neue", Arial, sans-serif';

/** Control and direction-changing characters would hide or reorder what stands beside them. */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** One line of text that shows what it contains. */
export function visibleText(text: string): string {
  return text.replace(UNSAFE, '\u00b7');
}

/** Widths of texts in one font; names repeat thousands of times a frame. */
export class TextFitter {
  readonly #measure: (text: string) => number;
  readonly #widths = new Map<string, number>();
  readonly #fitted = new Map<string, string>();

  constructor(measure: (text: string) => number) {
    this.#measure = measure;
  }

  width(text: string): number {
    let width = this.#widths.get(text);
    if (width === undefined) {
      if (this.#widths.size > 20_000) this.#widths.clear();
      width = this.#measure(text);
      this.#widths.set(text, width);
    }
    return width;
  }

  /** `text`, shortened with an ellipsis to at most `room` pixels; empty where nothing legible fits. */
  fit(text: string, room: number): string {
    if (this.width(text) <= room) return text;
    const key = `${Math.floor(room)}|${text}`;
    let fitted = this.#fitted.get(key);
    if (fitted === undefined) {
      if (this.#fitted.size > 20_000) this.#fitted.clear();
      fitted = this.#shorten(text, Math.floor(room));
      this.#fitted.set(key, fitted);
    }
    return fitted;
  }

  #shorten(text: string, room: number): string {
    let low = 0;
    let high = text.length;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#measure(`${text.slice(0, middle)}…`) <= room) low = middle;
      else high = middle - 1;
    }
    // One letter says nothing, and a row of them is noise.
    return low < 2 ? '' : `${text.slice(0, low)}…`;
  }
}

interface Piece {
  x0: number;
  x1: number;
  readonly y: number;
  readonly name: string;
  readonly durationNs: number;
}

/** Writes names into the rectangles. A span in many tiles is labelled once, over the length of all its pieces. */
export function drawLabels(
  context: CanvasRenderingContext2D, fitter: TextFitter, theme: Theme, slots: readonly Slot[], width: number, emphasis: (slot: Slot) => Uint8Array | null,
): void {
  const joined = new Map<string, Piece>();
  context.font = LABEL_FONT;
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  for (const slot of slots) {
    const { tile, placement } = slot;
    const { x, pixelsPerStep, clipLeft, clipRight, laneTops, laneRows } = placement;
    const standing = emphasis(slot);
    RectanglesByWidth.of(tile).visit(MIN_LABEL_PIXELS / pixelsPerStep, (clipLeft - x) / pixelsPerStep, (clipRight - x) / pixelsPerStep, (i) => {
      const x0 = x + tile.offsets[i]! * pixelsPerStep;
      const x1 = x + (tile.offsets[i]! + tile.widths[i]!) * pixelsPerStep;
      if (x1 <= clipLeft || x0 >= clipRight) return;
      const cut = x0 <= clipLeft + EDGE_PIXELS || x1 >= clipRight - EDGE_PIXELS;
      if (!cut && x1 - x0 < MIN_LABEL_PIXELS) return;
      const lane = tile.lanes[i]!;
      const depth = tile.depths[i]!;
      const top = laneTops[lane]!;
      if (Number.isNaN(top) || depth >= laneRows[lane]!) return;
      if (standing && standing[i] !== LIT) return;
      const piece: Piece = {
        x0: Math.max(0, x0, clipLeft),
        x1: Math.min(width, x1, clipRight),
        y: top + depth * ROW_HEIGHT,
        name: tile.names[tile.nameIndexes[i]!]!,
        durationNs: Number(tile.durationsNs[i]),
      };
      if (!cut) {
        drawLabel(context, fitter, theme, piece);
        return;
      }
      const key = `${slot.group}/${lane}/${depth}/${tile.ids[2 * i]}/${tile.ids[2 * i + 1]}`;
      const known = joined.get(key);
      if (!known) joined.set(key, piece);
      else {
        known.x0 = Math.min(known.x0, piece.x0);
        known.x1 = Math.max(known.x1, piece.x1);
      }
    });
  }
  for (const piece of joined.values()) if (piece.x1 - piece.x0 >= MIN_LABEL_PIXELS) drawLabel(context, fitter, theme, piece);
}

function drawLabel(context: CanvasRenderingContext2D, fitter: TextFitter, theme: Theme, piece: Piece): void {
  const room = piece.x1 - piece.x0 - 2 * PADDING;
  const text = fitter.fit(visibleText(piece.name), room);
  if (text === '') return;
  const y = piece.y + ROW_HEIGHT / 2;
  context.fillStyle = theme.label;
  context.fillText(text, piece.x0 + PADDING, y);
  const duration = formatDuration(piece.durationNs);
  const used = fitter.width(text);
  if (text.endsWith('…') || used + fitter.width(duration) + 10 > room) return;
  context.fillStyle = theme.labelMuted;
  context.fillText(duration, piece.x0 + PADDING + used + 8, y);
}

/** Thread names beside the lanes. */
export function laneTitle(lane: Lane): string {
  return visibleText(lane.name === '' ? lane.threadId : lane.name);
}
