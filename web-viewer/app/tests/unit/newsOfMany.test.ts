import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Liveness } from '../../src/host/api';
import { NewsOfMany } from '../../src/pages/newsOfMany';

/** Holds each question until its process has another version, as the host does. */
class Host {
  readonly versions = new Map<string, string>();
  readonly over = new Set<string>();
  readonly told: string[] = [];
  waiting = 0;
  most = 0;
  asked = 0;

  ask = async (process: string, seen: string, signal: AbortSignal): Promise<Liveness> => {
    this.asked++;
    this.most = Math.max(this.most, ++this.waiting);
    try {
      while (this.versions.get(process) === seen && !this.over.has(process)) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        signal.throwIfAborted();
      }
      return { version: this.versions.get(process)!, live: !this.over.has(process) } as Liveness;
    } finally {
      this.waiting--;
    }
  };
}

let host: Host;
let news: NewsOfMany;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('document', { hidden: false });
  host = new Host();
  news = new NewsOfMany(host.ask, (process) => host.told.push(process));
  for (const process of ['a', 'b', 'c']) {
    host.versions.set(process, '1');
    news.follow(process, '1');
  }
});

afterEach(() => {
  news.dispose();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('one question waits at a time, and each process is heard of within a round', async () => {
  await vi.advanceTimersByTimeAsync(5000);
  expect([host.told, host.most]).toEqual([[], 1]);
  host.versions.set('c', '2');
  await vi.advanceTimersByTimeAsync(2100);
  expect(host.told).toEqual(['c']);
  for (const process of ['a', 'b', 'c']) host.versions.set(process, '3');
  await vi.advanceTimersByTimeAsync(3200);
  expect([...host.told].sort()).toEqual(['a', 'b', 'c', 'c']);
  expect(host.most).toBe(1);
});

test('where all have news all the time, each is told once a second', async () => {
  for (let i = 0; i < 100; i++) {
    for (const process of ['a', 'b', 'c']) host.versions.set(process, `x${i}`);
    await vi.advanceTimersByTimeAsync(100);
  }
  for (const process of ['a', 'b', 'c']) expect(host.told.filter((each) => each === process).length).toBeGreaterThan(7);
  expect(host.asked).toBeLessThan(45);
});

test('what has ended is told of once and not asked about again, nor what is left, nor anything once all is over', async () => {
  host.over.add('a');
  await vi.advanceTimersByTimeAsync(3000);
  expect(host.told).toEqual(['a']);
  news.leave('b');
  host.versions.set('b', '9');
  await vi.advanceTimersByTimeAsync(3000);
  expect(host.told).toEqual(['a']);
  news.dispose();
  await vi.advanceTimersByTimeAsync(1000);
  const { asked } = host;
  host.versions.set('c', '9');
  await vi.advanceTimersByTimeAsync(5000);
  expect([host.told, host.asked, host.waiting]).toEqual([['a'], asked, 0]);
});
