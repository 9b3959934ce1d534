import { count, decimal } from '../locale/format';
import type { Translate } from '../locale/text';
import { formatDuration, formatInstant } from '../time/ns';
import { formatQuantity } from '../time/quantity';
import { ATTACHMENT_HEIGHT, AttachmentRow } from './attachments';
import { GUTTER_WIDTH } from './decor';
import { element } from './dom';
import { drawFrames, frameAt, framesOf, type Frames } from './frames';
import { visibleText, type TextFitter } from './labels';
import { Layer } from './layer';
import { RangeLoader, rangeFor, type Loaded } from './ranges';
import { MARKER_HEIGHT, MarkerRow } from './markers';
import type { Theme } from './theme';
import type { Counter, Counters, LogBucket, LogBuckets, TimelineOptions } from './timeline';
import { COUNTER_HEIGHT, LOG_HEIGHT, bucketAt, countOf, drawCounter, drawLogs, drawTitle, readout, type TrackCanvas } from './trackDrawing';
import { TrackMenu } from './trackMenu';
import { TrackWalk, type MarkRow } from './trackWalk';
import { nsAt, spanOf, xOf, type View } from './view';

/** How far beside a mark a click still means it, in pixels. */
const REACH = 5;
const TOOLTIP_OFFSET = 14;

export interface TracksActions {
  /** Something is to be drawn anew. */
  readonly changed: () => void;
  /** Other counters are shown than those of the link. */
  readonly chosen: () => void;
  /** Keys went to a moment, or away from all of them. */
  readonly walked: (at: number | null) => void;
  /** Keys chose what is at a place. */
  readonly open: (x: number, y: number) => void;
}

export interface TracksContent {
  readonly theme: Theme;
  readonly fitter: TextFitter;
  readonly view: View;
  readonly range: View | null;
  readonly cursor: number | null;
  /** Moments marked by a reader, nanoseconds from the origin. */
  readonly marked: readonly number[];
}

/** Log entries, counters, attachments and markers above the threads, on the same axis. */
export class Tracks {
  readonly root = element('div', 'tracks');
  readonly menu: TrackMenu;
  readonly #t: Translate;
  readonly #options: TimelineOptions;
  readonly #originNs: bigint;
  readonly #layer = new Layer('tracks-canvas');
  /** Log entries stand in the first row, if they have one. */
  readonly #logHeight: number;
  readonly #tooltip = element('div', 'tooltip track-tooltip');
  readonly #walk = new TrackWalk();
  /** What keys went to, for those who don't see it. */
  readonly #said = element('div', 'said');
  readonly #actions: TracksActions;
  readonly #logs: RangeLoader<LogBuckets>;
  readonly #counters: RangeLoader<Counters>;
  readonly #markers: MarkerRow;
  readonly #attachments: AttachmentRow;
  /** Of the series that are frames; they are drawn far more often than loaded. */
  readonly #frames = new WeakMap<Counter, Frames>();
  #view: View = { begin: 0, end: 1 };
  #width = 1;
  #ratio = 1;

  constructor(t: Translate, options: TimelineOptions, originNs: bigint, actions: TracksActions) {
    this.#t = t;
    this.#options = options;
    this.#actions = actions;
    this.#originNs = originNs;
    this.#logHeight = options.logs ? LOG_HEIGHT : 0;
    this.#logs = new RangeLoader((range, signal) => options.source.logs(range, signal), actions.changed);
    this.#counters = new RangeLoader(
      async (range, signal) => (this.names.length === 0 ? { stepNs: 1, counters: [] } : options.source.counters(this.names, range, signal)), actions.changed);
    const rowChanged = (): void => {
      this.resize(this.#width, this.#ratio);
      actions.changed();
    };
    this.#markers = new MarkerRow(t, options.source, originNs, rowChanged);
    this.#attachments = new AttachmentRow(t, options, originNs, rowChanged);
    this.menu = new TrackMenu(t, options, (byReader) => {
      this.#counters.again();
      this.resize(this.#width, this.#ratio);
      actions.changed();
      if (byReader) actions.chosen();
    });
    this.root.setAttribute('aria-label', t('tracks-label'));
    this.root.setAttribute('role', 'group');
    this.root.tabIndex = 0;
    this.root.addEventListener('keydown', (event) => this.#keyDown(event));
    this.root.addEventListener('blur', () => this.#stopWalking());
    this.#tooltip.hidden = true;
    this.#tooltip.setAttribute('role', 'tooltip');
    this.#said.setAttribute('role', 'status');
    this.root.append(this.#layer.canvas, this.#tooltip, this.#said);
  }

  /** The counters that are shown, by name. */
  get names(): readonly string[] {
    return this.menu.chosen;
  }

  get height(): number {
    const rows = this.#markersTop + this.#markers.height;
    return rows > 0 ? rows + 1 : 0;
  }

  get #attachmentsTop(): number {
    return this.#logHeight + this.names.length * COUNTER_HEIGHT;
  }

  /** At the foot of the tracks: their poles reach the axis. */
  get #markersTop(): number {
    return this.#attachmentsTop + this.#attachments.height;
  }

  /** The table twin of the attachments within a view; `null` where there is none. */
  attachmentTable(view: View): HTMLElement | null {
    return this.#attachments.table(view);
  }

  get settled(): boolean {
    return !this.#logs.loading && !this.#counters.loading && this.#markers.settled && this.#attachments.settled && this.menu.settled;
  }

  get problem(): string | null {
    return this.#logs.problem ?? this.#counters.problem ?? this.#markers.problem ?? this.#attachments.problem ?? this.menu.problem;
  }

  /** Takes over the width of the lanes in CSS pixels. */
  resize(width: number, ratio: number): void {
    this.#width = width;
    this.#ratio = ratio;
    this.#layer.resize(width + GUTTER_WIDTH, this.height, ratio);
  }

  want(view: View): void {
    const range = rangeFor(view, this.#originNs);
    if (this.#options.logs) this.#logs.want(range);
    this.#counters.want(range);
    this.#markers.want(view);
    this.#attachments.want(view);
  }

  /** More may be there. */
  renew(): void {
    this.#logs.renew();
    this.#counters.renew();
    this.#markers.renew();
  }

  draw(content: TracksContent): void {
    const { theme, view, fitter, cursor } = content;
    const width = this.#width;
    this.#view = view;
    const context = this.#layer.cleared();
    const canvas: TrackCanvas = { context, theme, fitter, view, width, originNs: this.#originNs, cursor };
    context.fillStyle = theme.background;
    context.fillRect(GUTTER_WIDTH, 0, width, this.height);
    context.fillStyle = theme.chrome;
    context.fillRect(0, 0, GUTTER_WIDTH, this.height);
    this.#drawTracks(canvas);
    this.#drawTitles(canvas);
    context.fillStyle = theme.line;
    for (let row = 0; row <= this.names.length; row++) context.fillRect(0, this.#logHeight + row * COUNTER_HEIGHT, GUTTER_WIDTH + width, 1);
    context.fillRect(0, this.height - 1, GUTTER_WIDTH + width, 1);
    context.fillRect(GUTTER_WIDTH - 1, 0, 1, this.height);
    context.fillStyle = theme.accent;
    const line = (at: number): void => context.fillRect(GUTTER_WIDTH + Math.round(xOf(view, width, at)), 0, 1, this.height);
    if (content.range) {
      const x0 = Math.max(0, xOf(view, width, content.range.begin));
      const x1 = Math.min(width, xOf(view, width, content.range.end));
      context.globalAlpha = 0.16;
      if (x1 > x0) context.fillRect(GUTTER_WIDTH + x0, 0, x1 - x0, this.height);
    }
    context.globalAlpha = 1;
    context.fillStyle = theme.mark;
    for (const at of content.marked) if (at >= view.begin && at <= view.end) line(at);
    context.fillStyle = theme.accent;
    context.globalAlpha = 0.7;
    if (cursor !== null && cursor >= view.begin && cursor <= view.end) line(cursor);
    context.globalAlpha = 1;
    const place = this.#walk.place(this.#rows);
    if (!place) return;
    this.#tell(xOf(view, width, place.at), place.y);
    this.#said.textContent = this.#tooltip.hidden ? '' : [...this.#tooltip.children].flatMap((line) => line.textContent || []).join(' · ');
  }

  /** Says what lies under the pointer. */
  hover(x: number, y: number): void {
    this.#walk.stop();
    this.#tell(x, y);
  }

  #tell(x: number, y: number): void {
    const file = this.#isAttachments(y) ? this.#attachments.describe(x) : null;
    const lines = y < this.#logHeight ? this.#describeLogs(x)
      : y < this.#attachmentsTop ? this.#describeCounter(Math.floor((y - this.#logHeight) / COUNTER_HEIGHT), x)
      : y < this.#markersTop ? (file?.lines ?? null) : this.#markers.describe(x);
    if (!lines) {
      this.#tooltip.hidden = true;
      return;
    }
    const [title, ...facts] = lines;
    const said = [element('div', 'tooltip-name', visibleText(title!)), ...facts.map((fact) => element('div', 'tooltip-facts', visibleText(fact)))];
    this.#tooltip.replaceChildren(...said, ...(file?.preview ? [file.preview] : []));
    this.#tooltip.hidden = false;
    const left = x + TOOLTIP_OFFSET + this.#tooltip.offsetWidth > this.#width ? Math.max(0, x - TOOLTIP_OFFSET - this.#tooltip.offsetWidth) : x + TOOLTIP_OFFSET;
    this.#tooltip.style.transform = `translate(${Math.round(left)}px, ${Math.round(y + TOOLTIP_OFFSET)}px)`;
  }

  leave(): void {
    this.#tooltip.hidden = true;
  }

  /** The address of the attachment at a place; `null` where there is none, or more than one. */
  fileAt(x: number, y: number): string | null {
    return this.#isAttachments(y) ? this.#attachments.addressAt(x) : null;
  }

  #isAttachments(y: number): boolean {
    return y >= this.#attachmentsTop && y < this.#markersTop;
  }

  /** The address of the log entries at `x`; `null` where there are none. */
  linkAt(x: number, y: number): string | null {
    const bucket = y < this.#logHeight ? this.#logsAt(x) : null;
    return bucket && (this.#options.logsAt?.(bucket.timeNs) ?? null);
  }

  /** The time of what is at a place: of a frame, or of the log entries or attachments that are drawn as one mark; `null` where nothing has one. */
  rangeAt(x: number, y: number): View | null {
    if (y < this.#logHeight) {
      const [logs, bucket] = [this.#logs.current, this.#logsAt(x)];
      return logs && bucket && { begin: this.#baseOf(logs) + bucket.at, end: this.#baseOf(logs) + bucket.at + logs.value.stepNs };
    }
    if (this.#isAttachments(y)) return this.#attachments.rangeAt(x);
    const counters = this.#counters.current;
    const series = counters?.value.counters.find((each) => each.name === this.names[Math.floor((y - this.#logHeight) / COUNTER_HEIGHT)]);
    if (!counters || series?.kind !== 'frame') return null;
    const base = this.#baseOf(counters);
    const frame = frameAt(this.#framesOf(series, counters), this.#nsAt(x) - base);
    return frame && { begin: base + frame.begin, end: base + frame.end };
  }

  dispose(): void {
    this.#logs.dispose();
    this.#counters.dispose();
    this.#markers.dispose();
    this.#attachments.dispose();
    this.menu.dispose();
  }

  get #rows(): readonly MarkRow[] {
    const [logs, counters] = [this.#logs.current, this.#counters.current];
    const base = (loaded: Loaded<unknown> | null): number => (loaded ? this.#baseOf(loaded) : 0);
    return [
      ...(this.#options.logs ? [{ y: LOG_HEIGHT / 2, marks: () => logs?.value.buckets.map(({ at }) => base(logs) + at) ?? [] }] : []),
      ...this.names.map((name, row) => ({
        y: this.#logHeight + (row + 0.5) * COUNTER_HEIGHT,
        marks: () => {
          const series = counters?.value.counters.find((each) => each.name === name);
          if (!counters || !series) return [];
          const at = series.kind === 'frame' ? this.#framesOf(series, counters).bars.map(({ begin, end }) => (begin + end) / 2) : series.buckets.map((bucket) => bucket.at);
          return at.map((ns) => base(counters) + ns);
        },
      })),
      ...(this.#attachments.height > 0 ? [{ y: this.#attachmentsTop + ATTACHMENT_HEIGHT / 2, marks: () => this.#attachments.moments }] : []),
      ...(this.#markers.height > 0 ? [{ y: this.#markersTop + MARKER_HEIGHT / 2, marks: () => this.#markers.moments }] : []),
    ];
  }

  #keyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const rows = this.#rows;
    switch (event.key) {
      case 'ArrowLeft': this.#walk.along(rows, this.#view, this.#width, -1); break;
      case 'ArrowRight': this.#walk.along(rows, this.#view, this.#width, 1); break;
      case 'ArrowUp': this.#walk.across(rows, this.#view, -1); break;
      case 'ArrowDown': this.#walk.across(rows, this.#view, 1); break;
      case 'Enter': {
        const place = this.#walk.place(rows);
        if (place) this.#actions.open(xOf(this.#view, this.#width, place.at), place.y);
        break;
      }
      default: return;
    }
    // Elsewhere these keys move the lanes, and go from hit to hit.
    event.stopPropagation();
    event.preventDefault();
    this.#actions.walked(this.#walk.place(rows)?.at ?? null);
  }

  #stopWalking(): void {
    if (!this.#walk.place(this.#rows)) return;
    this.#walk.stop();
    this.#said.textContent = '';
    this.leave();
    this.#actions.walked(null);
  }

  #drawTracks(canvas: TrackCanvas): void {
    const { context } = canvas;
    const counters = this.#counters.current;
    context.save();
    context.beginPath();
    context.rect(GUTTER_WIDTH, 0, this.#width, this.height);
    context.clip();
    context.translate(GUTTER_WIDTH, 0);
    if (this.#logs.current) drawLogs(canvas, 0, this.#logs.current);
    this.names.forEach((name, row) => {
      const counter = counters?.value.counters.find((each) => each.name === name);
      if (!counters || !counter) return;
      const top = this.#logHeight + row * COUNTER_HEIGHT;
      if (counter.kind === 'frame') drawFrames(canvas, top, this.#framesOf(counter, counters), this.#baseOf(counters));
      else drawCounter(canvas, top, counter, counters.range.beginNs, counters.value.stepNs);
    });
    if (this.#attachments.height > 0) this.#attachments.draw(canvas, this.#attachmentsTop);
    this.#markers.draw(canvas, this.#markersTop);
    context.restore();
  }

  #drawTitles(canvas: TrackCanvas): void {
    if (this.#options.logs) this.#drawLogTitle(canvas);
    const counters = this.#counters.current;
    this.names.forEach((name, row) => {
      const counter = counters?.value.counters.find((each) => each.name === name);
      const note = !counters || !counter ? '' : counter.kind === 'frame' ? this.#framesNote(counter, counters, canvas.cursor)
        : readout(counter, this.#baseOf(counters), this.#view, canvas.cursor);
      drawTitle(canvas, this.#logHeight + row * COUNTER_HEIGHT, COUNTER_HEIGHT, name, note);
    });
    if (this.#attachments.height > 0) this.#attachments.drawTitle(canvas, this.#attachmentsTop);
    if (this.#markers.height > 0) this.#markers.drawTitle(canvas, this.#markersTop);
  }

  #drawLogTitle(canvas: TrackCanvas): void {
    const logs = this.#logs.current;
    const visible = logs?.value.buckets.filter(({ at }) => this.#inSight(this.#baseOf(logs) + at)) ?? [];
    drawTitle(canvas, 0, LOG_HEIGHT, this.#t('track-logs'), logs ? this.#t('track-log-count', { count: visible.reduce((sum, bucket) => sum + countOf(bucket), 0) }) : '');
  }

  #describeLogs(x: number): readonly string[] | null {
    const bucket = this.#logsAt(x);
    if (!bucket) return null;
    const counts = bucket.counts.map(([level, lines]) => `${count(lines)} ${this.#t(`level-${level}`)}`).join(', ');
    return [bucket.message, `${counts} · ${formatInstant(bucket.timeNs, 6)}`];
  }

  #describeCounter(row: number, x: number): readonly string[] | null {
    const counters = this.#counters.current;
    const counter = counters?.value.counters.find((each) => each.name === this.names[row]);
    if (!counters || !counter) return null;
    const at = this.#nsAt(x) - this.#baseOf(counters);
    if (counter.kind === 'frame') return this.#describeFrame(counter, counters, at);
    const bucket = bucketAt(counter.buckets, at);
    if (!bucket) return [counter.name];
    const { value, least, greatest } = bucket;
    const facts = [counter.kind === 'count' ? `+${formatQuantity(value, counter.unit)}` : formatQuantity(value, counter.unit)];
    if (counter.kind === 'gauge' && least !== greatest) facts.push(`${formatQuantity(least, counter.unit)} – ${formatQuantity(greatest, counter.unit)}`);
    facts.push(formatInstant(counters.range.beginNs + BigInt(Math.round(bucket.at)), 6));
    return [counter.name, facts.join(' · ')];
  }

  #describeFrame(series: Counter, counters: Loaded<Counters>, at: number): readonly string[] {
    const frames = this.#framesOf(series, counters);
    const frame = frameAt(frames, at);
    if (!frame) return [series.name];
    const { least, greatest, end } = frame;
    const duration = least === greatest ? formatDuration(greatest) : `${formatDuration(least)} – ${formatDuration(greatest)}`;
    const compared = this.#t('track-frame-compared', { times: decimal(greatest / (frames.medianNs || greatest), 2), median: formatDuration(frames.medianNs) });
    return [series.name, [duration, compared, formatInstant(counters.range.beginNs + BigInt(Math.round(end)), 6)].join(' · ')];
  }

  #framesNote(series: Counter, counters: Loaded<Counters>, cursor: number | null): string {
    const frames = this.#framesOf(series, counters);
    const frame = cursor === null ? null : frameAt(frames, cursor - this.#baseOf(counters));
    if (frame) return formatDuration(frame.greatest);
    return frames.medianNs > 0 ? this.#t('track-frame-median', { median: formatDuration(frames.medianNs) }) : '';
  }

  #framesOf(series: Counter, { range, value }: Loaded<Counters>): Frames {
    let frames = this.#frames.get(series);
    if (!frames) {
      frames = framesOf(series, range, value.stepNs);
      this.#frames.set(series, frames);
    }
    return frames;
  }

  /** Where times of an answer count from, nanoseconds from the origin. */
  #baseOf({ range }: Loaded<unknown>): number {
    return Number(range.beginNs - this.#originNs);
  }

  /** The bucket drawn at `x`, or the nearest within reach. */
  #logsAt(x: number): LogBucket | null {
    const logs = this.#logs.current;
    if (!logs) return null;
    const base = this.#baseOf(logs);
    const stepPixels = (logs.value.stepNs / spanOf(this.#view)) * this.#width;
    let nearest = REACH;
    let found: LogBucket | null = null;
    for (const bucket of logs.value.buckets) {
      const from = xOf(this.#view, this.#width, base + bucket.at);
      const distance = Math.max(0, from - x, x - (from + Math.min(stepPixels, 8)));
      if (distance >= nearest) continue;
      nearest = distance;
      found = bucket;
    }
    return found;
  }

  #nsAt(x: number): number {
    return nsAt(this.#view, this.#width, x);
  }

  #inSight(ns: number): boolean {
    return ns >= this.#view.begin && ns <= this.#view.end;
  }
}
