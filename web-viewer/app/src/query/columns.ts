import { DataType, DateUnit, Precision, tableFromIPC, type Data, type Vector } from 'apache-arrow';
import type { ColumnKind, ResultColumn, ResultTable } from './result';

/** Reads an Arrow stream. */
export function readTable(arrow: Uint8Array): ResultTable {
  const table = tableFromIPC(arrow);
  const columns = table.schema.fields.map(({ name }, at) => {
    const vector = table.getChildAt(at);
    if (!vector) throw new Error(`the answer has no column ${at}`);
    return columnOf(name, vector);
  });
  return { columns, rows: table.numRows };
}

/** Values of a column by their place in one of its pieces. */
interface Reading {
  readonly type: string;
  readonly kind: ColumnKind;
  readonly exact: (piece: Data, at: number) => string;
  readonly number?: (piece: Data, at: number) => number;
  readonly integer?: (piece: Data, at: number) => bigint;
}

function columnOf(name: string, vector: Vector): ResultColumn {
  const reading = readingOf(vector.type as DataType, vector);
  const pieces = vector.data as readonly Data[];
  const begins: number[] = [];
  let length = 0;
  for (const piece of pieces) {
    begins.push(length);
    length += piece.length;
  }
  const find = <T>(row: number, read: (piece: Data, at: number) => T): T | null => {
    let of = begins.length - 1;
    while (of > 0 && begins[of]! > row) of--;
    const piece = pieces[of]!;
    const at = row - begins[of]!;
    return isNull(piece, at) ? null : read(piece, at);
  };
  return {
    name,
    type: reading.type,
    kind: reading.kind,
    exact: (row) => find(row, reading.exact),
    integer: (row) => (reading.integer ? find(row, reading.integer) : null),
    number: (row, originNs) => {
      if (reading.kind === 'time') {
        const ns = find(row, reading.integer!);
        return ns === null ? NaN : Number(ns - originNs);
      }
      return (reading.number ? find(row, reading.number) : null) ?? NaN;
    },
  };
}

function isNull(piece: Data, at: number): boolean {
  if (DataType.isNull(piece.type as DataType)) return true;
  const bits = piece.nullBitmap as Uint8Array | undefined;
  if (!bits || bits.length === 0) return false;
  const bit = piece.offset + at;
  return (bits[bit >> 3]! & (1 << (bit & 7))) === 0;
}

const NS_PER: readonly bigint[] = [1_000_000_000n, 1_000_000n, 1000n, 1n];
const DAY_NS = 86_400_000_000_000n;
const UTF8 = new TextDecoder();

/** As the engine's SQL names them. */
const INTEGERS: Readonly<Record<string, string>> = {
  Int8: 'TINYINT', Int16: 'SMALLINT', Int32: 'INTEGER', Int64: 'BIGINT', Uint8: 'UTINYINT', Uint16: 'USMALLINT', Uint32: 'UINTEGER', Uint64: 'UBIGINT',
};
const TIMESTAMPS: readonly string[] = ['TIMESTAMP_S', 'TIMESTAMP_MS', 'TIMESTAMP', 'TIMESTAMP_NS'];

function readingOf(type: DataType, vector: Vector): Reading {
  if (DataType.isInt(type)) return integers(INTEGERS[String(type)] ?? String(type));
  if (DataType.isFloat(type) && type.precision !== Precision.HALF) return floats(type.precision === Precision.DOUBLE ? 'DOUBLE' : 'FLOAT');
  if (DataType.isDecimal(type)) return decimals(type.precision, type.scale);
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return texts();
  if (DataType.isBool(type)) return booleans();
  if (DataType.isTimestamp(type)) return times(type.timezone ? 'TIMESTAMP WITH TIME ZONE' : TIMESTAMPS[type.unit]!, NS_PER[type.unit]!);
  if (DataType.isDate(type)) return times('DATE', type.unit === DateUnit.DAY ? DAY_NS : 1_000_000n);
  if (DataType.isTime(type)) return clocks(NS_PER[type.unit]!);
  // Lists, structs, maps, intervals, enums: few are looked at, so that the library's own reader will do.
  return { type: DataType.isDictionary(type) ? 'ENUM' : typeName(type), kind: DataType.isDictionary(type) ? 'text' : 'other', exact: (piece, at) => plain(valueOf(vector, piece, at)) };
}

function valueOf(vector: Vector, piece: Data, at: number): unknown {
  let row = at;
  for (const before of vector.data as readonly Data[]) {
    if (before === piece) break;
    row += before.length;
  }
  return vector.get(row);
}

function integers(type: string): Reading {
  const read = (piece: Data, at: number): number | bigint => (piece.values as Int32Array | BigInt64Array)[at]!;
  return { type, kind: 'integer', exact: (piece, at) => String(read(piece, at)), number: (piece, at) => Number(read(piece, at)), integer: (piece, at) => BigInt(read(piece, at)) };
}

function floats(type: string): Reading {
  const read = (piece: Data, at: number): number => (piece.values as Float64Array)[at]!;
  return { type, kind: 'float', exact: (piece, at) => String(read(piece, at)), number: read };
}

function texts(): Reading {
  return {
    type: 'VARCHAR', kind: 'text', exact: (piece, at) => {
      const offsets = piece.valueOffsets as Int32Array | BigInt64Array;
      return UTF8.decode((piece.values as Uint8Array).subarray(Number(offsets[at]!), Number(offsets[at + 1]!)));
    },
  };
}

function booleans(): Reading {
  const read = (piece: Data, at: number): boolean => ((piece.values as Uint8Array)[(piece.offset + at) >> 3]! & (1 << ((piece.offset + at) & 7))) !== 0;
  return { type: 'BOOLEAN', kind: 'other', exact: (piece, at) => String(read(piece, at)) };
}

/** Of 128 or 256 bits in words of 32, the lowest first, in two's complement. */
function decimals(precision: number, scale: number): Reading {
  const read = (piece: Data, at: number): bigint => {
    const words = piece.values as Uint32Array;
    const each = words.length / piece.length;
    let value = 0n;
    for (let word = each - 1; word >= 0; word--) value = (value << 32n) | BigInt(words[at * each + word]!);
    return BigInt.asIntN(32 * each, value);
  };
  const text = (piece: Data, at: number): string => withPoint(read(piece, at), scale);
  return {
    type: scale === 0 && precision === 38 ? 'HUGEINT' : `DECIMAL(${precision},${scale})`,
    kind: scale === 0 ? 'integer' : 'float',
    exact: text,
    number: (piece, at) => Number(text(piece, at)),
    ...(scale === 0 ? { integer: read } : {}),
  };
}

function withPoint(value: bigint, scale: number): string {
  if (scale <= 0) return String(value);
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function times(type: string, unitNs: bigint): Reading {
  const read = (piece: Data, at: number): bigint => BigInt((piece.values as BigInt64Array | Int32Array)[at]!) * unitNs;
  const isDate = type === 'DATE';
  return { type, kind: 'time', integer: read, exact: (piece, at) => isoOf(read(piece, at), isDate) };
}

/** A time of day. */
function clocks(unitNs: bigint): Reading {
  return { type: 'TIME', kind: 'other', exact: (piece, at) => isoOf(BigInt((piece.values as BigInt64Array | Int32Array)[at]!) * unitNs, false).slice('1970-01-01T'.length, -1) };
}

const LEAST_DATE_MS = -8_640_000_000_000_000;

/** ISO 8601 with all nanoseconds, which a Date has not; years that a Date does not know stay numbers. */
export function isoOf(ns: bigint, isDate: boolean): string {
  const inSecond = ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const ms = Number((ns - inSecond) / 1_000_000n);
  if (ms < LEAST_DATE_MS || ms > -LEAST_DATE_MS) return String(ns);
  const iso = new Date(ms).toISOString();
  return isDate ? iso.slice(0, iso.indexOf('T')) : `${iso.slice(0, -5)}.${String(inSecond).padStart(9, '0')}Z`;
}

function typeName(type: DataType): string {
  if (DataType.isNull(type)) return 'NULL';
  if (DataType.isBinary(type) || DataType.isLargeBinary(type) || DataType.isFixedSizeBinary(type)) return 'BLOB';
  if (DataType.isList(type) || DataType.isFixedSizeList(type)) return 'LIST';
  if (DataType.isStruct(type)) return 'STRUCT';
  if (DataType.isMap(type)) return 'MAP';
  if (DataType.isInterval(type)) return 'INTERVAL';
  return String(type);
}

function plain(value: unknown): string {
  if (typeof value === 'string') return value;
  return value instanceof Uint8Array ? hex(value) : nested(value);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A nested value as JSON. Integers of 64 bits keep their digits, which JSON's own numbers allow. */
function nested(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'bigint' || typeof value === 'number') return String(value);
  if (value instanceof Uint8Array) return `"${hex(value)}"`;
  if (typeof value !== 'object') return JSON.stringify(value);
  if (hasItems(value)) return `[${Array.from(value, nested).join(',')}]`;
  const fields = hasJson(value) ? value.toJSON() : value;
  return `{${Object.entries(fields as object).map(([key, each]) => `${JSON.stringify(key)}:${nested(each)}`).join(',')}}`;
}

/** Vectors and typed arrays; rows of structs give their fields one by one, too, and are none. */
function hasItems(value: object): value is Iterable<unknown> & { length: number } {
  return Symbol.iterator in value && 'length' in value && typeof value.length === 'number';
}

function hasJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}
