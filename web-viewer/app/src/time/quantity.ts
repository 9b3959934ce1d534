import { formatDuration } from './ns';

const BYTE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];
const formats = new Map<string, Intl.NumberFormat>();

/** Three significant digits, large numbers short: what fits beside a curve. */
function short(value: number): string {
  const key = Math.abs(value) >= 10_000 ? 'compact' : 'standard';
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat('en', key === 'compact' ? { notation: 'compact', maximumSignificantDigits: 3 } : { maximumSignificantDigits: 4 });
    formats.set(key, format);
  }
  return format.format(value);
}

/** A metric's value with its unit. Units are UCUM's, as OpenTelemetry writes them, or whatever the program says. */
export function formatQuantity(value: number, unit: string): string {
  if (unit === 'By' || unit === 'bytes' || unit === 'B') {
    const power = Math.min(BYTE_UNITS.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, Math.abs(value))) / 10)));
    return `${short(value / 1024 ** power)} ${BYTE_UNITS[power]!}`;
  }
  if (unit === 's') return formatDuration(value * 1e9);
  if (unit === 'ms') return formatDuration(value * 1e6);
  if (unit === '' || unit === '1') return short(value);
  // An annotation says what is counted: {request}.
  const annotation = /^\{(.*)\}$/.exec(unit);
  return `${short(value)} ${annotation ? annotation[1]! : unit}`;
}
