import { decimal, decimalPoint } from '../locale/format';
import { formatClock } from './ns';

export interface Ticks {
  /** Distance between labelled ticks, in nanoseconds. */
  readonly step: number;
  readonly at: readonly number[];
  readonly label: (ns: number) => string;
}

const NICE_SECONDS = [60, 120, 300, 600, 1800, 3600, 7200, 14400, 43200, 86400, 172800, 604800, 1209600];

/** The smallest step of a familiar kind (1, 2, 5 or whole minutes and hours) that is at least `minimum`. */
export function niceStep(minimum: number): number {
  if (minimum > 50e9) {
    const seconds = minimum / 1e9;
    return (NICE_SECONDS.find((s) => s >= seconds) ?? Math.ceil(seconds / 604800) * 604800) * 1e9;
  }
  const power = 10 ** Math.floor(Math.log10(Math.max(minimum, 1)));
  const factor = [1, 2, 5, 10].find((f) => f * power >= minimum * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** Ticks of the range `begin` to `end`, nanoseconds after the start of the process, at least `spacing` apart. */
export function ticks(begin: number, end: number, spacing: number): Ticks {
  const step = niceStep(spacing);
  const at: number[] = [];
  for (let i = Math.ceil(begin / step); i * step <= end; i++) at.push(i * step);
  return { step, at, label: labels(Math.max(Math.abs(begin), Math.abs(end)), step) };
}

function labels(largest: number, step: number): (ns: number) => string {
  const secondsDigits = digitsFor(step, 1e9);
  if (largest >= 60e9)
    return (ns) => (ns < 0 ? '-' : '') + formatClock(Math.abs(ns) / 1e9, secondsDigits);
  const [unit, symbol] = largest >= 1e9 ? [1e9, 's'] : largest >= 1e6 ? [1e6, 'ms'] : largest >= 1e3 ? [1e3, 'µs'] : [1, 'ns'];
  const digits = digitsFor(step, unit);
  return (ns) => `${grouped(decimal(ns / unit, digits))} ${symbol}`;
}

function digitsFor(step: number, unit: number): number {
  return Math.max(0, Math.ceil(-Math.log10(step / unit) - 1e-9));
}

/** Decimals in groups of three, so that neighbouring labels differ where the eye expects it. */
function grouped(text: string): string {
  const point = text.indexOf(decimalPoint());
  if (point < 0 || text.length - point <= 4) return text;
  return text.slice(0, point + 1) + text.slice(point + 1).replace(/(\d{3})(?=\d)/g, '$1\u2009');
}
