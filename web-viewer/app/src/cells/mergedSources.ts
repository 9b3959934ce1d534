import { parseMerged, type MergedQuestion, type MergedSource, type MergedSpans } from '../flame/mergedSpans';
import type { CellComm } from './comm';
import { fields, type Fields } from './model';

/** Asks the kernel. */
export class CommMerged implements MergedSource {
  readonly #comm: CellComm;

  constructor(comm: CellComm) {
    this.#comm = comm;
  }

  async read({ mode, range, fn }: MergedQuestion, signal: AbortSignal): Promise<MergedSpans> {
    const { json } = await this.#comm.ask({ merged: { from_ns: String(range.beginNs), to_ns: String(range.endNs), mode, function: fn } }, signal);
    return parseMerged(json['merged']);
  }
}

/** What a model carries: the call paths of its view, and of some functions who calls them and what they call. Whatever range is asked for, this is the answer. */
export class SavedMerged implements MergedSource {
  readonly #leftHeavy: MergedSpans;
  readonly #sandwiches: readonly Fields[];

  private constructor(leftHeavy: MergedSpans, sandwiches: readonly Fields[]) {
    this.#leftHeavy = leftHeavy;
    this.#sandwiches = sandwiches;
  }

  /** `null` where the model carries none. */
  static of(given: unknown): SavedMerged | null {
    const { left_heavy, sandwiches } = fields(given);
    return left_heavy === undefined ? null : new SavedMerged(parseMerged(left_heavy), Array.isArray(sandwiches) ? sandwiches.map(fields) : []);
  }

  async read({ mode, fn }: MergedQuestion): Promise<MergedSpans> {
    if (mode === 'left-heavy') return this.#leftHeavy;
    const { functions, functionsLeftOut } = this.#leftHeavy;
    for (const each of this.#sandwiches) {
      const sandwich = parseMerged(each);
      if (fn === null || sandwich.middle?.name === fn) return { ...sandwich, functions, functionsLeftOut };
    }
    const middle = functions.find(({ name }) => name === fn) ?? { name: fn ?? '', count: 0, totalNs: 0, selfNs: 0 };
    return { ...this.#leftHeavy, middle, trees: [] };
  }
}
