import uPlot from 'uplot';
import { element } from '../flame/dom';
import { visibleText } from '../flame/labels';
import type { Theme } from '../flame/theme';
import { spanOf, xOf, type View } from '../flame/view';
import type { Translate } from '../locale/text';
import { ticks } from '../time/axis';
import { bytesOfUnit, formatQuantity, unitBeside } from '../time/quantity';
import { columnsOf, summaryOf, valueAt, valueRange, valueTicks, type Curve, type UnitPanel } from './curves';
import type { CountsPer } from './options';

/** All plots have an axis as wide as this, so that one moment is at one place in all of them. */
export const AXIS_WIDTH = 72;

/** Beside the plot, for the half of a label of time that stands beyond its end. */
const RIGHT_PIXELS = 14;
const TOP_PIXELS = 4;
const TIME_AXIS_HEIGHT = 22;
const TICK_SPACING_PIXELS = 110;
const VALUE_SPACING_PIXELS = 34;
const FONT = '11px Inter, "Segoe UI", system-ui, -apple-system, "Helvetica Neue", Arial, sans-serif';

/** Columns of a curve: least, greatest, value. */
const COLUMNS_PER_CURVE = 3;
const BAND_ALPHA = '40';

/** Narrower bars stand without gaps between them. */
const GAP_FROM_PIXELS = 4;

/** Above a plot: what its curves are, and what they say at the pointer. */
export const LEGEND_HEIGHT = 24;

export interface PlotContent {
  readonly panel: UnitPanel;
  readonly theme: Theme;
  readonly view: View;
  readonly per: CountsPer;
  /** CSS pixels of the whole. */
  readonly width: number;
  readonly height: number;
}

export interface Decor {
  readonly range: View | null;
  /** Where the pointer is, nanoseconds from the origin. */
  readonly cursor: number | null;
}

/** The curves of one unit. */
export class UnitPlot {
  readonly root = element('section', 'plot');
  /** What the pointer is over: the plot without its axes. */
  readonly over = element('div', 'over');
  readonly #t: Translate;
  readonly #legend = element('div', 'legend');
  readonly #drawing = element('div', 'drawing');
  readonly #range = element('div', 'range');
  readonly #cursor = element('div', 'cursor');
  #values: readonly HTMLElement[] = [];
  #plot: uPlot | null = null;
  #content: PlotContent | null = null;

  constructor(t: Translate) {
    this.#t = t;
    this.over.append(this.#range, this.#cursor);
    // The plot is made anew for new values, and what the pointer is over must stay, as somebody may be dragging.
    this.root.append(this.#legend, element('div', 'stage', this.#drawing, this.over));
  }

  draw(content: PlotContent, decor: Decor): void {
    const before = this.#content;
    this.#content = content;
    const { panel, view, width } = content;
    if (!before || before.panel !== panel || before.theme !== content.theme) this.#make(content);
    else {
      if (before.width !== width || before.height !== content.height) this.#plot!.setSize({ width, height: content.height - LEGEND_HEIGHT });
      this.#plot!.setScale('x', { min: view.begin, max: view.end });
    }
    this.#place();
    this.decorate(decor);
  }

  /** What moves with the pointer. */
  decorate({ range, cursor }: Decor): void {
    const content = this.#content!;
    const width = content.width - AXIS_WIDTH - RIGHT_PIXELS;
    const x = (ns: number): number => Math.min(width, Math.max(0, xOf(content.view, width, ns)));
    this.#range.hidden = range === null || range.end < content.view.begin || range.begin > content.view.end;
    if (range) {
      this.#range.style.left = `${x(range.begin)}px`;
      this.#range.style.width = `${Math.max(1, x(range.end) - x(range.begin))}px`;
    }
    const isInSight = cursor !== null && cursor >= content.view.begin && cursor <= content.view.end;
    this.#cursor.hidden = !isInSight;
    if (isInSight) this.#cursor.style.left = `${x(cursor)}px`;
    content.panel.curves.forEach((curve, i) => {
      this.#values[i]!.textContent = isInSight ? this.#textAt(curve, cursor) : this.#textInSight(curve, range ?? content.view);
    });
  }

  dispose(): void {
    this.#plot?.destroy();
    this.root.remove();
  }

  #textAt(curve: Curve, at: number): string {
    const point = valueAt(curve, at);
    if (!point) return '';
    const value = formatQuantity(point.value, curve.unit);
    return point.least === point.greatest ? value : `${value} (${formatQuantity(point.least, curve.unit)} – ${formatQuantity(point.greatest, curve.unit)})`;
  }

  #textInSight(curve: Curve, view: View): string {
    const { least, greatest, total } = summaryOf(curve, view);
    if (total !== null) return `Σ ${formatQuantity(total, curve.sumUnit)}`;
    if (least === null || greatest === null) return '';
    return least === greatest ? formatQuantity(least, curve.unit) : `${formatQuantity(least, curve.unit)} – ${formatQuantity(greatest, curve.unit)}`;
  }

  #place(): void {
    const { width, height } = this.#content!;
    this.root.style.height = `${height}px`;
    this.over.style.top = `${TOP_PIXELS}px`;
    this.over.style.left = `${AXIS_WIDTH}px`;
    this.over.style.width = `${Math.max(1, width - AXIS_WIDTH - RIGHT_PIXELS)}px`;
    this.over.style.height = `${Math.max(1, height - LEGEND_HEIGHT - TOP_PIXELS - TIME_AXIS_HEIGHT)}px`;
  }

  #make(content: PlotContent): void {
    this.#plot?.destroy();
    const { panel, width, height } = content;
    this.#fillLegend(content);
    const data = columnsOf(panel.curves) as unknown as uPlot.AlignedData;
    this.#plot = new uPlot(this.#options(content, width, height - LEGEND_HEIGHT), data, this.#drawing);
  }

  #fillLegend({ panel, per, theme }: PlotContent): void {
    this.root.setAttribute('aria-label', panel.curves.map(({ name }) => visibleText(name)).join(', '));
    this.#values = panel.curves.map(() => element('span', 'legend-value'));
    this.#legend.replaceChildren(...panel.curves.map((curve, i) => {
      const key = element('span', curve.kind === 'count' ? 'key count' : curve.isDashed ? 'key dashed' : 'key');
      key.style.color = curve.color;
      const name = element('span', 'legend-name', visibleText(curve.name));
      name.title = visibleText(curve.name);
      const kind = curve.kind !== 'count' ? '' : per === 'second' ? this.#t('metrics-per-second') : this.#t('metrics-per-step');
      return element('span', 'entry', key, name, element('span', 'legend-kind', kind), this.#values[i]!);
    }), element('span', 'unit', visibleText(unitBeside(panel.unit))));
    this.#legend.dataset['theme'] = theme.name;
  }

  #options(content: PlotContent, width: number, height: number): uPlot.Options {
    const { panel, theme, view } = content;
    const axis = { stroke: theme.muted, font: FONT, grid: { stroke: theme.line, width: 1 }, ticks: { stroke: theme.line, width: 1, size: 4 } };
    const hidden = { points: { show: false }, width: 0, spanGaps: true } as const;
    const isCount = panel.curves.some(({ kind }) => kind === 'count');
    return {
      width, height,
      padding: [TOP_PIXELS, RIGHT_PIXELS, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      series: [
        {},
        ...panel.curves.flatMap((curve): uPlot.Series[] => {
          if (curve.kind === 'count') return [{ ...hidden, show: false }, { ...hidden, show: false }, { ...hidden, paths: () => null }];
          return [
            { ...hidden, stroke: 'transparent' },
            { ...hidden, stroke: 'transparent' },
            {
              stroke: curve.color, width: 1.5, spanGaps: true, ...(curve.isDashed ? { dash: [6, 4] } : {}),
              points: { size: 4, fill: curve.color, stroke: curve.color, ...(curve.points.length === 1 ? { show: true } : {}) },
            },
          ];
        }),
      ],
      bands: panel.curves.flatMap((curve, i) => (curve.kind === 'count' ? [] : [{
        series: [i * COLUMNS_PER_CURVE + 2, i * COLUMNS_PER_CURVE + 1] as [number, number], fill: curve.color + BAND_ALPHA,
      }])),
      scales: {
        x: { time: false, min: view.begin, max: view.end, range: () => this.#xRange() },
        y: { range: (_plot, low, high) => valueRange(low ?? 0, high ?? 0, isCount) },
      },
      axes: [
        {
          ...axis, size: TIME_AXIS_HEIGHT, gap: 2,
          splits: () => this.#timeTicks().at as number[],
          values: (_plot, at) => at.map((ns) => this.#timeTicks().label(ns)),
        },
        {
          ...axis, size: AXIS_WIDTH, gap: 4,
          splits: (plot, _axis, low, high) => valueTicks(low, high, plot.height / VALUE_SPACING_PIXELS, bytesOfUnit(panel.unit)),
          values: (_plot, at) => at.map((value) => formatQuantity(value, unitBeside(panel.unit) === '' ? panel.unit : '')),
        },
      ],
      hooks: { draw: [(plot) => this.#drawCounts(plot)] },
    };
  }

  #xRange(): [number, number] {
    const { view } = this.#content!;
    return [view.begin, view.end];
  }

  #timeTicks(): ReturnType<typeof ticks> {
    const { view, width } = this.#content!;
    return ticks(view.begin, view.end, (spanOf(view) / Math.max(1, width - AXIS_WIDTH)) * TICK_SPACING_PIXELS);
  }

  /** Increments of a step are a bar as wide as the step: between them there are none, which a line would hide. */
  #drawCounts(plot: uPlot): void {
    const { panel, view } = this.#content!;
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    const ground = plot.valToPos(0, 'y', true);
    for (const { bars, color, stepNs } of panel.curves) {
      const stepPixels = (stepNs / spanOf(view)) * bbox.width;
      const gap = stepPixels < GAP_FROM_PIXELS ? 0 : 1;
      ctx.fillStyle = color;
      for (const { at, value } of bars) {
        if (value === 0 || at < view.begin - stepNs || at > view.end + stepNs) continue;
        const x = plot.valToPos(at, 'x', true);
        const y = plot.valToPos(value, 'y', true);
        // On whole pixels, as the edges of many narrow bars would else be a pattern of their own.
        const left = Math.round(x - stepPixels / 2);
        ctx.fillRect(left, Math.min(y, ground - 1), Math.max(1, Math.round(x + stepPixels / 2) - left - gap), Math.max(1, Math.abs(ground - y)));
      }
    }
    ctx.restore();
  }
}
