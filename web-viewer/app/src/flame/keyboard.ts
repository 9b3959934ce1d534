import { commandOf, motionOf, type Command, type KeyPress, type Motion } from './keys';

export interface KeyActions {
  press(motion: Motion): void;
  /** `null`: all of them, because nobody will tell when they are released. */
  release(motion: Motion | null): void;
  run(command: Command): void;
}

/** Turns keys into motions and commands. `alone`: no plain key goes further, as a notebook has its own meanings for them. */
export function listenToKeys(target: EventTarget, alone: boolean, actions: KeyActions, signal: AbortSignal): void {
  target.addEventListener('keydown', (event) => {
    if (!(event instanceof KeyboardEvent) || isForElement(event)) return;
    const press = pressOf(event);
    const motion = motionOf(press);
    const command = commandOf(press);
    if (motion) actions.press(motion);
    else if (command) actions.run(command);
    if (alone && event.key !== 'Tab' && !event.ctrlKey && !event.metaKey) event.stopPropagation();
    if (motion || command) event.preventDefault();
  }, { signal });
  window.addEventListener('keyup', (event) => {
    // A modifier pressed meanwhile must not leave the motion running.
    const motion = motionOf({ ...pressOf(event), shiftKey: false, ctrlKey: false, altKey: false, metaKey: false });
    if (motion) actions.release(motion);
  }, { signal });
  window.addEventListener('blur', () => actions.release(null), { signal });
}

/** Keys by which what overflows scrolls. */
const SCROLLING: readonly string[] = ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'PageUp', 'PageDown', 'Home', 'End'];

/** What overflows, and takes the keys by which it scrolls, also from what is in it. */
export function letScroll(element: HTMLElement): void {
  element.tabIndex = 0;
  element.dataset['scrolls'] = '';
}

/** Text fields take every key, buttons and links take Enter. */
function isForElement(event: KeyboardEvent): boolean {
  const [element] = event.composedPath();
  if (!event.shiftKey && SCROLLING.includes(event.key) && element instanceof Element && element.closest('[data-scrolls]')) return true;
  if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement) return true;
  return event.key === 'Enter' && (element instanceof HTMLButtonElement || element instanceof HTMLAnchorElement);
}

function pressOf({ code, key, shiftKey, ctrlKey, altKey, metaKey }: KeyboardEvent): KeyPress {
  return { code, key, shiftKey, ctrlKey, altKey, metaKey };
}
