import { TileCache } from '../tiles/cache';
import { formatDuration } from '../time/ns';
import { Bar } from './bar';
import type { Decor } from './decor';
import { element } from './dom';
import styles from './flame.css?inline';
import { listenToPointer } from './gestures';
import { helpOverlay } from './help';
import { listenToKeys } from './keyboard';
import type { Command, Motion } from './keys';
import { LaneLayout, ROW_HEIGHT } from './lanes';
import type { SpanLookup } from './lookup';
import { Motions } from './motion';
import { Overview } from './overview';
import type { FlameOptions, FlameState } from './options';
import { ChartPanel } from './chartPanel';
import { Search } from './search';
import { sameSpan, selectionOfDetails, selectionOfDrawn, selectionOfHit, withDetails, type Selection, type SpanRef } from './selection';
import { neededTiles, visibleSlots, type Slot, type Window } from './slots';
import { drawnSpan, neighbour, rectangleAt, type DrawnSpan } from './spans';
import { Stage } from './stage';
import { themeOf, type Theme } from './theme';
import { Tooltip } from './tooltip';
import { around, clamp, fit, nsAt, pan, revealing, sameView, spanOf, zoom, type TimeRange, type View } from './view';

/** How fast held keys zoom (factor per second) and move (views, pixels per second). */
const ZOOM_PER_SECOND = 9;
const VIEWS_PER_SECOND = 1.1;
const SCROLL_PER_SECOND = 900;
const REST_MS = 120;

/** The flame chart: one element, no framework, everything below a shadow root. */
export class FlameChart {
  readonly bar: Bar;
  readonly #options: FlameOptions;
  readonly #originNs: bigint;
  readonly #bounds: View;
  readonly #cache: TileCache;
  readonly #lookup: SpanLookup;
  readonly #search: Search;
  readonly #root = element('div', 'flame');
  readonly #stage: Stage;
  readonly #overview: Overview;
  readonly #tooltip: Tooltip;
  readonly #panel: ChartPanel;
  readonly #help: HTMLElement;
  readonly #host: HTMLElement;
  readonly #motions = new Motions((motion, seconds) => this.#move(motion, seconds));
  readonly #ended = new AbortController();
  #layout: LaneLayout;
  #view: View;
  #theme: Theme;
  #slots: readonly Slot[] = [];
  #hover: DrawnSpan | null = null;
  #cursor: number | null = null;
  #selection: Selection | null = null;
  #pendingSelection: SpanRef | null;
  #range: View | null;
  #frame = 0;
  #stale = true;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #firstViewMarked = false;

  constructor(host: HTMLElement, options: FlameOptions) {
    const { manifest, initial, t } = options;
    this.#host = host;
    this.#options = options;
    this.#originNs = manifest.beginNs;
    this.#bounds = { begin: 0, end: Math.max(1000, Number(manifest.endNs - manifest.beginNs)) };
    this.#layout = new LaneLayout(manifest);
    this.#cache = new TileCache(options.source, manifest.maxLevel, () => this.#redraw());
    this.#lookup = options.lookup(this.#cache, this.#layout);
    this.#search = new Search(this.#lookup, () => this.#searchChanged());
    this.#view = initial.view ? this.#relative(initial.view) : fit(this.#bounds);
    this.#range = initial.range ? this.#relative(initial.range) : null;
    this.#pendingSelection = initial.selection;
    this.#theme = themeOf(host);
    this.#stage = new Stage(() => this.#viewChanged());
    this.#overview = new Overview(t, (view) => this.#show(clamp(view, this.#bounds, this.#stage.width)));
    this.#tooltip = new Tooltip(t);
    this.#panel = new ChartPanel(t, {
      absolute: (ns) => this.#absolute(ns),
      logsLink: options.logsLink,
      select: (selection) => this.#reveal(selection),
      zoomTo: (range) => this.#glideTo(around(range)),
    });
    this.#help = helpOverlay(t, () => this.#toggleHelp(false));
    this.bar = new Bar(t, {
      search: (text) => this.search(text),
      step: (direction) => this.#stepHit(direction),
      fit: () => this.#glideTo(fit(this.#bounds)),
      toggleTable: () => this.#toggleTable(),
      toggleHelp: () => this.#toggleHelp(this.#help.hidden),
      leave: () => this.#root.focus(),
    });
    this.#build(host);
    this.#stage.setContentHeight(this.#layout.height);
    this.#measure();
    this.#view = clamp(this.#view, this.#bounds, this.#stage.width);
    this.search(initial.query);
    this.#describe();
    this.#viewChanged();
  }

  get state(): FlameState {
    return {
      view: this.#absoluteRange(this.#view),
      selection: this.#selection ? { stream: this.#selection.stream, span: this.#selection.span } : this.#pendingSelection,
      range: this.#range && this.#absoluteRange(this.#range),
      query: this.#search.query,
    };
  }

  search(text: string): void {
    this.bar.setQuery(text);
    void this.#search.start(text);
  }

  showRange(range: TimeRange): void {
    this.#glideTo(this.#relative(range));
  }

  dispose(): void {
    this.#ended.abort();
    this.#motions.dispose();
    this.#search.dispose();
    this.#cache.dispose();
    this.bar.dispose();
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#rest);
    this.#root.remove();
  }

  #build(host: HTMLElement): void {
    const shadow = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    shadow.adoptedStyleSheets = [sheet];
    // JupyterLab listens before the page's elements do; this attribute tells it to keep out.
    host.dataset['lmSuppressShortcuts'] = 'true';
    host.dataset['theme'] = this.#theme.name;
    const root = this.#root;
    root.tabIndex = 0;
    root.setAttribute('role', 'application');
    root.setAttribute('aria-label', this.#options.t('chart-label'));
    this.#stage.root.append(this.#tooltip.root);
    root.append(this.bar.root, this.#overview.root, this.#stage.root, this.#panel.root, this.#help);
    shadow.append(root);
    this.#listen();
  }

  #listen(): void {
    const { signal } = this.#ended;
    const x = (pixels: number): number => nsAt(this.#view, this.#stage.width, pixels);
    listenToPointer(this.#stage.root, {
      hover: (px, py) => this.#hoverAt(px, py),
      leave: () => this.#leave(),
      click: (px, py) => this.#select(this.#spanAt(px, py)),
      clickGutter: (py) => this.#toggleLane(py),
      doubleClick: (px, py) => this.#focusOn(this.#spanAt(px, py)?.extent ?? null),
      dragRange: (from, to, zooming, done) => this.#dragRange(x(Math.min(from, to)), x(Math.max(from, to)), zooming && done, done),
      pan: (pixels) => this.#show(pan(this.#view, (pixels / this.#stage.width) * spanOf(this.#view), this.#bounds, this.#stage.width)),
      scroll: (pixels) => this.#scroll(pixels),
      takesWheel: () => this.#options.keys === 'page' || this.#root.matches(':focus-within'),
      zoom: (px, factor) => this.#show(zoom(this.#view, x(px), factor, this.#bounds, this.#stage.width)),
    });
    listenToKeys(this.#options.keys === 'page' ? window : this.#root, this.#options.keys === 'chart', {
      press: (motion) => this.#motions.press(motion),
      release: (motion) => (motion === null ? this.#motions.releaseAll() : this.#motions.release(motion)),
      run: (command) => this.#run(command),
    }, signal);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.#theme = themeOf(this.#host);
      this.#host.dataset['theme'] = this.#theme.name;
      this.#redraw();
    }, { signal });
    const observer = new ResizeObserver(() => {
      if (this.#measure()) this.#show(clamp(this.#view, this.#bounds, this.#stage.width));
    });
    observer.observe(this.#stage.root);
    signal.addEventListener('abort', () => observer.disconnect());
  }

  #run(command: Command): void {
    switch (command) {
      case 'focus': return this.#focusOn(this.#selection?.extent ?? this.#range);
      case 'fit': return this.#glideTo(fit(this.#bounds));
      case 'search': return this.bar.focusSearch();
      case 'next-hit': return this.#stepHit(1);
      case 'previous-hit': return this.#stepHit(-1);
      case 'next-sibling': return this.#stepSibling(1);
      case 'previous-sibling': return this.#stepSibling(-1);
      case 'help': return this.#toggleHelp(this.#help.hidden);
      case 'clear': return this.#clear();
    }
  }

  #move(motion: Motion, seconds: number): void {
    const width = this.#stage.width;
    if (motion === 'up' || motion === 'down') this.#scroll((motion === 'down' ? 1 : -1) * SCROLL_PER_SECOND * seconds);
    else if (motion === 'left' || motion === 'right')
      this.#show(pan(this.#view, (motion === 'right' ? 1 : -1) * VIEWS_PER_SECOND * seconds * spanOf(this.#view), this.#bounds, width));
    else {
      const anchor = this.#cursor ?? (this.#view.begin + this.#view.end) / 2;
      const factor = ZOOM_PER_SECOND ** (motion === 'zoom-out' ? seconds : -seconds);
      this.#show(zoom(this.#view, anchor, factor, this.#bounds, width));
    }
  }

  #scroll(pixels: number): boolean {
    const before = this.#stage.scrollTop;
    this.#stage.scrollTop = before + pixels;
    return this.#stage.scrollTop !== before;
  }

  #clear(): void {
    if (!this.#help.hidden) this.#toggleHelp(false);
    else if (this.#range || this.#selection) this.#select(null);
    else if (this.#search.query !== '') this.search('');
    else this.#root.blur();
  }

  /** Shows `range`; when it is shown already, everything. */
  #focusOn(range: View | null): void {
    if (!range) return;
    const target = clamp(around(range), this.#bounds, this.#stage.width);
    this.#glideTo(sameView(target, this.#view) ? fit(this.#bounds) : target);
  }

  #glideTo(view: View): void {
    const target = clamp(view, this.#bounds, this.#stage.width);
    this.#motions.glide(this.#view, target, (between) => this.#show(between));
  }

  #show(view: View): void {
    this.#view = view;
    this.#viewChanged();
  }

  #viewChanged(): void {
    this.#cache.want(neededTiles(this.#window()));
    this.#redraw();
    this.#restSoon();
  }

  #restSoon(): void {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => {
      const selection = this.#selection;
      this.#options.changed({ state: this.state, selection, selectedRange: selection && this.#absoluteRange(selection.extent) });
      if (this.#panel.tableOpen) this.#updatePanel();
    }, REST_MS);
  }

  /** Draws everything in the next frame. */
  #redraw(): void {
    this.#stale = true;
    this.#redrawDecor();
  }

  /** Draws what lies over the spans in the next frame: the pointer moves more often than the view. */
  #redrawDecor(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    this.#frame = 0;
    const window = this.#window();
    if (this.#stale) this.#drawSpans(window);
    const decor = this.#decor();
    this.#stage.drawDecor(window, decor);
    this.#overview.draw({ window, cache: this.#cache, theme: this.#theme, marks: decor.marks });
    this.bar.update(this.#search, this.#cache.loading, this.#cache.problem, this.#panel.tableOpen);
  }

  #drawSpans(window: Window): void {
    this.#stale = false;
    const { slots, complete } = visibleSlots(window, this.#cache);
    this.#slots = slots;
    this.#stage.drawSpans(window, slots, this.#search, this.#theme);
    this.#root.dataset['sharp'] = String(complete);
    if (!this.#firstViewMarked && (slots.length > 0 || complete)) {
      this.#firstViewMarked = true;
      performance.mark('legion-first-view');
    }
  }

  #measure(): boolean {
    if (!this.#stage.measure()) return false;
    this.#overview.resize(this.#stage.width, this.#stage.pixelRatio);
    return true;
  }

  #decor(): Decor {
    const { hits, current } = this.#search;
    const begin = (index: number): number => Number(hits[index]!.beginNs - this.#originNs);
    const selection = this.#selection && this.#layout.ofStream(this.#selection.stream);
    const hoverLane = this.#hover && this.#layout.ofStream(this.#hover.lane.stream);
    return {
      theme: this.#theme,
      fitter: this.#stage.fitter,
      range: this.#range,
      cursor: this.#cursor,
      hover: hoverLane && this.#hover ? { row: { lane: hoverLane, depth: this.#hover.depth }, extent: this.#hover.extent } : null,
      selection: selection && this.#selection ? { row: { lane: selection, depth: this.#selection.depth }, extent: this.#selection.extent } : null,
      marks: hits.map((_, i) => begin(i)),
      currentMark: current === null ? null : begin(current),
      corner: this.#options.t('visible-time', { duration: formatDuration(spanOf(this.#view)) }),
    };
  }

  #window(): Window {
    return {
      manifest: this.#options.manifest, originNs: this.#originNs, bounds: this.#bounds, view: this.#view, layout: this.#layout,
      scrollTop: this.#stage.scrollTop, width: this.#stage.width, height: this.#stage.height,
    };
  }

  #spanAt(x: number, y: number): DrawnSpan | null {
    const row = this.#layout.rowAt(y + this.#stage.scrollTop);
    const found = row && rectangleAt(this.#slots, row, x);
    return found && drawnSpan(found.tile, found.index, row.lane, this.#cache.loadedOf(row.lane.group), this.#originNs);
  }

  #hoverAt(x: number, y: number): void {
    this.#cursor = nsAt(this.#view, this.#stage.width, x);
    this.#hover = this.#spanAt(x, y);
    if (this.#hover) this.#tooltip.show(this.#hover, x, y, this.#stage.width, this.#stage.height);
    else this.#tooltip.hide();
    this.#redrawDecor();
  }

  #leave(): void {
    this.#cursor = null;
    this.#hover = null;
    this.#tooltip.hide();
    this.#redrawDecor();
  }

  #dragRange(begin: number, end: number, zooming: boolean, done: boolean): void {
    this.#tooltip.hide();
    this.#hover = null;
    this.#range = zooming ? null : { begin, end };
    if (zooming) this.#glideTo({ begin, end });
    if (done && !zooming) this.#selection = null;
    this.#updatePanel();
    this.#redrawDecor();
    if (done) this.#restSoon();
  }

  #select(span: DrawnSpan | null): void {
    this.#setSelection(span && selectionOfDrawn(span));
    if (!span) this.#range = null;
    this.#updatePanel();
  }

  #setSelection(selection: Selection | null): void {
    this.#selection = selection;
    this.#pendingSelection = null;
    if (selection) this.#range = null;
    this.#updatePanel();
    this.#describe();
    this.#redrawDecor();
    this.#restSoon();
  }

  /** Asks for the rest of what is known about the selection, or for all of it when it came with the link. */
  #describe(): void {
    const ref = this.#selection ?? this.#pendingSelection;
    if (!ref) return this.#updatePanel();
    void this.#lookup.describe(ref.stream, ref.span, this.#ended.signal).then((details) => {
      if (!details || !sameSpan(ref, this.#selection ?? this.#pendingSelection)) return;
      this.#selection = this.#selection
        ? withDetails(this.#selection, details, this.#originNs)
        : selectionOfDetails(ref, details, this.#layout, this.#originNs);
      this.#pendingSelection = null;
      this.#updatePanel();
      this.#redrawDecor();
    }, (problem: unknown) => {
      if (!this.#ended.signal.aborted) this.#panel.note(String(problem));
    });
  }

  #stepHit(direction: 1 | -1): void {
    const hit = this.#search.step(direction, this.#absolute(this.#view.begin));
    const selection = hit && selectionOfHit(hit, this.#layout, this.#originNs);
    if (selection) this.#reveal(selection);
  }

  #stepSibling(direction: 1 | -1): void {
    const lane = this.#selection && this.#layout.ofStream(this.#selection.stream);
    if (!lane || !this.#selection) return;
    const found = neighbour(this.#slots, { lane, depth: this.#selection.depth }, this.#selection.extent, direction, this.#originNs);
    if (found) this.#reveal(selectionOfDrawn(drawnSpan(found.tile, found.index, lane, this.#cache.loadedOf(lane.group), this.#originNs)));
  }

  /** Selects, and moves only as far as needed to see it. */
  #reveal(selection: Selection): void {
    const target = revealing(this.#view, selection.extent, this.#stage.width);
    if (target) this.#glideTo(target);
    const lane = this.#layout.ofStream(selection.stream);
    if (lane) {
      const top = lane.top + Math.min(selection.depth, lane.rows - 1) * ROW_HEIGHT;
      if (top < this.#stage.scrollTop || top + ROW_HEIGHT > this.#stage.scrollTop + this.#stage.height)
        this.#stage.scrollTop = top - this.#stage.height / 2;
    }
    this.#setSelection(selection);
  }

  #toggleLane(y: number): void {
    const lane = this.#layout.laneAt(y + this.#stage.scrollTop);
    if (!lane) return;
    this.#layout = this.#layout.toggled(lane.stream);
    this.#stage.setContentHeight(this.#layout.height);
    this.#viewChanged();
  }

  #toggleHelp(open: boolean): void {
    this.#help.hidden = !open;
    if (!open) this.#root.focus();
  }

  #toggleTable(): void {
    this.#panel.tableOpen = !this.#panel.tableOpen;
    this.#updatePanel();
    this.#redrawDecor();
  }

  #searchChanged(): void {
    if (this.#panel.tableOpen) this.#updatePanel();
    this.#redraw();
    this.#restSoon();
  }

  #updatePanel(): void {
    this.#panel.update({
      selection: this.#selection, range: this.#range, search: this.#search, slots: this.#slots, loaded: (group) => this.#cache.loadedOf(group),
      window: this.#window(), originNs: this.#originNs,
    });
  }

  #absolute(ns: number): bigint {
    return this.#originNs + BigInt(Math.round(ns));
  }

  #absoluteRange(range: View): TimeRange {
    return { beginNs: this.#absolute(range.begin), endNs: this.#absolute(range.end) };
  }

  #relative(range: TimeRange): View {
    return { begin: Number(range.beginNs - this.#originNs), end: Number(range.endNs - this.#originNs) };
  }
}
