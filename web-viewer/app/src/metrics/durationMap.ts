import { button, element } from '../flame/dom';
import { listenToPointer, type GestureTarget } from '../flame/gestures';
import { RangeLoader, rangeFor } from '../flame/ranges';
import type { Theme } from '../flame/theme';
import { absoluteRange, type View } from '../flame/view';
import type { Translate } from '../locale/text';
import type { Heat } from './heat';
import { HeatPlot } from './heatPlot';
import type { MetricOptions } from './options';
import type { Decor } from './plot';

type Durations = NonNullable<MetricOptions['durations']>;

/** The map of durations above the plots: whether it is open, whose durations it shows, and what was loaded of them. */
export class DurationMap {
  readonly button: HTMLButtonElement;
  /** Where the map is while it is open. */
  readonly place = element('div', '');
  readonly #plot: HeatPlot;
  readonly #durations: Durations;
  readonly #originNs: bigint;
  readonly #changed: () => void;
  readonly #ended = new AbortController();
  #name: string | null;
  /** Of the last time that was asked for. */
  #names: readonly string[] = [];
  #asking = false;
  #namesProblem: string | null = null;
  #view: View | null = null;
  #loader: RangeLoader<Heat> | null = null;
  /** What is drawn until what is finer is there. */
  #shown: Heat | null = null;

  constructor(t: Translate, durations: Durations, originNs: bigint, name: string | null, gestures: () => GestureTarget, changed: () => void) {
    this.#durations = durations;
    this.#originNs = originNs;
    this.#changed = changed;
    this.#name = name;
    this.#plot = new HeatPlot(t, (chosen) => this.#show(chosen), (cell) => durations.spansOf(this.#name ?? '', cell));
    this.button = button('tool', t('heat-button'), t('heat-title'), () => this.#show(this.#name === null ? '' : null));
    listenToPointer(this.#plot.over, {
      ...gestures(),
      click: (x, y) => this.#plot.chooseAt(x, y),
      doubleClick: () => this.#plot.openChosen(),
    }, 0, 0);
    this.#mark();
  }

  /** Whose durations are shown; empty until it is known who there is; `null`: nobody's. */
  get name(): string | null {
    return this.#name;
  }

  get loading(): boolean {
    return this.#name !== null && (this.#asking || (this.#loader?.loading ?? false));
  }

  get problem(): string | null {
    return this.#name === null ? null : (this.#namesProblem ?? this.#loader?.problem ?? null);
  }

  want(view: View): void {
    this.#view = view;
    if (this.#name === null) return;
    if (this.#names.length === 0) void this.#askNames();
    if (this.#name !== '') this.#load(this.#name).want(rangeFor(view, this.#originNs));
  }

  /** There is more than there was. */
  again(): void {
    this.#loader?.again();
  }

  draw(at: { readonly theme: Theme; readonly view: View; readonly width: number }, decor: Decor): void {
    if (this.#name !== null) this.#plot.draw({ ...at, heat: this.#shown, names: this.#names, name: this.#name, originNs: this.#originNs }, decor);
  }

  decorate(decor: Decor): void {
    if (this.#name !== null) this.#plot.decorate(decor);
  }

  twins(view: View): readonly HTMLElement[] {
    return this.#shown ? [this.#plot.twin(view)] : [];
  }

  dispose(): void {
    this.#ended.abort();
    this.#loader?.dispose();
    this.#plot.dispose();
  }

  #show(name: string | null): void {
    this.#loader?.dispose();
    this.#loader = null;
    this.#shown = null;
    this.#name = name === '' ? (this.#names[0] ?? '') : name;
    this.#mark();
    if (this.#view) this.want(this.#view);
    this.#changed();
  }

  #mark(): void {
    this.button.setAttribute('aria-pressed', String(this.#name !== null));
    if (this.#name === null) this.place.replaceChildren();
    else if (!this.#plot.root.isConnected) this.place.replaceChildren(this.#plot.root);
  }

  #load(name: string): RangeLoader<Heat> {
    return this.#loader ??= new RangeLoader((range, signal) => this.#durations.source.heat(name, range, signal), () => {
      this.#shown = this.#loader?.current?.value ?? this.#shown;
      this.#changed();
    });
  }

  async #askNames(): Promise<void> {
    if (this.#asking || this.#view === null) return;
    this.#asking = true;
    try {
      const { beginNs, endNs } = absoluteRange(this.#originNs, this.#view);
      this.#names = await this.#durations.source.names({ beginNs: beginNs < 0n ? 0n : beginNs, endNs }, this.#ended.signal);
      this.#namesProblem = null;
    } catch (problem) {
      this.#namesProblem = problem instanceof Error ? problem.message : String(problem);
    }
    this.#asking = false;
    if (this.#ended.signal.aborted) return;
    if (this.#name === '' && this.#names.length > 0) this.#show('');
    else this.#changed();
  }
}
