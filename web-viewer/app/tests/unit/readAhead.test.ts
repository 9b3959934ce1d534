import { expect, test, vi } from 'vitest';
import { ReadAhead } from '../../src/pages/readAhead';
import { fit } from '../../src/flame/view';
import { Viewport } from '../../src/flame/viewport';
import { parseManifest, type Manifest } from '../../src/tiles/manifest';

const UNREAD = [['0', '100']];

function manifest(unread: readonly (readonly string[])[], wanted: number, read: number): Manifest {
  return parseManifest({ process: 'p', begin_ns: '0', end_ns: '100', max_level: 3, unread, pieces: { wanted, read }, groups: [] });
}

/** Answers questions by hand. */
class Host {
  readonly asked: string[] = [];
  readonly patience: number[] = [];
  readonly told: number[] = [];
  #answer: ((manifest: Manifest) => void) | null = null;
  #fail: ((error: Error) => void) | null = null;

  ask = (window: { beginNs: bigint; endNs: bigint } | null, patienceMs: number): Promise<Manifest> => {
    this.patience.push(patienceMs);
    this.asked.push(window === null ? 'all' : `${window.beginNs}-${window.endNs}`);
    return new Promise((resolve, reject) => ([this.#answer, this.#fail] = [resolve, reject]));
  };

  tell = ({ pieces }: Manifest): void => void this.told.push(pieces!.read);

  async answer(manifest: Manifest | Error): Promise<void> {
    if (manifest instanceof Error) this.#fail!(manifest);
    else this.#answer!(manifest);
    await vi.advanceTimersByTimeAsync(0);
  }
}

function host(): Host {
  vi.useFakeTimers();
  return new Host();
}

test('it asks until all that is shown was read, and again when something else is shown', async () => {
  const of = host();
  const ahead = new ReadAhead(manifest(UNREAD, 2, 0), null, of.ask, of.tell);
  expect(of.asked).toEqual(['all']);
  await of.answer(manifest(UNREAD, 2, 1));
  expect(of.asked).toEqual(['all', 'all']);
  await of.answer(manifest(UNREAD, 2, 2));
  expect([of.asked.length, of.told]).toEqual([2, [1, 2]]);
  ahead.shows({ beginNs: 5n, endNs: 7n });
  expect(of.asked.at(-1)).toBe('5-7');
  // What is shown when the answer comes counts, however often it changed meanwhile.
  ahead.shows({ beginNs: 6n, endNs: 8n });
  ahead.shows({ beginNs: 7n, endNs: 9n });
  await of.answer(manifest(UNREAD, 1, 1));
  expect(of.asked.slice(2)).toEqual(['5-7', '7-9']);
  await of.answer(manifest([], 1, 1));
  ahead.shows({ beginNs: 50n, endNs: 60n });
  expect(of.asked.length).toBe(4);
  vi.useRealTimers();
});

test('it waits longer each time, up to a limit, and begins anew where something else is shown', async () => {
  const of = host();
  const ahead = new ReadAhead(manifest(UNREAD, 9, 0), null, of.ask, of.tell);
  for (const read of [1, 2, 3]) await of.answer(manifest(UNREAD, 9, read));
  ahead.shows({ beginNs: 5n, endNs: 7n });
  await of.answer(manifest(UNREAD, 9, 4));
  await of.answer(manifest(UNREAD, 2, 1));
  expect(of.patience).toEqual([1000, 2000, 4000, 4000, 1000, 2000]);
  ahead.dispose();
  vi.useRealTimers();
});

test('it asks once more when more may be there, and again after a failure', async () => {
  const of = host();
  const ahead = new ReadAhead(manifest([], 0, 0), null, of.ask, of.tell);
  expect(of.asked).toEqual([]);
  ahead.again();
  await of.answer(new Error('away'));
  expect(of.asked.length).toBe(1);
  await vi.advanceTimersByTimeAsync(5000);
  expect(of.asked.length).toBe(2);
  ahead.dispose();
  await of.answer(manifest([], 3, 3));
  expect(of.told).toEqual([]);
  vi.useRealTimers();
});

test.each([
  ['not a list', { unread: 7 }, /unread is a list/],
  ['one time', { unread: [['5']] }, /a range is two times/],
  ['numbers', { unread: [[5, 6]] }, /a range is two times/],
  ['the wrong way round', { unread: [['6', '5']] }, /a range is two times/],
  ['more read than wanted', { pieces: { wanted: 1, read: 2 } }, /read is a whole number up to 1/],
])('a manifest is refused: %s', (_, wrong, said) => {
  expect(() => parseManifest({ process: 'p', begin_ns: '0', end_ns: '100', max_level: 3, groups: [], ...wrong })).toThrow(said);
});

test('who sees the end, or all, goes on doing so when there is more; others stay where they are', () => {
  const more = { begin: 0, end: 3e9 };
  const rebound = (view: { begin: number; end: number } | null): { begin: number; end: number } => {
    const viewport = new Viewport({ begin: 0, end: 1e9 }, view, () => {}, () => {});
    viewport.resize(100);
    viewport.rebound(more, 'end');
    return viewport.view;
  };
  expect(rebound(null)).toEqual(fit(more));
  expect(rebound({ begin: 4e8, end: 6e8 })).toEqual({ begin: 4e8, end: 6e8 });
  const before = fit({ begin: 0, end: 1e9 }).end;
  const atEnd = rebound({ begin: before - 2e8, end: before });
  expect(atEnd.end).toBeCloseTo(fit(more).end);
  expect(atEnd.end - atEnd.begin).toBeCloseTo(2e8);
});
