import { parseMerged, type MergedQuestion, type MergedSource, type MergedSpans } from '../flame/mergedSpans';
import type { ViewerApi } from './api';

/** Asks a viewer's host. */
export class ApiMerged implements MergedSource {
  readonly #api: ViewerApi;
  readonly #process: string;

  constructor(api: ViewerApi, process: string) {
    this.#api = api;
    this.#process = process;
  }

  async read({ mode, range, fn }: MergedQuestion, signal: AbortSignal): Promise<MergedSpans> {
    return parseMerged(await this.#api.merged(this.#process, mode, range, fn, signal));
  }
}
