/** Keys that act as long as they are held. */
export type Motion = 'zoom-in' | 'zoom-out' | 'left' | 'right' | 'up' | 'down';

export type Command = (typeof TABLE)[number]['command'];

export interface KeyPress {
  readonly code: string;
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

/** A key by its letter or sign, or by its position, so that those of a pair lie side by side on every keyboard. */
type Key =
  | { readonly key: string; readonly shift?: boolean }
  | { readonly code: string; readonly shift?: boolean; readonly ctrl?: boolean };

interface Binding {
  readonly command: string;
  /** Message of what it does. */
  readonly message: string;
  /** Message of what to press; `null`: there is no key, only a button and the palette. */
  readonly pressed: string | null;
  /** Without `shift` it may be held or not. */
  readonly keys: readonly Key[];
}

/** All that a key, the palette or both can do on the page of the timeline: whatever lists actions reads them here. */
const TABLE = [
  { command: 'focus', message: 'keys-focus', pressed: 'press-focus', keys: [{ code: 'KeyF', shift: false }] },
  { command: 'fit', message: 'keys-fit', pressed: 'press-fit', keys: [{ code: 'Digit0' }, { code: 'Numpad0' }] },
  { command: 'to-begin', message: 'keys-begin', pressed: 'press-begin', keys: [{ key: 'Home' }] },
  { command: 'to-end', message: 'keys-end', pressed: 'press-end', keys: [{ key: 'End' }] },
  { command: 'next-sibling', message: 'keys-next-sibling', pressed: 'press-next-sibling', keys: [{ key: '.' }] },
  { command: 'previous-sibling', message: 'keys-previous-sibling', pressed: 'press-previous-sibling', keys: [{ key: ',' }] },
  { command: 'row-above', message: 'keys-row-above', pressed: 'press-row-above', keys: [{ code: 'ArrowUp', shift: true }] },
  { command: 'row-below', message: 'keys-row-below', pressed: 'press-row-below', keys: [{ code: 'ArrowDown', shift: true }] },
  { command: 'previous-link', message: 'keys-previous-link', pressed: 'press-previous-link', keys: [{ code: 'BracketLeft', shift: false }] },
  { command: 'next-link', message: 'keys-next-link', pressed: 'press-next-link', keys: [{ code: 'BracketRight', shift: false }] },
  { command: 'next-lane', message: 'keys-next-lane', pressed: 'press-next-lane', keys: [{ code: 'KeyJ', shift: false }] },
  { command: 'previous-lane', message: 'keys-previous-lane', pressed: 'press-previous-lane', keys: [{ code: 'KeyK', shift: false }] },
  { command: 'fold', message: 'keys-fold', pressed: 'press-fold', keys: [{ code: 'KeyX', shift: false }] },
  { command: 'fold-process', message: 'keys-fold-process', pressed: 'press-fold-process', keys: [{ code: 'KeyX', shift: true }] },
  { command: 'processes', message: 'keys-processes', pressed: 'press-processes', keys: [{ code: 'KeyP', shift: false }] },
  { command: 'follow', message: 'keys-follow', pressed: 'press-follow', keys: [{ code: 'KeyG', shift: false }] },
  { command: 'range', message: 'keys-range', pressed: 'press-range', keys: [{ code: 'KeyR', shift: false }] },
  { command: 'extend-left', message: 'keys-extend-left', pressed: 'press-extend-left', keys: [{ code: 'ArrowLeft', shift: true }] },
  { command: 'extend-right', message: 'keys-extend-right', pressed: 'press-extend-right', keys: [{ code: 'ArrowRight', shift: true }] },
  { command: 'mark', message: 'keys-mark', pressed: 'press-mark', keys: [{ code: 'KeyM', shift: false }] },
  { command: 'remove-mark', message: 'keys-remove-mark', pressed: 'press-remove-mark', keys: [{ code: 'KeyM', shift: true }] },
  { command: 'next-mark', message: 'keys-next-mark', pressed: 'press-next-mark', keys: [{ code: 'KeyN', shift: false }] },
  { command: 'previous-mark', message: 'keys-previous-mark', pressed: 'press-previous-mark', keys: [{ code: 'KeyN', shift: true }] },
  { command: 'list-marks', message: 'keys-list-marks', pressed: null, keys: [] },
  { command: 'tracks', message: 'keys-tracks', pressed: 'press-tracks', keys: [{ code: 'KeyL', shift: false }] },
  { command: 'counters', message: 'keys-counters', pressed: null, keys: [] },
  { command: 'color', message: 'keys-color', pressed: 'press-color', keys: [{ code: 'KeyC', shift: false }] },
  { command: 'mode', message: 'keys-mode', pressed: 'press-mode', keys: [{ code: 'KeyV', shift: false }] },
  { command: 'table', message: 'keys-table', pressed: null, keys: [] },
  { command: 'search', message: 'keys-search', pressed: 'press-search', keys: [{ key: '/' }] },
  { command: 'next-hit', message: 'keys-next-hit', pressed: 'press-next-hit', keys: [{ key: 'Enter', shift: false }] },
  { command: 'previous-hit', message: 'keys-previous-hit', pressed: 'press-previous-hit', keys: [{ key: 'Enter', shift: true }] },
  { command: 'clear', message: 'keys-clear', pressed: 'press-clear', keys: [{ key: 'Escape' }] },
  { command: 'help', message: 'keys-help', pressed: 'press-help', keys: [{ key: '?' }] },
  // Firefox keeps Ctrl, Shift and P for itself.
  { command: 'palette', message: 'keys-palette', pressed: 'press-palette', keys: [{ code: 'KeyP', shift: true, ctrl: true }, { key: 'F1' }] },
] as const satisfies readonly Binding[];

export interface Action extends Binding {
  readonly command: Command;
}

export const ACTIONS: readonly Action[] = TABLE;

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
  if (press.ctrlKey || press.altKey || press.metaKey || commandOf(press) !== null) return null;
  return MOTIONS[press.code] ?? null;
}

export function commandOf(press: KeyPress): Command | null {
  return ACTIONS.find(({ keys }) => keys.some((key) => isPressed(key, press)))?.command ?? null;
}

function isPressed(key: Key, press: KeyPress): boolean {
  const wantsCtrl = 'ctrl' in key && key.ctrl === true;
  // A Mac's Command key is what Ctrl is elsewhere.
  if (press.altKey || (press.ctrlKey || press.metaKey) !== wantsCtrl) return false;
  if (key.shift !== undefined && key.shift !== press.shiftKey) return false;
  return 'key' in key ? key.key === press.key : key.code === press.code;
}

/** What is held, dragged or clicked, and is no action by itself. */
const GESTURES: readonly (readonly [message: string, pressed: string])[] = [
  ['keys-zoom', 'press-zoom'],
  ['keys-move', 'press-move'],
  ['keys-scroll', 'press-scroll'],
  ['keys-wheel-zoom', 'press-wheel'],
  ['keys-drag-range', 'press-drag'],
  ['keys-drag-pan', 'press-drag-pan'],
  ['keys-drag-zoom', 'press-drag-zoom'],
  ['keys-select', 'press-click'],
  ['keys-zoom-span', 'press-double-click'],
  ['keys-brush', 'press-brush'],
];

/** Of each line of the overview that `?` opens: what it does, and what to press. */
export const KEY_HELP: readonly (readonly [message: string, pressed: string])[] = [
  ...GESTURES, ...ACTIONS.flatMap(({ message, pressed }) => (pressed === null ? [] : [[message, pressed] as const])),
];
