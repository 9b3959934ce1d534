import { count } from '../locale/format';
import type { Translate } from '../locale/text';
import { formatInstant } from '../time/ns';
import { formatQuantity } from '../time/quantity';
import { element } from './dom';
import { LABEL_FONT, visibleText } from './labels';
import { Preview } from './preview';
import { RangeLoader, rangeFor } from './ranges';
import type { Attachment, TimelineOptions } from './timeline';
import { drawTitle, type TrackCanvas } from './trackDrawing';
import { xOf, type View } from './view';

export const ATTACHMENT_HEIGHT = 20;

const ICON_WIDTH = 10;
const ICON_HEIGHT = 13;
const FOLD = 4;
const PADDING = 4;
const MOST_LABEL_PIXELS = 140;
/** Below this a label would be an ellipsis. */
const LEAST_LABEL_PIXELS = 22;
/** How far beside a mark a pointer still means it, in pixels. */
const REACH = 4;

/** Attachments that are drawn as one. */
export interface FileMark {
  readonly first: Attachment;
  readonly lastNs: bigint;
  readonly count: number;
  /** Of the moment; the sheet is drawn to its right. */
  readonly x: number;
  readonly width: number;
  readonly label: string;
}

/** Files that the program sent along, as sheets on the axis. */
export class AttachmentRow {
  readonly #t: Translate;
  readonly #loader: RangeLoader<readonly Attachment[]>;
  readonly #originNs: bigint;
  readonly #fileAt: TimelineOptions['fileAt'];
  readonly #preview: Preview;
  #seen = false;
  #marks: readonly FileMark[] = [];

  constructor(t: Translate, { source, fileAt }: TimelineOptions, originNs: bigint, changed: () => void) {
    this.#t = t;
    this.#originNs = originNs;
    this.#fileAt = fileAt;
    this.#preview = new Preview(t, changed);
    this.#loader = new RangeLoader((range, signal) => source.attachments(range, signal), changed);
  }

  /** Nothing until there is an attachment; after that the row stays, so that others don't jump. */
  get height(): number {
    this.#seen ||= this.#loaded.length > 0;
    return this.#seen ? ATTACHMENT_HEIGHT : 0;
  }

  get settled(): boolean {
    return !this.#loader.loading;
  }

  get problem(): string | null {
    return this.#loader.problem;
  }

  /** When they are, nanoseconds from the origin, in order. */
  get moments(): readonly number[] {
    return this.#loaded.map((file) => this.#at(file.timeNs));
  }

  want(view: View): void {
    this.#loader.want(rangeFor(view, this.#originNs));
  }

  /** Draws into the lanes; the title stands beside them, in the gutter. */
  draw(canvas: TrackCanvas, top: number): void {
    const { context, theme } = canvas;
    this.#marks = marksOf(this.#loaded, canvas);
    context.font = LABEL_FONT;
    context.textBaseline = 'middle';
    for (const { first, x, label } of this.#marks) {
      drawSheet(canvas, x, top + (ATTACHMENT_HEIGHT - ICON_HEIGHT) / 2, isPicture(first));
      if (label === '') continue;
      context.fillStyle = theme.text;
      context.fillText(label, x + ICON_WIDTH + PADDING, top + ATTACHMENT_HEIGHT / 2 + 0.5);
    }
  }

  drawTitle(canvas: TrackCanvas, top: number): void {
    drawTitle(canvas, top, ATTACHMENT_HEIGHT, this.#t('track-attachments'), count(this.within(canvas.view).reduce((sum, file) => sum + file.count, 0)));
  }

  /** Those within a view, in order. */
  within({ begin, end }: View): readonly Attachment[] {
    return this.#loaded.filter(({ timeNs }) => this.#at(timeNs) >= begin && this.#at(timeNs) <= end);
  }

  /** What is said of the sheet at `x`: its name, what it is and when, and what it looks like; `null` where there is none. */
  describe(x: number): { readonly lines: readonly string[]; readonly preview: HTMLElement | null } | null {
    const mark = markAt(this.#marks, x);
    if (!mark) return null;
    const { first, count: close } = mark;
    const lines = [first.name, [first.mediaType, formatQuantity(first.bytes, 'By'), formatInstant(first.timeNs, 6)].filter((text) => text !== '').join(' · ')];
    if (!first.complete) lines.push(this.#t('files-incomplete'));
    if (close > 1) lines.push(this.#t('marker-others', { count: close - 1 }));
    const address = this.#addressOf(first);
    return { lines, preview: address !== null && isPicture(first) ? this.#preview.of(address, first) : null };
  }

  /** The address of the file at `x`; `null` where there is none, only a part of one, or more than one. */
  addressAt(x: number): string | null {
    const mark = markAt(this.#marks, x);
    return mark && mark.count === 1 ? this.#addressOf(mark.first) : null;
  }

  /** The time of what is drawn as one mark at `x`. */
  rangeAt(x: number): View | null {
    const mark = markAt(this.#marks, x);
    return mark && mark.lastNs > mark.first.timeNs ? { begin: this.#at(mark.first.timeNs), end: this.#at(mark.lastNs) + 1 } : null;
  }

  /** The table twin of those within a view; `null` where there is none. */
  table(view: View): HTMLElement | null {
    const files = this.within(view);
    if (files.length === 0) return null;
    const heads = ['files-name', 'files-type', 'table-begin', 'health-bytes', 'table-count'].map((id) => element('th', '', this.#t(id)));
    return element('table', 'twin',
      element('caption', '', this.#t('track-attachments')),
      element('thead', '', element('tr', '', ...heads)),
      element('tbody', '', ...files.map((file) => this.#tableRow(file))));
  }

  #tableRow(file: Attachment): HTMLElement {
    const address = this.#addressOf(file);
    const name = element('th', '', address === null ? visibleText(file.name) : linkTo(address, visibleText(file.name)));
    name.scope = 'row';
    return element('tr', '', name,
      element('td', '', visibleText(file.mediaType)),
      element('td', 'number', formatInstant(file.timeNs, 6)),
      element('td', 'number', file.complete ? formatQuantity(file.bytes, 'By') : `${formatQuantity(file.bytes, 'By')} · ${this.#t('files-incomplete')}`),
      element('td', 'number', count(file.count)));
  }

  #addressOf(file: Attachment): string | null {
    return file.complete ? (this.#fileAt?.(file.id) ?? null) : null;
  }

  get #loaded(): readonly Attachment[] {
    return this.#loader.current?.value ?? [];
  }

  #at(ns: bigint): number {
    return Number(ns - this.#originNs);
  }

  dispose(): void {
    this.#loader.dispose();
  }
}

/** A link to a file opens beside the page. */
export function linkTo(address: string, text: string): HTMLAnchorElement {
  const link = element('a', 'row-button', text);
  link.href = address;
  link.target = '_blank';
  link.rel = 'noopener';
  return link;
}

/** The host shows these, if they are what they say; never SVG, which is a document. */
export function isPicture({ mediaType }: Attachment): boolean {
  return ['image/png', 'image/jpeg', 'image/gif', 'image/webp'].includes(mediaType.toLowerCase());
}

/** Marks from left to right: attachments whose sheets would touch are one. */
export function marksOf(files: readonly Attachment[], { view, width, fitter, originNs }: Pick<TrackCanvas, 'view' | 'width' | 'fitter' | 'originNs'>): readonly FileMark[] {
  const groups: { readonly first: Attachment; readonly x: number; lastNs: bigint; count: number }[] = [];
  for (const file of files) {
    const x = Math.round(xOf(view, width, Number(file.timeNs - originNs)));
    if (x <= -ICON_WIDTH || x >= width) continue;
    const before = groups.at(-1);
    if (before && x < before.x + ICON_WIDTH + PADDING) {
      before.lastNs = file.lastNs > before.lastNs ? file.lastNs : before.lastNs;
      before.count += file.count;
    } else groups.push({ first: file, x, lastNs: file.lastNs, count: file.count });
  }
  return groups.map((group, i) => {
    const text = visibleText(group.count > 1 ? `${group.first.name} +${count(group.count - 1)}` : group.first.name);
    const start = group.x + ICON_WIDTH + PADDING;
    const room = Math.min(MOST_LABEL_PIXELS, Math.min(groups[i + 1]?.x ?? width, width) - start - PADDING);
    const short = group.count > 1 ? `+${count(group.count - 1)}` : '';
    const label = room >= LEAST_LABEL_PIXELS || fitter.width(text) <= room ? fitter.fit(text, room) : fitter.width(short) <= room ? short : '';
    return { ...group, label, width: ICON_WIDTH + (label === '' ? 0 : PADDING + Math.ceil(fitter.width(label))) };
  });
}

/** The mark drawn at `x`, or the nearest within reach. */
export function markAt(marks: readonly FileMark[], x: number): FileMark | null {
  let nearest = REACH;
  let found: FileMark | null = null;
  for (const mark of marks) {
    const distance = Math.max(0, mark.x - x, x - (mark.x + mark.width));
    if (distance > nearest || (found && distance === nearest)) continue;
    nearest = distance;
    found = mark;
  }
  return found;
}

/** A sheet with a folded corner; one with a picture has a hill on it. */
function drawSheet({ context, theme }: TrackCanvas, x: number, top: number, picture: boolean): void {
  const right = x + ICON_WIDTH;
  const bottom = top + ICON_HEIGHT;
  context.beginPath();
  context.moveTo(x + 0.5, top + 0.5);
  context.lineTo(right - FOLD, top + 0.5);
  context.lineTo(right - 0.5, top + FOLD);
  context.lineTo(right - 0.5, bottom - 0.5);
  context.lineTo(x + 0.5, bottom - 0.5);
  context.closePath();
  context.fillStyle = theme.chrome;
  context.fill();
  context.strokeStyle = picture ? theme.accent : theme.muted;
  context.lineWidth = 1;
  context.stroke();
  context.fillStyle = picture ? theme.accent : theme.muted;
  if (picture) {
    context.beginPath();
    context.moveTo(x + 2, bottom - 2);
    context.lineTo(x + 5, bottom - 7);
    context.lineTo(right - 2, bottom - 2);
    context.fill();
  } else for (const y of [6, 9]) context.fillRect(x + 2, top + y - 1, ICON_WIDTH - 4, 1);
}
