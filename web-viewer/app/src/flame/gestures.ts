import { AXIS_HEIGHT, GUTTER_WIDTH } from './decor';

/** What the pointer asks for. Coordinates are CSS pixels of the lanes, without gutter and axis. */
export interface GestureTarget {
  hover(x: number, y: number): void;
  leave(): void;
  click(x: number, y: number): void;
  clickGutter(y: number): void;
  doubleClick(x: number, y: number): void;
  /** While dragging a range to keep, and once more with `done`. */
  dragRange(from: number, to: number, done: boolean): void;
  /** The same for a range to be shown. */
  dragZoom(from: number, to: number, done: boolean): void;
  pan(pixels: number): void;
  /** False when there is nothing further to scroll to: then the page around may. */
  scroll(pixels: number): boolean;
  /** False while the wheel belongs to the page that the chart is a part of. */
  takesWheel(): boolean;
  zoom(x: number, factor: number): void;
}

/** Less than this is a click with an unsteady hand. */
const DRAG_FROM_PIXELS = 4;
/** One notch of a wheel (100 pixels) zooms by a quarter. */
const ZOOM_PER_PIXEL = Math.log(1.25) / 100;
const PIXELS_PER_LINE = 18;

type Drag = { readonly kind: 'range' | 'zoom' | 'pan'; readonly fromX: number; lastX: number; lastY: number; moved: boolean };

/** `top`: height of what stands above the lanes, `left`: width of what stands beside them. */
export function listenToPointer(stage: HTMLElement, target: GestureTarget, top = AXIS_HEIGHT, left = GUTTER_WIDTH): void {
  let drag: Drag | null = null;
  const at = (event: MouseEvent): { x: number; y: number } => {
    const box = stage.getBoundingClientRect();
    return { x: event.clientX - box.left - left, y: event.clientY - box.top - top };
  };

  stage.addEventListener('pointerdown', (event) => {
    const { x, y } = at(event);
    if (event.button > 1 || x < 0) return;
    const kind = event.button === 1 || event.shiftKey ? 'pan' : event.altKey ? 'zoom' : 'range';
    drag = { kind, fromX: x, lastX: x, lastY: y, moved: false };
    stage.setPointerCapture(event.pointerId);
    if (event.button === 1) event.preventDefault();
  });

  stage.addEventListener('pointermove', (event) => {
    const { x, y } = at(event);
    if (!drag) {
      if (x < 0 || y < 0) target.leave();
      else target.hover(x, y);
      return;
    }
    if (!drag.moved && Math.abs(x - drag.fromX) < DRAG_FROM_PIXELS && Math.abs(y - drag.lastY) < DRAG_FROM_PIXELS) return;
    drag.moved = true;
    if (drag.kind === 'pan') {
      target.pan(drag.lastX - x);
      target.scroll(drag.lastY - y);
      drag.lastY = y;
    } else if (drag.kind === 'zoom') target.dragZoom(drag.fromX, x, false);
    else target.dragRange(drag.fromX, x, false);
    drag.lastX = x;
  });

  const finish = (event: PointerEvent): void => {
    const ended = drag;
    drag = null;
    const { x, y } = at(event);
    if (ended?.moved && ended.kind === 'zoom') target.dragZoom(ended.fromX, x, true);
    else if (ended?.moved && ended.kind === 'range') target.dragRange(ended.fromX, x, true);
    else if (ended && !ended.moved && ended.kind === 'range' && y >= 0) target.click(x, y);
  };
  stage.addEventListener('pointerup', finish);
  stage.addEventListener('pointercancel', () => {
    drag = null;
    target.leave();
  });
  stage.addEventListener('pointerleave', () => {
    if (!drag) target.leave();
  });
  stage.addEventListener('click', (event) => {
    const { x, y } = at(event);
    if (x < 0 && y >= 0) target.clickGutter(y);
  });
  stage.addEventListener('dblclick', (event) => {
    const { x, y } = at(event);
    if (x >= 0 && y >= 0) target.doubleClick(x, y);
  });
  stage.addEventListener('wheel', (event) => {
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? PIXELS_PER_LINE : 1;
    const zooms = event.ctrlKey || event.metaKey;
    if (!zooms && !target.takesWheel()) return;
    if (zooms) target.zoom(at(event).x, Math.exp(event.deltaY * unit * ZOOM_PER_PIXEL));
    else if (event.shiftKey) target.pan((event.deltaY || event.deltaX) * unit);
    else {
      if (event.deltaX !== 0) target.pan(event.deltaX * unit);
      if (event.deltaY !== 0 && !target.scroll(event.deltaY * unit)) return;
    }
    event.preventDefault();
  }, { passive: false });
}
