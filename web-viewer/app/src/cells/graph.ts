import { button, element } from '../flame/dom';
import { count } from '../locale/format';
import { t } from '../locale/text';
import { formatDuration } from '../time/ns';
import css from './graph.css?inline';
import type { CellModel } from './model';

interface Call {
  /** `null`: nobody of the program; the callee is a root. */
  readonly caller: string | null;
  readonly callee: string;
  readonly count: number;
  readonly totalNs: number;
  readonly selfNs: number;
}

/** Draws who calls a name and what it calls, and returns what takes it away again. Choosing one of them puts it in the middle. */
export function render({ model, el }: { model: CellModel; el: HTMLElement }): () => void {
  const calls = readCalls(model);
  const names = [...new Set(calls.map((call) => call.callee))].sort((a, b) => a.localeCompare(b));
  const asked = model.get('root');
  const host = document.createElement('div');
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];

  /** Those that were in the middle before, the last at the end; `null` stands for all roots. */
  const trail: (string | null)[] = [];
  let middle: string | null = typeof asked === 'string' ? asked : null;

  const back = button('back', '←', t('graph-back'), () => {
    const before = trail.pop();
    if (before !== undefined) show(before);
  });
  const top = button('roots', t('graph-roots'), t('graph-roots-title'), () => go(null));
  const search = element('input', '');
  search.type = 'search';
  search.placeholder = t('graph-search');
  search.setAttribute('aria-label', search.placeholder);
  const list = document.createElement('datalist');
  list.id = 'names';
  list.append(...names.map((name) => Object.assign(document.createElement('option'), { value: name })));
  search.setAttribute('list', list.id);
  search.addEventListener('change', () => {
    const found = names.find((name) => name === search.value) ?? names.find((name) => name.toLowerCase().includes(search.value.toLowerCase()));
    if (search.value !== '' && found !== undefined) go(found);
  });
  const bar = element('div', 'bar', back, top, search, list);
  const wings = element('div', 'wings');
  root.append(bar, wings);
  el.append(host);
  show(middle);
  return () => host.remove();

  function go(name: string | null): void {
    if (name === middle) return;
    trail.push(middle);
    show(name);
  }

  function show(name: string | null): void {
    middle = name;
    back.disabled = trail.length === 0;
    const callers = name === null ? [] : calls.filter((call) => call.callee === name);
    const callees = calls.filter((call) => call.caller === name);
    wings.replaceChildren(
      wing('callers', t('graph-callers'), callers, (call) => call.caller),
      centre(name, callers, callees),
      wing('callees', name === null ? t('graph-roots') : t('graph-callees'), callees, (call) => call.callee),
    );
  }

  function wing(className: string, title: string, of: readonly Call[], nameOf: (call: Call) => string | null): HTMLElement {
    const most = Math.max(1, ...of.map((call) => call.totalNs));
    const items = [...of].sort((a, b) => b.totalNs - a.totalNs).map((call) => {
      const name = nameOf(call);
      const made = button('call', '', name ?? t('graph-root'), () => go(name));
      const share = element('span', 'share');
      share.style.width = `${(100 * call.totalNs) / most}%`;
      made.append(element('span', 'name', name ?? t('graph-root')), element('span', 'cost', t('graph-cost', { total: formatDuration(call.totalNs), calls: call.count })), share);
      return element('li', '', made);
    });
    const shown = element('section', className, element('h4', '', `${title} (${count(items.length)})`), element('ul', '', ...items));
    shown.setAttribute('aria-label', title);
    return shown;
  }

  function centre(name: string | null, callers: readonly Call[], callees: readonly Call[]): HTMLElement {
    const of = name === null ? callees : callers;
    const sum = (value: (call: Call) => number): number => of.reduce((all, call) => all + value(call), 0);
    const facts: readonly [string, string][] = [
      [t('graph-total'), formatDuration(sum((call) => call.totalNs))],
      ...(name === null ? [] : ([[t('graph-self'), formatDuration(sum((call) => call.selfNs))]] as [string, string][])),
      [t('graph-calls'), count(sum((call) => call.count))],
    ];
    const shown = element('section', 'middle', element('strong', '', name ?? t('graph-all')), element('dl', '', ...facts.flatMap(([term, value]) => [element('dt', '', term), element('dd', '', value)])));
    shown.setAttribute('role', 'status');
    return shown;
  }
}

function readCalls(model: CellModel): readonly Call[] {
  const names = model.get('names');
  const calls = model.get('calls');
  if (!Array.isArray(names) || !Array.isArray(calls)) throw new Error('expected names and calls in the model of a call graph');
  return calls.map(([caller, callee, count, totalNs, selfNs]: number[]) => ({
    caller: caller === -1 ? null : String(names[caller!]),
    callee: String(names[callee!]),
    count: Number(count),
    totalNs: Number(totalNs),
    selfNs: Number(selfNs),
  }));
}
