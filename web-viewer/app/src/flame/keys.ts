/** Keys that act as long as they are held. */
export type Motion = 'zoom-in' | 'zoom-out' | 'left' | 'right' | 'up' | 'down';

export type Command =
  | 'focus' | 'fit' | 'to-begin' | 'to-end' | 'search' | 'next-hit' | 'previous-hit' | 'next-sibling' | 'previous-sibling' | 'row-above' | 'row-below'
  | 'mark' | 'remove-mark' | 'next-mark' | 'previous-mark' | 'next-link' | 'previous-link' | 'next-lane' | 'previous-lane' | 'fold' | 'range' | 'extend-left' | 'extend-right' | 'tracks' | 'color' | 'mode' | 'clear' | 'help';

export interface KeyPress {
  readonly code: string;
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

// By position, not by letter: WASD is a shape on the keyboard, and other layouts have other letters there.
const MOTIONS: Readonly<Record<string, Motion>> = {
  KeyW: 'zoom-in',
  KeyS: 'zoom-out',
  KeyA: 'left',
  KeyD: 'right',
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

const SHIFTED: Readonly<Record<string, Command>> = {
  ArrowLeft: 'extend-left',
  ArrowRight: 'extend-right',
  ArrowUp: 'row-above',
  ArrowDown: 'row-below',
  KeyM: 'remove-mark',
  KeyN: 'previous-mark',
};

// By position, too, so that those of a pair lie side by side.
const LETTERS: Readonly<Record<string, Command>> = {
  KeyF: 'focus',
  KeyC: 'color',
  KeyV: 'mode',
  KeyJ: 'next-lane',
  KeyK: 'previous-lane',
  KeyL: 'tracks',
  KeyR: 'range',
  KeyX: 'fold',
  KeyM: 'mark',
  KeyN: 'next-mark',
  BracketLeft: 'previous-link',
  BracketRight: 'next-link',
};

export function motionOf(press: KeyPress): Motion | null {
  if (press.ctrlKey || press.altKey || press.metaKey) return null;
  if (press.shiftKey && press.code in SHIFTED) return null;
  return MOTIONS[press.code] ?? null;
}

export function commandOf(press: KeyPress): Command | null {
  if (press.ctrlKey || press.altKey || press.metaKey) return null;
  if (press.key === 'Enter') return press.shiftKey ? 'previous-hit' : 'next-hit';
  if (press.key === 'Escape') return 'clear';
  if (press.key === '/') return 'search';
  if (press.key === '?') return 'help';
  if (press.key === '.') return 'next-sibling';
  if (press.key === ',') return 'previous-sibling';
  if (press.code === 'Digit0' || press.code === 'Numpad0') return 'fit';
  if (press.key === 'Home') return 'to-begin';
  if (press.key === 'End') return 'to-end';
  return (press.shiftKey ? SHIFTED : LETTERS)[press.code] ?? null;
}

/** Of each line of the overview that `?` opens: what it does, and what to press. */
export const KEY_HELP: readonly (readonly [message: string, pressed: string])[] = [
  ['keys-zoom', 'press-zoom'],
  ['keys-move', 'press-move'],
  ['keys-ends', 'press-ends'],
  ['keys-scroll', 'press-scroll'],
  ['keys-wheel-zoom', 'press-wheel'],
  ['keys-drag-range', 'press-drag'],
  ['keys-drag-pan', 'press-drag-pan'],
  ['keys-drag-zoom', 'press-drag-zoom'],
  ['keys-select', 'press-click'],
  ['keys-zoom-span', 'press-double-click'],
  ['keys-brush', 'press-brush'],
  ['keys-focus', 'press-focus'],
  ['keys-fit', 'press-fit'],
  ['keys-siblings', 'press-siblings'],
  ['keys-links', 'press-links'],
  ['keys-rows', 'press-rows'],
  ['keys-lanes', 'press-lanes'],
  ['keys-fold', 'press-fold'],
  ['keys-range', 'press-range'],
  ['keys-extend', 'press-extend'],
  ['keys-mark', 'press-mark'],
  ['keys-remove-mark', 'press-remove-mark'],
  ['keys-marks', 'press-marks'],
  ['keys-tracks', 'press-tracks'],
  ['keys-color', 'press-color'],
  ['keys-mode', 'press-mode'],
  ['keys-search', 'press-search'],
  ['keys-hits', 'press-hits'],
  ['keys-clear', 'press-clear'],
  ['keys-help', 'press-help'],
];
