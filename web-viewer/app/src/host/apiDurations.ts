import { parseStatistics } from '../flame/statistics';
import type { TimeRange } from '../flame/view';
import { parseHeat, type DurationSource, type Heat } from '../metrics/heat';
import type { ViewerApi } from './api';

/** Asks a viewer's host. */
export class ApiDurations implements DurationSource {
  readonly #api: ViewerApi;
  readonly #process: string;

  constructor(api: ViewerApi, process: string) {
    this.#api = api;
    this.#process = process;
  }

  async names(range: TimeRange, signal: AbortSignal): Promise<readonly string[]> {
    return parseStatistics(await this.#api.statistics(this.#process, range, signal)).names.map(({ name }) => name);
  }

  async heat(name: string, range: TimeRange, signal: AbortSignal): Promise<Heat> {
    return parseHeat(await this.#api.durations(this.#process, name, range, signal));
  }
}
