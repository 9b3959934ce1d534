import { button, element, refill, styledShadow } from '../flame/dom';
import { listenToPointer, type GestureTarget } from '../flame/gestures';
import { helpOverlay, helpStyles } from '../flame/help';
import { listenToKeys } from '../flame/keyboard';
import { KeyedRange } from '../flame/keyedRange';
import type { Command } from '../flame/keys';
import { RangeLoader, rangeFor, type Loaded } from '../flame/ranges';
import { themeOf, type Theme } from '../flame/theme';
import type { Counters, SeriesInfo } from '../flame/timeline';
import { absoluteRange, around, fit, nsAt, nsPerPixel, relativeRange, spanOf, type View } from '../flame/view';
import { Viewport } from '../flame/viewport';
import { formatDuration, formatInstant } from '../time/ns';
import { MOST_CHOSEN, firstChosen, inOrder, toggled } from './choice';
import { panelsOf, stepsOfBar, type UnitPanel } from './curves';
import styles from './metrics.css?inline';
import { DurationMap } from './durationMap';
import { COMMANDS, KEYS, onlyOf } from './keys';
import type { CountsPer, MetricOptions, MetricState } from './options';
import { AXIS_WIDTH, UnitPlot, type Decor } from './plot';
import { SeriesList } from './seriesList';
import { twinTables } from './twin';

/** Changes are reported once nothing more has happened for this long. */
const REST_MS = 120;
const LEAST_PLOT_HEIGHT = 130;
const MOST_PLOT_HEIGHT = 320;

/** Of a second: as fine as a pointer tells moments apart. */
const INSTANT_DIGITS = 6;

/** The metrics of a process to choose from, and the chosen ones over time: one element, no framework, everything below a shadow root. */
export class MetricExplorer {
  /** For what the place around has to offer beside it. */
  readonly extra = element('span', 'bar-extra');
  readonly #options: MetricOptions;
  readonly #host: HTMLElement;
  readonly #originNs: bigint;
  readonly #viewport: Viewport;
  readonly #root = element('div', 'metrics');
  readonly #main = element('div', 'main');
  readonly #plotsBox = element('div', 'plots');
  readonly #below = element('div', 'below');
  readonly #line = element('div', 'line');
  readonly #tables = element('div', 'tables');
  readonly #moment = element('span', 'moment');
  readonly #status = element('span', 'status');
  readonly #message = element('p', 'message');
  readonly #perButton: HTMLButtonElement;
  readonly #tableButton: HTMLButtonElement;
  readonly #list: SeriesList;
  readonly #help: HTMLElement;
  readonly #plots: UnitPlot[] = [];
  readonly #ended = new AbortController();
  readonly #bounds: { begin: number; end: number };
  readonly #keyed = new KeyedRange();
  readonly #map: DurationMap | null;
  #theme: Theme;
  #series: readonly SeriesInfo[] | null = null;
  /** `null`: nobody has chosen yet. */
  #names: readonly string[] | null;
  #per: CountsPer;
  #range: View | null;
  #zoomRange: View | null = null;
  #loader: RangeLoader<Counters> | null = null;
  /** What is drawn: it stays until what is finer, or of other series, is there. */
  #shown: Loaded<Counters> | null = null;
  #panels: readonly UnitPanel[] = [];
  /** What the panels were made of. */
  #restsOn: readonly unknown[] = [];
  #problem: string | null = null;
  #tableOpen = false;
  #stale = true;
  #frame = 0;
  #rest: ReturnType<typeof setTimeout> | undefined;

  constructor(host: HTMLElement, options: MetricOptions) {
    const { bounds, initial, t } = options;
    this.#host = host;
    this.#options = options;
    this.#originNs = bounds.beginNs;
    this.#names = initial.names?.slice(0, MOST_CHOSEN) ?? null;
    this.#per = initial.per;
    this.#range = initial.range && relativeRange(this.#originNs, initial.range);
    // A process of no length is still drawn: as its first microsecond.
    this.#bounds = { begin: 0, end: Math.max(1000, Number(bounds.endNs - bounds.beginNs)) };
    this.#viewport = new Viewport(
      this.#bounds,
      initial.view && relativeRange(this.#originNs, initial.view), () => this.#viewChanged(), (pixels) => this.#main.scrollBy(0, pixels));
    this.#theme = themeOf(host);
    this.#list = new SeriesList(t, options.saved, { choose: (name) => this.#choose(name), leave: () => this.#root.focus() });
    this.#help = helpOverlay(t, () => this.#toggleHelp(false), KEYS);
    this.#perButton = button('tool', '', t('metrics-per-title'), () => this.#countPer(this.#per === 'second' ? 'step' : 'second'));
    this.#tableButton = button('tool', t('table-button'), t('metrics-table-title'), () => this.#toggleTable());
    this.#map = options.durations && new DurationMap(t, options.durations, this.#originNs, initial.heat, () => this.#gestures(), () => {
      this.#redraw();
      this.#restSoon();
    });
    this.#build();
    this.#load(this.#names);
    void this.#loadSeries();
    this.#measure();
    this.#viewChanged();
  }

  get state(): MetricState {
    return {
      view: absoluteRange(this.#originNs, this.#viewport.view), range: this.#range && absoluteRange(this.#originNs, this.#range), names: this.#names, per: this.#per, heat: this.#map?.name ?? null,
    };
  }

  dispose(): void {
    this.#ended.abort();
    this.#map?.dispose();
    this.#loader?.dispose();
    this.#viewport.dispose();
    this.#list.dispose();
    for (const plot of this.#plots) plot.dispose();
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#rest);
    this.#root.remove();
  }

  /** Those that are drawn. */
  get #drawn(): readonly string[] {
    return this.#names ?? firstChosen(this.#series ?? [], this.#options.saved);
  }

  async #loadSeries(): Promise<void> {
    try {
      this.#series = inOrder(await this.#options.source.series(this.#ended.signal));
    } catch (problem) {
      if (this.#ended.signal.aborted) return;
      this.#series = [];
      this.#problem = problem instanceof Error ? problem.message : String(problem);
    }
    if (this.#ended.signal.aborted) return;
    if (this.#names === null) this.#load(this.#drawn);
    this.#redraw();
    this.#restSoon();
  }

  /**
   * Takes over that the process has gone on up to a moment. What is shown stays, unless it ended where the process did: then it goes along,
   * and all of it stays all of it.
   */
  grow(endNs: bigint): void {
    const view = this.#viewport.view;
    const all = fit(this.#bounds);
    const [wasAll, wasAtEnd] = [view.begin <= all.begin && view.end >= all.end, view.end >= this.#bounds.end];
    const grown = Number(endNs - this.#originNs) - this.#bounds.end;
    if (grown <= 0) return;
    this.#bounds.end += grown;
    if (wasAll) this.#viewport.show(fit(this.#bounds));
    else if (wasAtEnd) this.#viewport.show({ begin: view.begin + grown, end: view.end + grown });
    this.#loader?.again();
    this.#map?.again();
    void this.#loadSeries();
  }

  /** Asks for the values of these; what is drawn stays until they are there. */
  #load(names: readonly string[] | null): void {
    this.#loader?.dispose();
    this.#loader = null;
    if (names === null || names.length === 0) return;
    const loader = new RangeLoader((range, signal) => this.#options.source.counters(names, range, signal), () => {
      this.#shown = loader.current ?? this.#shown;
      this.#redraw();
      if (this.#tableOpen) this.#restSoon();
    });
    this.#loader = loader;
    loader.want(rangeFor(this.#viewport.view, this.#originNs));
  }

  #build(): void {
    const { t, keys } = this.#options;
    const shadow = styledShadow(this.#host, styles, helpStyles);
    // JupyterLab listens before the page's elements do; this attribute tells it to keep out.
    this.#host.dataset['lmSuppressShortcuts'] = 'true';
    this.#host.dataset['theme'] = this.#theme.name;
    const root = this.#root;
    root.tabIndex = 0;
    root.classList.toggle('compact', keys === 'chart');
    root.setAttribute('role', 'application');
    root.setAttribute('aria-label', t('metrics-label'));
    this.#status.setAttribute('role', 'status');
    this.#below.setAttribute('aria-live', 'polite');
    const bar = element('div', 'bar', this.#moment, element('span', 'space'), this.#status, this.extra, this.#perButton, this.#tableButton, ...(this.#map ? [this.#map.button] : []),
      button('tool', t('fit-button'), t('fit-title'), () => this.#viewport.fitAll()), button('tool', '?', t('keys-title'), () => this.#toggleHelp(this.#help.hidden)));
    this.#main.tabIndex = 0;
    this.#main.setAttribute('role', 'region');
    this.#main.setAttribute('aria-label', t('metrics-label'));
    this.#main.append(...(this.#map ? [this.#map.place] : []), this.#message, this.#plotsBox);
    this.#below.append(this.#line, this.#tables);
    root.append(bar, this.#list.root, this.#main, this.#below, this.#help);
    shadow.append(root);
    this.#listen();
  }

  #listen(): void {
    const { signal } = this.#ended;
    const { keys } = this.#options;
    listenToKeys(keys === 'page' ? onlyOf(window, COMMANDS) : this.#root, keys === 'chart', {
      press: (motion) => this.#viewport.press(motion),
      release: (motion) => this.#viewport.release(motion),
      run: (command) => this.#run(command),
    }, signal);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.#theme = themeOf(this.#host);
      this.#host.dataset['theme'] = this.#theme.name;
      this.#redraw();
    }, { signal });
    const observer = new ResizeObserver(() => {
      this.#measure();
      this.#redraw();
    });
    observer.observe(this.#main);
    signal.addEventListener('abort', () => observer.disconnect());
  }

  #gestures(): GestureTarget {
    const view = (from: number, to: number): View => {
      const [a, b] = [this.#nsAt(from), this.#nsAt(to)];
      return { begin: Math.min(a, b), end: Math.max(a, b) };
    };
    const to = (x: number): void => {
      this.#viewport.anchor = this.#nsAt(x);
      this.#decorate();
    };
    return {
      hover: to,
      leave: () => {
        this.#viewport.anchor = null;
        this.#decorate();
      },
      click: () => this.#select(null),
      clickGutter: () => {},
      doubleClick: () => this.#viewport.focusOn(this.#range),
      dragRange: (from, end, done) => {
        this.#viewport.anchor = this.#nsAt(end);
        this.#range = view(from, end);
        this.#decorate();
        if (done) this.#select(this.#range);
      },
      dragZoom: (from, end, done) => {
        this.#zoomRange = done ? null : view(from, end);
        if (done) this.#viewport.glideTo(view(from, end));
        this.#decorate();
      },
      pan: (pixels) => this.#viewport.pan(pixels),
      // The plots scroll by themselves.
      scroll: () => false,
      takesWheel: () => this.#options.keys === 'page' || this.#root.matches(':focus-within'),
      zoom: (x, factor) => this.#viewport.zoomAt(x, factor),
    };
  }

  #run(command: Command): void {
    switch (command) {
      case 'focus': return this.#viewport.focusOn(this.#range);
      case 'fit': return this.#viewport.fitAll();
      case 'to-begin': return this.#viewport.showEnd('begin');
      case 'to-end': return this.#viewport.showEnd('end');
      case 'range': return this.#showKeyed(this.#keyed.chosen(this.#range, this.#viewport.view));
      case 'extend-left': return this.#extendRange(-1);
      case 'extend-right': return this.#extendRange(1);
      case 'search': return this.#list.focusSearch();
      case 'help': return this.#toggleHelp(this.#help.hidden);
      case 'clear':
        if (!this.#help.hidden) return this.#toggleHelp(false);
        if (this.#range) return this.#select(null);
        return this.#root.blur();
    }
  }

  #extendRange(direction: 1 | -1): void {
    this.#showKeyed(this.#keyed.extended(this.#range, this.#viewport.view, fit(this.#bounds), direction));
  }

  /** The moving end is where zooming by keys goes to. */
  #showKeyed(range: View): void {
    const end = this.#keyed.movingEnd(range);
    this.#select(range);
    this.#viewport.bring(end);
    this.#viewport.anchor = end;
  }

  #choose(name: string): void {
    this.#names = toggled(this.#drawn, name);
    this.#load(this.#names);
    this.#redraw();
    this.#restSoon();
  }

  #countPer(per: CountsPer): void {
    this.#per = per;
    this.#redraw();
    this.#restSoon();
  }

  #select(range: View | null): void {
    this.#range = range;
    this.#decorate();
    this.#restSoon();
  }

  #toggleHelp(open: boolean): void {
    this.#help.hidden = !open;
    (open ? this.#help : this.#root).focus();
  }

  #toggleTable(): void {
    this.#tableOpen = !this.#tableOpen;
    this.#updateTables();
    this.#decorate();
  }

  #viewChanged(): void {
    this.#loader?.want(rangeFor(this.#viewport.view, this.#originNs));
    this.#map?.want(this.#viewport.view);
    this.#redraw();
    this.#restSoon();
  }

  #restSoon(): void {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => {
      if (this.#tableOpen) this.#updateTables();
      // Until the series are known, it is not known which are drawn.
      if (this.#names !== null || this.#series !== null) this.#options.changed(this.state, this.#drawn);
    }, REST_MS);
  }

  #redraw(): void {
    this.#stale = true;
    this.#decorate();
  }

  /** Draws what moves with the pointer in the next frame: it moves more often than the view. */
  #decorate(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    this.#frame = 0;
    const decor: Decor = { range: this.#zoomRange ?? this.#range, cursor: this.#viewport.anchor };
    if (this.#stale) this.#drawPlots(decor);
    else {
      for (const plot of this.#plots) plot.decorate(decor);
      this.#map?.decorate(decor);
    }
    this.#updateBar();
    this.#updateLine();
    const isSettled = this.#series !== null && !(this.#loader?.loading ?? false) && !(this.#map?.loading ?? false);
    this.#root.dataset['settled'] = String(isSettled);
  }

  #drawPlots(decor: Decor): void {
    this.#stale = false;
    const panels = this.#panelsNow();
    while (this.#plots.length > panels.length) this.#plots.pop()!.dispose();
    while (this.#plots.length < panels.length) {
      const plot = new UnitPlot(this.#options.t);
      this.#plots.push(plot);
      this.#plotsBox.append(plot.root);
      listenToPointer(plot.over, this.#gestures(), 0, 0);
    }
    const height = Math.min(MOST_PLOT_HEIGHT, Math.max(LEAST_PLOT_HEIGHT, Math.floor(this.#main.clientHeight / Math.max(1, panels.length))));
    panels.forEach((panel, i) => this.#plots[i]!.draw({
      panel, theme: this.#theme, view: this.#viewport.view, per: this.#per, width: this.#plotsBox.clientWidth, height,
    }, decor));
    this.#map?.draw({ theme: this.#theme, view: this.#viewport.view, width: this.#plotsBox.clientWidth }, decor);
    this.#list.update(this.#series ?? [], this.#drawn, new Map(panels.flatMap(({ curves }) => curves.map(({ name, color }) => [name, color] as const))));
    this.#sayWhatIsMissing();
  }

  /** The panels of before where nothing they rest on is another: a plot is made anew for new ones. */
  #panelsNow(): readonly UnitPanel[] {
    const steps = stepsOfBar(this.#shown?.value.stepNs ?? 1, nsPerPixel(this.#viewport.view, this.#plotWidth));
    const rests = [this.#shown, this.#drawn.join('\n'), this.#series, this.#per, steps, this.#theme];
    if (rests.some((part, i) => part !== this.#restsOn[i])) {
      this.#restsOn = rests;
      this.#panels = panelsOf(this.#drawn, this.#series ?? [], this.#shown, this.#originNs, this.#per, steps, this.#theme.counters);
    }
    return this.#panels;
  }

  #sayWhatIsMissing(): void {
    const { t } = this.#options;
    const text = this.#series === null ? '' : this.#series.length === 0 && this.#problem === null ? t('metrics-none')
      : this.#panels.length === 0 ? t('metrics-choose') : '';
    this.#message.textContent = text;
    this.#message.hidden = text === '';
  }

  #measure(): void {
    this.#viewport.resize(this.#plotWidth);
  }

  get #plotWidth(): number {
    return Math.max(1, this.#plots[0]?.over.clientWidth ?? this.#plotsBox.clientWidth - AXIS_WIDTH);
  }

  #nsAt(x: number): number {
    return nsAt(this.#viewport.view, this.#plotWidth, x);
  }

  #updateBar(): void {
    const { t } = this.#options;
    const problem = this.#problem ?? this.#loader?.problem ?? this.#map?.problem ?? null;
    const at = this.#viewport.anchor;
    const instant = (ns: number): string => formatInstant(this.#originNs + BigInt(Math.round(ns)), INSTANT_DIGITS);
    this.#moment.textContent = at === null ? t('visible-time', { duration: formatDuration(spanOf(this.#viewport.view)) }) : instant(at);
    const isLoading = this.#series === null || (this.#loader?.loading ?? false) || (this.#map?.loading ?? false);
    this.#status.textContent = problem !== null ? t('status-problem') : isLoading ? t('status-loading') : '';
    this.#status.title = problem ?? '';
    this.#status.classList.toggle('failed', problem !== null);
    const count = this.#panels.flatMap(({ curves }) => curves).find(({ kind }) => kind === 'count');
    this.#perButton.hidden = !count;
    const step = formatDuration(count?.stepNs ?? 0);
    const text = this.#per === 'second' ? t('metrics-counts-per-second') : t('metrics-counts-per-step', { step });
    this.#perButton.textContent = text;
    this.#perButton.setAttribute('aria-label', text);
    this.#tableButton.setAttribute('aria-pressed', String(this.#tableOpen));
  }

  #updateLine(): void {
    const { t } = this.#options;
    const range = this.#range;
    const key = range ? `${range.begin} ${range.end}` : '';
    if (this.#line.dataset['of'] === key) return;
    this.#line.dataset['of'] = key;
    if (!range) {
      this.#line.replaceChildren(element('span', 'hint', t('metrics-hint')));
      return;
    }
    const { beginNs, endNs } = absoluteRange(this.#originNs, range);
    refill(
      this.#line,
      element('strong', '', t('range-title')), element('span', 'range-text', `${formatInstant(beginNs, INSTANT_DIGITS)} · ${formatDuration(Number(endNs - beginNs))}`),
      button('tool', t('zoom-button'), t('zoom-title'), () => this.#viewport.glideTo(around(range))));
  }

  #updateTables(): void {
    this.#tables.hidden = !this.#tableOpen;
    const curves = this.#panels.flatMap((panel) => panel.curves);
    this.#tables.replaceChildren(...(this.#tableOpen ? [...twinTables(this.#options.t, curves, this.#range ?? this.#viewport.view, this.#originNs), ...(this.#map?.twins(this.#range ?? this.#viewport.view) ?? [])] : []));
  }
}
