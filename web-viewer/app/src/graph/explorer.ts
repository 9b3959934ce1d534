import { button, element, styledShadow } from '../flame/dom';
import { helpOverlay, helpStyles } from '../flame/help';
import { letScroll, listenToKeys } from '../flame/keyboard';
import type { Command, Motion } from '../flame/keys';
import { visibleText } from '../flame/labels';
import { themeOf, type Theme } from '../flame/theme';
import type { TimeRange } from '../flame/view';
import type { ApiGraph } from '../host/apiGraph';
import type { Translate } from '../locale/text';
import { formatDuration, formatInstant } from '../time/ns';
import { Butterfly } from './butterfly';
import { CallTree } from './callTree';
import { callTable } from './callTable';
import type { DrawnGraph, FunctionCalls, FunctionList } from './calls';
import { FunctionsBeside } from './functionList';
import styles from './graph.css?inline';
import type { NodeLink } from './nodeLink';
import { GRAPH_VIEWS, viewAfter, type GraphState, type GraphView } from './options';
import { facts, swatch } from './parts';

/** Changes are reported once nothing more has happened for this long. */
const REST_MS = 120;

/** Of each line of the overview that `?` opens: what it does, and what to press. */
const KEYS: readonly (readonly [message: string, pressed: string])[] = [
  ['graph-keys-view', 'press-mode'],
  ['keys-search', 'press-search'],
  ['graph-keys-list', 'press-list'],
  ['graph-keys-beside', 'press-siblings'],
  ['graph-keys-wings', 'press-arrows'],
  ['graph-keys-tree', 'press-arrows-star'],
  ['graph-keys-zoom', 'press-zoom'],
  ['graph-keys-move', 'press-arrows'],
  ['graph-keys-focus', 'press-focus'],
  ['keys-fit', 'press-fit'],
  ['keys-clear', 'press-clear'],
  ['keys-help', 'press-help'],
];

export interface GraphOptions {
  readonly source: ApiGraph;
  /** The time whose spans count. */
  readonly range: TimeRange;
  /** It is all of the process. */
  readonly isWhole: boolean;
  readonly t: Translate;
  readonly initial: GraphState;
  /** Called after changes, when nothing more has happened for a moment. */
  readonly changed: (state: GraphState) => void;
  /** Shows all of the process's time. */
  readonly showWhole: () => void;
  /** Addresses of a function in the timeline: of its spans, and of those merged around it. */
  readonly timelineOf: (fn: string) => string;
  readonly sandwichOf: (fn: string) => string;
}

/** Who calls whom: one element, no framework, everything below a shadow root. */
export class GraphExplorer {
  readonly #options: GraphOptions;
  readonly #host: HTMLElement;
  readonly #root = element('div', 'graph');
  readonly #main = element('div', 'main');
  readonly #message = element('p', 'message');
  readonly #status = element('span', 'status');
  readonly #below = element('div', 'below');
  readonly #views: ReadonlyMap<GraphView, HTMLButtonElement>;
  readonly #tableButton: HTMLButtonElement;
  readonly #help: HTMLElement;
  readonly #list: FunctionsBeside;
  readonly #butterfly: Butterfly;
  readonly #tree: CallTree;
  /** The drawing with its note and its table. */
  readonly #nodes = element('div', 'nodes');
  readonly #stage = element('div', 'stage');
  readonly #note = element('p', 'note');
  readonly #table = element('div', 'tables');
  readonly #ended = new AbortController();
  #theme: Theme;
  #view: GraphView;
  #fn: string | null;
  #query: string;
  #functions: FunctionList | null = null;
  #calls: FunctionCalls | null = null;
  #drawn: DrawnGraph | null = null;
  #link: NodeLink | null = null;
  #treeRead = false;
  #tableOpen = false;
  /** Where there is no WebGL, or no longer, the table stands for the drawing. */
  #cannotDraw = false;
  #reading: AbortController | null = null;
  #problem: string | null = null;
  #rest: ReturnType<typeof setTimeout> | undefined;

  constructor(host: HTMLElement, options: GraphOptions) {
    const { t, initial } = options;
    this.#host = host;
    this.#options = options;
    this.#theme = themeOf(host);
    ({ view: this.#view, fn: this.#fn, query: this.#query } = initial);
    const theme = (): Theme => this.#theme;
    this.#list = new FunctionsBeside(t, initial.query, { choose: (name) => this.#choose(name), searched: (query) => this.#search(query), leave: () => this.#root.focus(), theme });
    this.#butterfly = new Butterfly(t, (name) => this.#choose(name));
    this.#tree = new CallTree(t, { choose: (name) => this.#choose(name), theme });
    const viewButton = (view: GraphView): [GraphView, HTMLButtonElement] => [view, button('tool', this.#nameOf(view), t('graph-view-title'), () => this.#show(view))];
    this.#views = new Map(GRAPH_VIEWS.map(viewButton));
    this.#tableButton = button('tool', t('table-button'), t('graph-table-title'), () => this.#toggleTable());
    this.#help = helpOverlay(t, () => this.#toggleHelp(false), KEYS);
    this.#build();
    this.#update();
    void this.#read();
  }

  dispose(): void {
    this.#ended.abort();
    this.#reading?.abort();
    this.#list.dispose();
    this.#tree.dispose();
    this.#link?.dispose();
    clearTimeout(this.#rest);
    this.#root.remove();
  }

  /** The function that is shown: the chosen one, or that of most self time. */
  get #shown(): string | null {
    if (this.#fn !== null) return this.#fn;
    const functions = this.#functions?.functions ?? [];
    return functions.reduce<(typeof functions)[number] | null>((most, each) => (most && most.selfNs >= each.selfNs ? most : each), null)?.name ?? null;
  }

  #nameOf(view: GraphView): string {
    const { t } = this.#options;
    switch (view) {
      case 'butterfly': return t('graph-view-butterfly');
      case 'tree': return t('graph-view-tree');
      case 'nodes': return t('graph-view-nodes');
    }
  }

  #build(): void {
    const { t, range, isWhole } = this.#options;
    const shadow = styledShadow(this.#host, styles, helpStyles);
    this.#host.dataset['theme'] = this.#theme.name;
    const root = this.#root;
    root.tabIndex = 0;
    root.setAttribute('role', 'application');
    root.setAttribute('aria-label', t('graph-label'));
    this.#status.setAttribute('role', 'status');
    this.#message.setAttribute('role', 'status');
    this.#below.setAttribute('aria-live', 'polite');
    this.#main.setAttribute('role', 'region');
    this.#main.setAttribute('aria-label', t('graph-label'));
    letScroll(this.#butterfly.root);
    letScroll(this.#table);
    this.#butterfly.root.setAttribute('role', 'group');
    this.#butterfly.root.setAttribute('aria-label', t('graph-view-butterfly'));
    this.#table.setAttribute('role', 'region');
    this.#table.setAttribute('aria-label', t('table-button'));
    const views = element('span', 'views', ...this.#views.values());
    views.setAttribute('role', 'group');
    views.setAttribute('aria-label', t('graph-view-title'));
    const time = element('span', 'muted', isWhole ? t('graph-whole-shown', { duration: durationOf(range) }) : t('graph-part-shown', { begin: formatInstant(range.beginNs, 3), duration: durationOf(range) }));
    const whole = button('tool', t('graph-whole'), t('graph-whole-title'), () => this.#options.showWhole());
    whole.hidden = isWhole;
    this.#nodes.append(this.#note, this.#stage, this.#table);
    this.#main.append(this.#message, this.#butterfly.root, this.#tree.root, this.#nodes);
    root.append(
      element('div', 'bar', views, time, whole, element('span', 'space'), this.#status, this.#tableButton, button('tool', '?', t('keys-title'), () => this.#toggleHelp(this.#help.hidden))),
      this.#list.root, this.#main, this.#below, this.#help);
    shadow.append(root);
    const { signal } = this.#ended;
    listenToKeys(window, false, { press: (motion) => this.#move(motion), release: () => {}, run: (command) => this.#run(command) }, signal);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#paint(), { signal });
  }

  async #read(): Promise<void> {
    await this.#ask(async (signal) => {
      this.#functions = await this.#options.source.functions(signal);
    });
    if (!this.#functions) return this.#update();
    this.#list.show(this.#functions);
    this.#list.choose(this.#shown);
    await this.#readView();
  }

  /** Asks for what the view lacks. */
  async #readView(): Promise<void> {
    const { source } = this.#options;
    const fn = this.#shown;
    if (fn !== null) {
      this.#problem = null;
      if (this.#view === 'butterfly' && this.#calls?.middle.name !== fn) await this.#ask(async (signal) => {
        this.#calls = await source.around(fn, signal);
      });
      else if (this.#view === 'tree' && !this.#treeRead) await this.#ask(async (signal) => {
        this.#tree.show(await source.trees(signal));
        this.#treeRead = true;
      });
      else if (this.#view === 'nodes' && !this.#link && !this.#cannotDraw) await this.#ask(async (signal) => {
        const [{ NodeLink }, drawn] = await Promise.all([import('./nodeLink'), this.#drawn ?? source.drawn(signal)]);
        this.#drawn = drawn;
        if (!signal.aborted) this.#draw(NodeLink, drawn);
      });
    }
    this.#update();
  }

  /** Of several questions only the last counts. */
  async #ask(question: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#reading?.abort();
    const reading = new AbortController();
    this.#reading = reading;
    this.#problem = null;
    this.#update();
    try {
      await question(reading.signal);
    } catch (error) {
      if (reading.signal.aborted) return;
      this.#problem = error instanceof Error ? error.message : String(error);
    }
    if (this.#reading === reading) this.#reading = null;
  }

  #draw(drawing: typeof NodeLink, drawn: DrawnGraph): void {
    // The library takes what it finds to draw with for granted.
    const probe = document.createElement('canvas');
    const context = probe.getContext('webgl2') ?? probe.getContext('webgl');
    if (context === null) {
      this.#cannotDraw = true;
      return;
    }
    context.getExtension('WEBGL_lose_context')?.loseContext();
    this.#nodes.hidden = false;
    this.#link = new drawing(this.#stage, drawn, this.#theme, {
      choose: (name) => {
        this.#choose(name);
        this.#show('butterfly');
      },
      lost: () => {
        this.#link?.dispose();
        this.#link = null;
        this.#cannotDraw = true;
        this.#update();
      },
    });
  }

  #show(view: GraphView): void {
    if (view === this.#view) return;
    this.#view = view;
    this.#update();
    this.#restSoon();
    void this.#readView();
  }

  #choose(name: string): void {
    this.#fn = name;
    this.#list.choose(name);
    this.#restSoon();
    void this.#readView().then(() => this.#view === 'nodes' && this.#link?.focus());
  }

  #search(query: string): void {
    this.#query = query;
    this.#update();
    this.#restSoon();
  }

  #paint(): void {
    this.#theme = themeOf(this.#host);
    this.#host.dataset['theme'] = this.#theme.name;
    this.#link?.paint(this.#theme);
    this.#list.redraw();
    this.#update();
  }

  #toggleTable(): void {
    this.#tableOpen = !this.#tableOpen;
    this.#update();
  }

  #toggleHelp(open: boolean): void {
    this.#help.hidden = !open;
    if (open) this.#help.focus();
    else this.#root.focus();
  }

  #run(command: Command): void {
    switch (command) {
      case 'mode': return this.#show(viewAfter(this.#view));
      case 'search': return this.#list.focusSearch();
      case 'next-sibling': return this.#chooseBeside(1);
      case 'previous-sibling': return this.#chooseBeside(-1);
      case 'focus': return this.#link?.focus();
      case 'fit': return this.#link?.fit();
      case 'help': return this.#toggleHelp(this.#help.hidden);
      case 'clear': if (!this.#help.hidden) this.#toggleHelp(false);
    }
  }

  #chooseBeside(direction: 1 | -1): void {
    const name = this.#list.beside(direction);
    if (name !== null) this.#choose(name);
  }

  #move(motion: Motion): void {
    if (this.#view !== 'nodes') return;
    switch (motion) {
      case 'zoom-in': return this.#link?.zoom(1);
      case 'zoom-out': return this.#link?.zoom(-1);
      case 'left': return this.#link?.pan(-1, 0);
      case 'right': return this.#link?.pan(1, 0);
      case 'up': return this.#link?.pan(0, -1);
      case 'down': return this.#link?.pan(0, 1);
    }
  }

  #restSoon(): void {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => this.#options.changed({ view: this.#view, fn: this.#fn, query: this.#query }), REST_MS);
  }

  #update(): void {
    const { t } = this.#options;
    const view = this.#view;
    const isLoading = this.#reading !== null;
    const isEmpty = this.#functions?.functions.length === 0;
    const fn = this.#shown;
    this.#root.dataset['view'] = view;
    this.#root.dataset['settled'] = String(!isLoading);
    for (const [each, made] of this.#views) made.setAttribute('aria-pressed', String(each === view));
    this.#status.textContent = this.#problem !== null ? t('status-problem') : isLoading ? t('status-loading') : '';
    this.#status.classList.toggle('failed', this.#problem !== null);
    this.#message.hidden = this.#problem === null && !isEmpty;
    this.#message.classList.toggle('failed', this.#problem !== null);
    this.#message.textContent = this.#problem !== null ? t('graph-problem', { problem: this.#problem }) : isEmpty ? t('merged-none') : '';
    const isShown = this.#message.hidden;
    this.#butterfly.root.hidden = !isShown || view !== 'butterfly';
    this.#tree.root.hidden = !isShown || view !== 'tree';
    this.#nodes.hidden = !isShown || view !== 'nodes';
    if (view === 'butterfly' && this.#calls) this.#butterfly.show(this.#calls, this.#functions?.totalNs ?? 0, this.#theme, this.#links(this.#calls.middle.name));
    this.#tree.mark(fn, this.#query);
    // Where nobody has chosen, nothing stands out.
    this.#link?.mark(this.#fn, this.#query);
    this.#updateNodes();
    this.#updateBelow(fn);
  }

  #updateNodes(): void {
    const { t } = this.#options;
    const drawn = this.#view === 'nodes' ? this.#drawn : null;
    this.#tableButton.hidden = this.#view !== 'nodes' || this.#cannotDraw;
    this.#tableButton.setAttribute('aria-pressed', String(this.#tableOpen));
    const isTable = drawn !== null && (this.#tableOpen || this.#cannotDraw);
    this.#table.hidden = !isTable;
    this.#stage.hidden = this.#cannotDraw;
    this.#nodes.classList.toggle('with-table', isTable && !this.#cannotDraw);
    this.#note.hidden = drawn === null;
    if (!drawn) return;
    const parts = [t('graph-drawn', { functions: drawn.functions.length, calls: drawn.calls.length })];
    if (drawn.functionsLeftOut + drawn.callsLeftOut > 0) parts.push(t('graph-left-out', { functions: drawn.functionsLeftOut, calls: drawn.callsLeftOut }));
    if (this.#cannotDraw) parts.push(t('graph-no-webgl'));
    this.#note.textContent = parts.join(' ');
    this.#table.replaceChildren(...(isTable ? [callTable(t, drawn, this.#query, (name) => this.#choose(name))] : []));
  }

  /** What the butterfly has in its middle, the other views say below. */
  #updateBelow(fn: string | null): void {
    const of = this.#view === 'butterfly' || fn === null ? undefined : this.#functions?.functions.find(({ name }) => name === fn);
    this.#below.hidden = of === undefined;
    this.#below.replaceChildren(...(of ? [element('strong', '', swatch(of.name, this.#theme), visibleText(of.name)), facts(this.#options.t, of, this.#functions!.totalNs), this.#links(of.name)] : []));
  }

  #links(fn: string): HTMLElement {
    const { t, timelineOf, sandwichOf } = this.#options;
    const link = (address: string, text: string, title: string): HTMLElement => {
      const made = element('a', 'tool', text);
      made.href = address;
      made.title = title;
      return made;
    };
    return element('div', 'links', link(timelineOf(fn), t('logs-in-timeline'), t('graph-in-timeline-title')), link(sandwichOf(fn), t('merged-sandwich'), t('merged-sandwich-title')));
  }
}

function durationOf({ beginNs, endNs }: TimeRange): string {
  return formatDuration(Number(endNs - beginNs));
}
