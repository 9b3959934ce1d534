import type { Translate } from '../locale/text';
import { formatDuration } from '../time/ns';
import { isBrushed, wholeNs, type Brush } from './brush';
import { button, element } from './dom';
import { visibleText } from './labels';
import type { DurationBucket, NameStatistics } from './statistics';

/** Four buckets double the duration. */
const BUCKETS_PER_DOUBLE = 4;

/** The buckets with those between them that have no span, so that all are as wide as long on a logarithmic scale. */
export function withGaps(buckets: readonly DurationBucket[]): readonly DurationBucket[] {
  return buckets.flatMap((bucket, i) => {
    const last = buckets[i - 1]?.highNs ?? 0;
    const missing = last > 0 ? Math.round(BUCKETS_PER_DOUBLE * Math.log2(bucket.lowNs / last)) : 0;
    const edge = (k: number): number => last * 2 ** (k / BUCKETS_PER_DOUBLE);
    return [...Array.from({ length: missing }, (_, k) => ({ lowNs: edge(k), highNs: edge(k + 1), count: 0 })), bucket];
  });
}

/** How many spans of a name took how long. A part of the durations is brushed by dragging over the bars, or by keys: an arrow moves it, with Shift one of its ends. */
export class Histogram {
  readonly root = element('div', 'histogram');
  readonly #t: Translate;
  readonly #brush: (brush: Brush | null) => void;
  readonly #name = element('strong', '');
  readonly #clear: HTMLButtonElement;
  readonly #bars = element('div', 'bars');
  readonly #least = element('span', '');
  readonly #greatest = element('span', '');
  readonly #note = element('div', 'histogram-note');
  #of: NameStatistics | null = null;
  #buckets: readonly DurationBucket[] = [];
  #current: Brush | null = null;
  /** The bar that stays while the other end moves, and the one that moves. */
  #stays = 0;
  #moves = 0;

  /** `brush` is called while a part is dragged open, too. */
  constructor(t: Translate, brush: (brush: Brush | null) => void) {
    this.#t = t;
    this.#brush = brush;
    this.#clear = button('tool', '×', t('brush-clear'), () => {
      this.#bars.focus();
      brush(null);
    });
    this.#bars.tabIndex = 0;
    this.#bars.setAttribute('role', 'slider');
    this.#bars.setAttribute('aria-label', t('statistics-histogram'));
    this.#bars.setAttribute('aria-valuemin', '0');
    this.root.append(
      element('div', 'histogram-title', this.#name, this.#clear), this.#bars,
      element('div', 'histogram-ends', this.#least, this.#greatest), this.#note);
    this.#listen();
  }

  /** `null`: there is no span. */
  show(of: NameStatistics | null): void {
    this.root.hidden = of === null;
    this.#of = of;
    this.#buckets = withGaps(of?.buckets ?? []);
    if (!of) return;
    const most = Math.max(...of.buckets.map((bucket) => bucket.count));
    this.#name.textContent = visibleText(of.name);
    this.#least.textContent = formatDuration(of.minNs);
    this.#greatest.textContent = formatDuration(of.maxNs);
    this.#bars.setAttribute('aria-valuemax', String(Math.max(0, this.#buckets.length - 1)));
    this.#bars.replaceChildren(...this.#buckets.map(({ lowNs, highNs, count: spans }) => {
      const bar = element('div', 'bar-of');
      if (spans === 0) return bar;
      const fill = element('div', 'bar-fill');
      fill.style.height = `${Math.max(2, (100 * spans) / most)}%`;
      bar.append(fill);
      bar.title = this.#t('statistics-bucket', { count: spans, low: formatDuration(lowNs), high: formatDuration(highNs) });
      return bar;
    }));
    this.mark(this.#current);
  }

  /** Shows what is brushed: of another name, or outside what is shown, it is none of these bars. */
  mark(brush: Brush | null): void {
    this.#current = brush;
    const own = brush !== null && brush.name === this.#of?.name ? brush : null;
    const chosen = this.#buckets.map((bucket) => own !== null && isBrushed(bucket, own));
    chosen.forEach((isChosen, i) => this.#bars.children[i]?.classList.toggle('brushed', isChosen));
    this.#bars.classList.toggle('with-brush', own !== null);
    this.#clear.hidden = brush === null;
    const [first, last] = [chosen.indexOf(true), chosen.lastIndexOf(true)];
    if (first >= 0 && !(Math.min(this.#stays, this.#moves) === first && Math.max(this.#stays, this.#moves) === last)) [this.#stays, this.#moves] = [first, last];
    const spans = this.#buckets.reduce((sum, { count }, i) => sum + (chosen[i] ? count : 0), 0);
    const said = own ? this.#t('statistics-bucket', { count: spans, low: formatDuration(own.fromNs), high: formatDuration(own.toNs) }) : this.#t('brush-none');
    this.#bars.setAttribute('aria-valuenow', String(first >= 0 ? this.#moves : 0));
    this.#bars.setAttribute('aria-valuetext', said);
    this.#note.textContent = own ? `${said}. ${this.#t('brush-doubt')}` : said;
  }

  #listen(): void {
    const bars = this.#bars;
    let dragging = false;
    const at = (event: PointerEvent): number => {
      const box = bars.getBoundingClientRect();
      return Math.floor(((event.clientX - box.left) / Math.max(1, box.width)) * this.#buckets.length);
    };
    bars.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      dragging = true;
      bars.setPointerCapture(event.pointerId);
      this.#choose(at(event), at(event));
    });
    bars.addEventListener('pointermove', (event) => {
      if (dragging) this.#choose(this.#stays, at(event));
    });
    for (const ending of ['pointerup', 'pointercancel'] as const) bars.addEventListener(ending, () => (dragging = false));
    bars.addEventListener('keydown', (event) => {
      const to = this.#target(event.key);
      if (to === null || event.ctrlKey || event.altKey || event.metaKey) return;
      this.#choose(event.shiftKey ? this.#stays : to, to);
      // Shift and an arrow would change the selected range of time as well.
      event.stopPropagation();
      event.preventDefault();
    });
  }

  /** Where a key leads; the first one to the bar of most spans. */
  #target(key: string): number | null {
    const isChosen = this.#bars.querySelector('.brushed') !== null;
    const most = this.#buckets.reduce((best, { count }, i) => (count > this.#buckets[best]!.count ? i : best), 0);
    switch (key) {
      case 'ArrowLeft': case 'ArrowDown': return isChosen ? this.#moves - 1 : most;
      case 'ArrowRight': case 'ArrowUp': return isChosen ? this.#moves + 1 : most;
      case 'Home': return 0;
      case 'End': return this.#buckets.length - 1;
      default: return null;
    }
  }

  #choose(stays: number, moves: number): void {
    if (!this.#of || this.#buckets.length === 0) return;
    const within = (bar: number): number => Math.min(this.#buckets.length - 1, Math.max(0, bar));
    [this.#stays, this.#moves] = [within(stays), within(moves)];
    const [first, last] = [Math.min(this.#stays, this.#moves), Math.max(this.#stays, this.#moves)];
    this.#brush({ name: this.#of.name, fromNs: wholeNs(this.#buckets[first]!)[0], toNs: wholeNs(this.#buckets[last]!)[1] });
  }
}
