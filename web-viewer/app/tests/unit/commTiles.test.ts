import { describe, expect, test } from 'vitest';
import { CommTileSource, type TileRequest } from '../../src/tiles/source';

interface Question {
  readonly names: readonly string[];
  readonly signal: AbortSignal;
  readonly answer: (tiles: readonly (Uint8Array | null)[]) => Promise<void>;
  readonly fail: (problem: Error) => Promise<void>;
}

/** A kernel that answers when it is told to. */
class HeldKernel {
  readonly questions: Question[] = [];
  readonly source = new CommTileSource((names, signal) => new Promise((resolve, reject) => {
    this.questions.push({
      names, signal,
      answer: async (tiles) => { resolve(tiles); await settle(); },
      fail: async (problem) => { reject(problem); await settle(); },
    });
  }));

  get asked(): string[] {
    return this.questions.map(({ names }) => names.join(' '));
  }
}

/** Until everything that follows from what was answered has happened. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function requests(controller: AbortController, ...indexes: number[]): TileRequest[] {
  return indexes.map((index) => ({ group: 0, level: 3, index, signal: controller.signal }));
}

const tile = (byte: number): Uint8Array => Uint8Array.of(byte);

describe('tiles of a kernel', () => {
  test('are asked for all at once, and answered in order', async () => {
    const kernel = new HeldKernel();
    const answers = kernel.source.fetch(requests(new AbortController(), 5, 6, 7));
    expect(kernel.asked).toEqual(['0/3/5 0/3/6 0/3/7']);
    await kernel.questions[0]!.answer([tile(5), null, tile(7)]);
    expect(await Promise.all(answers)).toEqual([tile(5), null, tile(7)]);
  });

  test('wait together while enough is under way', async () => {
    const kernel = new HeldKernel();
    const wanted = new AbortController();
    for (const index of [1, 2, 3, 4]) for (const answer of kernel.source.fetch(requests(wanted, index))) answer.catch(() => {});
    expect(kernel.asked).toEqual(['0/3/1', '0/3/2']);
    await kernel.questions[0]!.answer([tile(1)]);
    expect(kernel.asked.slice(2)).toEqual(['0/3/3 0/3/4']);
  });

  test('that are no longer wanted are not asked for, and a question about nothing else is taken back', async () => {
    const kernel = new HeldKernel();
    const [first, second, third] = [new AbortController(), new AbortController(), new AbortController()];
    for (const answer of kernel.source.fetch([...requests(first, 1), ...requests(second, 2)])) answer.catch(() => {});
    for (const answer of kernel.source.fetch(requests(second, 3))) answer.catch(() => {});
    const [dropped] = kernel.source.fetch(requests(third, 4));
    const refused = expect(dropped).rejects.toThrow(/abort/i);
    first.abort();
    expect(kernel.questions[0]!.signal.aborted).toBe(false);
    second.abort();
    third.abort();
    expect(kernel.questions.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    await kernel.questions[0]!.fail(new Error('taken back'));
    await refused;
    expect(kernel.asked).toEqual(['0/3/1 0/3/2', '0/3/3']);
  });

  test('fail with the question, and the next is asked', async () => {
    const kernel = new HeldKernel();
    const [failed] = kernel.source.fetch(requests(new AbortController(), 1));
    const refused = expect(failed).rejects.toThrow('the lake is gone');
    await kernel.questions[0]!.fail(new Error('the lake is gone'));
    await refused;
    const [next] = kernel.source.fetch(requests(new AbortController(), 1));
    await kernel.questions[1]!.answer([tile(1)]);
    expect(await next).toEqual(tile(1));
  });
});
