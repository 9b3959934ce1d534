import { STEPS_PER_TILE, stepNs, tileBaseNs, tileNs } from '../../src/tiles/grid';
import { encodeTile, type Rectangle } from './encodeTile';

/** Text that would run, hide or mislead if it were taken for anything but text. */
export const HOSTILE = {
  name: '<img src=x onerror="window.hostile=1">',
  target: '"><script>window.hostile=2</script>',
  file: 'C:\\src\\<svg onload=window.hostile=3>.cs',
  key: "<b onmouseover='window.hostile=4'>key</b>",
  value: 'javascript:window.hostile=5',
  thread: 'worker \u202egnp.exe <i>7</i>',
  message: '</script><script>window.hostile=6</script>',
};

export interface Span {
  readonly id: bigint;
  readonly parent: bigint | null;
  /** Nanoseconds after the process began. */
  readonly begin: number;
  readonly end: number;
  readonly depth: number;
  readonly name: string;
}

export interface Stream {
  readonly id: string;
  readonly name: string;
  readonly threadId: string;
  readonly spans: readonly Span[];
}

export const BEGIN_NS = 1_795_375_475_123_456_789n;
export const DURATION_NS = 12e9;
const FRAME_NS = 16_666_667;

/** A small game: a main thread in frames, a render thread behind it, workers with bursts of short jobs. */
export function syntheticStreams(): Stream[] {
  const random = seeded(20261122);
  const make = (index: number, name: string, fill: (record: Record_) => void): Stream => {
    const spans: Span[] = [];
    let id = 1n;
    fill((parent, begin, end, depth, text) => {
      spans.push({ id, parent, begin: Math.round(begin), end: Math.round(end), depth, name: text });
      return id++;
    });
    return { id: `0198c0de-0000-7000-8000-${String(index).padStart(12, '0')}`, name, threadId: String(4200 + index * 4), spans };
  };
  const streams = [
    make(0, 'main', (record) => frames(record, random, ['Update', 'Physics', 'Animate', 'Scripts', 'Submit'])),
    make(1, 'render', (record) => frames(record, random, ['Record commands', 'Cull', 'Shadow pass', 'Opaque pass', 'Present'])),
    make(2, HOSTILE.thread, (record) => jobs(record, random, 900)),
  ];
  for (let i = 3; i < 22; i++) streams.push(make(i, i === 21 ? '' : `worker ${i - 2}`, (record) => jobs(record, random, 150 + i * 30)));
  return streams;
}

type Record_ = (parent: bigint | null, begin: number, end: number, depth: number, name: string) => bigint;

function frames(record: Record_, random: () => number, phases: readonly string[]): void {
  const session = record(null, 2e6, DURATION_NS - 2e6, 0, 'Run session');
  for (let frame = 0; (frame + 1) * FRAME_NS < DURATION_NS - 4e6; frame++) {
    const begin = 3e6 + frame * FRAME_NS;
    const slow = frame % 97 === 40 ? 0.99 : 0.55 + 0.3 * random();
    const end = begin + FRAME_NS * slow;
    const whole = record(session, begin, end, 1, frame % 97 === 40 ? 'Frame (hitch)' : 'Frame');
    let at = begin + 20_000;
    phases.forEach((phase, p) => {
      const stop = p === phases.length - 1 ? end - 10_000 : at + ((end - at) / (phases.length - p)) * (0.6 + 0.5 * random());
      const outer = record(whole, at, stop, 2, phase);
      nested(record, random, outer, at, stop, 3);
      at = stop + 4_000;
    });
  }
}

const INNER = ['Solve islands', 'Broad phase', 'Sample curves', 'Tick', 'Visit node', 'Upload', HOSTILE.name, 'Lock', 'System.Collections.Generic.Dictionary`2.FindValue'];

function nested(record: Record_, random: () => number, parent: bigint, begin: number, end: number, depth: number): void {
  let at = begin + 2_000;
  while (at < end - 6_000 && depth < 7) {
    const length = Math.min(end - 2_000 - at, (end - begin) * (0.05 + 0.35 * random() ** 2));
    if (length < 900) break;
    const id = record(parent, at, at + length, depth, INNER[Math.floor(random() * INNER.length)]!);
    if (length > 400_000) nested(record, random, id, at, at + length, depth + 1);
    at += length * (1 + 0.3 * random());
  }
}

function jobs(record: Record_, random: () => number, rate: number): void {
  for (let at = 1e6; at < DURATION_NS - 5e6; ) {
    const length = 3_000 + 4e6 * random() ** 6;
    const id = record(null, at, at + length, 0, `Job ${'ABCDEFGH'[Math.floor(random() * 8)]}`);
    nested(record, random, id, at, at + length, 1);
    at += length + (random() ** 2 * 2e9) / rate;
  }
}

/** The tile as the wire has it: spans shorter than a step merged by the step they begin in. */
export function buildTile(streams: readonly Stream[], level: number, index: number): Uint8Array {
  const step = stepNs(level);
  const base = Number(tileBaseNs(level, index) - BEGIN_NS);
  const end = base + tileNs(level);
  const rectangles: Rectangle[] = [];
  streams.forEach((stream, lane) => {
    const buckets = new Map<number, { longest: Span; count: number; busyNs: number; offset: number }>();
    for (const span of stream.spans) {
      if (span.end <= base || span.begin >= end) continue;
      const duration = span.end - span.begin;
      if (duration >= step) {
        const offset = Math.max(0, Math.floor((span.begin - base) / step));
        const stop = Math.min(STEPS_PER_TILE, Math.ceil((span.end - base) / step));
        rectangles.push({ id: span.id, durationNs: BigInt(duration), offset, width: Math.max(1, stop - offset), name: span.name, count: 1, lane, depth: span.depth, busy: 255 });
        continue;
      }
      const offset = Math.floor((span.begin - base) / step);
      if (offset < 0) continue;
      const key = span.depth * STEPS_PER_TILE + offset;
      const bucket = buckets.get(key);
      if (!bucket) buckets.set(key, { longest: span, count: 1, busyNs: duration, offset });
      else {
        bucket.count++;
        bucket.busyNs += duration;
        if (duration > bucket.longest.end - bucket.longest.begin) bucket.longest = span;
      }
    }
    for (const { longest, count, busyNs, offset } of buckets.values())
      rectangles.push({
        id: longest.id, durationNs: BigInt(longest.end - longest.begin), offset, width: 1, name: longest.name, count, lane,
        depth: longest.depth, busy: Math.min(255, Math.round((busyNs / step) * 255)),
      });
  });
  return encodeTile(level, tileBaseNs(level, index), rectangles);
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
