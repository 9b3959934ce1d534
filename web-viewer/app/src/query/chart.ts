import uPlot from 'uplot';
import { button, element } from '../flame/dom';
import { visibleText } from '../flame/labels';
import { themeOf, type Theme } from '../flame/theme';
import { t } from '../locale/text';
import { valueRange, valueTicks } from '../metrics/curves';
import type { ChartKind } from '../pages/route';
import { formatInstant, formatTimeOfDay } from '../time/ns';
import { bytesOfUnit, formatQuantity } from '../time/quantity';
import { MOST_BARS, barsOf, plotted, type ChartColumns, type Plotted } from './chartData';
import { instantTicks } from './chartTicks';
import type { ResultColumn, ResultTable } from './result';
import { shownText, unitOf } from './units';

const AXIS_WIDTH = 76;
const AXIS_HEIGHT = 24;
const TICK_PIXELS = 120;
const VALUE_PIXELS = 36;
const PADDING = 12;
const FONT = '11px Inter, "Segoe UI", system-ui, -apple-system, "Helvetica Neue", Arial, sans-serif';
const DAY_NS = 86_400_000_000_000;

export interface ChartOptions {
  readonly table: ResultTable;
  readonly rows: number;
  readonly columns: ChartColumns;
  readonly kind: ChartKind;
  readonly units: ReadonlyMap<string, string>;
  /** Called with the row that a point or a bar is of. */
  readonly chosen: (row: number) => void;
}

/** A result drawn: curves, points or bars over numbers or times, a list of bars over texts. */
export class ResultChart {
  readonly root = element('div', 'chart-box');
  readonly #options: ChartOptions;
  readonly #legend = element('div', 'chart-legend');
  readonly #note = element('p', 'chart-note muted');
  readonly #resized: ResizeObserver;
  #plot: uPlot | null = null;
  #theme: Theme | null = null;
  #points: Plotted | null = null;
  /** Index of the point whose values stand in the legend. */
  #at: number | null = null;

  constructor(options: ChartOptions) {
    this.#options = options;
    this.root.append(this.#legend, this.#note);
    this.#resized = new ResizeObserver(() => this.#draw());
    this.#resized.observe(this.root);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', this.#redraw);
  }

  dispose(): void {
    matchMedia('(prefers-color-scheme: dark)').removeEventListener('change', this.#redraw);
    this.#resized.disconnect();
    this.#plot?.destroy();
    this.root.remove();
  }

  readonly #redraw = (): void => {
    this.#plot?.destroy();
    this.#plot = null;
    this.#draw();
  };

  #draw(): void {
    const { columns } = this.#options;
    if (columns.x.kind === 'text') {
      if (!this.root.querySelector('.bars')) this.#drawBars(columns.x, columns.y);
      return;
    }
    const width = Math.floor(this.root.clientWidth);
    const height = Math.floor(this.root.clientHeight - this.#legend.offsetHeight - (this.#note.hidden ? 0 : this.#note.offsetHeight));
    if (width < 50 || height < 50) return;
    if (this.#plot) {
      this.#plot.setSize({ width, height });
      return;
    }
    this.#makePlot(width, height);
  }

  #makePlot(width: number, height: number): void {
    const { columns, rows, units } = this.#options;
    this.#theme = themeOf(this.root);
    this.#points ??= plotted(columns, rows, units);
    const { x, y, leftOut } = this.#points;
    this.#note.hidden = leftOut === 0 && x.length > 0;
    this.#note.textContent = x.length === 0 ? t('query-chart-nothing') : leftOut > 0 ? t('query-chart-left-out', { count: leftOut }) : '';
    this.#tell(null);
    // A gap, as uPlot has it.
    const data = [x, ...y.map((values) => Array.from(values, (value) => (Number.isNaN(value) ? null : value)))] as unknown as uPlot.AlignedData;
    this.#plot = new uPlot(this.#plotOptions(width, height), data, this.root);
    this.#plot.root.setAttribute('role', 'img');
    this.#plot.root.setAttribute('aria-label', t('query-chart-label', { columns: columns.y.map(({ name }) => visibleText(name)).join(', '), over: visibleText(columns.x.name) }));
    this.#plot.over.addEventListener('click', () => {
      if (this.#at !== null) this.#options.chosen(this.#points!.rows[this.#at]!);
    });
  }

  #plotOptions(width: number, height: number): uPlot.Options {
    const { columns, kind } = this.#options;
    const theme = this.#theme!;
    const units = new Set(columns.y.map((column) => this.#unit(column)));
    // Of several units none can stand at the axis: each value in the legend has its own.
    const unit = units.size === 1 ? [...units][0]! : '';
    const axis = { stroke: theme.muted, font: FONT, grid: { stroke: theme.line, width: 1 }, ticks: { stroke: theme.line, width: 1, size: 4 } };
    return {
      width, height,
      padding: [PADDING, PADDING + 8, 0, 0],
      legend: { show: false },
      cursor: { drag: { setScale: true, x: true, y: false }, points: { size: 7 } },
      series: [{}, ...columns.y.map((_, at) => this.#series(kind, at))],
      scales: {
        x: { time: false, ...(kind === 'bars' ? { range: (_plot: uPlot, low: number | null, high: number | null): [number, number] => this.#roomForBars(low ?? 0, high ?? 0) } : {}) },
        y: { range: (_plot, low, high) => valueRange(low ?? 0, high ?? 0, kind === 'bars') },
      },
      axes: [
        { ...axis, size: AXIS_HEIGHT, gap: 2, ...this.#horizontal() },
        {
          ...axis, size: AXIS_WIDTH, gap: 4,
          splits: (plot, _axis, low, high) => valueTicks(low, high, plot.height / VALUE_PIXELS, bytesOfUnit(unit)),
          values: (_plot, at) => at.map((value) => formatQuantity(value, unit)),
        },
      ],
      hooks: { setCursor: [(plot) => this.#tell(plot.cursor.idx ?? null)] },
    };
  }

  #series(kind: ChartKind, at: number): uPlot.Series {
    const color = this.#colorOf(at);
    const points = { show: true, size: 5, fill: color, stroke: color };
    if (kind === 'points') return { stroke: color, paths: () => null, points };
    if (kind === 'bars') return { stroke: color, fill: color, width: 0, points: { show: false }, paths: uPlot.paths.bars!({ size: [0.8, 60], align: 0 }) };
    // Curves have points where they have room, so that what is measured is told from what lies between.
    return { stroke: color, width: 1.5, spanGaps: false, points: { size: 4, fill: color, stroke: color } };
  }

  /** Half a bar on both sides, which otherwise stand half outside. */
  #roomForBars(low: number, high: number): [number, number] {
    const { x } = this.#points!;
    let least = Infinity;
    for (let at = 1; at < x.length; at++) if (x[at]! > x[at - 1]!) least = Math.min(least, x[at]! - x[at - 1]!);
    const half = Number.isFinite(least) ? least / 2 : 0.5;
    return [low - half, high + half];
  }

  #horizontal(): Pick<uPlot.Axis, 'splits' | 'values'> {
    const { originNs } = this.#points!;
    const x = this.#options.columns.x;
    if (originNs === null)
      return {
        splits: (plot, _axis, low, high) => valueTicks(low, high, plot.width / TICK_PIXELS, bytesOfUnit(this.#unit(x))),
        values: (_plot, at) => at.map((value) => formatQuantity(value, this.#unit(x))),
      };
    return {
      splits: (plot, _axis, low, high) => instantTicks(originNs, low, high, plot.width / TICK_PIXELS),
      values: (_plot, at) => {
        const step = at.length > 1 ? at[1]! - at[0]! : 1e9;
        return at.map((ns) => instantLabel(originNs + BigInt(Math.round(ns)), step, this.#points!.x.at(-1)!));
      },
    };
  }

  #unit(column: ResultColumn): string {
    return unitOf(column, this.#options.units);
  }

  #colorOf(at: number): string {
    const { counters } = this.#theme!;
    return counters[at % counters.length]!;
  }

  /** The values at a point, exactly as the table has them, or only the names. */
  #tell(at: number | null): void {
    this.#at = at;
    const { columns } = this.#options;
    const row = at === null ? null : (this.#points!.rows[at] ?? null);
    const textOf = (column: ResultColumn): string => (row === null ? '' : visibleText(shownText(column, row, this.#unit(column), false) ?? t('query-null')));
    const entries = columns.y.map((column, i) => {
      const key = element('span', 'chart-key');
      key.style.background = this.#colorOf(i);
      return element('span', 'chart-entry', key, element('span', '', visibleText(column.name)), element('b', '', textOf(column)));
    });
    const over = element('span', 'chart-entry', element('span', 'muted', visibleText(columns.x.name)), element('b', '', textOf(columns.x)));
    this.#legend.replaceChildren(...entries, over);
  }

  #drawBars(x: ResultColumn, y: readonly ResultColumn[]): void {
    const { rows } = this.#options;
    this.#theme = themeOf(this.root);
    const column = y[0];
    this.#note.hidden = column !== undefined && rows <= MOST_BARS && y.length < 2;
    if (!column) {
      this.#note.textContent = t('query-chart-nothing');
      return;
    }
    this.#note.textContent = [rows > MOST_BARS ? t('query-chart-first', { count: MOST_BARS, total: rows }) : '', y.length > 1 ? t('query-chart-one', { column: visibleText(column.name) }) : ''].filter((text) => text !== '').join(' ');
    this.#legend.replaceChildren(element('span', 'chart-entry', element('span', 'muted', visibleText(x.name)), element('b', '', visibleText(column.name))));
    const { bars, least, greatest } = barsOf(column, rows);
    const span = greatest - least || 1;
    const lines = bars.map(({ row, value }) => {
      const name = button('bar-name', visibleText(shownText(x, row, '', false) ?? t('query-null')), visibleText(x.exact(row) ?? t('query-null')), () => this.#options.chosen(row));
      const room = element('div', 'bar-room');
      if (Number.isFinite(value)) {
        const fill = element('div', 'bar-fill');
        fill.style.left = `${((Math.min(0, value) - least) / span) * 100}%`;
        fill.style.width = `${(Math.abs(value) / span) * 100}%`;
        room.append(fill);
      }
      return element('li', 'bar-line', name, room, element('span', 'number', visibleText(shownText(column, row, this.#unit(column), false) ?? t('query-null'))));
    });
    const list = element('ul', 'bars', ...lines);
    list.setAttribute('aria-label', t('query-chart-label', { columns: visibleText(column.name), over: visibleText(x.name) }));
    this.root.append(list);
  }
}

/** A date where ticks are days, else the time of day with as many decimals as tell two of them apart. */
function instantLabel(ns: bigint, stepNs: number, spanNs: number): string {
  const digits = stepNs >= 1e9 ? 0 : Math.min(9, Math.ceil(-Math.log10(stepNs / 1e9) - 1e-9));
  return spanNs > DAY_NS ? formatInstant(ns, digits) : formatTimeOfDay(ns, digits);
}

