import { parseStatistics, type Statistics, type StatisticsSource } from '../flame/statistics';
import type { TimeRange } from '../flame/view';
import type { CellComm } from './comm';

/** Asks the kernel. */
export class CommStatistics implements StatisticsSource {
  readonly #comm: CellComm;

  constructor(comm: CellComm) {
    this.#comm = comm;
  }

  async read({ beginNs, endNs }: TimeRange, signal: AbortSignal): Promise<Statistics> {
    const { json } = await this.#comm.ask({ statistics: { from_ns: String(beginNs), to_ns: String(endNs) } }, signal);
    return parseStatistics(json['statistics']);
  }
}
