import { element } from '../flame/dom';
import { visibleText } from '../flame/labels';
import type { Theme } from '../flame/theme';
import { count } from '../locale/format';
import type { Translate } from '../locale/text';
import { formatDuration } from '../time/ns';
import type { FunctionCall, FunctionCalls, Wing } from './calls';
import { costText, facts, shareBar, swatch } from './parts';

/** A function between its callers and its callees, each as wide as its share of the function's time. Arrows go from one to the other. */
export class Butterfly {
  readonly root = element('div', 'butterfly');
  readonly #t: Translate;
  readonly #choose: (name: string) => void;
  #wings: readonly HTMLElement[] = [];
  /** What is shown, and in which colours. */
  #shown: readonly [FunctionCalls, Theme] | null = null;

  constructor(t: Translate, choose: (name: string) => void) {
    this.#t = t;
    this.#choose = choose;
    this.root.dataset['scrolls'] = '';
    this.root.addEventListener('keydown', (event) => this.#keyDown(event));
  }

  /** `links`: what else there is to see of the function. */
  show(calls: FunctionCalls, allNs: number, theme: Theme, links: HTMLElement): void {
    // What is the same keeps its scroll and its focus.
    if (this.#shown?.[0] === calls && this.#shown[1] === theme) return;
    this.#shown = [calls, theme];
    const t = this.#t;
    const { middle, callers, callees } = calls;
    const hadFocus = this.#focused() !== null;
    const card = element('section', 'middle',
      element('h2', '', swatch(middle.name, theme), visibleText(middle.name)),
      facts(t, middle, allNs),
      element('div', 'self-bar', shareBar(middle.selfNs, middle.totalNs)),
      links);
    card.setAttribute('aria-label', visibleText(middle.name));
    if (middle.count === 0) card.append(element('p', 'note', t('merged-none-of-function')));
    this.#wings = [
      this.#wing('callers', t('graph-callers'), callers, middle, theme), this.#wing('callees', t('graph-callees'), callees, middle, theme),
    ];
    this.root.replaceChildren(this.#wings[0]!, card, this.#wings[1]!);
    // Who walks from function to function by keys goes on from the new one.
    if (hadFocus) this.root.querySelector<HTMLElement>('.call')?.focus();
  }

  #wing(className: string, title: string, wing: Wing, middle: FunctionCalls['middle'], theme: Theme): HTMLElement {
    const items = wing.calls.map((call) => this.#item(call, middle, theme));
    const list = element('ul', '', ...items);
    const made = element('section', `wing ${className}`, element('h2', '', `${title} (${count(wing.calls.length + wing.leftOut)})`), list);
    made.setAttribute('aria-label', title);
    const first = list.querySelector<HTMLElement>('.call');
    if (first) first.tabIndex = 0;
    if (wing.leftOut > 0) list.append(element('li', 'note', `${this.#t('merged-more', { count: wing.leftOut })} · ${formatDuration(wing.leftOutNs)}`));
    return made;
  }

  #item(call: FunctionCall, middle: FunctionCalls['middle'], theme: Theme): HTMLElement {
    const t = this.#t;
    const isRecursion = call.name === middle.name;
    const cost = element('span', 'cost', costText(t, call.totalNs, call.count));
    const bar = shareBar(call.totalNs, middle.totalNs);
    if (call.name === null) return element('li', '', element('div', 'root', element('span', 'name', t('graph-root')), cost, bar));
    const made = element('button', 'call', swatch(call.name, theme), element('span', 'name', visibleText(call.name)));
    if (isRecursion) {
      const mark = element('span', 'recursion', t('graph-recursion'));
      mark.title = t('graph-recursion-title');
      made.append(mark);
    }
    made.append(cost, bar);
    made.type = 'button';
    made.title = visibleText(call.name);
    made.tabIndex = -1;
    made.addEventListener('click', () => this.#choose(call.name!));
    return element('li', '', made);
  }

  #focused(): HTMLElement | null {
    const within = this.root.getRootNode();
    const focused = within instanceof ShadowRoot ? within.activeElement : null;
    return focused instanceof HTMLElement && this.root.contains(focused) && focused.matches('.call') ? focused : null;
  }

  #keyDown(event: KeyboardEvent): void {
    const focused = this.#focused();
    if (!focused || event.ctrlKey || event.altKey || event.metaKey) return;
    const callsOf = (wing: HTMLElement): HTMLElement[] => [...wing.querySelectorAll<HTMLElement>('.call')];
    const at = this.#wings.findIndex((wing) => wing.contains(focused));
    const calls = callsOf(this.#wings[at]!);
    const index = calls.indexOf(focused);
    const next = event.key === 'ArrowDown' ? calls[index + 1]
      : event.key === 'ArrowUp' ? calls[index - 1]
      : event.key === 'Home' ? calls[0]
      : event.key === 'End' ? calls.at(-1)
      : event.key === 'ArrowLeft' && at === 1 ? callsOf(this.#wings[0]!)[0]
      : event.key === 'ArrowRight' && at === 0 ? callsOf(this.#wings[1]!)[0]
      : null;
    if (!next) return;
    // One of each side is where Tab comes to.
    for (const each of callsOf(next.closest<HTMLElement>('.wing')!)) each.tabIndex = each === next ? 0 : -1;
    next.focus();
    event.preventDefault();
    event.stopPropagation();
  }
}
