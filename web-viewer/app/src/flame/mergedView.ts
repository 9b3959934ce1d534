import { count, decimal } from '../locale/format';
import type { Translate } from '../locale/text';
import { formatDuration, formatInstant } from '../time/ns';
import type { ColorBy } from './color';
import { button, element, refill } from './dom';
import { FunctionTable } from './functionTable';
import { letScroll } from './keyboard';
import type { Command, Motion } from './keys';
import { visibleText } from './labels';
import { matchesText } from './lookup';
import type { Box } from './mergedLayout';
import { leftOutOf, pathOf, type MergedFrame, type MergedSource, type MergedSpans } from './mergedSpans';
import { MergedStage, nameOf } from './mergedStage';
import type { FlameMode, MergedMode } from './mode';
import type { Theme } from './theme';
import type { TimeRange } from './view';

/** More rows than anybody reads; the caption says how many there are. */
const MAX_ROWS = 200;

/** A selected frame: many spans, and none in particular. */
export interface MergedSelection {
  /** Names from the root to it. */
  readonly path: readonly string[];
  /** The thread's stream of spans; `null` in a sandwich, which has all threads in one. */
  readonly stream: string | null;
  /** The time of which spans were merged. */
  readonly range: TimeRange;
}

interface MergedActions {
  /** Something else is selected, or shown. */
  changed(): void;
  takesWheel(): boolean;
  /** Shows another function in the middle of a sandwich. */
  open(fn: string): void;
  theme(): Theme;
  color(): ColorBy;
}

/** The chart while it merges spans: over the lanes, as they have nothing to say then. */
export class MergedView {
  /** In the page only while it shows something. */
  readonly #root = element('div', 'merged');
  readonly #within: HTMLElement;
  readonly #t: Translate;
  readonly #source: MergedSource;
  readonly #actions: MergedActions;
  readonly #stage: MergedStage;
  readonly #functions: FunctionTable;
  readonly #panel = element('div', 'panel');
  readonly #message = element('div', 'message');
  #mode: FlameMode = 'timeline';
  #fn: string | null = null;
  #spans: MergedSpans | null = null;
  #selected: Box | null = null;
  #query = '';
  #reading: AbortController | null = null;
  #problem: string | null = null;
  tableOpen = false;

  /** `within`: what it covers. */
  constructor(t: Translate, within: HTMLElement, source: MergedSource, actions: MergedActions) {
    this.#within = within;
    this.#t = t;
    this.#source = source;
    this.#actions = actions;
    this.#stage = new MergedStage(t, () => ({ theme: actions.theme(), color: actions.color(), query: this.#query, selected: this.#selected }), {
      select: (box) => this.#select(box),
      open: (box) => this.#open(box),
      takesWheel: () => actions.takesWheel(),
      describe: (box) => this.#describe(box),
    });
    this.#functions = new FunctionTable(t, (name) => actions.open(name));
    this.#panel.setAttribute('role', 'region');
    this.#panel.setAttribute('aria-label', t('panel-label'));
    this.#panel.setAttribute('aria-live', 'polite');
    letScroll(this.#panel);
    this.#message.setAttribute('role', 'status');
    this.#root.append(this.#stage.root, this.#functions.root, this.#panel, this.#message);
  }

  get mode(): FlameMode {
    return this.#mode;
  }

  /** The function in the middle of a sandwich; `null`: none was chosen. */
  get fn(): string | null {
    return this.#fn;
  }

  /** The name that a sandwich would be about. */
  get name(): string | null {
    return this.#selected?.frame?.name ?? null;
  }

  get settled(): boolean {
    return this.#reading === null;
  }

  get problem(): string | null {
    return this.#problem;
  }

  get selection(): MergedSelection | null {
    const frame = this.#mode === 'timeline' ? null : (this.#selected?.frame ?? null);
    return frame && { path: pathOf(frame), stream: this.#selected!.band.tree?.stream ?? null, range: this.#spans!.range };
  }

  /** Frames that the search finds; `null` while spans are laid out by time. */
  get hits(): number | null {
    return this.#mode === 'timeline' ? null : this.#query === '' ? 0 : this.#matching().length;
  }

  /** Shows spans of a time merged. `fn`: in the middle of a sandwich. */
  async show(mode: MergedMode, range: TimeRange, fn: string | null): Promise<void> {
    this.#reading?.abort();
    const reading = new AbortController();
    this.#reading = reading;
    this.#mode = mode;
    this.#fn = mode === 'sandwich' ? fn : this.#fn;
    this.#problem = null;
    if (!this.#root.isConnected) this.#within.append(this.#root);
    this.#functions.root.hidden = mode !== 'sandwich';
    this.#say(this.#t('merged-loading'), false);
    this.#actions.changed();
    try {
      const spans = await this.#source.read({ mode, range, fn }, reading.signal);
      if (reading.signal.aborted) return;
      this.#selected = null;
      this.#spans = spans;
      this.#showSpans(spans);
    } catch (error) {
      if (reading.signal.aborted) return;
      this.#problem = error instanceof Error ? error.message : String(error);
      this.#stage.clear();
      this.#say(this.#t('merged-problem', { problem: this.#problem }), true);
    }
    this.#reading = null;
    this.#updatePanel();
    this.#actions.changed();
  }

  /** Gives the place back to the lanes. */
  leave(): void {
    this.#reading?.abort();
    this.#reading = null;
    this.#mode = 'timeline';
    this.#selected = null;
    this.#problem = null;
    this.#root.remove();
    this.#stage.clear();
  }

  search(query: string): void {
    this.#query = query;
    this.#functions.search(query);
    this.redraw();
  }

  redraw(): void {
    this.#stage.redraw();
  }

  measure(): void {
    if (this.#root.isConnected) this.#stage.measure();
  }

  press(motion: Motion): void {
    this.#stage.viewport?.press(motion);
  }

  /** `null`: all of them. */
  release(motion: Motion | null): void {
    this.#stage.viewport?.release(motion);
  }

  toggleTable(): void {
    this.tableOpen = !this.tableOpen;
    this.#updatePanel();
    this.measure();
  }

  /** What of a command concerns frames; false where it is none of these. */
  run(command: Command): boolean {
    switch (command) {
      case 'focus': if (this.#selected) this.#stage.zoomTo(this.#selected); return true;
      case 'fit': this.#stage.viewport?.fitAll(); return true;
      case 'next-hit': this.#stepHit(1); return true;
      case 'previous-hit': this.#stepHit(-1); return true;
      case 'next-sibling': this.#stepSibling(1); return true;
      case 'previous-sibling': this.#stepSibling(-1); return true;
      case 'row-above': this.#stepRow(-1); return true;
      case 'row-below': this.#stepRow(1); return true;
      case 'to-begin': this.#stage.viewport?.showEnd('begin'); return true;
      case 'to-end': this.#stage.viewport?.showEnd('end'); return true;
      case 'next-lane': this.#stepBand(1); return true;
      case 'previous-lane': this.#stepBand(-1); return true;
      // Nothing here has a moment, and nothing is folded.
      case 'fold': case 'fold-process': case 'follow': case 'mark': case 'remove-mark': case 'next-mark': case 'previous-mark': case 'next-link': case 'previous-link': case 'range': case 'extend-left': case 'extend-right': case 'tracks': return true;
      case 'list-marks': case 'counters': case 'processes': case 'table': case 'palette': case 'search': case 'color': case 'mode': case 'clear': case 'help': return false;
    }
  }

  /** Takes the selection away; false where there is none. */
  clear(): boolean {
    if (!this.#selected) return false;
    this.#select(null);
    return true;
  }

  dispose(): void {
    this.#reading?.abort();
    this.#stage.dispose();
  }

  #showSpans(spans: MergedSpans): void {
    const { range } = spans;
    if (spans.middle) this.#fn = spans.middle.name;
    if (this.#mode === 'sandwich') this.#functions.show(spans);
    if (spans.middle && spans.trees.length === 0) {
      this.#stage.clear();
      return this.#say(this.#t('merged-not-saved'), false);
    }
    const left = leftOutOf(spans);
    const head = this.#t('merged-head', { spans: spans.spans, paths: spans.paths, begin: formatInstant(range.beginNs, 6), duration: formatDuration(Number(range.endNs - range.beginNs)) });
    this.#stage.show(spans, left > 0 ? `${head} ${this.#t('merged-left-out', { count: left })}` : head);
    if (spans.spans === 0) this.#say(this.#t('merged-none'), false);
    else if (spans.middle?.count === 0) this.#say(this.#t('merged-none-of-function'), false);
    else this.#message.hidden = true;
  }

  #say(text: string, failed: boolean): void {
    this.#message.hidden = false;
    this.#message.textContent = text;
    this.#message.classList.toggle('failed', failed);
  }

  #select(box: Box | null): void {
    this.#selected = box && (box.frame || box.middle) && box.leftOut === 0 ? box : null;
    this.#updatePanel();
    this.redraw();
    this.#actions.changed();
  }

  #open(box: Box): void {
    const name = box.frame?.name ?? box.middle?.name;
    if (name !== undefined) this.#actions.open(name);
  }

  #matching(): readonly Box[] {
    return (this.#stage.layout?.boxes ?? []).filter((box) => box.frame && box.leftOut === 0 && matchesText(box.frame.name, this.#query));
  }

  /** The next frame of those that are found; of a sandwich the next function. */
  #stepHit(direction: 1 | -1): void {
    if (this.#mode === 'sandwich') {
      const name = this.#functions.beside(direction);
      if (name !== null) this.#actions.open(name);
      return;
    }
    if (this.#query === '') return;
    const found = this.#matching();
    const at = this.#selected ? found.indexOf(this.#selected) : -1;
    const next = found[at < 0 ? (direction > 0 ? 0 : found.length - 1) : (at + direction + found.length) % found.length];
    if (next) this.#reveal(next);
  }

  #stepSibling(direction: 1 | -1): void {
    const layout = this.#stage.layout;
    const next = layout && (this.#selected ? layout.beside(this.#selected, direction) : (layout.boxes[0] ?? null));
    if (next) this.#reveal(next);
  }

  #stepBand(direction: 1 | -1): void {
    const layout = this.#stage.layout;
    const next = layout && (this.#selected ? layout.ofNextBand(this.#selected, direction) : (layout.boxes[0] ?? null));
    if (next) this.#reveal(next);
  }

  #stepRow(direction: 1 | -1): void {
    const layout = this.#stage.layout;
    const next = layout && (this.#selected ? layout.beyond(this.#selected, direction) : (layout.boxes[0] ?? null));
    if (next) this.#reveal(next);
  }

  #reveal(box: Box): void {
    this.#stage.reveal(box);
    this.#select(box);
  }

  /** Name, then facts: of what the pointer is over. */
  #describe(box: Box): readonly string[] {
    const of = box.frame ?? box.middle;
    const total = formatDuration(box.end - box.begin);
    if (box.leftOut > 0 || !of) return [nameOf(box, this.#t), total];
    return [
      of.name, this.#t('merged-spans', { count: of.count }), `${this.#t('merged-total')} ${total}`, `${this.#t('merged-self')} ${formatDuration(of.selfNs)}`,
      ...(box.frame ? [`${this.#t('merged-average')} ${formatDuration(of.totalNs / Math.max(1, of.count))}`] : []), this.#share(box),
    ];
  }

  #share(box: Box): string {
    const share = decimal((100 * (box.end - box.begin)) / Math.max(1, box.band.wholeNs), 1);
    return this.#mode === 'sandwich' ? this.#t('merged-share-function', { share }) : this.#t('merged-share-thread', { share });
  }

  #updatePanel(): void {
    // Of a sandwich, what is in the middle is always said.
    const box = this.#selected ?? this.#stage.layout?.boxes.find((each) => each.middle);
    this.#panel.classList.toggle('tall', this.tableOpen);
    if (this.tableOpen) refill(this.#panel, this.#table());
    else if (box) refill(this.#panel, ...this.#facts(box));
    else refill(this.#panel, element('div', 'hint', this.#t('merged-hint')));
  }

  #facts(box: Box): readonly Node[] {
    const of = (box.frame ?? box.middle)!;
    const fact = (label: string, value: string): HTMLElement => {
      const made = element('div', 'fact', element('dt', '', label), element('dd', '', visibleText(value)));
      made.title = `${label}: ${visibleText(value)}`;
      return made;
    };
    const facts = [
      fact(this.#t('merged-count'), count(of.count)), fact(this.#t('merged-total'), formatDuration(of.totalNs)), fact(this.#t('merged-self'), formatDuration(of.selfNs)),
      fact(this.#t('merged-share'), this.#share(box)),
    ];
    // Of a function that calls itself the total counts fewer spans than there are.
    if (box.frame) facts.splice(3, 0, fact(this.#t('merged-average'), formatDuration(of.totalNs / Math.max(1, of.count))));
    if (box.frame) facts.push(fact(this.#t('merged-path'), pathOf(box.frame).join(' > ')));
    const links = [button('tool', this.#t('zoom-button'), this.#t('merged-zoom-title'), () => this.#stage.zoomTo(box))];
    if (this.#mode !== 'sandwich' || box.frame) links.unshift(button('tool', this.#t('merged-sandwich'), this.#t('merged-sandwich-title'), () => this.#open(box)));
    return [element('div', 'panel-title', element('strong', '', visibleText(of.name))), element('dl', 'facts', ...facts), element('div', 'links', ...links)];
  }

  /** What the rectangles show, for keyboards and screen readers. */
  #table(): HTMLElement {
    const boxes = (this.#stage.layout?.boxes ?? []).filter((box) => box.frame && box.leftOut === 0 && (this.#query === '' || matchesText(box.frame.name, this.#query)));
    const head = [this.#t('table-name'), this.#t('table-thread'), this.#t('table-depth'), this.#t('merged-count'), this.#t('merged-total'), this.#t('merged-self')];
    const shown = boxes.slice(0, MAX_ROWS);
    return element('table', 'twin',
      element('caption', '', this.#t('merged-table', { shown: shown.length, total: boxes.length })),
      element('thead', '', element('tr', '', ...head.map((label) => element('th', '', label)))),
      element('tbody', '', ...shown.map((box) => this.#row(box, box.frame!))));
  }

  #row(box: Box, frame: MergedFrame): HTMLElement {
    const open = element('button', 'row-button', visibleText(frame.name));
    open.type = 'button';
    open.title = visibleText(pathOf(frame).join(' > '));
    open.addEventListener('click', () => this.#reveal(box));
    const made = element('tr', box === this.#selected ? 'chosen' : '',
      element('th', '', open), element('td', '', visibleText(box.band.title)), element('td', 'number', count(frame.depth)),
      element('td', 'number', count(frame.count)), element('td', 'number', formatDuration(frame.totalNs)), element('td', 'number', formatDuration(frame.selfNs)));
    made.firstElementChild?.setAttribute('scope', 'row');
    return made;
  }
}
