import { formatDuration } from '../time/ns';
import type { Translate } from '../locale/text';
import { element } from './dom';
import { laneTitle, visibleText } from './labels';
import { isAsync } from './processes';
import type { DrawnSpan } from './spans';

const OFFSET = 14;

/** Follows the pointer over the lanes. */
export class Tooltip {
  readonly root = element('div', 'tooltip');
  readonly #t: Translate;
  readonly #name = element('div', 'tooltip-name');
  readonly #facts = element('div', 'tooltip-facts');

  constructor(t: Translate) {
    this.#t = t;
    this.root.setAttribute('role', 'tooltip');
    this.root.hidden = true;
    this.root.append(this.#name, this.#facts);
  }

  show(span: DrawnSpan, x: number, y: number, stageWidth: number, stageHeight: number): void {
    this.#name.textContent = visibleText(span.name);
    const facts = [
      span.count > 1 ? this.#t('span-bucket', { count: span.count, longest: formatDuration(span.durationNs) }) : formatDuration(span.durationNs),
      ...(isAsync(span.lane.stream) ? [] : [this.#t('span-depth', { depth: span.depth })]),
      laneTitle(span.lane),
      ...(span.lane.process ? [visibleText(span.lane.process.name)] : []),
    ];
    this.#facts.textContent = facts.join(' · ');
    this.root.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = this.root;
    const left = x + OFFSET + width > stageWidth ? Math.max(0, x - OFFSET - width) : x + OFFSET;
    const top = y + OFFSET + height > stageHeight ? Math.max(0, y - OFFSET - height) : y + OFFSET;
    this.root.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  hide(): void {
    this.root.hidden = true;
  }
}
