import { niceStep } from '../time/axis';

/** Moments at whole steps of UTC, nanoseconds after the origin. */
export function instantTicks(originNs: bigint, low: number, high: number, most: number): number[] {
  const step = niceStep((high - low) / Math.max(1, most));
  const first = Number((BigInt(Math.round(step)) - (originNs % BigInt(Math.round(step)))) % BigInt(Math.round(step)));
  const at: number[] = [];
  for (let i = Math.ceil((low - first) / step); first + i * step <= high; i++) at.push(first + i * step);
  return at;
}
