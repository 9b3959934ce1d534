import { TileCache } from '../tiles/cache';
import type { Manifest } from '../tiles/manifest';
import type { TileSource } from '../tiles/source';
import { assemble } from './assembly';
import { Bar } from './bar';
import { Beside } from './beside';
import { sameBrush, type Brush } from './brush';
import { ChartPanel } from './chartPanel';
import { Choice } from './choice';
import { colorAfter, type ColorBy } from './color';
import { commandsOf, type Commands } from './commands';
import { button, element } from './dom';
import { DrawnSpans } from './drawnSpans';
import { Following } from './following';
import { listenToPointer } from './gestures';
import { helpOverlay } from './help';
import { listenToKeys } from './keyboard';
import type { Command } from './keys';
import { LaneLayout } from './lanes';
import { Marking } from './marking';
import { MergedView } from './mergedView';
import { modeAfter, type FlameMode } from './mode';
import type { FlameOptions, FlameState } from './options';
import { Overview } from './overview';
import { Painting } from './painting';
import { Palette } from './palette';
import { Pointing } from './pointing';
import { ProcessMenu } from './processMenu';
import { Processes } from './processes';
import { Renewal } from './renewal';
import { Search } from './search';
import { selectionOfDrawn } from './selection';
import { SharedAxis, type Company } from './sharedAxis';
import { Shown } from './shown';
import { neededTiles } from './slots';
import type { DrawnSpan } from './spans';
import { Stage } from './stage';
import { Steps } from './steps';
import { themeOf, type Theme } from './theme';
import { absoluteRange, around, relativeRange, spansWithin, type TimeRange } from './view';
import { Viewport } from './viewport';

/** Changes are reported once nothing more has happened for this long. */
const REST_MS = 120;

/** The flame chart: one element, no framework, everything below a shadow root. */
export class FlameChart {
  readonly bar: Bar;
  readonly #options: FlameOptions;
  readonly #axis: SharedAxis;
  readonly #cache: TileCache;
  readonly #search: Search;
  readonly #shown: Shown;
  readonly #choice: Choice;
  readonly #steps: Steps;
  readonly #marking: Marking;
  readonly #painting: Painting;
  readonly #root = element('div', 'flame');
  readonly #overview: Overview;
  readonly #pointing: Pointing;
  readonly #drawn: DrawnSpans;
  readonly #panel: ChartPanel;
  /** What keys did, where nothing else says so. */
  readonly #said = element('div', 'said');
  /** What lies on the axis beside the spans of threads; `null` where nothing is known of it. */
  readonly #beside: Beside | null;
  /** Covers the lanes while spans are merged; `null` where nobody merges them. */
  readonly #merged: MergedView | null;
  readonly #following: Following;
  readonly #renewal: Renewal;
  /** `null`: there is only this process. */
  readonly #processMenu: ProcessMenu | null;
  readonly #help: HTMLElement;
  readonly #palette: Palette;
  readonly #commands: Commands;
  readonly #host: HTMLElement;
  readonly #ended = new AbortController();
  #theme: Theme;
  #brush: Brush | null;
  #color: ColorBy;
  #rest: ReturnType<typeof setTimeout> | undefined;

  constructor(host: HTMLElement, options: FlameOptions) {
    const { manifest, initial, t, timeline } = options;
    const originNs = manifest.beginNs;
    this.#host = host;
    this.#options = options;
    this.#brush = initial.brush;
    this.#color = initial.color;
    this.#theme = themeOf(host);
    const isWide = timeline?.reach === 'events';
    const own = new LaneLayout(Processes.of(manifest, isWide));
    this.#cache = new TileCache(options.source, manifest.maxLevel, () => this.#painting.redraw());
    this.#axis = new SharedAxis({ program: '', manifest, source: options.source, lookup: options.lookup(this.#cache, own), asyncSpans: null, statistics: options.statistics, logsLink: options.logsLink }, isWide);
    if (options.company) {
      this.#axis.accompany(options.company);
      this.#cache.renew(this.#axis.tiles, this.#axis.processes.maxLevel, () => true);
    }
    const { processes, spans: lookup } = this.#axis;
    const layout = new LaneLayout(processes);
    this.#search = new Search(lookup, () => this.#searchChanged());
    const say = (text: string): void => void (this.#said.textContent = text);
    const leave = (): void => this.#root.focus();
    const takesWheel = (): boolean => options.keys === 'page' || this.#root.matches(':focus-within');
    this.#beside = timeline && new Beside(t, timeline, processes, originNs, {
      changed: () => (this.#panel.tableOpen ? this.#updatePanel() : undefined, this.#painting.redrawDecor()),
      asyncChanged: () => this.#asyncChanged(),
      chosen: () => this.#restSoon(),
      selectRange: (range) => this.#choice.selectRange(range, true),
      walked: (at) => this.#steps.moment(at),
    });
    this.#drawn = new DrawnSpans(this.#cache, this.#beside?.async ?? null, originNs);
    const viewport = new Viewport(processes.bounds(originNs), initial.view && relativeRange(originNs, initial.view), () => this.#viewChanged(), (pixels) => this.#scroll(pixels));
    const stage = new Stage(() => this.#viewChanged(), () => this.#painting.redraw());
    this.#shown = new Shown(processes, this.#beside?.async.layoutOf(layout, initial.selection?.stream) ?? layout, viewport, stage, () => this.#viewChanged());
    this.#choice = new Choice(lookup, this.#shown, this.#drawn, initial.range && relativeRange(originNs, initial.range), {
      changed: (problem) => {
        if (problem === null) this.#updatePanel();
        else this.#panel.note(problem);
        this.#painting.redrawDecor();
      },
      rest: () => this.#restSoon(),
    });
    this.#steps = new Steps(t, this.#shown, this.#drawn, this.#choice, this.#search, { drawNow: () => this.#painting.drawSpans(), redraw: () => this.#painting.redrawDecor(), say });
    this.#overview = new Overview(t, (view) => viewport.show(view));
    this.#pointing = new Pointing(t, viewport, stage, {
      spanAt: (x, y) => this.#spanAt(x, y),
      select: (span) => this.#choice.select(span && selectionOfDrawn(span)),
      selectRange: (range, done) => this.#choice.selectRange(range, done),
      toggleLane: (y) => this.#toggleLane(y),
      toggleProcess: (y) => this.#toggleProcess(y),
      scroll: (pixels) => this.#scroll(pixels),
      takesWheel,
      changed: () => this.#painting.redrawDecor(),
    });
    this.#panel = new ChartPanel(t, {
      absolute: (ns) => this.#shown.absolute(ns),
      logsLink: (range, member) => this.#axis.logsLink(range, member),
      changed: () => this.#updatePanel(),
      search: (text) => this.search(text),
      follow: (link) => this.#steps.follow(link),
      brush: (brush) => this.#setBrush(brush),
      select: (selection) => this.#steps.reveal(selection),
      zoomTo: (range) => viewport.glideTo(around(range)),
    }, this.#axis.statistics[0] ?? null, initial.brush !== null);
    this.#merged = options.merged && new MergedView(t, this.#root, options.merged, {
      changed: () => this.#mergedChanged(),
      takesWheel,
      open: (fn) => this.#setMode('sandwich', fn),
      theme: () => this.#theme,
      color: () => this.#color,
    });
    this.#marking = new Marking(t, this.#shown, this.#choice, initial.marks, {
      changed: () => (this.#painting.redrawDecor(), this.#restSoon()), say, leave, pointed: () => this.#pointing.span?.extent ?? null,
    });
    const followButton = button('tool', t('follow-button'), t('follow-title'), () => this.#run('follow'));
    this.#following = new Following(t, say, (live, on) => {
      followButton.hidden = !live;
      followButton.setAttribute('aria-pressed', String(on));
    });
    this.#processMenu = options.processes && new ProcessMenu(t, options.processes, leave);
    this.#help = helpOverlay(t, () => this.#toggleHelp(false));
    this.#renewal = new Renewal({
      axis: this.#axis, cache: this.#cache, shown: this.#shown, choice: this.#choice, panel: this.#panel, following: this.#following, beside: this.#beside, menu: this.#processMenu,
    });
    this.#palette = new Palette(t, (command) => this.#run(command), leave);
    this.bar = new Bar(t, {
      search: (text) => this.search(text),
      step: (direction) => this.#run(direction > 0 ? 'next-hit' : 'previous-hit'),
      clearBrush: () => this.#setBrush(null),
      fit: () => this.#run('fit'),
      color: () => this.#run('color'),
      mode: () => this.#run('mode'),
      toggleTable: () => this.#toggleTable(),
      toggleHelp: () => this.#toggleHelp(this.#help.hidden),
      leave,
    });
    this.#commands = commandsOf(t, {
      viewport, steps: this.#steps, marking: this.#marking, choice: this.#choice, following: this.#following, beside: this.#beside, menu: this.#processMenu, say,
      color: () => this.#colorBy(colorAfter(this.#color)),
      mode: () => this.#setMode(modeAfter(this.#mode), this.#merged?.name ?? this.#choice.span?.name ?? this.#merged?.fn ?? null),
      search: () => this.bar.focusSearch(),
      table: () => this.#toggleTable(),
      palette: () => this.#palette.open(),
      help: () => this.#toggleHelp(this.#help.hidden),
      clear: () => this.#clear(),
    });
    this.#painting = new Painting(t, {
      shown: this.#shown, cache: this.#cache, drawn: this.#drawn, choice: this.#choice, search: this.#search, pointing: this.#pointing, marking: this.#marking, overview: this.#overview, beside: this.#beside,
    }, this.#root, () => ({ theme: this.#theme, color: this.#color, brush: this.#brush }), () => this.#wasDrawn());
    host.dataset['theme'] = this.#theme.name;
    assemble(host, this.#root, t, options.keys, {
      bar: this.bar, overview: this.#overview, marking: this.#marking, stage, pointing: this.#pointing, said: this.#said, panel: this.#panel, help: this.#help, palette: this.#palette,
      beside: this.#beside, processMenu: this.#processMenu, followButton,
    });
    this.#listen();
    if (options.company) this.#renewal.takeIn(options.company);
    this.#measure();
    this.search(initial.query);
    this.#choice.restore(initial.selection);
    this.#updatePanel();
    this.#viewChanged();
    this.#setMode(initial.mode, initial.fn);
  }

  get state(): FlameState {
    const { originNs, viewport } = this.#shown;
    const { ref, range } = this.#choice;
    return {
      view: absoluteRange(originNs, viewport.view),
      selection: ref,
      range: range && absoluteRange(originNs, range),
      query: this.#search.query,
      brush: this.#brush,
      marks: this.#marking.marks,
      counters: this.#beside?.counters ?? null,
      color: this.#color,
      mode: this.#mode,
      fn: this.#mode === 'sandwich' ? (this.#merged?.fn ?? null) : null,
    };
  }

  /** Takes over what tiles there are by now. What is drawn stays until those that take its place are there. */
  renew(manifest: Manifest, source: TileSource): void {
    this.#renewal.renew(manifest, source);
  }

  /** Shows other processes on the same axis, instead of those before. */
  accompany(company: Company): void {
    if (this.#renewal.accompany(company)) this.#searchAgain();
    this.#updatePanel();
  }

  /** Whether more of it comes: then it can be followed. */
  set live(live: boolean) {
    if (live !== this.#following.live) this.#following.live = live;
  }

  #searchAgain(): void {
    const { query } = this.#search;
    if (query === '') return;
    this.search('');
    this.search(query);
  }

  search(text: string): void {
    this.bar.setQuery(text);
    this.#merged?.search(text);
    const { originNs, viewport } = this.#shown;
    const { begin, end } = viewport.bounds;
    // The last span may begin at the very end.
    void this.#search.start(text, this.#shown.absolute(viewport.view.begin), absoluteRange(originNs, { begin, end: end + 1 }));
  }

  dispose(): void {
    this.#ended.abort();
    this.#shown.viewport.dispose();
    this.#choice.dispose();
    this.#search.dispose();
    this.#cache.dispose();
    this.bar.dispose();
    this.#beside?.dispose();
    this.#processMenu?.dispose();
    this.#merged?.dispose();
    this.#panel.dispose();
    this.#shown.stage.dispose();
    this.#painting.dispose();
    clearTimeout(this.#rest);
    this.#root.remove();
  }

  #listen(): void {
    const { signal } = this.#ended;
    const { viewport, stage } = this.#shown;
    listenToPointer(stage.root, this.#pointing);
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
      this.#painting.redraw();
    }, { signal });
    const observer = new ResizeObserver(() => {
      if (this.#measure()) {
        this.#viewChanged();
        // A canvas of another size is empty: a frame later the page would have been shown without it.
        this.#painting.drawNow();
      }
      this.#merged?.measure();
    });
    observer.observe(stage.root);
    signal.addEventListener('abort', () => observer.disconnect());
  }

  #asyncChanged(): void {
    const layout = this.#beside?.async.layoutOf(this.#shown.layout) ?? this.#shown.layout;
    if (layout === this.#shown.layout) this.#painting.redraw();
    else this.#shown.layout = layout;
  }

  #run(command: Command): void {
    if (this.#mode !== 'timeline' && this.#merged!.run(command)) return;
    this.#commands[command]();
  }

  #scroll(pixels: number): boolean {
    const { stage } = this.#shown;
    const before = stage.scrollTop;
    stage.scrollTop = before + pixels;
    return stage.scrollTop !== before;
  }

  #colorBy(by: ColorBy): void {
    this.#color = by;
    this.#painting.redraw();
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
    const { originNs, viewport, processes: { main: { manifest: { beginNs, endNs } } } } = this.#shown;
    return spansWithin(absoluteRange(originNs, this.#choice.range ?? viewport.view), { beginNs, endNs: endNs + 1n });
  }

  #mergedChanged(): void {
    this.#painting.redraw();
    this.#restSoon();
  }

  #clear(): void {
    const { ref, range } = this.#choice;
    if (!this.#help.hidden) this.#toggleHelp(false);
    else if (this.#merged?.clear()) return;
    else if (this.#mode === 'timeline' && this.#brush) this.#setBrush(null);
    else if (this.#mode === 'timeline' && (range || ref)) this.#choice.select(null);
    else if (this.#search.query !== '') this.search('');
    else this.#root.blur();
  }

  #setBrush(brush: Brush | null): void {
    if (sameBrush(brush, this.#brush)) return;
    this.#brush = brush;
    this.#updatePanel();
    this.#painting.redraw();
    this.#restSoon();
  }

  #viewChanged(): void {
    const { viewport, layout, window } = this.#shown;
    this.#cache.want(neededTiles(window));
    this.#beside?.want(viewport.view, layout);
    this.#following.look(viewport.seesEnd);
    this.#painting.redraw();
    this.#restSoon();
  }

  #restSoon(): void {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => {
      const selection = this.#choice.span;
      this.#options.changed({ state: this.state, selection, selectedRange: selection && absoluteRange(this.#shown.originNs, selection.extent), merged: this.#merged?.selection ?? null });
      if (this.#panel.tableOpen) this.#updatePanel();
    }, REST_MS);
  }

  #wasDrawn(): void {
    const { main, shared } = this.#shown.processes;
    this.#merged?.redraw();
    this.#root.dataset['mode'] = this.#mode;
    this.#root.dataset['settled'] = String((this.#beside?.settled ?? true) && (this.#merged?.settled ?? true));
    this.bar.update({
      search: this.#search, loading: this.#cache.loading, pieces: main.manifest.pieces, problem: this.#cache.problem ?? this.#beside?.problem ?? this.#merged?.problem ?? this.#renewal.problem,
      only: shared && this.#mode !== 'timeline' ? main.name : null,
      tableOpen: this.#mode === 'timeline' ? this.#panel.tableOpen : this.#merged!.tableOpen, brush: this.#brush, color: this.#color, mode: this.#merged && this.#mode, frames: this.#merged?.hits ?? null,
    });
  }

  #measure(): boolean {
    const { stage, viewport } = this.#shown;
    if (!stage.measure()) return false;
    this.#overview.resize(stage.width, stage.pixelRatio);
    this.#marking.strip.resize(stage.width, stage.pixelRatio);
    this.#beside?.resize(stage.width, stage.pixelRatio);
    viewport.resize(stage.width);
    return true;
  }

  #spanAt(x: number, y: number): DrawnSpan | null {
    const row = this.#shown.layout.rowAt(y + this.#shown.stage.scrollTop);
    const span = row && this.#drawn.at(row, x);
    return span && this.#isUnread(span) ? null : span;
  }

  /** A block's row, not a span. */
  #isUnread({ id, name, lane, extent }: DrawnSpan): boolean {
    const number = lane.process?.number ?? 0;
    return id === 0n && name === '' && this.#shown.unread.some(({ member, begin, end }) => member.number === number && extent.begin < end && extent.end > begin);
  }

  #toggleLane(y: number): void {
    const lane = this.#shown.layout.laneAt(y + this.#shown.stage.scrollTop);
    if (lane) this.#shown.layout = this.#shown.layout.toggled(lane.stream);
  }

  #toggleProcess(y: number): boolean {
    const lane = this.#shown.layout.rowAt(y + this.#shown.stage.scrollTop)?.lane;
    if (lane?.header) this.#shown.layout = this.#shown.layout.toggled(lane.stream);
    return lane?.header ?? false;
  }

  #toggleHelp(open: boolean): void {
    this.#help.hidden = !open;
    (open ? this.#help : this.#root).focus();
  }

  #toggleTable(): void {
    if (this.#mode !== 'timeline') this.#merged!.toggleTable();
    else {
      this.#panel.tableOpen = !this.#panel.tableOpen;
      this.#updatePanel();
    }
    this.#painting.redrawDecor();
  }

  #searchChanged(): void {
    if (this.#panel.tableOpen) this.#updatePanel();
    this.#painting.redraw();
    this.#restSoon();
  }

  #updatePanel(): void {
    const { emphasis } = this.#painting;
    emphasis.show(this.#search.query, this.#brush);
    this.#panel.update({
      selection: this.#choice.span, linked: this.#choice.linked, range: this.#choice.range, brush: this.#brush, search: this.#search, emphasis, attachments: this.#beside, slots: this.#drawn.slots, loaded: (group) => this.#drawn.tilesOf(group),
      window: this.#shown.window, originNs: this.#shown.originNs,
    });
  }
}
