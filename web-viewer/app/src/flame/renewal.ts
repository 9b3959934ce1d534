import type { TileCache } from '../tiles/cache';
import type { Manifest } from '../tiles/manifest';
import type { TileSource } from '../tiles/source';
import type { Beside } from './beside';
import type { ChartPanel } from './chartPanel';
import type { Choice } from './choice';
import type { Following } from './following';
import type { Processes } from './processes';
import type { ProcessMenu } from './processMenu';
import type { Company, SharedAxis } from './sharedAxis';
import type { Shown } from './shown';

/** What has to know which processes there are, and how much of them. */
export interface Renewed {
  readonly axis: SharedAxis;
  readonly cache: TileCache;
  readonly shown: Shown;
  readonly choice: Choice;
  readonly panel: ChartPanel;
  readonly following: Following;
  readonly beside: Beside | null;
  readonly menu: ProcessMenu | null;
}

/** Takes over what there is by now: more of a process, or other processes. What is drawn stays until what takes its place is there. */
export class Renewal {
  readonly #of: Renewed;
  #missing: ReadonlyMap<string, string> = new Map();

  constructor(of: Renewed) {
    this.#of = of;
  }

  /** Why a process that is wanted on the axis is not there. */
  get problem(): string | null {
    return this.#missing.values().next().value ?? null;
  }

  /** More of the chart's own process. */
  renew(manifest: Manifest, source: TileSource): void {
    const { axis, beside, following } = this.#of;
    axis.renew(manifest, source);
    beside?.renew();
    this.#compose(following.keeps);
  }

  /** Other processes, or more of them; says whether there are others than before. */
  accompany(company: Company): boolean {
    const { axis, beside, choice, following } = this.#of;
    const before = axis.processes;
    axis.accompany(company);
    const { processes } = axis;
    const isOther = processes.members.length !== before.members.length || processes.members.some(({ number }) => !before.ofNumber(number));
    this.takeIn(company);
    for (const { number, manifest } of processes.members) {
      const known = before.ofNumber(number);
      if (number > 0 && known && known.manifest.lastNs !== manifest.lastNs) beside?.async.renew(number);
    }
    this.#compose(isOther ? 'all' : following.keeps);
    if (choice.ref && !processes.ofStream(choice.ref.stream)) choice.select(null);
    return isOther;
  }

  /** Tells those who show something of each process. */
  takeIn(company: Company): void {
    const { axis, beside, menu, panel } = this.#of;
    this.#missing = company.missing;
    menu?.tell(company);
    beside?.async.show(axis.processes, axis.asyncSources);
    panel.setStatistics(axis.statistics);
  }

  #compose(keeps: 'end' | 'all' | 'view'): void {
    const { axis: { processes, tiles }, cache, shown, beside } = this.#of;
    const before = generationsOf(shown.processes);
    const generations = generationsOf(processes);
    shown.processes = processes;
    cache.renew(tiles, processes.maxLevel, (group) => before.get(group) === generations.get(group));
    const layout = shown.layout.of(processes);
    shown.layout = beside?.async.layoutOf(layout) ?? layout;
    shown.viewport.rebound(processes.bounds(shown.originNs), keeps);
  }
}

function generationsOf({ members }: Processes): ReadonlyMap<number, string> {
  return new Map(members.flatMap(({ manifest }) => manifest.groups.map(({ group, generation }) => [group, generation] as const)));
}
