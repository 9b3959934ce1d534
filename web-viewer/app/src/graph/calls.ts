import type { MergedFunction } from '../flame/mergedSpans';

/** The functions of a time to choose from. Durations are nanoseconds. */
export interface FunctionList {
  readonly spans: number;
  /** Of all roots. */
  readonly totalNs: number;
  /** Those of most time first. */
  readonly functions: readonly MergedFunction[];
  readonly leftOut: number;
}

/** Spans that one function called of another. */
export interface FunctionCall {
  /** Of who called, or is called; `null`: nothing called them, they are roots. */
  readonly name: string | null;
  readonly count: number;
  /** Those within another of the same name are not counted again. */
  readonly totalNs: number;
}

export interface Wing {
  /** Those of most time first. */
  readonly calls: readonly FunctionCall[];
  readonly leftOut: number;
  readonly leftOutNs: number;
}

/** A function between who calls it and whom it calls. */
export interface FunctionCalls {
  readonly middle: MergedFunction;
  readonly callers: Wing;
  readonly callees: Wing;
}

/** A call between two functions of a drawing, by their places in its list. */
export interface DrawnCall {
  readonly caller: number;
  readonly callee: number;
  readonly count: number;
  readonly totalNs: number;
}

/** The heaviest functions and calls, and where the host has put them: callers to the left of whom they call, except in cycles. */
export interface DrawnGraph {
  readonly functions: readonly (MergedFunction & { readonly x: number; readonly y: number })[];
  readonly calls: readonly DrawnCall[];
  readonly functionsLeftOut: number;
  readonly callsLeftOut: number;
}

export function parseFunctions(json: unknown): FunctionList {
  const root = object(json);
  return { spans: number(root, 'spans'), totalNs: number(root, 'total_ns'), functions: list(root, 'functions').map(functionOf), leftOut: number(root, 'functions_left_out') };
}

export function parseCalls(json: unknown): FunctionCalls {
  const root = object(json);
  const wing = (side: string): Wing => ({
    calls: list(root, side).map((row) => {
      const [name, count, totalNs] = columns(row, 3);
      return { name: name === null ? null : String(name), count: numberIn(count), totalNs: numberIn(totalNs) };
    }),
    leftOut: number(root, `${side}_left_out`), leftOutNs: number(root, `${side}_left_out_ns`),
  });
  return { middle: functionOf(root['middle']), callers: wing('callers'), callees: wing('callees') };
}

export function parseGraph(json: unknown): DrawnGraph {
  const root = object(json);
  const points = list(root, 'points');
  const functions = list(root, 'functions').map((row, i) => {
    const [x, y] = columns(points[i], 2).map(numberIn);
    return { ...functionOf(row), x: x!, y: y! };
  });
  const calls = list(root, 'calls').map((row) => {
    const [caller, callee, count, totalNs] = columns(row, 4).map(numberIn) as [number, number, number, number];
    for (const each of [caller, callee]) if (!functions[each]) throw new Error(`expected a function below ${functions.length}, saw ${each}`);
    return { caller, callee, count, totalNs };
  });
  return { functions, calls, functionsLeftOut: number(root, 'functions_left_out'), callsLeftOut: number(root, 'calls_left_out') };
}

type Fields = Readonly<Record<string, unknown>>;

function functionOf(row: unknown): MergedFunction {
  const [name, count, totalNs, selfNs] = columns(row, 4);
  return { name: String(name), count: numberIn(count), totalNs: numberIn(totalNs), selfNs: numberIn(selfNs) };
}

function object(value: unknown): Fields {
  if (typeof value !== 'object' || value === null) throw new Error(`expected an object of calls, saw ${JSON.stringify(value)}`);
  return value as Fields;
}

function list(of: Fields, key: string): readonly unknown[] {
  const value = of[key];
  if (!Array.isArray(value)) throw new Error(`expected a list as ${key} of calls, saw ${JSON.stringify(value)}`);
  return value;
}

function columns(row: unknown, length: number): readonly unknown[] {
  if (!Array.isArray(row) || row.length !== length) throw new Error(`expected ${length} values of calls, saw ${JSON.stringify(row)}`);
  return row;
}

function number(of: Fields, key: string): number {
  return numberIn(of[key]);
}

function numberIn(value: unknown): number {
  if (typeof value !== 'number') throw new Error(`expected a number of calls, saw ${JSON.stringify(value)}`);
  return value;
}
