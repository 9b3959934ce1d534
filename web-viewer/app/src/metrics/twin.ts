import { element } from '../flame/dom';
import { visibleText } from '../flame/labels';
import { spanOf, type View } from '../flame/view';
import type { Translate } from '../locale/text';
import { formatInstant } from '../time/ns';
import { formatQuantity } from '../time/quantity';
import { summaryOf, type Curve } from './curves';

/** Enough to follow a curve, few enough to be read. */
const ROWS = 24;

/** What the curves show of a time, as two tables: sums of each, and their values from the time's begin to its end. */
export function twinTables(t: Translate, curves: readonly Curve[], view: View, originNs: bigint): HTMLElement[] {
  return [sums(t, curves, view), values(t, curves, view, originNs)];
}

function sums(t: Translate, curves: readonly Curve[], view: View): HTMLElement {
  const rows = curves.map((curve) => {
    const { least, greatest, last, total, perSecond } = summaryOf(curve, view);
    const of = (value: number | null, unit: string): string => (value === null ? '·' : formatQuantity(value, unit));
    return row(visibleText(curve.name), [
      of(least, curve.unit), of(greatest, curve.unit), of(last, curve.unit), of(total, curve.sumUnit), of(perSecond, `${curve.sumUnit}/s`),
    ]);
  });
  return table(t('metrics-table-sums'), [t('table-name'), t('metrics-least'), t('metrics-greatest'), t('metrics-last'), t('metrics-total'), t('metrics-rate')], rows);
}

function values(t: Translate, curves: readonly Curve[], view: View, originNs: bigint): HTMLElement {
  const part = spanOf(view) / ROWS;
  const rows = Array.from({ length: ROWS }, (_, i) => {
    const begin = view.begin + i * part;
    const cells = curves.map((curve) => {
      // Its end belongs to the next one.
      const { last, total } = summaryOf(curve, { begin, end: begin + part * (1 - 1e-9) });
      return total !== null ? formatQuantity(total, curve.sumUnit) : last !== null ? formatQuantity(last, curve.unit) : '·';
    });
    return row(formatInstant(originNs + BigInt(Math.round(begin)), 3), cells);
  });
  return table(t('metrics-table-values'), [t('table-begin'), ...curves.map(({ name }) => visibleText(name))], rows);
}

function table(caption: string, head: readonly string[], rows: readonly HTMLElement[]): HTMLElement {
  const made = element('table', 'twin', element('caption', '', caption),
    element('thead', '', element('tr', '', ...head.map((text) => scoped('col', text)))), element('tbody', '', ...rows));
  return made;
}

function row(name: string, cells: readonly string[]): HTMLElement {
  return element('tr', '', scoped('row', name), ...cells.map((cell) => element('td', 'number', cell)));
}

function scoped(scope: 'col' | 'row', text: string): HTMLElement {
  const made = element('th', '', text);
  made.scope = scope;
  return made;
}
