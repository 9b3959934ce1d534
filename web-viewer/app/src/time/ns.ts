import { dateFormat, decimal, decimalPoint } from '../locale/format';

/** Times are nanoseconds: BigInt when counted from the Unix epoch, number when counted from something near. */

const DECIMAL = /^-?\d{1,19}$/;
const MIN_NS = -(2n ** 63n);
const MAX_NS = 2n ** 63n - 1n;

/** Reads a signed 64-bit decimal; `null` for anything else. */
export function parseNs(text: string | null | undefined): bigint | null {
  if (text === null || text === undefined || !DECIMAL.test(text)) return null;
  const ns = BigInt(text);
  return ns >= MIN_NS && ns <= MAX_NS ? ns : null;
}

const UNITS: readonly (readonly [ns: number, symbol: string])[] = [
  [1e9, 's'],
  [1e6, 'ms'],
  [1e3, 'µs'],
];

/** Three significant digits are what the eye compares; more would only look exact. */
export function formatDuration(ns: number): string {
  const size = Math.abs(ns);
  if (size >= 60e9) return `${ns < 0 ? '-' : ''}${formatClock(size / 1e9, size < 600e9 ? 1 : 0)}`;
  for (const [unit, symbol] of UNITS) {
    // 999.5 of a unit would round to four digits: it belongs to the next larger one.
    if (size < unit * 0.9995) continue;
    const value = ns / unit;
    const digits = Math.abs(value) >= 99.95 ? 0 : Math.abs(value) >= 9.995 ? 1 : 2;
    return `${decimal(value, digits)} ${symbol}`;
  }
  return `${Math.round(ns)} ns`;
}

/** Hours only where there are any: 1:02:03 and 2:03.4. */
export function formatClock(seconds: number, digits: number): string {
  const scale = 10 ** digits;
  const rounded = Math.round(seconds * scale) / scale;
  const hours = Math.floor(rounded / 3600);
  const minutes = Math.floor((rounded % 3600) / 60);
  const rest = decimal(rounded % 60, digits).padStart(digits > 0 ? digits + 3 : 2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

const TIME: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' };
const DATE_AND_TIME: Intl.DateTimeFormatOptions = { year: 'numeric', month: '2-digit', day: '2-digit', ...TIME };

/** Date and time in the reader's locale and zone, with `digits` decimals of a second, up to nine. */
export function formatInstant(ns: bigint, digits: number, timeZone?: string): string {
  return withFraction(dateFormat('instant', DATE_AND_TIME, timeZone), ns, digits);
}

/** The time alone, for lists within a day. */
export function formatTimeOfDay(ns: bigint, digits: number, timeZone?: string): string {
  return withFraction(dateFormat('time', TIME, timeZone), ns, digits);
}

function withFraction(format: Intl.DateTimeFormat, ns: bigint, digits: number): string {
  const inSecond = ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const fraction = digits > 0 ? `${decimalPoint()}${String(inSecond).padStart(9, '0').slice(0, digits)}` : '';
  return format
    .formatToParts(new Date(Number((ns - inSecond) / 1_000_000n)))
    .map((part) => (part.type === 'second' ? part.value + fraction : part.value))
    .join('');
}
