import { formatDuration, formatInstant } from '../time/ns';
import { count } from '../locale/format';
import type { Translate } from '../locale/text';
import { element, refill } from './dom';
import { letScroll } from './keyboard';
import { visibleText } from './labels';
import type { SpanDetails } from './lookup';

/** One row of the table twin: what a sighted reader sees as a rectangle. */
export interface TableRow {
  readonly name: string;
  readonly thread: string;
  /** `null`: there is only one. */
  readonly process: string | null;
  readonly depth: number;
  readonly beginNs: bigint;
  readonly durationNs: bigint;
  readonly count: number;
  readonly chosen: boolean;
  readonly choose: () => void;
}

export interface PanelSpan {
  readonly name: string;
  readonly thread: string;
  /** `null`: there is only one. */
  readonly process: string | null;
  readonly depth: number;
  readonly beginNs: bigint;
  readonly durationNs: bigint;
  readonly count: number;
  /** It belongs to no thread. */
  readonly async: boolean;
}

/** Beneath the lanes: the selection in words, or the table twin. Its height never changes with its content. */
export class Panel {
  readonly root = element('div', 'panel');
  readonly #t: Translate;

  constructor(t: Translate) {
    this.#t = t;
    this.root.setAttribute('role', 'region');
    this.root.setAttribute('aria-label', t('panel-label'));
    this.root.setAttribute('aria-live', 'polite');
    letScroll(this.root);
  }

  showNothing(): void {
    refill(this.root, element('div', 'hint', this.#t('panel-hint')));
  }

  showRange(beginNs: bigint, endNs: bigint, links: readonly Node[]): void {
    const fact = (label: string, value: string): HTMLElement => this.#fact(label, value);
    refill(
      this.root,
      element('div', 'panel-title', element('strong', '', this.#t('range-title'))),
      element('dl', 'facts',
        fact('fact-duration', formatDuration(Number(endNs - beginNs))),
        fact('fact-begin', formatInstant(beginNs, 9)),
        fact('fact-end', formatInstant(endNs, 9))),
      element('div', 'links', ...links));
  }

  showSpan(span: PanelSpan, details: SpanDetails | null, linked: Node | null, links: readonly Node[]): void {
    const duration = details ? Number(details.durationNs) : Number(span.durationNs);
    const facts = [
      this.#fact('fact-duration', details && details.endNs === null ? this.#t('span-open', { so_far: formatDuration(duration) }) : formatDuration(duration)),
    ];
    if (details && details.selfNs !== null) facts.push(this.#fact('fact-self', formatDuration(Number(details.selfNs))));
    if (span.count > 1) facts.push(this.#fact('fact-count', this.#t('span-merged', { count: span.count })));
    if (span.process !== null) facts.push(this.#fact('fact-process', span.process));
    if (span.async) facts.push(...this.#asyncFacts(details));
    else facts.push(this.#fact('fact-thread', span.thread), this.#fact('fact-depth', count(span.depth)));
    facts.push(this.#fact('fact-begin', formatInstant(details?.beginNs ?? span.beginNs, 9)));
    if (details && details.target !== '') facts.push(this.#fact('fact-target', details.target));
    if (details && details.file !== '')
      facts.push(this.#fact('fact-source', details.line === null ? details.file : `${details.file}:${details.line}`));
    for (const [key, value] of Object.entries(details?.properties ?? {})) facts.push(this.#pair(key, value, 'fact property'));
    if (details?.truncated) facts.push(this.#fact('fact-note', this.#t('span-truncated')));
    refill(
      this.root,
      element('div', 'panel-title', element('strong', '', visibleText(details?.name ?? span.name))),
      ...(linked ? [linked] : []),
      element('dl', 'facts', ...facts),
      element('div', 'links', ...links));
  }

  #asyncFacts(details: SpanDetails | null): HTMLElement[] {
    if (!details?.async) return [];
    const { traceId, endThread } = details.async;
    const facts = [this.#fact('fact-begin-thread', details.thread)];
    if (endThread !== null) facts.push(this.#fact('fact-end-thread', endThread));
    if (traceId !== null) facts.push(this.#fact('fact-trace', traceId));
    return facts;
  }

  showTable(caption: string, rows: readonly TableRow[], attachments: HTMLElement | null): void {
    const several = rows.some(({ process }) => process !== null);
    const head = ['table-name', ...(several ? ['table-process'] : []), 'table-thread', 'table-depth', 'table-begin', 'table-duration', 'table-count'];
    const body = rows.map((row) => {
      const open = element('button', 'row-button', visibleText(row.name));
      open.type = 'button';
      open.addEventListener('click', row.choose);
      const made = element('tr', row.chosen ? 'chosen' : '',
        element('th', '', open),
        ...(several ? [element('td', '', visibleText(row.process ?? ''))] : []),
        element('td', '', visibleText(row.thread)),
        element('td', 'number', count(row.depth)),
        element('td', 'number', formatInstant(row.beginNs, 6)),
        element('td', 'number', formatDuration(Number(row.durationNs))),
        element('td', 'number', count(row.count)));
      made.firstElementChild?.setAttribute('scope', 'row');
      return made;
    });
    refill(
      this.root,
      element('table', 'twin',
        element('caption', '', caption),
        element('thead', '', element('tr', '', ...head.map((id) => element('th', '', this.#t(id))))),
        element('tbody', '', ...body)),
      ...(attachments ? [attachments] : []));
  }

  #fact(label: string, value: string): HTMLElement {
    return this.#pair(this.#t(label), value, 'fact');
  }

  #pair(key: string, value: string, className: string): HTMLElement {
    const pair = element('div', className, element('dt', '', visibleText(key)), element('dd', '', visibleText(value)));
    pair.title = `${visibleText(key)}: ${visibleText(value)}`;
    return pair;
  }
}
