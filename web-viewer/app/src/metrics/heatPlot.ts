import { element } from '../flame/dom';
import { letScroll } from '../flame/keyboard';
import { visibleText } from '../flame/labels';
import { spanOf, xOf, type View } from '../flame/view';
import type { Theme } from '../flame/theme';
import type { Translate } from '../locale/text';
import { ticks } from '../time/axis';
import { formatDuration, formatInstant } from '../time/ns';
import { nextCell, sameCell, shadeFloors, shadeOf, type Heat, type HeatCell, type HeatStep } from './heat';
import { AXIS_WIDTH, LEGEND_HEIGHT, type Decor } from './plot';

const HEIGHT = 280;
const TOP_PIXELS = 4;
const RIGHT_PIXELS = 14;
const TIME_AXIS_HEIGHT = 22;
const TICK_SPACING_PIXELS = 110;

/** Between smaller cells gaps would be all that is seen. */
const GAP_FROM_PIXELS = 5;

const FONT = '11px Inter, "Segoe UI", system-ui, -apple-system, "Helvetica Neue", Arial, sans-serif';

/** From few to many, of one hue: the lightness tells alone, and falls or rises with each step. */
const SCALES = {
  light: ['#cfe0f5', '#9fc1ec', '#6c9ede', '#3f7bc9', '#1f58a4', '#0c3570'],
  dark: ['#1d3350', '#28507f', '#3870ad', '#5693d4', '#86b7ec', '#c4deff'],
} as const;

const STEPS: Readonly<Record<string, HeatStep>> = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'longer', ArrowDown: 'shorter' };

/** Rows of the twin: more nobody reads. */
const TWIN_ROWS = 100;

/** Decades in which an axis of durations has a line. */
const DECADES = Array.from({ length: 17 }, (_, power) => 10 ** power);

export interface HeatContent {
  readonly heat: Heat | null;
  readonly names: readonly string[];
  readonly name: string;
  readonly theme: Theme;
  readonly view: View;
  readonly originNs: bigint;
  readonly width: number;
}

/** Durations of the spans of one name over time, as a map of cells, each of which leads to its spans. */
export class HeatPlot {
  readonly root = element('section', 'plot heat');
  readonly over = element('div', 'over');
  readonly #t: Translate;
  readonly #open: (cell: HeatCell) => string;
  readonly #canvas = element('canvas', 'heat-canvas');
  readonly #select = element('select', 'heat-name');
  readonly #scale = element('span', 'heat-scale');
  readonly #said = element('span', 'legend-value heat-said');
  readonly #link = element('a', 'tool heat-link');
  readonly #cursor = element('div', 'cursor');
  readonly #range = element('div', 'range');
  readonly #cell = element('div', 'heat-cell');
  #content: HeatContent | null = null;
  #chosen: HeatCell | null = null;

  /** `choose`: another name. `open`: the address of a cell's spans. */
  constructor(t: Translate, choose: (name: string) => void, open: (cell: HeatCell) => string) {
    this.#t = t;
    this.#open = open;
    this.#select.setAttribute('aria-label', t('heat-name'));
    this.#select.addEventListener('change', () => choose(this.#select.value));
    this.#said.setAttribute('role', 'status');
    this.#link.textContent = t('heat-open');
    this.root.setAttribute('aria-label', t('heat-label'));
    this.over.setAttribute('role', 'application');
    this.over.setAttribute('aria-label', t('heat-cells'));
    letScroll(this.over);
    this.over.append(this.#range, this.#cursor, this.#cell);
    this.root.append(
      element('div', 'legend heat-head', element('span', 'legend-kind', t('heat-of')), this.#select, this.#said, this.#link, this.#scale),
      element('div', 'stage', this.#canvas, this.over));
    this.over.addEventListener('keydown', (event) => this.#keyDown(event));
  }

  draw(content: HeatContent, decor: Decor): void {
    const before = this.#content;
    this.#content = content;
    if (before?.names !== content.names || before.name !== content.name) this.#fillNames(content);
    if (before?.heat !== content.heat) {
      this.#chosen = this.#chosen && content.heat && this.#chosen && before?.name === content.name ? sameCell(content.heat.cells, this.#chosen) : null;
    }
    if (before?.heat !== content.heat || before?.theme !== content.theme) this.#fillScale(content);
    this.root.style.height = `${HEIGHT}px`;
    Object.assign(this.over.style, { top: `${TOP_PIXELS}px`, left: `${AXIS_WIDTH}px`, width: `${this.#width}px`, height: `${this.#height}px` });
    this.#paint(content);
    this.#say();
    this.decorate(decor);
  }

  decorate({ range, cursor }: Decor): void {
    const { view } = this.#content!;
    const x = (ns: number): number => Math.min(this.#width, Math.max(0, xOf(view, this.#width, ns)));
    this.#range.hidden = range === null || range.end < view.begin || range.begin > view.end;
    if (range) Object.assign(this.#range.style, { left: `${x(range.begin)}px`, width: `${Math.max(1, x(range.end) - x(range.begin))}px` });
    this.#cursor.hidden = cursor === null || cursor < view.begin || cursor > view.end;
    if (cursor !== null) this.#cursor.style.left = `${x(cursor)}px`;
    const cell = this.#chosen;
    this.#cell.hidden = cell === null;
    if (cell) {
      const [left, right, top, bottom] = this.#boxOf(cell);
      Object.assign(this.#cell.style, { left: `${left}px`, top: `${top}px`, width: `${right - left}px`, height: `${bottom - top}px` });
    }
  }

  /** Chooses what is drawn at a place of the map, or nothing. */
  chooseAt(x: number, y: number): void {
    this.#choose(this.#content?.heat?.cells.find((cell) => {
      const [left, right, top, bottom] = this.#boxOf(cell);
      return x >= left && x < right && y >= top && y < bottom;
    }) ?? null);
  }

  openChosen(): void {
    if (this.#chosen) this.#link.click();
  }

  /** The cells with most spans, those of a time. */
  twin(view: View): HTMLElement {
    const { heat, originNs } = this.#content!;
    const cells = (heat?.cells ?? []).filter(({ beginNs, endNs }) => Number(endNs - originNs) > view.begin && Number(beginNs - originNs) < view.end)
      .sort((a, b) => b.count - a.count || a.column - b.column);
    const rows = cells.slice(0, TWIN_ROWS).map((cell) => {
      const link = element('a', 'tool', this.#t('heat-open'));
      link.href = this.#open(cell);
      link.setAttribute('aria-label', this.#t('heat-open-cell', this.#facts(cell)));
      const when = element('th', '', formatInstant(cell.beginNs, 6));
      when.scope = 'row';
      return element('tr', '', when, ...[formatDuration(cell.lowNs), formatDuration(cell.highNs), String(cell.count)].map((text) => element('td', 'number', text)), element('td', '', link));
    });
    const head = ['table-begin', 'heat-begin', 'heat-to', 'heat-count', 'heat-open'].map((id) => {
      const made = element('th', '', this.#t(id));
      made.scope = 'col';
      return made;
    });
    return element('table', 'twin', element('caption', '', this.#t('heat-table', { shown: rows.length, count: cells.length, name: visibleText(heat?.name ?? '') })),
      element('thead', '', element('tr', '', ...head)), element('tbody', '', ...rows));
  }

  dispose(): void {
    this.root.remove();
  }

  get #width(): number {
    return Math.max(1, this.#content!.width - AXIS_WIDTH - RIGHT_PIXELS);
  }

  get #height(): number {
    return HEIGHT - LEGEND_HEIGHT - TOP_PIXELS - TIME_AXIS_HEIGHT;
  }

  #keyDown(event: KeyboardEvent): void {
    const cells = this.#inSight();
    const step = STEPS[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || cells.length === 0) return;
    if (step) {
      // The first press shows where one is: at what there is most of.
      this.#choose(this.#chosen ? nextCell(cells, this.#chosen, step) : cells.reduce((most, cell) => (cell.count > most.count ? cell : most)));
    } else if (event.key === 'Enter' && this.#chosen) this.openChosen();
    else if (event.key === 'Escape' && this.#chosen) this.#choose(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #inSight(): readonly HeatCell[] {
    const { heat, view, originNs } = this.#content!;
    return (heat?.cells ?? []).filter(({ beginNs, endNs }) => Number(endNs - originNs) > view.begin && Number(beginNs - originNs) < view.end);
  }

  #choose(cell: HeatCell | null): void {
    this.#chosen = cell;
    this.#say();
    this.decorate({ range: null, cursor: null });
  }

  #say(): void {
    const cell = this.#chosen;
    const isEmpty = this.#content!.heat?.cells.length === 0;
    this.#said.textContent = cell ? this.#t('heat-cell', this.#facts(cell)) : isEmpty ? this.#t('heat-none') : '';
    this.#said.title = this.#said.textContent;
    this.#link.hidden = cell === null;
    if (cell) this.#link.href = this.#open(cell);
  }

  #facts(cell: HeatCell): Record<string, string | number> {
    return { count: cell.count, low: formatDuration(cell.lowNs), high: formatDuration(cell.highNs), when: formatInstant(cell.beginNs, 6), time: formatDuration(Number(cell.endNs - cell.beginNs)) };
  }

  #fillNames({ names, name }: HeatContent): void {
    const shown = name === '' || names.includes(name) ? names : [name, ...names];
    this.#select.replaceChildren(...shown.map((each) => {
      const option = element('option', '', visibleText(each));
      option.value = each;
      return option;
    }));
    this.#select.value = name;
    this.#select.hidden = shown.length === 0;
  }

  #fillScale({ heat, theme }: HeatContent): void {
    const most = Math.max(0, ...(heat?.cells ?? []).map(({ count }) => count));
    this.#scale.replaceChildren(...(most === 0 ? [] : [element('span', 'legend-kind', this.#t('heat-scale')), ...shadeFloors(most).map(({ shade, from }) => {
      const swatch = element('span', 'heat-swatch');
      swatch.style.background = SCALES[theme.name][shade]!;
      return element('span', 'entry', swatch, this.#t('heat-scale-least', { count: from }));
    })]));
  }

  /** Where durations lie: logarithmic, from the shortest that is there to the longest. */
  #extent(): readonly [low: number, high: number] {
    const cells = this.#content!.heat?.cells ?? [];
    const low = Math.min(...cells.map(({ lowNs }) => Math.max(1, lowNs)));
    const high = Math.max(...cells.map(({ highNs }) => Math.max(1, highNs)));
    return cells.length === 0 ? [1, 2] : [Math.log2(low), Math.max(Math.log2(low) + 1, Math.log2(high))];
  }

  #yOf(ns: number, [low, high]: readonly [number, number]): number {
    return this.#height * (1 - (Math.log2(Math.max(1, ns)) - low) / (high - low));
  }

  #boxOf(cell: HeatCell, extent = this.#extent()): readonly [left: number, right: number, top: number, bottom: number] {
    const { view, originNs } = this.#content!;
    const left = Math.round(xOf(view, this.#width, Number(cell.beginNs - originNs)));
    const right = Math.max(left + 1, Math.round(xOf(view, this.#width, Number(cell.endNs - originNs))));
    const top = Math.round(this.#yOf(cell.highNs, extent));
    return [left, right, top, Math.max(top + 2, Math.round(this.#yOf(cell.lowNs, extent)))];
  }

  #paint({ heat, theme, view, width }: HeatContent): void {
    const scale = devicePixelRatio;
    const height = HEIGHT - LEGEND_HEIGHT;
    const canvas = this.#canvas;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
    const context = canvas.getContext('2d')!;
    context.scale(scale, scale);
    context.font = FONT;
    context.fillStyle = theme.muted;
    context.textBaseline = 'middle';
    const extent = this.#extent();
    context.translate(AXIS_WIDTH, TOP_PIXELS);
    context.textAlign = 'right';
    if (heat && heat.cells.length > 0) {
      for (const decade of DECADES) {
        const y = this.#yOf(decade, extent);
        if (y < 0 || y > this.#height) continue;
        context.fillStyle = theme.line;
        context.fillRect(0, Math.round(y), this.#width, 1);
        context.fillStyle = theme.muted;
        context.fillText(formatDuration(decade), -8, y);
      }
    }
    context.textAlign = 'center';
    const { at, label } = ticks(view.begin, view.end, (spanOf(view) / this.#width) * TICK_SPACING_PIXELS);
    for (const ns of at) {
      const x = Math.round(xOf(view, this.#width, ns));
      context.fillStyle = theme.line;
      context.fillRect(x, 0, 1, this.#height + 4);
      context.fillStyle = theme.muted;
      context.fillText(label(ns), x, this.#height + 13);
    }
    context.beginPath();
    context.rect(0, 0, this.#width, this.#height);
    context.clip();
    const most = Math.max(1, ...(heat?.cells ?? []).map(({ count }) => count));
    for (const cell of heat?.cells ?? []) {
      const [left, right, top, bottom] = this.#boxOf(cell, extent);
      if (right < 0 || left > this.#width) continue;
      context.fillStyle = SCALES[theme.name][shadeOf(cell.count, most)]!;
      const gapOf = (pixels: number): number => (pixels > GAP_FROM_PIXELS ? 1 : 0);
      context.fillRect(left, top, right - left - gapOf(right - left), bottom - top - gapOf(bottom - top));
    }
  }
}
