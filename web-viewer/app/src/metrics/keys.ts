import { commandOf, type Command } from '../flame/keys';

/** What keys do on the page of metrics: the others of the timeline mean nothing here, and belong to the browser. */
export const COMMANDS: ReadonlySet<Command> = new Set<Command>([
  'focus', 'fit', 'to-begin', 'to-end', 'range', 'extend-left', 'extend-right', 'search', 'help', 'clear',
]);

/** Of each line of the overview that `?` opens: what it does, and what to press. */
export const KEYS: readonly (readonly [message: string, pressed: string])[] = [
  ['keys-zoom', 'press-zoom'],
  ['keys-move', 'press-move'],
  ['keys-wheel-zoom', 'press-wheel'],
  ['keys-drag-range', 'press-drag'],
  ['keys-drag-pan', 'press-drag-pan'],
  ['keys-drag-zoom', 'press-drag-zoom'],
  ['keys-focus', 'press-focus'],
  ['keys-fit', 'press-fit'],
  ['keys-begin', 'press-begin'],
  ['keys-end', 'press-end'],
  ['metrics-keys-range', 'press-range'],
  ['keys-extend-left', 'press-extend-left'],
  ['keys-extend-right', 'press-extend-right'],
  ['keys-search', 'press-search'],
  ['metrics-keys-list', 'press-list'],
  ['heat-keys-walk', 'press-arrows'],
  ['heat-keys-open', 'press-next-hit'],
  ['keys-clear', 'press-clear'],
  ['keys-help', 'press-help'],
];

/** The target, as one hears it who cares for no other commands than these. */
export function onlyOf(target: EventTarget, commands: ReadonlySet<Command>): EventTarget {
  const heard = Object.create(target) as EventTarget;
  heard.addEventListener = (type, listener, options) => target.addEventListener(type, (event) => {
    const command = event instanceof KeyboardEvent ? commandOf(event) : null;
    if (command !== null && !commands.has(command)) return;
    if (typeof listener === 'function') listener(event);
    else listener?.handleEvent(event);
  }, options);
  return heard;
}
