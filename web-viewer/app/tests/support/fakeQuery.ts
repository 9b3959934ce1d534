import { Bool, DateDay, Decimal, Dictionary, Field, Float64, Int32, Int64, List, Struct, Table, TimestampNanosecond, Uint64, Utf8, Vector, makeData, tableToIPC, vectorFromArray, type DataType } from 'apache-arrow';
import { HOSTILE_TEXTS } from './hostileTexts';
import { BEGIN_NS, HOSTILE, type Stream } from './synthetic';

const PROCESS = '0198c0de-1111-7000-8000-000000000001';

/** The greatest and the least that 64 bits hold, which a number does not. */
export const MOST_SIGNED = 2n ** 63n - 1n;
export const LEAST_SIGNED = -(2n ** 63n);
export const MOST_UNSIGNED = 2n ** 64n - 1n;

const column = (name: string, type: string, unit: string, summary: string): Record<string, string> => ({ name, type, unit, summary });

/** What `GET /api/views` answers. */
export function fakeViews(): readonly unknown[] {
  const process = column('process_id', 'VARCHAR', '', 'The process, a UUID.');
  return [
    { name: 'processes', summary: 'Runs of instrumented programs.', needsProcess: false, columns: [process, column('exe', 'VARCHAR', '', 'The executable.'), column('user', 'VARCHAR', '', 'Who ran it.'), column('start_ns', 'BIGINT', 'ns UTC', 'When it started.')] },
    { name: 'log_entries', summary: 'Logs.', needsProcess: false, columns: [process, column('time_ns', 'BIGINT', 'ns UTC', 'When it was logged.'), column('level', 'VARCHAR', '', 'trace, debug, info, warn, error or fatal.'), column('message', 'VARCHAR', '', 'What was logged.')] },
    {
      name: 'spans', summary: 'Work of threads, from a begin to an end.', needsProcess: true, columns: [
        process, column('stream_id', 'VARCHAR', '', 'The stream, a UUID.'), column('span_id', 'BIGINT', '', 'Unique in its stream.'), column('name', 'VARCHAR', '', 'Name of the span.'),
        column('begin_ns', 'BIGINT', 'ns UTC', 'When it began.'), column('end_ns', 'BIGINT', 'ns UTC', 'When it ended.'), column('duration_ns', 'BIGINT', 'ns', 'From begin to end.'),
      ],
    },
    { name: 'blocks', summary: 'Stored pieces of streams.', needsProcess: false, columns: [process, column('bytes', 'BIGINT', 'bytes', 'As stored, header included.')] },
    { name: 'events.Frame', summary: 'Events of type Frame.', needsProcess: false, columns: [process, column('gpu', 'DOUBLE', '', 'A field of the type.')] },
    { name: `events.${HOSTILE.name}`, summary: HOSTILE.message, needsProcess: false, columns: [process, column(HOSTILE.key, 'VARCHAR', HOSTILE.value, HOSTILE.target)] },
  ];
}

/** What `GET /api/queries` answers. */
export function fakeQueries(): readonly unknown[] {
  return [
    { name: 'slow_frames', sql: 'SELECT name, max(duration_ns)\nFROM spans GROUP BY name', by: 'mira', savedNs: String(BEGIN_NS) },
    { name: HOSTILE.name, sql: HOSTILE.message, by: HOSTILE.target, savedNs: String(BEGIN_NS) },
  ];
}

interface Answered {
  readonly status: number;
  readonly arrow: Uint8Array | null;
  readonly receipt: Record<string, unknown>;
  readonly problem: Record<string, unknown> | null;
}

/** What `POST /api/query` answers; a comment in the SQL says which rows. */
export function fakeAnswer(sql: string, rows: number, streams: readonly Stream[]): Answered {
  const receipt = { planMs: 3.5, buildMs: 120, built: 0, bytes: 3_400_000, lost: 0, newestNs: String(BEGIN_NS + 12_000_000_000n) };
  const wrong = /wrong/.exec(sql);
  if (wrong) return { status: 400, arrow: null, receipt, problem: { error: `Binder Error: Referenced column "wrong" not found: ${HOSTILE.name}`, position: wrong.index } };
  if (/too much/.test(sql)) return { status: 413, arrow: null, receipt, problem: { error: 'expected rows of at most 64 MB, saw more' } };
  const table = /-- series/.test(sql) ? series()
    : /-- names/.test(sql) ? byName()
    : /-- types/.test(sql) ? types()
    : /-- many/.test(sql) ? many(rows + 1)
    : /-- none/.test(sql) ? many(0)
    : /-- hostile/.test(sql) ? hostile()
    : spans(streams);
  return { status: 200, arrow: tableToIPC(table, 'stream'), receipt: /-- types/.test(sql) ? { ...receipt, lost: 549, built: 3 } : receipt, problem: null };
}

function vector<T extends DataType>(values: readonly unknown[], type: T): Vector<T> {
  return vectorFromArray(values as never, type) as Vector<T>;
}

function spans(streams: readonly Stream[]): Table {
  const rows = streams.flatMap((stream) => stream.spans.slice(0, 150).map((span) => ({ stream, span })));
  return new Table({
    process_id: vector(rows.map(() => PROCESS), new Utf8()),
    stream_id: vector(rows.map(({ stream }) => stream.id), new Utf8()),
    span_id: vector(rows.map(({ span }) => span.id), new Int64()),
    name: vector(rows.map(({ span }) => span.name), new Utf8()),
    begin_ns: vector(rows.map(({ span }) => BEGIN_NS + BigInt(span.begin)), new Int64()),
    end_ns: vector(rows.map(({ span }) => BEGIN_NS + BigInt(span.end)), new Int64()),
    duration_ns: vector(rows.map(({ span }) => BigInt(span.end - span.begin)), new Int64()),
    depth: vector(rows.map(({ span }) => span.depth), new Int32()),
  });
}

/** One value a second, not in order, one of them missing. */
function series(): Table {
  const seconds = Array.from({ length: 60 }, (_, i) => (i * 7) % 60);
  return new Table({
    time_ns: vector(seconds.map((second) => BEGIN_NS + BigInt(second) * 1_000_000_000n), new Int64()),
    frames: vector(seconds.map((second) => (second === 30 ? null : BigInt(50 + (second % 13)))), new Int64()),
    load: vector(seconds.map((second) => Math.sin(second / 9) * 30 + 40), new Float64()),
  });
}

/** Every text as a value, and as the name of a column. */
function hostile(): Table {
  const columns = Object.create(null) as Record<string, Vector>;
  columns['name'] = vector(HOSTILE_TEXTS, new Utf8());
  columns['total'] = vector(HOSTILE_TEXTS.map((_, i) => BigInt(i)), new Int64());
  // The library keeps columns in an object: this name would be its prototype.
  for (const text of HOSTILE_TEXTS) if (text !== '__proto__') columns[text] = vector(HOSTILE_TEXTS.map((_, i) => HOSTILE_TEXTS[(i * 7) % HOSTILE_TEXTS.length]), new Utf8());
  return new Table(columns);
}

function byName(): Table {
  const names = ['Physics', 'Render', HOSTILE.name, 'Audio', 'Streaming'];
  return new Table({ name: vector(names, new Utf8()), total: vector([5_000_000_000n, 3_200_000_000n, 1_000_000n, -400_000_000n, null], new Int64()) });
}

/** A column of each kind, in two batches. */
function types(): Table {
  const batch = (rows: readonly (readonly unknown[])[]): Table => {
    const at = (i: number): unknown[] => rows.map((row) => row[i]);
    return new Table({
      signed: vector(at(0), new Int64()),
      unsigned: vector(at(1), new Uint64()),
      sum: vector(at(2), new Decimal(0, 38, 128)),
      price: vector(at(3), new Decimal(2, 10, 128)),
      ratio: vector(at(4), new Float64()),
      yes: vector(at(5), new Bool()),
      time: instants(at(6) as (bigint | null)[]),
      day: vector(at(7), new DateDay()),
      level: vector(at(8), new Dictionary(new Utf8(), new Int32())),
      bins: vector(at(9), new List(new Field('item', new Int64(), true))),
      bucket: vector(at(10), new Struct([new Field('low', new Float64(), true), new Field('count', new Uint64(), true)])),
      [HOSTILE.key]: vector(at(11), new Utf8()),
    });
  };
  return batch([
    [MOST_SIGNED, MOST_UNSIGNED, words(2n ** 100n), words(-12345n), 0.1, true, BEGIN_NS, new Date('2026-11-22'), 'warn', [1n, MOST_SIGNED], { low: 0.5, count: MOST_UNSIGNED }, HOSTILE.message],
    [LEAST_SIGNED, 0n, words(-1n), words(5n), -1e300, false, -1n, new Date('1969-12-31'), 'error', [], { low: null, count: 0n }, 'two\nlines, "quoted"'],
  ]).concat(batch([
    [null, null, null, null, null, null, null, null, null, null, null, null],
    [1234567n, 1n, words(0n), words(0n), NaN, true, 0n, new Date(0), 'warn', [2n], { low: 1, count: 1n }, ''],
  ]));
}

/** The library's builder takes milliseconds, which have no nanoseconds. */
function instants(values: readonly (bigint | null)[]): Vector<TimestampNanosecond> {
  const nullBitmap = Uint8Array.of(values.reduce((bits, value, i) => bits | (value === null ? 0 : 1 << i), 0));
  const nullCount = values.filter((value) => value === null).length;
  return new Vector([makeData({ type: new TimestampNanosecond(), length: values.length, nullCount, nullBitmap, data: BigInt64Array.from(values, (value) => value ?? 0n) })]);
}

/** 128 bits as words of 32, the lowest first. */
function words(value: bigint): Uint32Array {
  return Uint32Array.from({ length: 4 }, (_, word) => Number(BigInt.asUintN(32, value >> BigInt(32 * word))));
}

function many(rows: number): Table {
  const all = Array.from({ length: rows }, (_, i) => i);
  return new Table({ n: vector(all.map(BigInt), new Int64()), half: vector(all.map((i) => i / 2), new Float64()), text: vector(all.map((i) => `row ${i}`), new Utf8()) });
}
