import type { SeriesInfo } from '../flame/timeline';

/** As many as a host is asked for at once; more nobody tells apart. */
export const MOST_CHOSEN = 12;

/** Enough to see that there is something, and few enough that each is seen. */
const FIRST_CHOSEN = 4;

/** The program's own first, then frames, then what is measured of every program. */
export function inOrder(series: readonly SeriesInfo[]): readonly SeriesInfo[] {
  const rank = ({ kind, usual }: SeriesInfo): number => (kind === 'frame' ? 1 : usual ? 2 : 0);
  return [...series].sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** What is drawn until somebody chooses; of series in order. `saved`: those that can be; `null`: all. */
export function firstChosen(series: readonly SeriesInfo[], saved: readonly string[] | null): readonly string[] {
  return series.map(({ name }) => name).filter((name) => saved?.includes(name) ?? true).slice(0, FIRST_CHOSEN);
}

/** Those whose name or unit contains the text, whatever its case. */
export function matching(series: readonly SeriesInfo[], text: string): readonly SeriesInfo[] {
  const wanted = text.trim().toLowerCase();
  return wanted === '' ? series : series.filter(({ name, unit }) => name.toLowerCase().includes(wanted) || unit.toLowerCase().includes(wanted));
}

/** With one more, at the end, or without it. The oldest makes room for what would be too many. */
export function toggled(names: readonly string[], name: string): readonly string[] {
  return names.includes(name) ? names.filter((each) => each !== name) : [...names, name].slice(-MOST_CHOSEN);
}
