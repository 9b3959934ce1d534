import { element } from '../flame/dom';
import { visibleText } from '../flame/labels';
import { matchesText } from '../flame/lookup';
import { count } from '../locale/format';
import type { Translate } from '../locale/text';
import { formatDuration } from '../time/ns';
import type { DrawnGraph } from './calls';

/** More rows than anybody reads; the caption says how many there are. */
const MAX_ROWS = 200;

/** What the drawing shows, as a table: the calls of most time, of those whose names contain a text. */
export function callTable(t: Translate, { functions, calls }: DrawnGraph, query: string, choose: (name: string) => void): HTMLElement {
  const nameOf = (number: number): string => functions[number]!.name;
  const matching = query === '' ? calls : calls.filter(({ caller, callee }) => matchesText(nameOf(caller), query) || matchesText(nameOf(callee), query));
  const opens = (name: string): HTMLElement => {
    const made = element('button', 'row-button', visibleText(name));
    made.type = 'button';
    made.title = visibleText(name);
    made.addEventListener('click', () => choose(name));
    return made;
  };
  const rows = matching.slice(0, MAX_ROWS).map(({ caller, callee, count: spans, totalNs }) => {
    const first = element('th', '', opens(nameOf(caller)));
    first.scope = 'row';
    return element('tr', '', first, element('td', '', opens(nameOf(callee))), element('td', 'number', count(spans)), element('td', 'number', formatDuration(totalNs)));
  });
  const head = [t('graph-caller'), t('graph-callee'), t('graph-calls'), t('graph-total')].map((text) => {
    const made = element('th', '', text);
    made.scope = 'col';
    return made;
  });
  return element('table', 'twin', element('caption', '', t('graph-table', { shown: rows.length, total: matching.length })), element('thead', '', element('tr', '', ...head)), element('tbody', '', ...rows));
}
