import { LANES_PER_GROUP } from '../../src/tiles/grid';
import { BEGIN_NS, HOSTILE, buildTile, type Span, type Stream } from './synthetic';

export const PARENT_PROCESS = '0198c0de-2222-7000-8000-000000000001';
export const FIRST_CHILD = '0198c0de-2222-7000-8000-000000000002';
export const SECOND_CHILD = '0198c0de-2222-7000-8000-000000000003';

/** Of a fake process beside the others: seconds after they began. */
export interface Relative {
  readonly id: string;
  readonly parent: string | null;
  readonly exe: string;
  readonly begin: number;
  readonly end: number;
  readonly streams: readonly Stream[];
}

const SECOND = 1e9;

/** One thread of spans of depth 0, given as name, begin and end in seconds. All first threads have the same id: it says nothing of the process. */
function thread(id: number, name: string, spans: readonly (readonly [string, number, number])[]): Stream {
  return {
    id: `0198c0de-0000-7000-8000-${String(id).padStart(12, '0')}`, name, threadId: String(100 + id),
    spans: spans.map(([text, begin, end], i): Span => ({ id: BigInt(i + 1), parent: null, begin: begin * SECOND, end: end * SECOND, depth: 0, name: text })),
  };
}

/** The parent of a process, which was there long before it, and two that it started, at known times. */
export function fakeFamily(process: string): readonly Relative[] {
  return [
    { id: PARENT_PROCESS, parent: null, exe: '/opt/harbour/launcher', begin: -20, end: 30, streams: [thread(0, 'launch', [['Launch', -18, -8], ['Wait for the game', 2, 14]])] },
    { id: FIRST_CHILD, parent: process, exe: `C:\\tools\\${HOSTILE.name}`, begin: 4, end: 8, streams: [thread(0, HOSTILE.thread, [['Compile shader', 5, 6], [HOSTILE.name, 6.5, 7.5]])] },
    { id: SECOND_CHILD, parent: process, exe: `C:\\tools\\${HOSTILE.name}`, begin: 16, end: 20, streams: [thread(0, 'compile', [['Compile shader', 17, 19]]), thread(1, 'idle', [])] },
  ];
}

const at = (seconds: number): string => String(BEGIN_NS + BigInt(Math.round(seconds * SECOND)));

export function relativeInfo({ id, parent, exe, begin, end }: Relative): Record<string, unknown> {
  return { process_id: id, parent_process_id: parent, exe, user: HOSTILE.name, computer: 'BUILD-07', os: 'Windows 11 26200', start_ns: at(begin), end_ns: at(end), end_reason: 'exit 0', last_seen_ns: at(end), properties: {} };
}

/** As precise as the synthetic process; it lives a few seconds, so its coarsest level is fine. */
export function relativeManifest({ id, begin, end, streams }: Relative): Record<string, unknown> {
  return {
    process: id, begin_ns: at(begin), end_ns: at(end), max_level: 5,
    groups: Array.from({ length: Math.ceil(streams.length / LANES_PER_GROUP) }, (_, group) => ({
      group, g: 'fa3e', streams: streams.map((stream) => ({ stream: stream.id, name: stream.name, thread_id: stream.threadId, depth: stream.spans.length > 0 ? 1 : 0 })),
    })),
  };
}

export function relativeTile({ streams }: Relative, group: number, level: number, index: number): Uint8Array {
  return buildTile(streams.slice(group * LANES_PER_GROUP, (group + 1) * LANES_PER_GROUP), level, index);
}
