import type { Translate } from '../locale/text';

/** Goes along with the end of a process that still runs, as long as that end is in sight and nobody wants the view to stay. */
export class Following {
  readonly #t: Translate;
  readonly #say: (text: string) => void;
  readonly #show: (live: boolean, on: boolean) => void;
  #live = false;
  #seesEnd = false;
  /** A reader wants it to stay, although the end is in sight. */
  #held = false;

  /** `say` tells of what changes those who don't see it; `show`: whether there is anything to follow, and whether it is followed. */
  constructor(t: Translate, say: (text: string) => void, show: (live: boolean, on: boolean) => void) {
    this.#t = t;
    this.#say = say;
    this.#show = show;
    show(false, false);
  }

  get live(): boolean {
    return this.#live;
  }

  set live(live: boolean) {
    if (this.#live && !live) this.#say(this.#t('follow-ended'));
    this.#live = live;
    this.#show(live, this.on);
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
    this.#say(this.on ? this.#t('follow-on') : this.#t('follow-off'));
    this.#show(true, this.on);
  }
}
