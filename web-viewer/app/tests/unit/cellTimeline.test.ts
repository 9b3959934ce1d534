import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CellTimeline, CommTimeline } from '../../src/cells/cellTimeline';
import type { CellComm } from '../../src/cells/comm';
import { ApiTimeline } from '../../src/host/apiTimeline';

const BEGIN = 1767225600_000_000_000n;
const range = (begin: number, end: number): { beginNs: bigint; endNs: bigint } => ({ beginNs: BEGIN + BigInt(begin), endNs: BEGIN + BigInt(end) });
const never = new AbortController().signal;

describe('the timeline of a report', () => {
  const given = {
    async: true, counters: ['frames.Game', 'queue', 7], logs: true, begin_ns: String(BEGIN + 1000n),
    series: [{ name: 'queue', unit: 'items', kind: 'gauge', samples: 3, usual: false }, { name: 'frames.Game', unit: 's', kind: 'frame', samples: 2, usual: true }],
    window: {
      counters: {
        step_ns: '10',
        series: [{ name: 'queue', unit: 'items', kind: 'gauge', buckets: [[0, 1, 3, 2], [5.5, 4, 4, 4]] }, { name: 'frames.Game', unit: 's', kind: 'frame', buckets: [[2, 1e-8, 1e-8, 1e-8]] }],
      },
      logs: { step_ns: '20', buckets: [{ bucket: 2, time_ns: String(BEGIN + 1045n), message: '<b>lost</b>', counts: { error: 2 } }] },
      async: { spans: [
        { span_id: '18446744073709551615', name: '<b>get</b>', begin_ns: String(BEGIN + 1010n), end_ns: String(BEGIN + 1060n), duration_ns: '50', count: 1, lane: 0 },
        { span_id: '2', name: 'put', begin_ns: String(BEGIN + 1100n), end_ns: String(BEGIN + 1200n), duration_ns: '80', count: 3, lane: 0 },
      ], lanes: 1 },
      markers: { markers: [{ time_ns: String(BEGIN + 1050n), name: 'save', thread: 'main', properties: { slot: 3 }, count: 1 }] },
    },
  };
  const timeline = CellTimeline.of(given)!;
  const options = timeline.options('p', null);

  test('has rows for what it shows', () => {
    expect([timeline.counters, timeline.logs, timeline.height]).toEqual([['frames.Game', 'queue'], true, 28 + 2 * 34]);
    expect([options.counters, options.logs, options.reach, options.logsAt]).toEqual([['frames.Game', 'queue'], true, 'events', null]);
    expect(CellTimeline.of({ counters: [] })!.options('p', null).reach).toBe('spans');
    expect(CellTimeline.of({ counters: [] })!.height).toBe(0);
  });

  test('is nothing where its model says nothing', () => expect([undefined, null, 'x', {}, { counters: 'x' }].map((model) => CellTimeline.of(model))).toEqual([null, null, null, null, null]));

  test('answers for any range with what it has, at the times where it is', async () => {
    const { source } = options;
    for (const begin of [0, 1000, 1030]) {
      const { stepNs, counters } = await source.counters(['queue', 'other'], range(begin, 2000), never);
      expect([stepNs, counters.map(({ name, unit, kind }) => [name, unit, kind])]).toEqual([10, [['queue', 'items', 'gauge']]]);
      expect(counters[0]!.buckets.map(({ at, least, greatest, value }) => [begin + at, least, greatest, value])).toEqual([[1000, 1, 3, 2], [1055, 4, 4, 4]]);
      const logs = await source.logs(range(begin, 2000), never);
      expect(logs.buckets.map(({ at, ...bucket }) => [begin + at, bucket])).toEqual([[1040, { counts: [['error', 2]], message: '<b>lost</b>', timeNs: BEGIN + 1045n }]]);
    }
    expect(await source.markers(range(0, 5), never)).toEqual([{ timeNs: BEGIN + 1050n, name: 'save', thread: 'main', properties: { slot: '3' }, count: 1 }]);
    expect((await source.series(never)).map(({ name, usual }) => [name, usual])).toEqual([['queue', false], ['frames.Game', true]]);
    const get = { span: 2n ** 64n - 1n, name: '<b>get</b>', beginNs: BEGIN + 1010n, endNs: BEGIN + 1060n, durationNs: 50n, count: 1, lane: 0 };
    expect(await source.asyncSpans(range(1060, 1100), never)).toEqual({ spans: [get], lanes: 1 });
    expect(await source.asyncSpans(range(0, 1010), never)).toEqual({ spans: [], lanes: 1 });
    expect(timeline.asyncSpans.map(({ span, name }) => [span, name])).toEqual([[get.span, get.name], [2n, 'put']]);
  });

  test('of which parts are missing is empty there', async () => {
    const { source } = CellTimeline.of({ counters: [], begin_ns: String(BEGIN), window: { logs: null } })!.options('p', null);
    expect([await source.counters(['a'], range(0, 9), never), await source.logs(range(0, 9), never), await source.markers(range(0, 9), never), await source.series(never)])
      .toEqual([{ stepNs: 1, counters: [] }, { stepNs: 1, buckets: [] }, [], []]);
  });
});

describe('the timeline of a kernel', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function kernel(answer: (question: Record<string, unknown>) => Promise<Record<string, unknown>>): { asked: unknown[]; timeline: ApiTimeline } {
    const asked: unknown[] = [];
    const comm = {
      ask: async (question: Record<string, unknown>) => {
        asked.push(question);
        return { json: await answer(question), buffers: [] };
      },
    } as unknown as CellComm;
    return { asked, timeline: new ApiTimeline(new CommTimeline(comm), 'p') };
  }

  test('is asked in one message for all that a view shows', async () => {
    const { asked, timeline } = kernel(async () => ({
      counters: { step_ns: '5', series: [{ name: 'queue', unit: '', kind: 'count', buckets: [[1, 2, 3, 4]] }] },
      logs: { step_ns: '7', buckets: [] },
      markers: { markers: [] },
      async: { spans: [], lanes: 4 },
    }));
    const answers = Promise.all([timeline.logs(range(0, 9), never), timeline.counters(['queue'], range(0, 9), never), timeline.markers(range(0, 9), never), timeline.asyncSpans(range(0, 9), never)]);
    expect(asked).toEqual([]);
    await vi.runAllTimersAsync();
    const [logs, counters, markers, asyncSpans] = await answers;
    expect(asked).toEqual([{ beside: { from_ns: String(BEGIN), to_ns: String(BEGIN + 9n), logs: true, counters: ['queue'], markers: true, async: true } }]);
    expect([logs.stepNs, counters.stepNs, counters.counters[0]!.buckets, markers]).toEqual([7, 5, [{ at: 5, least: 2, greatest: 3, value: 4 }], []]);
    expect(asyncSpans).toEqual({ spans: [], lanes: 4 });

    // What is asked of another range, or later, is another question.
    const later = Promise.all([timeline.markers(range(0, 9), never), timeline.markers(range(0, 8), never)]);
    await vi.runAllTimersAsync();
    await later;
    expect(asked.slice(1)).toEqual([8, 9].map((to) => ({ beside: { from_ns: String(BEGIN), to_ns: String(BEGIN + BigInt(to)), markers: true } })).reverse());
  });

  test('that fails fails for all who asked', async () => {
    const { timeline } = kernel(async () => Promise.reject(new Error('the kernel closed the cell')));
    const answers = Promise.allSettled([timeline.logs(range(0, 9), never), timeline.markers(range(0, 9), never)]);
    await vi.runAllTimersAsync();
    expect((await answers).map((answer) => answer.status === 'rejected' && String(answer.reason))).toEqual(Array(2).fill('Error: the kernel closed the cell'));
  });

  test('lists what there is to choose from', async () => {
    const { asked, timeline } = kernel(async () => ({ series: [{ name: '<b>', unit: 's', kind: 'frame', samples: 1, usual: true }] }));
    expect(await timeline.series(never)).toEqual([{ name: '<b>', unit: 's', kind: 'frame', samples: 1, usual: true }]);
    expect(asked).toEqual([{ series: {} }]);
  });
});
