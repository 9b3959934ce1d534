import { describe, expect, test } from 'vitest';
import { TextFitter } from '../../src/flame/labels';
import { flagAt, flagsOf } from '../../src/flame/markers';
import type { Marker } from '../../src/flame/timeline';

const ORIGIN = 1_795_375_475_123_456_789n;
const fitter = new TextFitter((text) => text.length * 6);
/** One pixel a nanosecond. */
const canvas = { view: { begin: 0, end: 1000 }, width: 1000, fitter, originNs: ORIGIN };
const marker = (at: number, name: string, count = 1): Marker => ({ timeNs: ORIGIN + BigInt(at), name, thread: 'main', properties: {}, count });

describe('flags', () => {
  test('have as much of their name as fits before the next', () => {
    const flags = flagsOf([marker(10, 'level loaded'), marker(60, 'save'), marker(100, 'go'), marker(106, 'autosave'), marker(400, 'x'.repeat(99))], canvas);
    expect(flags.map(({ x, label, width }) => [x, label, width])).toEqual([[10, 'level…', 44], [60, 'save', 32], [100, '', 6], [106, 'autosave', 56], [400, `${'x'.repeat(21)}…`, 140]]);
  });

  test('say how many they stand for, and show what would hide or reorder text', () =>
    expect(flagsOf([marker(0, 'a\u202eb', 4)], canvas).map(({ label }) => label)).toEqual(['a·b +3']));

  test('stand where their pole is in sight', () =>
    expect(flagsOf([marker(-1, 'before'), marker(0, 'first'), marker(999, 'last'), marker(1000, 'after')], canvas).map(({ x }) => x)).toEqual([0, 999]));

  test('fly to the left where the edge of the view would cut them off, and there is room', () => {
    const places = (markers: Marker[]): unknown[] => flagsOf(markers, canvas).map(({ left, width, label }) => [left, width, label]);
    expect(places([marker(980, 'leaving')])).toEqual([[930, 50, 'leaving']]);
    expect(places([marker(940, 'in'), marker(980, 'leaving')])).toEqual([[940, 20, 'in'], [980, 6, '']]);
    expect(places([marker(930, 'leaving')])).toEqual([[930, 50, 'leaving']]);
  });

  test('are found under the pointer and a little beside', () => {
    const flags = flagsOf([marker(10, 'save'), marker(100, 'go')], canvas);
    expect([5, 6, 10, 42, 46, 47, 96, 100].map((x) => flagAt(flags, x)?.marker.name ?? null)).toEqual([null, 'save', 'save', 'save', 'save', null, 'go', 'go']);
  });
});
