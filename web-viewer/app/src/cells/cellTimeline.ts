import { COUNTER_HEIGHT, LOG_HEIGHT } from '../flame/trackDrawing';
import type { AsyncSpan, TimelineOptions } from '../flame/timeline';
import type { TimeRange } from '../flame/view';
import type { AsyncWindow, AttachmentWindow, LogWindow, MarkerWindow, SeriesList, SeriesWindow } from '../host/api';
import { nanoseconds } from '../host/apiSpans';
import { ApiTimeline, asyncSpanOf, type TimelineApi } from '../host/apiTimeline';
import type { CellComm } from './comm';
import { fields, type Fields } from './model';

/** A view change loads several things, each a moment after the other: so long, milliseconds, a question waits for the next. */
const GATHER_MS = 10;

/**
 * What a flame cell's model says of the timeline beside the spans of threads: `async` (whether async spans have a lane), `counters`
 * (names of those that are shown), `logs` (whether log entries have a row), `series` (what there is to choose from), and of the time
 * from `begin_ns` to `end_ns` the `window` with `async`, `counters`, `logs` and `markers`, in the forms of the viewer's JSON.
 * `null` where it says nothing.
 */
export class CellTimeline {
  readonly #given: Fields;

  private constructor(given: Fields) {
    this.#given = given;
  }

  static of(given: unknown): CellTimeline | null {
    return Array.isArray(fields(given)['counters']) ? new CellTimeline(fields(given)) : null;
  }

  get counters(): readonly string[] {
    return (this.#given['counters'] as readonly unknown[]).filter((name) => typeof name === 'string');
  }

  get logs(): boolean {
    return this.#given['logs'] === true;
  }

  get async(): boolean {
    return this.#given['async'] === true;
  }

  /** Of the rows that are there from the first, pixels. */
  get height(): number {
    return (this.logs ? LOG_HEIGHT : 0) + this.counters.length * COUNTER_HEIGHT;
  }

  /** The async spans of the window. */
  get asyncSpans(): readonly AsyncSpan[] {
    return asyncOf(fields(this.#given['window'])['async']).spans.map(asyncSpanOf);
  }

  /** `asked`: who answers; `null`: nobody but the model. */
  options(process: string, asked: TimelineApi | null): TimelineOptions {
    const source = new ApiTimeline(asked ?? new SavedTimeline(this.#given), process);
    return { source, logs: this.logs, counters: this.counters, logsAt: null, fileAt: null, reach: this.async ? 'events' : 'spans' };
  }
}

/** Asks the kernel about the timeline: one message for all that a view shows beside the spans. */
export class CommTimeline implements TimelineApi {
  readonly #comm: CellComm;
  readonly #gathering = new Map<string, { readonly parts: Record<string, unknown>; readonly answer: Promise<Fields> }>();

  constructor(comm: CellComm) {
    this.#comm = comm;
  }

  async asyncSpans(_process: string, range: TimeRange, signal: AbortSignal): Promise<AsyncWindow> {
    return asyncOf((await this.#ask(range, { async: true }, signal))['async']);
  }

  async series(_process: string, signal: AbortSignal): Promise<SeriesList> {
    const { json } = await this.#comm.ask({ series: {} }, signal);
    return { series: listOf(json['series']) as SeriesList['series'] };
  }

  async seriesWindow(_process: string, names: readonly string[], range: TimeRange, signal: AbortSignal): Promise<SeriesWindow> {
    return seriesOf((await this.#ask(range, { counters: names }, signal))['counters']);
  }

  async logWindow(_process: string, range: TimeRange, signal: AbortSignal): Promise<LogWindow> {
    return logsOf((await this.#ask(range, { logs: true }, signal))['logs']);
  }

  async markers(_process: string, range: TimeRange, signal: AbortSignal): Promise<MarkerWindow> {
    return markersOf((await this.#ask(range, { markers: true }, signal))['markers']);
  }

  /** A notebook has no host that gives files out. */
  async attachmentWindow(): Promise<AttachmentWindow> {
    return { attachments: [] };
  }

  /** All that is asked of a range within a moment goes in one message. `signal`: all of it ends with the chart. */
  #ask(range: TimeRange, part: Fields, signal: AbortSignal): Promise<Fields> {
    const key = `${range.beginNs}-${range.endNs}`;
    let question = this.#gathering.get(key);
    if (!question) {
      const parts: Record<string, unknown> = { from_ns: String(range.beginNs), to_ns: String(range.endNs) };
      const answer = new Promise<void>((resolve) => setTimeout(resolve, GATHER_MS)).then(async () => {
        this.#gathering.delete(key);
        return (await this.#comm.ask({ beside: parts }, signal)).json;
      });
      question = { parts, answer };
      this.#gathering.set(key, question);
    }
    Object.assign(question.parts, part);
    return question.answer;
  }
}

/** The timeline of one window, as a report carries it: whatever range is asked for, all of it is the answer. */
class SavedTimeline implements TimelineApi {
  readonly #given: Fields;
  readonly #window: Fields;

  constructor(given: Fields) {
    this.#given = given;
    this.#window = fields(given['window']);
  }

  async asyncSpans(_process: string, { beginNs, endNs }: TimeRange): Promise<AsyncWindow> {
    const { spans, lanes } = asyncOf(this.#window['async']);
    return { spans: spans.filter((span) => nanoseconds(span.begin_ns) < endNs && nanoseconds(span.end_ns) >= beginNs), lanes };
  }

  async series(): Promise<SeriesList> {
    return { series: listOf(this.#given['series']) as SeriesList['series'] };
  }

  async seriesWindow(_process: string, names: readonly string[], range: TimeRange): Promise<SeriesWindow> {
    const { step_ns, series } = seriesOf(this.#window['counters']);
    const steps = this.#stepsFrom(range, step_ns);
    return {
      step_ns,
      series: series.filter(({ name }) => names.includes(name)).map((each) => ({
        ...each, buckets: each.buckets.map(([at, least, greatest, value]) => [at + steps, least, greatest, value] as const),
      })),
    };
  }

  async logWindow(_process: string, range: TimeRange): Promise<LogWindow> {
    const { step_ns, buckets } = logsOf(this.#window['logs']);
    const steps = this.#stepsFrom(range, step_ns);
    return { step_ns, buckets: buckets.map((each) => ({ ...each, bucket: each.bucket + steps })) };
  }

  async markers(): Promise<MarkerWindow> {
    return markersOf(this.#window['markers']);
  }

  /** A report carries no files. */
  async attachmentWindow(): Promise<AttachmentWindow> {
    return { attachments: [] };
  }

  /** From the begin of a range to that of the window, by which all times of the window are counted. */
  #stepsFrom(range: TimeRange, stepNs: string): number {
    return Number(nanoseconds(String(this.#given['begin_ns'])) - range.beginNs) / Number(stepNs);
  }
}

function seriesOf(answer: unknown): SeriesWindow {
  const { step_ns, series } = fields(answer);
  return { step_ns: String(step_ns ?? 1), series: listOf(series) as SeriesWindow['series'] };
}

function logsOf(answer: unknown): LogWindow {
  const { step_ns, buckets } = fields(answer);
  return { step_ns: String(step_ns ?? 1), buckets: listOf(buckets) as LogWindow['buckets'] };
}

function asyncOf(answer: unknown): AsyncWindow {
  const { spans, lanes } = fields(answer);
  return { spans: listOf(spans) as AsyncWindow['spans'], lanes: Number(lanes ?? 0) };
}

function markersOf(answer: unknown): MarkerWindow {
  return { markers: listOf(fields(answer)['markers']) as MarkerWindow['markers'] };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
