import { parseStatistics, type Statistics, type StatisticsSource } from '../flame/statistics';
import type { TimeRange } from '../flame/view';
import type { ViewerApi } from './api';

/** Asks a viewer's host. */
export class ApiStatistics implements StatisticsSource {
  readonly #api: ViewerApi;
  readonly #process: string;

  constructor(api: ViewerApi, process: string) {
    this.#api = api;
    this.#process = process;
  }

  async read(range: TimeRange, signal: AbortSignal): Promise<Statistics> {
    return parseStatistics(await this.#api.statistics(this.#process, range, signal));
  }
}
