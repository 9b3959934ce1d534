import { TileCache } from '../tiles/cache';
import type { Manifest } from '../tiles/manifest';
import type { TileSource } from '../tiles/source';
import { formatDuration, formatInstant } from '../time/ns';
import { Bar } from './bar';
import type { Arrow } from './arrows';
import { Beside } from './beside';
import { sameBrush, type Brush } from './brush';
import { colorAfter, type ColorBy } from './color';
import type { Decor, Outline } from './decor';
import { element, styledShadow } from './dom';
import { DrawnSpans } from './drawnSpans';
import { Emphasis } from './emphasis';
import styles from './flame.css?inline';
import { listenToPointer } from './gestures';
import { helpOverlay, helpStyles } from './help';
import { listenToKeys } from './keyboard';
import { KeyedRange } from './keyedRange';
import type { Command } from './keys';
import { LaneCursor } from './laneCursor';
import { laneTitle } from './labels';
import { LaneLayout, ROW_HEIGHT } from './lanes';
import { LinkedEvents } from './linkedEvents';
import type { SpanLink } from './lookup';
import mergedStyles from './merged.css?inline';
import { MarkMenu } from './markMenu';
import { markBeyond, markName, nearestMark, snapped, withMark, type Mark } from './marks';
import { MarkStrip } from './markStrip';
import { MergedView } from './mergedView';
import { modeAfter, type FlameMode } from './mode';
import { Overview } from './overview';
import { Palette } from './palette';
import type { FlameOptions, FlameState } from './options';
import { ChartPanel } from './chartPanel';
import { Pointing } from './pointing';
import { Search } from './search';
import { SelectedSpan } from './selectedSpan';
import { selectionOfDrawn, selectionOfHit, type Selection } from './selection';
import { neededTiles, type Window } from './slots';
import type { DrawnSpan } from './spans';
import { Stage } from './stage';
import { themeOf, type Theme } from './theme';
import { absolute, absoluteRange, around, fit, nsPerPixel, relativeRange, revealing, spanOf, spansWithin, type TimeRange, type View } from './view';
import { Viewport } from './viewport';

/** Changes are reported once nothing more has happened for this long. */
const REST_MS = 120;

/** A moment closer than this to the edge of a span, in pixels, is meant to be that edge; and a mark as close is meant itself. */
const SNAP_PIXELS = 6;

/** The flame chart: one element, no framework, everything below a shadow root. */
export class FlameChart {
  readonly bar: Bar;
  readonly #options: FlameOptions;
  /** The first manifest's begin, whatever comes later. */
  readonly #originNs: bigint;
  #manifest: Manifest;
  readonly #cache: TileCache;
  readonly #search: Search;
  readonly #selected: SelectedSpan;
  readonly #linked: LinkedEvents;
  readonly #viewport: Viewport;
  readonly #root = element('div', 'flame');
  readonly #stage: Stage;
  readonly #overview: Overview;
  readonly #pointing: Pointing;
  readonly #drawn: DrawnSpans;
  readonly #panel: ChartPanel;
  readonly #cursor: LaneCursor;
  readonly #keyed = new KeyedRange();
  readonly #emphasis = new Emphasis();
  /** What keys did, where nothing else says so. */
  readonly #said = element('div', 'said');
  /** What lies on the axis beside the spans of threads; `null` where nothing is known of it. */
  readonly #beside: Beside | null;
  /** Covers the lanes while spans are merged; `null` where nobody merges them. */
  readonly #merged: MergedView | null;
  readonly #strip: MarkStrip;
  readonly #markMenu: MarkMenu;
  readonly #help: HTMLElement;
  readonly #palette: Palette;
  readonly #host: HTMLElement;
  readonly #ended = new AbortController();
  #layout: LaneLayout;
  #theme: Theme;
  #range: View | null;
  #brush: Brush | null;
  #marks: readonly Mark[];
  /** The mark that a key or the list led to last. */
  #wentTo: Mark | null = null;
  #color: ColorBy;
  #frame = 0;
  #stale = true;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #firstViewMarked = false;

  constructor(host: HTMLElement, options: FlameOptions) {
    const { manifest, initial, t, timeline } = options;
    this.#host = host;
    this.#options = options;
    this.#manifest = manifest;
    this.#originNs = manifest.beginNs;
    this.#layout = new LaneLayout(manifest);
    this.#cache = new TileCache(options.source, manifest.maxLevel, () => this.#redraw());
    const lookup = options.lookup(this.#cache, this.#layout);
    this.#search = new Search(lookup, () => this.#searchChanged());
    this.#selected = new SelectedSpan(lookup, () => this.#layout, this.#originNs, (problem) => this.#described(problem));
    this.#linked = new LinkedEvents(lookup, () => this.#linksChanged());
    this.#viewport = new Viewport(this.#bounds(), initial.view && relativeRange(this.#originNs, initial.view), () => this.#viewChanged(), (pixels) => this.#scroll(pixels));
    this.#range = initial.range && relativeRange(this.#originNs, initial.range);
    this.#brush = initial.brush;
    this.#marks = initial.marks;
    this.#color = initial.color;
    this.#theme = themeOf(host);
    this.#stage = new Stage(() => this.#viewChanged(), () => this.#redraw());
    this.#overview = new Overview(t, (view) => this.#viewport.show(view));
    this.#pointing = new Pointing(t, this.#viewport, this.#stage, {
      spanAt: (x, y) => this.#spanAt(x, y),
      select: (span) => this.#select(span),
      selectRange: (range, done) => this.#selectRange(range, done),
      toggleLane: (y) => this.#toggleLane(y),
      scroll: (pixels) => this.#scroll(pixels),
      takesWheel: () => options.keys === 'page' || this.#root.matches(':focus-within'),
      changed: () => this.#redrawDecor(),
    });
    this.#panel = new ChartPanel(t, {
      absolute: (ns) => this.#absolute(ns),
      logsLink: options.logsLink,
      statistics: options.statistics,
      changed: () => this.#updatePanel(),
      search: (text) => this.search(text),
      follow: (link) => this.#follow(link),
      brush: (brush) => this.#setBrush(brush),
      select: (selection) => this.#reveal(selection),
      zoomTo: (range) => this.#viewport.glideTo(around(range)),
    }, initial.brush !== null);
    this.#beside = timeline && new Beside(t, timeline, this.#originNs, {
      changed: () => (this.#panel.tableOpen ? this.#updatePanel() : undefined, this.#redrawDecor()),
      asyncChanged: () => this.#asyncChanged(),
      chosen: () => this.#restSoon(),
      selectRange: (range) => this.#selectRange(range, true),
      walked: (at) => this.#walkTo(at),
    });
    this.#merged = options.merged && new MergedView(t, this.#root, options.merged, {
      changed: () => this.#mergedChanged(),
      takesWheel: () => options.keys === 'page' || this.#root.matches(':focus-within'),
      open: (fn) => this.#setMode('sandwich', fn),
      theme: () => this.#theme,
      color: () => this.#color,
    });
    this.#drawn = new DrawnSpans(this.#cache, this.#beside?.async ?? null, this.#originNs);
    this.#cursor = new LaneCursor(this.#drawn);
    this.#layout = this.#beside?.async.layoutOf(this.#layout, initial.selection?.stream) ?? this.#layout;
    this.#strip = new MarkStrip(t);
    this.#markMenu = new MarkMenu(t, manifest.beginNs, {
      goTo: (mark) => this.#goToMark(mark),
      rename: (mark, label) => this.#setMarks(this.#marks.map((each) => (each === mark ? { ...mark, label } : each))),
      remove: (mark) => this.#setMarks(this.#marks.filter((each) => each !== mark)),
      leave: () => this.#root.focus(),
    });
    this.#help = helpOverlay(t, () => this.#toggleHelp(false));
    this.#palette = new Palette(t, (command) => this.#run(command), () => this.#root.focus());
    this.bar = new Bar(t, {
      search: (text) => this.search(text),
      step: (direction) => this.#run(direction > 0 ? 'next-hit' : 'previous-hit'),
      clearBrush: () => this.#setBrush(null),
      fit: () => this.#run('fit'),
      color: () => this.#run('color'),
      mode: () => this.#run('mode'),
      toggleTable: () => this.#toggleTable(),
      toggleHelp: () => this.#toggleHelp(this.#help.hidden),
      leave: () => this.#root.focus(),
    });
    this.#build(host);
    this.#stage.setContentHeight(this.#layout.height);
    this.#measure();
    this.#markMenu.show(this.#marks);
    this.search(initial.query);
    this.#selected.restore(initial.selection);
    this.#linked.of(initial.selection);
    this.#updatePanel();
    this.#viewChanged();
    this.#setMode(initial.mode, initial.fn);
  }

  get state(): FlameState {
    return {
      view: absoluteRange(this.#originNs, this.#viewport.view),
      selection: this.#selected.ref,
      range: this.#range && absoluteRange(this.#originNs, this.#range),
      query: this.#search.query,
      brush: this.#brush,
      marks: this.#marks,
      counters: this.#beside?.counters ?? null,
      color: this.#color,
      mode: this.#mode,
      fn: this.#mode === 'sandwich' ? (this.#merged?.fn ?? null) : null,
    };
  }

  /** Takes over what tiles there are by now. What is drawn stays until those that take its place are there. */
  renew(manifest: Manifest, source: TileSource): void {
    const before = new Map(this.#manifest.groups.map(({ group, generation }) => [group, generation]));
    const generations = new Map(manifest.groups.map(({ group, generation }) => [group, generation]));
    this.#manifest = manifest;
    this.#cache.renew(source, manifest.maxLevel, (group) => before.get(group) === generations.get(group));
    this.#beside?.renew();
    this.#layout = this.#layout.of(manifest);
    this.#stage.setContentHeight(this.#layout.height);
    this.#viewport.rebound(this.#bounds());
  }

  search(text: string): void {
    this.bar.setQuery(text);
    this.#merged?.search(text);
    const { begin, end } = this.#viewport.bounds;
    // The last span may begin at the very end.
    void this.#search.start(text, this.#absolute(this.#viewport.view.begin), absoluteRange(this.#originNs, { begin, end: end + 1 }));
  }

  dispose(): void {
    this.#ended.abort();
    this.#viewport.dispose();
    this.#selected.dispose();
    this.#linked.dispose();
    this.#search.dispose();
    this.#cache.dispose();
    this.bar.dispose();
    this.#beside?.dispose();
    this.#merged?.dispose();
    this.#panel.dispose();
    this.#stage.dispose();
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#rest);
    this.#root.remove();
  }

  /** How far everything reaches. A process of no length is still drawn: as its first microsecond. */
  #bounds(): View {
    const { beginNs, endNs, firstNs, lastNs } = this.#manifest;
    const wide = this.#options.timeline?.reach === 'events';
    const at = (ns: bigint): number => Number(ns - this.#originNs);
    const begin = Math.min(at(beginNs), wide ? at(firstNs) : Infinity);
    return { begin, end: Math.max(begin + 1000, at(endNs), wide ? at(lastNs) : -Infinity) };
  }

  #build(host: HTMLElement): void {
    const shadow = styledShadow(host, styles, mergedStyles, helpStyles);
    // JupyterLab listens before the page's elements do; this attribute tells it to keep out.
    host.dataset['lmSuppressShortcuts'] = 'true';
    host.dataset['theme'] = this.#theme.name;
    const root = this.#root;
    root.tabIndex = 0;
    root.classList.toggle('compact', this.#options.keys === 'chart');
    root.setAttribute('role', 'application');
    root.setAttribute('aria-label', this.#options.t('chart-label'));
    this.#said.setAttribute('role', 'status');
    this.#stage.root.append(this.#pointing.tooltip.root, this.#said);
    root.append(this.bar.root, this.#overview.root, this.#strip.root, this.#stage.root, this.#panel.root, this.#help, this.#palette.root, this.#markMenu.root);
    if (this.#beside) {
      this.#strip.root.before(this.#beside.tracks);
      this.bar.extra.append(this.#beside.menu.button);
      root.append(this.#beside.menu.root);
    }
    this.bar.extra.append(this.#markMenu.button);
    shadow.append(root);
    this.#listen();
  }

  #listen(): void {
    const { signal } = this.#ended;
    const viewport = this.#viewport;
    listenToPointer(this.#stage.root, this.#pointing);
    if (this.#beside) listenToPointer(this.#beside.tracks, this.#beside.gestures(this.#pointing), 0);
    listenToKeys(this.#options.keys === 'page' ? window : this.#root, this.#options.keys === 'chart', {
      press: (motion) => (this.#mode === 'timeline' ? viewport : this.#merged!).press(motion),
      release: (motion) => {
        viewport.release(motion);
        this.#merged?.release(motion);
      },
      run: (command) => this.#run(command),
    }, signal);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.#theme = themeOf(this.#host);
      this.#host.dataset['theme'] = this.#theme.name;
      this.#redraw();
    }, { signal });
    const observer = new ResizeObserver(() => {
      if (this.#measure()) {
        this.#viewChanged();
        // A canvas of another size is empty: a frame later the page would have been shown without it.
        cancelAnimationFrame(this.#frame);
        this.#draw();
      }
      this.#merged?.measure();
    });
    observer.observe(this.#stage.root);
    signal.addEventListener('abort', () => observer.disconnect());
  }

  #asyncChanged(): void {
    const layout = this.#beside?.async.layoutOf(this.#layout) ?? this.#layout;
    if (layout === this.#layout) this.#redraw();
    else this.#setLayout(layout);
  }

  #setLayout(layout: LaneLayout): void {
    this.#layout = layout;
    this.#stage.setContentHeight(layout.height);
    this.#viewChanged();
  }

  #run(command: Command): void {
    if (this.#mode !== 'timeline' && this.#merged!.run(command)) return;
    switch (command) {
      case 'to-begin': return this.#viewport.showEnd('begin');
      case 'to-end': return this.#viewport.showEnd('end');
      case 'row-above': return this.#stepRow(-1);
      case 'row-below': return this.#stepRow(1);
      case 'next-lane': return this.#stepLane(1);
      case 'previous-lane': return this.#stepLane(-1);
      case 'fold': return this.#foldLane();
      case 'range': return this.#chooseRange();
      case 'extend-left': return this.#extendRange(-1);
      case 'extend-right': return this.#extendRange(1);
      case 'mark': return this.#mark();
      case 'remove-mark': return this.#removeMark();
      case 'next-mark': return this.#stepMark(1);
      case 'previous-mark': return this.#stepMark(-1);
      case 'tracks': return this.#beside?.tracks.focus();
      case 'focus': return this.#viewport.focusOn(this.#selected.current?.extent ?? this.#range);
      case 'fit': return this.#viewport.fitAll();
      case 'search': return this.bar.focusSearch();
      case 'next-link': return void this.#stepLink(1);
      case 'previous-link': return void this.#stepLink(-1);
      case 'next-hit': return this.#stepHit(1);
      case 'previous-hit': return this.#stepHit(-1);
      case 'next-sibling': return this.#stepSibling(1);
      case 'previous-sibling': return this.#stepSibling(-1);
      case 'color': return this.#colorBy(colorAfter(this.#color));
      case 'mode': return this.#setMode(modeAfter(this.#mode), this.#merged?.name ?? this.#selected.current?.name ?? this.#merged?.fn ?? null);
      case 'list-marks': return this.#marks.length > 0 ? this.#markMenu.open(null) : void (this.#said.textContent = this.#options.t('mark-none'));
      case 'counters': return this.#beside?.menu.toggle(true);
      case 'table': return this.#toggleTable();
      case 'palette': return this.#palette.open();
      case 'help': return this.#toggleHelp(this.#help.hidden);
      case 'clear': return this.#clear();
    }
  }

  #scroll(pixels: number): boolean {
    const before = this.#stage.scrollTop;
    this.#stage.scrollTop = before + pixels;
    return this.#stage.scrollTop !== before;
  }

  #colorBy(by: ColorBy): void {
    this.#color = by;
    this.#redraw();
    this.#restSoon();
  }

  get #mode(): FlameMode {
    return this.#merged?.mode ?? 'timeline';
  }

  /** Lays out what is selected, or shown, in a mode. */
  #setMode(mode: FlameMode, fn: string | null): void {
    const merged = this.#merged;
    if (!merged || mode === this.#mode && mode === 'timeline') return;
    if (mode !== 'timeline') return void merged.show(mode, this.#mergedRange(), fn);
    merged.leave();
    this.#mergedChanged();
  }

  /** The selected range, or what is shown; without what lies beside all spans. */
  #mergedRange(): TimeRange {
    const { beginNs, endNs } = this.#manifest;
    return spansWithin(absoluteRange(this.#originNs, this.#range ?? this.#viewport.view), { beginNs, endNs: endNs + 1n });
  }

  #mergedChanged(): void {
    this.#redraw();
    this.#restSoon();
  }

  #clear(): void {
    if (!this.#help.hidden) this.#toggleHelp(false);
    else if (this.#merged?.clear()) return;
    else if (this.#mode === 'timeline' && this.#brush) this.#setBrush(null);
    else if (this.#mode === 'timeline' && (this.#range || this.#selected.ref)) this.#select(null);
    else if (this.#search.query !== '') this.search('');
    else this.#root.blur();
  }

  #setBrush(brush: Brush | null): void {
    if (sameBrush(brush, this.#brush)) return;
    this.#brush = brush;
    this.#updatePanel();
    this.#redraw();
    this.#restSoon();
  }

  #viewChanged(): void {
    this.#cache.want(neededTiles(this.#window()));
    this.#beside?.want(this.#viewport.view);
    this.#redraw();
    this.#restSoon();
  }

  #restSoon(): void {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => {
      const selection = this.#selected.current;
      this.#options.changed({ state: this.state, selection, selectedRange: selection && absoluteRange(this.#originNs, selection.extent), merged: this.#merged?.selection ?? null });
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
    this.#strip.draw({ marks: this.#marks, view: window.view, originNs: this.#originNs }, this.#theme, this.#stage.fitter);
    this.#overview.draw({ window, cache: this.#cache, theme: this.#theme, fitter: this.#stage.fitter, density: this.#search.density, marks: decor.marks, marked: decor.marked });
    this.#beside?.draw({ theme: this.#theme, fitter: this.#stage.fitter, view: window.view, range: decor.range, cursor: decor.cursor, marked: decor.marked });
    this.#merged?.redraw();
    this.#root.dataset['mode'] = this.#mode;
    this.#root.dataset['settled'] = String((this.#beside?.settled ?? true) && (this.#merged?.settled ?? true));
    this.bar.update({
      search: this.#search, loading: this.#cache.loading, pieces: this.#manifest.pieces, problem: this.#cache.problem ?? this.#beside?.problem ?? this.#merged?.problem ?? null,
      tableOpen: this.#mode === 'timeline' ? this.#panel.tableOpen : this.#merged!.tableOpen, brush: this.#brush, color: this.#color, mode: this.#merged && this.#mode, frames: this.#merged?.hits ?? null,
    });
  }

  #drawSpans(window: Window): void {
    this.#stale = false;
    const complete = this.#drawn.show(window);
    this.#emphasis.show(this.#search.query, this.#brush);
    this.#stage.drawSpans(window, this.#drawn.slots, this.#emphasis, this.#theme, this.#color);
    this.#root.dataset['surface'] = this.#stage.surface;
    this.#root.dataset['sharp'] = String(complete && !this.#unread().some(({ begin, end }) => begin < window.view.end && end > window.view.begin));
    if (!this.#firstViewMarked && (this.#drawn.slots.length > 0 || complete)) {
      this.#firstViewMarked = true;
      performance.mark('legion-first-view');
    }
  }

  #measure(): boolean {
    if (!this.#stage.measure()) return false;
    this.#overview.resize(this.#stage.width, this.#stage.pixelRatio);
    this.#strip.resize(this.#stage.width, this.#stage.pixelRatio);
    this.#beside?.resize(this.#stage.width, this.#stage.pixelRatio);
    this.#viewport.resize(this.#stage.width);
    return true;
  }

  #decor(): Decor {
    const { hits, current } = this.#search;
    const begin = (index: number): number => Number(hits[index]!.beginNs - this.#originNs);
    const selection = this.#selected.current;
    const hover = this.#pointing.span;
    return {
      theme: this.#theme,
      fitter: this.#stage.fitter,
      range: this.#pointing.zoomRange ?? this.#range,
      cursor: this.#viewport.anchor,
      hover: hover && this.#outline({ ...hover, stream: hover.lane.stream, span: hover.id }),
      selection: selection && this.#outline(selection),
      arrows: selection ? this.#arrows(selection) : [],
      marks: hits.map((_, i) => begin(i)),
      currentMark: current === null ? null : begin(current),
      marked: this.#marks.map(({ atNs }) => Number(atNs - this.#originNs)),
      lane: this.#cursor.lane(this.#layout),
      unread: this.#unread(),
      unreadText: this.#options.t('unread-spans'),
      corner: this.#options.t('visible-time', { duration: formatDuration(spanOf(this.#viewport.view)) }),
    };
  }

  #outline(span: Pick<Selection, 'stream' | 'span' | 'depth' | 'extent'>): Outline | null {
    const row = this.#drawn.rowOf(span, this.#layout);
    return row && { row, extent: span.extent };
  }

  /** From the selected span to what it is linked to, as far as the lanes there are shown. */
  #arrows(selection: Selection): readonly Arrow[] {
    const own = this.#drawn.rowOf(selection, this.#layout);
    if (!own) return [];
    return this.#linked.links.flatMap(({ direction, fromNs, atNs, stream, span }) => {
      const row = this.#drawn.rowOf({ stream, span: span?.span ?? 0n, depth: span?.depth ?? 0 }, this.#layout);
      if (!row) return [];
      const here = { row: own, at: Number(fromNs - this.#originNs) };
      const there = { row, at: Number(atNs - this.#originNs) };
      return direction > 0 ? [{ from: here, to: there }] : [{ from: there, to: here }];
    });
  }

  #window(): Window {
    return {
      manifest: this.#manifest, originNs: this.#originNs, bounds: this.#viewport.bounds, view: this.#viewport.view, layout: this.#layout,
      scrollTop: this.#stage.scrollTop, width: this.#stage.width, height: this.#stage.height,
    };
  }

  #spanAt(x: number, y: number): DrawnSpan | null {
    const row = this.#layout.rowAt(y + this.#stage.scrollTop);
    const span = row && this.#drawn.at(row, x);
    return span && this.#isUnread(span) ? null : span;
  }

  /** What was not read yet, nanoseconds from the origin. */
  #unread(): readonly View[] {
    return this.#manifest.unread.map(({ beginNs, endNs }) => ({ begin: Number(beginNs - this.#originNs), end: Number(endNs - this.#originNs) }));
  }

  /** A block's row, not a span. */
  #isUnread({ id, name, extent }: DrawnSpan): boolean {
    return id === 0n && name === '' && this.#unread().some(({ begin, end }) => extent.begin < end && extent.end > begin);
  }

  #selectRange(range: View, done: boolean): void {
    this.#range = range;
    this.#selected.set(null);
    this.#linked.of(null);
    this.#updatePanel();
    this.#redrawDecor();
    if (done) this.#restSoon();
  }

  /** Selects a span, or nothing at all: one thing is selected at a time. */
  #select(span: DrawnSpan | null): void {
    this.#setSelection(span && selectionOfDrawn(span));
  }

  #setSelection(selection: Selection | null): void {
    this.#range = null;
    this.#selected.set(selection);
    this.#linked.of(this.#selected.ref);
    this.#cursor.follow(selection);
    this.#updatePanel();
    this.#redrawDecor();
    this.#restSoon();
  }

  #described(problem: string | null): void {
    this.#cursor.follow(this.#selected.current);
    if (problem === null) this.#updatePanel();
    else this.#panel.note(problem);
    this.#redrawDecor();
    this.#restSoon();
  }

  #stepHit(direction: 1 | -1): void {
    const hit = this.#search.step(direction, this.#absolute(this.#viewport.view.begin));
    const selection = hit && selectionOfHit(hit, this.#layout, this.#originNs);
    if (selection) this.#reveal(selection);
  }

  #linksChanged(): void {
    this.#updatePanel();
    this.#redrawDecor();
  }

  async #stepLink(direction: 1 | -1): Promise<void> {
    const link = await this.#linked.first(direction);
    if (link) this.#follow(link);
    else this.#said.textContent = this.#options.t('links-none');
  }

  /** Selects the span at the other end; where none was open, it goes to the moment. */
  #follow({ span, atNs }: SpanLink): void {
    const selection = span && selectionOfHit(span, this.#layout, this.#originNs);
    if (selection) return this.#reveal(selection);
    const at = Number(atNs - this.#originNs);
    this.#viewport.bring(at);
    this.#viewport.anchor = at;
    this.#redrawDecor();
  }

  #stepSibling(direction: 1 | -1): void {
    const selection = this.#selected.current;
    if (!selection) return this.#stepIntoLane();
    const found = this.#drawn.beside(selection, this.#layout, direction);
    if (found) this.#reveal(selectionOfDrawn(found));
  }

  /** Where nothing is selected yet, keys begin in the lane that they are at. */
  #stepIntoLane(): void {
    const lane = this.#cursor.lane(this.#layout) ?? this.#layout.lanes[0];
    const found = lane && this.#cursor.first(lane, this.#viewport.view);
    if (found) this.#reveal(selectionOfDrawn(found));
  }

  #stepRow(direction: 1 | -1): void {
    const selection = this.#selected.current;
    if (!selection) return this.#stepIntoLane();
    const found = this.#cursor.beyond(selection, this.#layout, this.#viewport.view, direction);
    if (found) this.#reveal(selectionOfDrawn(found));
  }

  #stepLane(direction: 1 | -1): void {
    const lane = this.#cursor.step(this.#layout, direction);
    if (!lane) return;
    this.#stage.showRow(lane.top);
    // Only what is drawn can be found, and the lane may have been out of sight.
    this.#drawSpans(this.#window());
    const found = this.#cursor.first(lane, this.#viewport.view);
    this.#setSelection(found && selectionOfDrawn(found));
    this.#sayLane();
  }

  #foldLane(): void {
    const lane = this.#cursor.lane(this.#layout);
    if (!lane) return;
    this.#setLayout(this.#layout.toggled(lane.stream));
    this.#sayLane();
  }

  #sayLane(): void {
    const { t } = this.#options;
    const lane = this.#cursor.lane(this.#layout);
    this.#said.textContent = lane && `${laneTitle(lane)} · ${lane.collapsed ? t('lane-folded') : t('lane-unfolded')}`;
  }

  #chooseRange(): void {
    const range = this.#keyed.chosen(this.#range, this.#selected.current?.extent ?? this.#viewport.view);
    this.#showKeyed(range);
  }

  #extendRange(direction: 1 | -1): void {
    this.#showKeyed(this.#keyed.extended(this.#range ?? this.#selected.current?.extent ?? null, this.#viewport.view, fit(this.#viewport.bounds), direction));
  }

  /** The moving end is where zooming by keys goes to. */
  #showKeyed(range: View): void {
    this.#selectRange(range, true);
    const end = this.#keyed.movingEnd(range);
    this.#viewport.bring(end);
    this.#viewport.anchor = end;
  }

  /** Where the cursor is, at the edge that it is close to; without one, both ends of what is selected, or the middle of the view. */
  #momentsToMark(): readonly number[] {
    const { anchor, view } = this.#viewport;
    const selected = this.#range ?? this.#selected.current?.extent ?? null;
    if (anchor === null) return selected ? [selected.begin, selected.end] : [(view.begin + view.end) / 2];
    const edges = [selected, this.#pointing.span?.extent ?? null].flatMap((extent) => (extent ? [extent.begin, extent.end] : []));
    return [snapped(anchor, edges, this.#nsOf(SNAP_PIXELS))];
  }

  #nsOf(pixels: number): number {
    return pixels * nsPerPixel(this.#viewport.view, this.#stage.width);
  }

  /** Marks a moment; where it is marked already, its label can be typed. */
  #mark(): void {
    const moments = this.#momentsToMark();
    const known = moments.length === 1 ? this.#markAt(moments[0]!) : null;
    if (known) return this.#markMenu.open(known);
    this.#setMarks(moments.reduce((marks, at) => withMark(marks, { atNs: this.#absolute(at), label: '' }), this.#marks));
    const mark = nearestMark(this.#marks, this.#absolute(moments[0]!));
    if (mark) this.#sayMark(mark);
  }

  /** The mark that is drawn where a moment is; `null`: none. */
  #markAt(at: number): Mark | null {
    const mark = nearestMark(this.#marks, this.#absolute(at));
    return mark && Math.abs(Number(mark.atNs - this.#originNs) - at) <= this.#nsOf(SNAP_PIXELS) ? mark : null;
  }

  /** Removes the mark closest to the cursor, of those in sight. */
  #removeMark(): void {
    const mark = nearestMark(this.#marks.filter((each) => this.#isInSight(each)), this.#absolute(this.#momentsToMark()[0]!));
    if (!mark) return;
    this.#said.textContent = this.#options.t('mark-removed', { name: markName(this.#marks, mark) });
    this.#setMarks(this.#marks.filter((each) => each !== mark));
  }

  #setMarks(marks: readonly Mark[]): void {
    this.#marks = marks;
    this.#markMenu.show(marks);
    this.#redrawDecor();
    this.#restSoon();
  }

  #stepMark(direction: 1 | -1): void {
    const { begin, end } = this.#viewport.view;
    // At the ends of the process the mark gone to is not in the middle.
    const from = this.#wentTo && this.#isInSight(this.#wentTo) ? this.#wentTo.atNs : this.#absolute((begin + end) / 2);
    const mark = markBeyond(this.#marks, from, direction);
    if (mark) this.#goToMark(mark);
  }

  #isInSight({ atNs }: Mark): boolean {
    const at = Number(atNs - this.#originNs);
    return at >= this.#viewport.view.begin && at <= this.#viewport.view.end;
  }

  /** Brings a mark to the middle, as close as it is looked at now. */
  #goToMark(mark: Mark): void {
    const at = Number(mark.atNs - this.#originNs);
    const half = spanOf(this.#viewport.view) / 2;
    this.#viewport.glideTo({ begin: at - half, end: at + half });
    this.#wentTo = mark;
    this.#sayMark(mark);
  }

  #sayMark(mark: Mark): void {
    this.#said.textContent = this.#options.t('mark-said', { name: markName(this.#marks, mark), time: formatInstant(mark.atNs, 6) });
  }

  #walkTo(at: number | null): void {
    if (at !== null) this.#viewport.bring(at);
    this.#viewport.anchor = at;
    this.#redrawDecor();
  }

  /** Selects, and moves only as far as needed to see it. */
  #reveal(selection: Selection): void {
    const target = revealing(this.#viewport.view, selection.extent, this.#stage.width);
    if (target) this.#viewport.glideTo(target);
    const lane = this.#layout.ofStream(selection.stream);
    if (lane) {
      const row = this.#drawn.rowOf(selection, this.#layout)?.depth ?? 0;
      this.#stage.showRow(lane.top + Math.min(row, lane.rows - 1) * ROW_HEIGHT);
    }
    this.#setSelection(selection);
  }

  #toggleLane(y: number): void {
    const lane = this.#layout.laneAt(y + this.#stage.scrollTop);
    if (lane) this.#setLayout(this.#layout.toggled(lane.stream));
  }

  #toggleHelp(open: boolean): void {
    this.#help.hidden = !open;
    (open ? this.#help : this.#root).focus();
  }

  #toggleTable(): void {
    if (this.#mode !== 'timeline') {
      this.#merged!.toggleTable();
      this.#redrawDecor();
      return;
    }
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
    this.#emphasis.show(this.#search.query, this.#brush);
    this.#panel.update({
      selection: this.#selected.current, linked: this.#linked, range: this.#range, brush: this.#brush, search: this.#search, emphasis: this.#emphasis, attachments: this.#beside, slots: this.#drawn.slots, loaded: (group) => this.#drawn.tilesOf(group),
      window: this.#window(), originNs: this.#originNs,
    });
  }

  #absolute(ns: number): bigint {
    return absolute(this.#originNs, ns);
  }
}
