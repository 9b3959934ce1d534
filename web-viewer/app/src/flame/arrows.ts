import { ROW_HEIGHT, type LaneRow } from './lanes';
import type { Window } from './slots';
import { xOf } from './view';

/** From an event to the one that follows it, perhaps in another lane; moments are nanoseconds from the origin. */
export interface Arrow {
  readonly from: { readonly row: LaneRow; readonly at: number };
  readonly to: { readonly row: LaneRow; readonly at: number };
}

/** How far a curve leaves its ends level, pixels: enough to be told from the edge of a span. */
const LEAST_REACH = 14;
const MOST_REACH = 60;
const HEAD_LENGTH = 7;
const HEAD_WIDTH = 3.5;
/** Beyond this a canvas draws nothing that is seen, and places lose their exactness. */
const FAR = 1e5;

/** Draws arrows over the lanes. What lies beyond the view is where its line leads to. */
export function drawArrows(context: CanvasRenderingContext2D, window: Window, arrows: readonly Arrow[], color: string): void {
  context.strokeStyle = color;
  context.fillStyle = color;
  context.lineWidth = 1.5;
  for (const { from, to } of arrows) {
    const [x0, y0, x1, y1] = [placeOf(window, from.at), middleOf(window, from.row), placeOf(window, to.at), middleOf(window, to.row)];
    const reach = Math.min(MOST_REACH, Math.max(LEAST_REACH, Math.abs(x1 - x0) / 2));
    context.beginPath();
    context.moveTo(x0, y0);
    context.bezierCurveTo(x0 + reach, y0, x1 - reach, y1, x1 - HEAD_LENGTH, y1);
    context.stroke();
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x1 - HEAD_LENGTH, y1 - HEAD_WIDTH);
    context.lineTo(x1 - HEAD_LENGTH, y1 + HEAD_WIDTH);
    context.fill();
  }
}

function placeOf(window: Window, at: number): number {
  return Math.min(FAR, Math.max(-FAR, xOf(window.view, window.width, at)));
}

/** Of a folded lane its only row has what is in all of them. */
function middleOf(window: Window, { lane, depth }: LaneRow): number {
  return lane.top + (Math.min(depth, lane.rows - 1) + 0.5) * ROW_HEIGHT - window.scrollTop;
}
