/** Keys that act as long as they are held. */
export type Motion = 'zoom-in' | 'zoom-out' | 'left' | 'right' | 'up' | 'down';

export type Command = 'focus' | 'fit' | 'search' | 'next-hit' | 'previous-hit' | 'next-sibling' | 'previous-sibling' | 'color' | 'mode' | 'clear' | 'help';

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

export function motionOf(press: KeyPress): Motion | null {
  if (press.ctrlKey || press.altKey || press.metaKey) return null;
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
  if (press.code === 'KeyF' && !press.shiftKey) return 'focus';
  if (press.code === 'KeyC' && !press.shiftKey) return 'color';
  if (press.code === 'KeyV' && !press.shiftKey) return 'mode';
  if (press.code === 'Digit0' || press.code === 'Numpad0') return 'fit';
  return null;
}

/** Message and keys of each line of the overview that `?` opens. */
export const KEY_HELP: readonly (readonly [message: string, keys: string])[] = [
  ['keys-zoom', 'W  S'],
  ['keys-move', 'A  D'],
  ['keys-scroll', '↑  ↓'],
  ['keys-wheel-zoom', 'Ctrl + wheel'],
  ['keys-drag-range', 'drag'],
  ['keys-drag-pan', 'Shift + drag'],
  ['keys-drag-zoom', 'Alt + drag'],
  ['keys-select', 'click'],
  ['keys-zoom-span', 'double click'],
  ['keys-focus', 'F'],
  ['keys-fit', '0'],
  ['keys-siblings', ',  .'],
  ['keys-color', 'C'],
  ['keys-mode', 'V'],
  ['keys-search', '/'],
  ['keys-hits', 'Enter  Shift + Enter'],
  ['keys-clear', 'Esc'],
  ['keys-help', '?'],
];
