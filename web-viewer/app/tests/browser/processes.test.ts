import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Bench, chromiumPath, type Visit } from '../support/browser';
import { BEGIN_NS } from '../support/synthetic';

const late = (id: number, end: bigint | null): Record<string, unknown> => ({
  process_id: `0198c0de-2222-7000-8000-${String(id).padStart(12, '0')}`, parent_process_id: null, exe: `late-${id}`, user: 'mira', computer: 'BUILD-07', os: 'Ubuntu 26.04',
  start_ns: String(BEGIN_NS + BigInt(id) * 1_000_000_000n), end_ns: end === null ? null : String(end), end_reason: end === null ? null : 'exit 7', last_seen_ns: String(BEGIN_NS + 900_000_000_000n), properties: {},
});

describe.skipIf(!chromiumPath)('the list of processes', () => {
  let bench: Bench;
  let visit: Visit;
  beforeAll(async () => {
    bench = await Bench.start();
  });
  afterAll(() => bench.stop());
  afterEach(() => visit.close());

  /** Tells those who wait that there is another list. */
  function come(processes: readonly Record<string, unknown>[]): void {
    bench.host.lateProcesses = processes;
    bench.host.version++;
  }

  test('shows those that come and end while somebody looks, and keeps search, scrolling and focus', async () => {
    const many = Array.from({ length: 80 }, (_, i) => late(i, 5n));
    bench.host.lateProcesses = many;
    visit = await bench.open('/?search=late');
    await visit.page.getByText('80 processes').waitFor();
    await visit.page.locator('.list').evaluate((list) => (list.scrollTop = 400));
    await visit.page.locator('tbody a').nth(50).focus();
    come([...many, late(80, null)]);
    await visit.page.getByText('81 processes').waitFor();
    const row = visit.page.locator('tr', { hasText: 'late-80' });
    expect(await row.locator('.live').count()).toBe(1);
    expect(await visit.page.locator('.list').evaluate((list) => list.scrollTop)).toBeGreaterThan(300);
    expect(await visit.page.evaluate(() => document.activeElement?.tagName)).toBe('A');
    expect(await visit.page.getByRole('searchbox').inputValue()).toBe('late');
    come([...many, late(80, 5n)]);
    await row.getByText('exit 7').waitFor();
    expect(await row.locator('.live').count()).toBe(0);
    expect(visit.complaints).toEqual([]);
  });
});
