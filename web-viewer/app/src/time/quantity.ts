import { byteSymbol, short } from '../locale/format';
import { formatDuration } from './ns';

/** Units of time in nanoseconds. */
const TIMES: ReadonlyMap<string, number> = new Map([
  ['ns', 1], ['us', 1e3], ['µs', 1e3], ['μs', 1e3], ['ms', 1e6], ['s', 1e9], ['min', 60e9], ['h', 3600e9],
]);

/** Units of size in bytes: UCUM's, and what programs say instead. */
const SIZES: ReadonlyMap<string, number> = new Map([
  ['By', 1], ['B', 1], ['byte', 1], ['bytes', 1],
  ['kBy', 1e3], ['MBy', 1e6], ['GBy', 1e9], ['KiBy', 2 ** 10], ['MiBy', 2 ** 20], ['GiBy', 2 ** 30],
]);

const BYTE_PREFIXES = ['', 'K', 'M', 'G', 'T', 'P'];

function time(ns: number): string {
  // Spans know whole nanoseconds only; a mean or a rate of this size has parts of them.
  return Math.abs(ns) < 999.5 ? `${short(ns)} ns` : formatDuration(ns);
}

function size(bytes: number): string {
  let rest = Math.abs(bytes);
  let power = 0;
  // 1023.5 of a unit would round to 1,024: it is 1 of the next larger one.
  for (; rest >= 1023.5 && power < BYTE_PREFIXES.length - 1; power++) rest = Math.max(1, rest / 1024);
  return `${short(bytes < 0 ? -rest : rest)} ${BYTE_PREFIXES[power]!}${byteSymbol()}`;
}

/** How many bytes one of this unit is, or one of it a second; `null` where it counts none. */
export function bytesOfUnit(unit: string): number | null {
  return SIZES.get(splitRate(unit)[0]) ?? null;
}

/** A metric's value with its unit, or one that reads better. Units are UCUM's, as OpenTelemetry writes them, or whatever the program says. */
export function formatQuantity(value: number, unit: string): string {
  const ns = TIMES.get(unit);
  if (ns !== undefined) return time(value * ns);
  const [counted, per] = splitRate(unit);
  const bytes = SIZES.get(counted);
  if (bytes !== undefined) return size(value * bytes) + per;
  const plain = plainUnit(unit);
  return plain === '' ? short(value) : `${short(value)} ${plain}`;
}

/** A unit that stands once beside numbers; empty where each value brings its own, as bytes and times do. */
export function unitBeside(unit: string): string {
  return TIMES.has(unit) || bytesOfUnit(unit) !== null ? '' : plainUnit(unit);
}

function plainUnit(unit: string): string {
  if (unit === '' || unit === '1') return '';
  const [counted, per] = splitRate(unit);
  // An annotation says what is counted: {request}.
  return (/^\{(.*)\}$/.exec(counted)?.[1] ?? counted) + per;
}

/** Bytes per second are read as bytes, and per second. */
function splitRate(unit: string): readonly [counted: string, per: string] {
  const slash = unit.lastIndexOf('/');
  return slash > 0 ? [unit.slice(0, slash), unit.slice(slash)] : [unit, ''];
}
