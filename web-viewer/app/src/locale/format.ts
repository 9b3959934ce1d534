/** How numbers and dates are written. Nothing that a link or an attribute carries goes through here: those are exact, and the same everywhere. */

/** Numbers follow the language of the texts around them. */
let numbers = 'en';

/** Dates are misread most easily: until a page has chosen a language they are those of the browser. */
let dates: string | undefined;

/** Making a format takes longer than a thousand uses of it. */
const dateFormats = new Map<string, Intl.DateTimeFormat>();
let plain = new Intl.NumberFormat(numbers);
let precise = new Intl.NumberFormat(numbers, { maximumSignificantDigits: 4 });
let compact = new Intl.NumberFormat(numbers, { notation: 'compact', maximumSignificantDigits: 3 });
let point = pointOf(plain);
let byte = byteOf(numbers);

/** Writes everything from now on as it is written in `locale`, a BCP 47 tag. */
export function writeAs(locale: string): void {
  numbers = locale;
  dates = locale;
  dateFormats.clear();
  plain = new Intl.NumberFormat(numbers);
  precise = new Intl.NumberFormat(numbers, { maximumSignificantDigits: 4 });
  compact = new Intl.NumberFormat(numbers, { notation: 'compact', maximumSignificantDigits: 3 });
  point = pointOf(plain);
  byte = byteOf(numbers);
}

/** What stands before the decimals. */
export function decimalPoint(): string {
  return point;
}

/** With exactly so many decimals, and without groups: for values below a thousand, of which a frame shows thousands. */
export function decimal(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return point === '.' ? text : text.replace('.', point);
}

/** A whole number in groups. */
export function count(value: number | bigint): string {
  return plain.format(value);
}

/** All digits that a number has, without groups. */
export function exact(value: number): string {
  const text = String(value);
  return point === '.' ? text : text.replace('.', point);
}

/** Three or four significant digits, large numbers short: what fits beside a curve. */
export function short(value: number): string {
  return (Math.abs(value) >= 10_000 ? compact : precise).format(value);
}

/** The letter of a byte: an "octet" is one in French. */
export function byteSymbol(): string {
  return byte;
}

export function dateFormat(name: string, options: Intl.DateTimeFormatOptions, timeZone: string | undefined): Intl.DateTimeFormat {
  const key = `${name} ${timeZone ?? ''}`;
  let format = dateFormats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(dates, timeZone === undefined ? options : { ...options, timeZone });
    dateFormats.set(key, format);
  }
  return format;
}

function pointOf(format: Intl.NumberFormat): string {
  return format.formatToParts(0.5).find(({ type }) => type === 'decimal')?.value ?? '.';
}

function byteOf(locale: string): string {
  const megabyte = new Intl.NumberFormat(locale, { style: 'unit', unit: 'megabyte', unitDisplay: 'short' });
  return megabyte.formatToParts(1).find(({ type }) => type === 'unit')?.value.at(-1) ?? 'B';
}
