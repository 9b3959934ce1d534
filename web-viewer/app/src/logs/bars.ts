import type { LogCounts } from '../host/api';
import { parseNs } from '../time/ns';
import { LEVELS, levelOf } from '../pages/levels';
import type { TimeRange } from '../flame/view';

/** The bars of a histogram of log lines: as many as there are steps from the first with lines to the last. */
export class LogBars {
  readonly fromNs: bigint;
  readonly stepNs: bigint;
  /** Of each bar the number of lines of each level, in the order of `LEVELS`. */
  readonly bars: readonly (readonly number[])[];
  /** From which bar on lines are not counted, or not all of them. */
  readonly known: number;

  constructor(counts: LogCounts) {
    this.fromNs = parseNs(counts.from_ns) ?? 0n;
    this.stepNs = parseNs(counts.step_ns) ?? 1n;
    const bars: number[][] = Array.from({ length: Math.max(counts.steps, (counts.bars.at(-1)?.step ?? -1) + 1) }, () => LEVELS.map(() => 0));
    for (const { step, counts: levels } of counts.bars)
      for (const [name, count] of Object.entries(levels)) {
        const level = levelOf(name);
        if (level !== null) bars[step]![LEVELS.indexOf(level)]! += count;
      }
    this.bars = bars;
    this.known = counts.read >= counts.lines ? bars.length : this.at(parseNs(counts.known_to_ns) ?? 0n);
  }

  /** Lines of a bar from a level on. */
  count(bar: number, least: number): number {
    return this.bars[bar]?.slice(least).reduce((sum, count) => sum + count, 0) ?? 0;
  }

  /** The time of some bars, both ends belonging to it. */
  range(first: number, last: number): TimeRange {
    return { beginNs: this.fromNs + BigInt(Math.min(first, last)) * this.stepNs, endNs: this.fromNs + BigInt(Math.max(first, last) + 1) * this.stepNs - 1n };
  }

  /** Where a time lies, in bars; beyond the ends, at the nearest. */
  at(ns: bigint): number {
    const bar = Number(((ns - this.fromNs) * 1000n) / this.stepNs) / 1000;
    return Math.min(Math.max(0, bar), this.bars.length);
  }
}
