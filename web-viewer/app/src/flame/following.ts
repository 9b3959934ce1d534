import type { Translate } from '../locale/text';
import { button } from './dom';

/** Goes along with the end of a process that still runs, as long as that end is in sight and nobody wants the view to stay. */
export class Following {
  readonly button: HTMLButtonElement;
  readonly #t: Translate;
  readonly #say: (text: string) => void;
  #live = false;
  #seesEnd = false;
  /** A reader wants it to stay, although the end is in sight. */
  #held = false;

  /** `say` tells of what changes those who don't see the button. */
  constructor(t: Translate, say: (text: string) => void, pressed: () => void) {
    this.#t = t;
    this.#say = say;
    this.button = button('tool', t('follow-button'), t('follow-title'), pressed);
    this.#show();
  }

  get live(): boolean {
    return this.#live;
  }

  set live(live: boolean) {
    if (this.#live && !live) this.#say(this.#t('follow-ended'));
    this.#live = live;
    this.#show();
  }

  get on(): boolean {
    return this.#live && this.#seesEnd && !this.#held;
  }

  /** What of a view stays as it is when everything reaches further. */
  get keeps(): 'end' | 'view' {
    return this.#held ? 'view' : 'end';
  }

  /** Takes over whether the end is in sight now. Who leaves it and comes back follows again. */
  look(seesEnd: boolean): void {
    const was = this.on;
    this.#seesEnd = seesEnd;
    if (!seesEnd) this.#held = false;
    this.#told(was);
  }

  hold(held: boolean): void {
    const was = this.on;
    this.#held = held;
    this.#told(was);
  }

  #told(was: boolean): void {
    if (!this.#live || was === this.on) return;
    this.#say(this.#t(this.on ? 'follow-on' : 'follow-off'));
    this.#show();
  }

  #show(): void {
    this.button.hidden = !this.#live;
    this.button.setAttribute('aria-pressed', String(this.on));
  }
}
