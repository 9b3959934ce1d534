import type { TimeRange } from '../flame/view';
import { parseMerged, type MergedTree } from '../flame/mergedSpans';
import { parseCalls, parseFunctions, parseGraph, type DrawnGraph, type FunctionCalls, type FunctionList } from '../graph/calls';
import type { ViewerApi } from './api';

/** Asks a viewer's host who calls whom in a time of a process. */
export class ApiGraph {
  readonly #api: ViewerApi;
  readonly #process: string;
  readonly #range: TimeRange;

  constructor(api: ViewerApi, process: string, range: TimeRange) {
    this.#api = api;
    this.#process = process;
    this.#range = range;
  }

  async functions(signal: AbortSignal): Promise<FunctionList> {
    return parseFunctions(await this.#api.graphFunctions(this.#process, this.#range, signal));
  }

  async around(fn: string, signal: AbortSignal): Promise<FunctionCalls> {
    return parseCalls(await this.#api.graphCalls(this.#process, this.#range, fn, signal));
  }

  async drawn(signal: AbortSignal): Promise<DrawnGraph> {
    return parseGraph(await this.#api.graph(this.#process, this.#range, signal));
  }

  /** The call paths of each thread. */
  async trees(signal: AbortSignal): Promise<readonly MergedTree[]> {
    return parseMerged(await this.#api.merged(this.#process, 'left-heavy', this.#range, null, signal)).trees;
  }
}
