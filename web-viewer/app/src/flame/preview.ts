import type { Translate } from '../locale/text';
import { element } from './dom';
import { visibleText } from './labels';
import type { Attachment } from './timeline';

/** Larger ones are opened by whoever wants to see them: a pointer passes over many. */
const MOST_BYTES = 8 << 20;

/** What a picture looks like, small. One at a time; it is loaded once however often it is asked for in a row. */
export class Preview {
  readonly #t: Translate;
  readonly #changed: () => void;
  #address = '';
  #shown: HTMLElement | null = null;

  /** `changed`: it has another size now. */
  constructor(t: Translate, changed: () => void) {
    this.#t = t;
    this.#changed = changed;
  }

  /** The picture at an address; words where it can't be shown, or `null` where it is too large for a look in passing. */
  of(address: string, { bytes, name }: Attachment): HTMLElement | null {
    if (bytes > MOST_BYTES) return null;
    if (this.#shown && this.#address === address) return this.#shown;
    this.#address = address;
    const image = element('img', 'tooltip-preview');
    const frame = element('div', 'tooltip-frame', image);
    image.alt = this.#t('attachment-preview', { name: visibleText(name) });
    image.addEventListener('load', () => this.#changed());
    image.addEventListener('error', () => {
      frame.replaceChildren(element('div', 'tooltip-facts', this.#t('attachment-broken')));
      frame.classList.add('broken');
      this.#changed();
    });
    image.src = address;
    this.#shown = frame;
    return frame;
  }
}
