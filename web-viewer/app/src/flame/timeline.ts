import type { TimeRange } from './view';

/** An async span, or the short ones of a bucket, in its lane. */
export interface AsyncSpan {
  readonly span: bigint;
  readonly name: string;
  readonly beginNs: bigint;
  readonly endNs: bigint;
  /** Of the longest, where there are several. */
  readonly durationNs: bigint;
  readonly count: number;
  readonly lane: number;
}

export interface AsyncSpans {
  readonly spans: readonly AsyncSpan[];
  readonly lanes: number;
}

/** A gauge is sampled; of a counter the increments are known; of frames how long each took, in seconds, at its end. */
export type SeriesKind = 'gauge' | 'count' | 'frame';

export interface SeriesInfo {
  readonly name: string;
  readonly unit: string;
  readonly kind: SeriesKind;
  readonly samples: number;
  /** Measured of every program: shown until somebody chooses. */
  readonly usual: boolean;
}

/** Samples that lie close together: when (nanoseconds since the range's begin), and between what. */
export interface CounterBucket {
  readonly at: number;
  readonly least: number;
  readonly greatest: number;
  /** The last sample of a gauge or a series of frames, the sum of a counter's increments. */
  readonly value: number;
}

export interface Counter {
  readonly name: string;
  readonly unit: string;
  readonly kind: SeriesKind;
  readonly buckets: readonly CounterBucket[];
}

export interface Counters {
  readonly stepNs: number;
  readonly counters: readonly Counter[];
}

/** Log entries that lie close together. */
export interface LogBucket {
  /** Nanoseconds since the range's begin. */
  readonly at: number;
  /** By level, the most severe first. */
  readonly counts: readonly (readonly [level: string, count: number])[];
  /** The first entry of the most severe level. */
  readonly message: string;
  readonly timeNs: bigint;
}

export interface LogBuckets {
  readonly stepNs: number;
  readonly buckets: readonly LogBucket[];
}

/** A marker, or the first of those that lie close together. */
export interface Marker {
  readonly timeNs: bigint;
  readonly name: string;
  readonly thread: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly count: number;
}

/** A file that a program sent along, or the first of those that lie close together. */
export interface Attachment {
  readonly id: string;
  readonly timeNs: bigint;
  /** Of the last of them. */
  readonly lastNs: bigint;
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  /** All of it is there. */
  readonly complete: boolean;
  readonly count: number;
}

/** Where async spans come from. */
export interface AsyncSource {
  asyncSpans(range: TimeRange, signal: AbortSignal): Promise<AsyncSpans>;
}

/** What lies on the axis of the threads beside their spans. Each answer is bounded, however long the range. */
export interface TimelineSource extends AsyncSource {
  series(signal: AbortSignal): Promise<readonly SeriesInfo[]>;
  counters(names: readonly string[], range: TimeRange, signal: AbortSignal): Promise<Counters>;
  /** In order of time. */
  markers(range: TimeRange, signal: AbortSignal): Promise<readonly Marker[]>;
  /** In order of time. */
  attachments(range: TimeRange, signal: AbortSignal): Promise<readonly Attachment[]>;
  logs(range: TimeRange, signal: AbortSignal): Promise<LogBuckets>;
}

export interface TimelineOptions {
  readonly source: TimelineSource;
  /** Whether log entries have a row. */
  readonly logs: boolean;
  /** The counters that a link names; `null`: the usual ones. */
  readonly counters: readonly string[] | null;
  /** Address of the log entries around a moment, where there is such a page. */
  readonly logsAt: ((ns: bigint) => string) | null;
  /** Address of what is in an attachment, where there is such a thing. */
  readonly fileAt: ((id: string) => string) | null;
  /** What the axis reaches over, from first to last: all events, or the spans of threads only. */
  readonly reach: 'events' | 'spans';
}
