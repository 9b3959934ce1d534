import { BEGIN_NS, HOSTILE, type Stream } from './synthetic';

const at = (seconds: number): string => String(BEGIN_NS + BigInt(Math.round(seconds * 1e9)));

/** What a host tells of a process beside its own fields. */
export function fakeProcessPage(streams: readonly Stream[], version: number): Record<string, unknown> {
  const stored = streams.map((stream) => ({
    stream_id: stream.id, class: 'trace', name: stream.name, thread_id: stream.threadId,
    blocks: String(3 + version), events: String(2 * stream.spans.length + 1000 * version), bytes: String(40_000 + 1000 * version), raw_bytes: String(180_000), begin_ns: at(0), end_ns: at(12),
  }));
  return {
    cpu: 'AMD Ryzen 9 7950X', runtime: '.NET 10.0.12', version: String(version), parent: [], children: [],
    streams: stored.length === 0 ? [] : [...stored, { stream_id: '0198c0de-0000-7000-8000-0000000000aa', class: 'log', name: 'log', thread_id: '', blocks: '4', events: '20000', bytes: '812345', raw_bytes: '2812345', begin_ns: at(0), end_ns: at(12) },
      { stream_id: '0198c0de-0000-7000-8000-0000000000ab', class: 'other', name: HOSTILE.name, thread_id: '', blocks: '0', events: '0', bytes: '0', raw_bytes: '0', begin_ns: null, end_ns: null }],
  };
}

/** What is missing of one that has something to tell. */
export function fakeHealth(streams: readonly Stream[]): Record<string, unknown> {
  const stream = streams[0]!.id;
  return {
    lost_events: '547',
    kinds: [
      { kind: 'lost', severity: 'error', reason: '', count: 1, events: '2', bytes: '0', begin_ns: at(3), end_ns: at(3.5) },
      { kind: 'gap', severity: 'warn', reason: 'memory', count: 1, events: '45', bytes: '1200', begin_ns: at(5), end_ns: at(5.2) },
      { kind: 'gap', severity: 'info', reason: 'sampled', count: 9, events: '500', bytes: '64000', begin_ns: at(1), end_ns: at(9) },
      { kind: HOSTILE.name, severity: 'info', reason: HOSTILE.target, count: 1, events: '0', bytes: '0', begin_ns: at(1), end_ns: at(9) },
    ],
    problems: [
      { kind: 'lost', severity: 'error', stream_id: stream, events: '2', bytes: '0', begin_ns: at(3), end_ns: at(3.5), detail: `expected sequence 4, saw 5: ${HOSTILE.message}` },
      { kind: 'gap', severity: 'warn', stream_id: stream, events: '45', bytes: '1200', begin_ns: at(5), end_ns: at(5.2), detail: 'memory' },
    ],
  };
}

export const WHOLE = { lost_events: '0', kinds: [], problems: [] };

export function fakeFiles(): Record<string, unknown> {
  return {
    total: 2,
    attachments: [
      { attachment_id: '0198c0de-0000-7000-8000-0000000000b1', stream_id: '0198c0de-0000-7000-8000-0000000000ac', time_ns: at(2), media_type: 'image/png', name: HOSTILE.name, bytes: '204800', complete: true },
      { attachment_id: '0198c0de-0000-7000-8000-0000000000b2', stream_id: '0198c0de-0000-7000-8000-0000000000ac', time_ns: at(8), media_type: HOSTILE.value, name: 'crash.dmp', bytes: '1048576', complete: false },
    ],
  };
}
