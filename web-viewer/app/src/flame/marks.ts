import { parseNs } from '../time/ns';

/** A moment that a reader has marked. */
export interface Mark {
  readonly atNs: bigint;
  /** Empty: it goes by its number. */
  readonly label: string;
}

/** A link has to stay one that can be sent. */
export const MOST_LABEL_CHARACTERS = 80;
const MOST_MARKS = 100;

/** In order of time; a moment is marked once. */
export function withMark(marks: readonly Mark[], mark: Mark): readonly Mark[] {
  if (marks.length >= MOST_MARKS || marks.some(({ atNs }) => atNs === mark.atNs)) return marks;
  return [...marks, mark].sort((a, b) => (a.atNs < b.atNs ? -1 : 1));
}

export function nearestMark(marks: readonly Mark[], atNs: bigint): Mark | null {
  const away = (mark: Mark): bigint => (mark.atNs < atNs ? atNs - mark.atNs : mark.atNs - atNs);
  return marks.reduce<Mark | null>((best, mark) => (best === null || away(mark) < away(best) ? mark : best), null);
}

/** The mark after a moment, or before it; from the last one on to the first. */
export function markBeyond(marks: readonly Mark[], atNs: bigint, direction: 1 | -1): Mark | null {
  const beyond = direction > 0 ? marks.find((mark) => mark.atNs > atNs) : marks.findLast((mark) => mark.atNs < atNs);
  return beyond ?? marks.at(direction > 0 ? 0 : -1) ?? null;
}

/** What a mark is called. */
export function markName(marks: readonly Mark[], mark: Mark): string {
  return mark.label === '' ? String(marks.indexOf(mark) + 1) : mark.label;
}

/** Of some moments the one that lies closest to another, where it is within reach; otherwise that other one. */
export function snapped(at: number, edges: readonly number[], reach: number): number {
  const closest = edges.reduce((best, edge) => (Math.abs(edge - at) < Math.abs(best - at) ? edge : best), Infinity);
  return Math.abs(closest - at) <= reach ? closest : at;
}

/** As an address has it. */
export function markText({ atNs, label }: Mark): string {
  return label === '' ? String(atNs) : `${atNs}:${label}`;
}

/** The marks that texts of an address name; what names none is left out. */
export function marksOf(texts: readonly string[]): readonly Mark[] {
  return texts.reduce<readonly Mark[]>((marks, text) => {
    const [, at, label = ''] = /^(-?\d+)(?::(.*))?$/s.exec(text) ?? [];
    const atNs = parseNs(at);
    return atNs === null ? marks : withMark(marks, { atNs, label: label.slice(0, MOST_LABEL_CHARACTERS) });
  }, []);
}
