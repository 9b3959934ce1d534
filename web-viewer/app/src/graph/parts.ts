import { element } from '../flame/dom';
import { colorOfName, hashOf, styleOf, type Theme } from '../flame/theme';
import { count, decimal } from '../locale/format';
import type { Translate } from '../locale/text';
import { formatDuration } from '../time/ns';

/** All of a colour, as rectangles have that are one span. */
const FULL = 255;

/** The colour of a name as the flame chart has it, in the six digits of CSS. */
export function colorOf(name: string, theme: Theme): string {
  const pixel = theme.fills[styleOf(colorOfName(hashOf(name)), FULL)]!;
  // Red is the lowest byte of a pixel.
  return `#${[pixel, pixel >> 8, pixel >> 16].map((byte) => (byte & 255).toString(16).padStart(2, '0')).join('')}`;
}

export function swatch(name: string, theme: Theme): HTMLElement {
  const made = element('span', 'swatch');
  made.style.background = colorOf(name, theme);
  return made;
}

/** A bar as wide as a share of what is around it. Sums of one function may pass the time of another where calls are recursive both ways: it never does. */
export function shareBar(part: number, whole: number): HTMLElement {
  const made = element('span', 'share');
  made.style.width = `${100 * shareOf(part, whole)}%`;
  return made;
}

/** From 0 to 1. */
export function shareOf(part: number, whole: number): number {
  return whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 0;
}

/** In percent, with one decimal. */
export function percent(part: number, whole: number): string {
  return decimal(100 * shareOf(part, whole), 1);
}

/** `12 ms in 3 calls`. */
export function costText(t: Translate, totalNs: number, calls: number): string {
  return t('graph-cost', { total: formatDuration(totalNs), calls });
}

/** What is known of a function, as terms and values. */
export function facts(t: Translate, of: { readonly count: number; readonly totalNs: number; readonly selfNs: number }, allNs: number): HTMLElement {
  const rows: readonly (readonly [string, string])[] = [
    [t('graph-total'), formatDuration(of.totalNs)], [t('graph-self'), formatDuration(of.selfNs)], [t('graph-calls'), count(of.count)],
    [t('graph-share'), t('graph-percent', { share: percent(of.totalNs, allNs) })],
  ];
  return element('dl', 'facts', ...rows.map(([term, value]) => element('div', '', element('dt', '', term), element('dd', '', value))));
}
