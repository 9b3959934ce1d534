import { Int64, Table, Utf8, Uint64, tableToIPC, vectorFromArray, type DataType } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import type { ViewInfo } from '../../src/host/api';
import { linkTo } from '../../src/pages/route';
import { barsOf, candidates, chosenColumns, plotted } from '../../src/query/chartData';
import { instantTicks } from '../../src/query/chartTicks';
import { isoOf, readTable } from '../../src/query/columns';
import { csvOf, notebookCell } from '../../src/query/csv';
import { sqlName, sqlText, sqlView, wordAt } from '../../src/query/names';
import type { ResultTable } from '../../src/query/result';
import { rowLinks } from '../../src/query/rowLink';
import { shownText, unitOf, unitsOf } from '../../src/query/units';
import { LEAST_SIGNED, MOST_SIGNED, MOST_UNSIGNED, fakeAnswer, fakeViews } from '../support/fakeQuery';
import { BEGIN_NS, HOSTILE } from '../support/synthetic';

const PROCESS = '0198c0de-1111-7000-8000-000000000001';
const STREAM = '0198c0de-0000-7000-8000-000000000007';
const UNITS = unitsOf(fakeViews() as readonly ViewInfo[]);

const answer = (sql: string, rows = 10): ResultTable => readTable(fakeAnswer(sql, rows, []).arrow!);

/** A result of integers (bigint) and texts. */
function tableOf(columns: Readonly<Record<string, readonly (bigint | string | null)[]>>): ResultTable {
  const typeOf = (values: readonly unknown[]): DataType => (values.some((value) => typeof value === 'string') ? new Utf8() : values.some((value) => typeof value === 'bigint' && value > MOST_SIGNED) ? new Uint64() : new Int64());
  return readTable(tableToIPC(new Table(Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, vectorFromArray(values as never, typeOf(values))]))), 'stream'));
}

const named = (table: ResultTable, name: string) => table.columns.find((column) => column.name === name)!;

describe('a result', () => {
  const types = answer('-- types');

  test('of several batches is one table', () => {
    expect(types.rows).toBe(4);
    expect(types.columns.map(({ type }) => type)).toEqual(['BIGINT', 'UBIGINT', 'HUGEINT', 'DECIMAL(10,2)', 'DOUBLE', 'BOOLEAN', 'TIMESTAMP_NS', 'DATE', 'ENUM', 'LIST', 'STRUCT', 'VARCHAR']);
    expect(types.columns.map(({ kind }) => kind)).toEqual(['integer', 'integer', 'integer', 'float', 'float', 'other', 'time', 'time', 'text', 'other', 'other', 'text']);
  });

  test.each([
    ['signed', [String(MOST_SIGNED), String(LEAST_SIGNED), null, '1234567']],
    ['unsigned', [String(MOST_UNSIGNED), '0', null, '1']],
    ['sum', [String(2n ** 100n), '-1', null, '0']],
    ['price', ['-123.45', '0.05', null, '0.00']],
    ['ratio', ['0.1', '-1e+300', null, 'NaN']],
    ['yes', ['true', 'false', null, 'true']],
    ['day', ['2026-11-22', '1969-12-31', null, '1970-01-01']],
    ['level', ['warn', 'error', null, 'warn']],
    ['bins', [`[1,${MOST_SIGNED}]`, '[]', null, '[2]']],
    ['bucket', [`{"low":0.5,"count":${MOST_UNSIGNED}}`, '{"low":null,"count":0}', null, '{"low":1,"count":1}']],
    [HOSTILE.key, [HOSTILE.message, 'two\nlines, "quoted"', null, '']],
  ] as const)('has all of %s', (name, values) => {
    const column = named(types, name);
    expect([0, 1, 2, 3].map((row) => column.exact(row))).toEqual(values);
  });

  test('has times to the nanosecond', () => {
    const time = named(types, 'time');
    expect([time.integer(0), time.integer(1), time.integer(2)]).toEqual([BEGIN_NS, -1n, null]);
    expect(time.exact(1)).toBe('1969-12-31T23:59:59.999999999Z');
    expect(isoOf(MOST_SIGNED, false)).toBe('2262-04-11T23:47:16.854775807Z');
    expect(isoOf(10n ** 30n, false)).toBe(String(10n ** 30n));
  });

  test('without rows still has its columns', () => expect([answer('-- none').rows, answer('-- none').columns.map(({ name }) => name)]).toEqual([0, ['n', 'half', 'text']]));

  test('as CSV is exact, and tells no value from an empty text', () => {
    const lines = csvOf(types).split('\r\n');
    expect(lines[0]).toBe(`signed,unsigned,sum,price,ratio,yes,time,day,level,bins,bucket,${HOSTILE.key}`);
    expect(lines[1]).toContain(`${MOST_SIGNED},${MOST_UNSIGNED},`);
    expect(lines[1]).toContain(`"[1,${MOST_SIGNED}]","{""low"":0.5,""count"":${MOST_UNSIGNED}}"`);
    expect(csvOf(types)).toContain('"two\nlines, ""quoted"""\r\n,,,,,,,,,,,\r\n');
    expect(lines.at(-2)).toMatch(/,""$/);
  });
});

describe('what is shown of a value', () => {
  const table = tableOf({ begin_ns: [BEGIN_NS, 5n], 'max(duration_ns)': [1_500_000n, 7n], bytes: [2048n, 1n], span_id: [1234567n, 1n], calls: [1234567n, 1n] });
  const text = (name: string, raw = false): string | null => shownText(named(table, name), 0, unitOf(named(table, name), UNITS), raw);

  test('follows the unit of the view, also of what keeps it', () => {
    expect(text('begin_ns')).toMatch(/\d\d:\d\d:\d\d\.123456$/);
    expect([text('max(duration_ns)'), text('bytes'), text('span_id'), text('calls')]).toEqual(['1.50 ms', '2 KB', '1234567', '1,234,567']);
  });

  test('is exact where somebody wants that', () => expect([text('begin_ns', true), text('bytes', true)]).toEqual([String(BEGIN_NS), '2048']));

  test('has no unit where views disagree about a name', () => {
    const views = [{ name: 'a', columns: [{ name: 'x', unit: 'ns' }] }, { name: 'b', columns: [{ name: 'x', unit: 'bytes' }, { name: 'y', unit: 'ns' }] }] as unknown as ViewInfo[];
    expect([...unitsOf(views)]).toEqual([['x', ''], ['y', 'ns']]);
  });

  test('of a mean of points in time is no time', () => {
    const mean = { ...named(answer('-- types'), 'ratio'), name: 'avg(begin_ns)' };
    expect(unitOf(mean, UNITS)).toBe('');
  });
});

describe('a row leads', () => {
  const link = (columns: Readonly<Record<string, readonly (bigint | string | null)[]>>): string | null => {
    const route = rowLinks(tableOf(columns))?.(0);
    return route ? linkTo(route) : null;
  };

  test('to its span', () => expect(link({ process_id: [PROCESS], stream_id: [STREAM], span_id: [7n], begin_ns: [1000n], end_ns: [2000n] })).toBe(`/process/${PROCESS}/timeline?from=899&to=2101&sel=${STREAM}:7`));
  test('to an async span, whose id may take all bits', () => expect(link({ process_id: [PROCESS], stream_id: [STREAM], begin_stream_id: [STREAM], span_id: [MOST_UNSIGNED], begin_ns: [1000n], end_ns: [null] })).toBe(`/process/${PROCESS}/timeline?from=-9999000&to=10001000&sel=async:${MOST_UNSIGNED}`));
  test('to the moment of a line of a log', () => expect(link({ process_id: [PROCESS], stream_id: [STREAM], span_id: [7n], time_ns: [BEGIN_NS] })).toBe(`/process/${PROCESS}/timeline?from=${BEGIN_NS - 10_000_000n}&to=${BEGIN_NS + 10_000_000n}`));
  test('to its process, where it tells no time', () => expect(link({ process_id: [PROCESS], exe: ['game'] })).toBe(`/process/${PROCESS}`));
  test('nowhere without a process, or with one that is none', () => expect([link({ n: [1n] }), link({ process_id: ['../../x'] }), link({ process_id: [null], time_ns: [1n] })]).toEqual([null, null, null]));
  test('nowhere beyond 64 bits', () => expect(link({ process_id: [PROCESS], time_ns: [MOST_SIGNED] })).toBe(`/process/${PROCESS}`));
});

describe('a chart', () => {
  const series = answer('-- series');

  test('is of a time and the first number, if nobody chose', () => {
    const chosen = chosenColumns(series, null, null, UNITS)!;
    expect([chosen.x.name, chosen.y.map(({ name }) => name)]).toEqual(['time_ns', ['frames']]);
    expect(candidates(series, UNITS).y.map(({ name }) => name)).toEqual(['frames', 'load']);
    expect(chosenColumns(series, 'load', ['gone'], UNITS)!.x.name).toBe('load');
    expect(chosenColumns(series, null, [], UNITS)!.y).toEqual([]);
    expect(chosenColumns(answer('-- names'), null, null, UNITS)).toMatchObject({ x: { name: 'name' }, y: [{ name: 'total' }] });
    expect(chosenColumns({ columns: [], rows: 0 }, null, null, UNITS)).toBeNull();
  });

  test('has its points in order of time, each with its row, and a gap where there is no value', () => {
    const { originNs, x, y, rows, leftOut } = plotted(chosenColumns(series, null, ['frames'], UNITS)!, series.rows, UNITS);
    expect([originNs, leftOut, x.length]).toEqual([BEGIN_NS, 0, 60]);
    expect([...x]).toEqual(Array.from({ length: 60 }, (_, i) => i * 1e9));
    expect([...rows].map((row) => (row * 7) % 60)).toEqual(Array.from({ length: 60 }, (_, i) => i));
    expect([...y[0]!].map((value, second) => (Number.isNaN(value) ? second : -1)).filter((second) => second >= 0)).toEqual([30]);
    expect(y[0]![31]).toBe(50 + (31 % 13));
  });

  test('leaves rows out that have no place on the axis, and counts them', () => {
    const table = tableOf({ n: [3n, null, 1n], value: [30n, 20n, 10n] });
    const { x, y, leftOut, originNs } = plotted(chosenColumns(table, 'n', ['value'], UNITS)!, 3, UNITS);
    expect([[...x], [...y[0]!], leftOut, originNs]).toEqual([[1, 3], [10, 30], 1, null]);
  });

  test('of times near the end of 64 bits keeps what lies between them', () => {
    const table = tableOf({ time_ns: [MOST_SIGNED, MOST_SIGNED - 3n], value: [1n, 2n] });
    expect([...plotted(chosenColumns(table, 'time_ns', ['value'], UNITS)!, 2, UNITS).x]).toEqual([0, 3]);
  });

  test('over texts has a bar a row, as they came', () => {
    const table = answer('-- names');
    expect(barsOf(named(table, 'total'), table.rows)).toEqual({ bars: [5e9, 3.2e9, 1e6, -4e8, NaN].map((value, row) => ({ row, value })), least: -4e8, greatest: 5e9 });
  });

  test('has its ticks at whole moments', () => {
    expect(instantTicks(1_700_000_000_250_000_000n, 0, 10e9, 5)).toEqual([1.75e9, 3.75e9, 5.75e9, 7.75e9, 9.75e9]);
    expect(instantTicks(-250_000_000n, 0, 2e9, 2)).toEqual([0.25e9, 1.25e9]);
  });
});

describe('names', () => {
  test.each([['name', 'name'], ['user', '"user"'], ['Order', '"Order"'], ['a b', '"a b"'], ['1st', '"1st"'], ['say "x"', '"say ""x"""'], ['', '""']])('%s is %s in SQL', (name, written) => expect(sqlName(name)).toBe(written));
  test('of event types stand behind their schema', () => expect([sqlView('spans'), sqlView('events.Frame'), sqlView('events.a.b')]).toEqual(['spans', 'events.Frame', 'events."a.b"']));
  test('texts cannot end themselves', () => expect(sqlText("a' OR '1'='1")).toBe("'a'' OR ''1''=''1'"));
  test.each([['SELECT wrong', 7, 'wrong'], ['a + b', 2, '+'], ['SELECT', 99, 'T'], ['SELECT "é😀"', 9, '😀'], ['', 0, ''], ['x', -5, 'x']])('in %j, character %i is in %j', (text, at, word) => {
    const { from, to } = wordAt(text, at);
    expect(text.slice(from, to)).toBe(word);
  });
  test('a cell of a notebook begins with its magic', () => expect(notebookCell('\n SELECT 1\n')).toBe('#!legion sql\nSELECT 1\n'));
});
