import type { LaneLayout } from './lanes';
import type { Member, Processes } from './processes';
import type { Window } from './slots';
import type { Stage } from './stage';
import { absolute, nsPerPixel, type View } from './view';
import type { Viewport } from './viewport';

/** A time of which spans of a process were not read yet. */
export interface Unread extends View {
  readonly member: Member;
}

/** What is shown, where, and over which time. */
export class Shown {
  readonly viewport: Viewport;
  readonly stage: Stage;
  /** Nanoseconds since the Unix epoch that everything in the chart counts from: the first manifest's begin, whatever comes later. */
  readonly originNs: bigint;
  processes: Processes;
  readonly #changed: () => void;
  #layout: LaneLayout;

  /** `changed`: the lanes lie elsewhere. */
  constructor(processes: Processes, layout: LaneLayout, viewport: Viewport, stage: Stage, changed: () => void) {
    this.processes = processes;
    this.originNs = processes.main.manifest.beginNs;
    this.viewport = viewport;
    this.stage = stage;
    this.#changed = changed;
    this.#layout = layout;
    stage.setContentHeight(layout.height);
  }

  get layout(): LaneLayout {
    return this.#layout;
  }

  set layout(layout: LaneLayout) {
    if (layout === this.#layout) return;
    this.#layout = layout;
    this.stage.setContentHeight(layout.height);
    this.#changed();
  }

  get window(): Window {
    return {
      processes: this.processes, originNs: this.originNs, bounds: this.viewport.bounds, view: this.viewport.view, layout: this.#layout,
      scrollTop: this.stage.scrollTop, width: this.stage.width, height: this.stage.height,
    };
  }

  /** What was not read yet of the processes whose lanes are not folded, nanoseconds from the origin. */
  get unread(): readonly Unread[] {
    return this.processes.members.filter((member) => !this.#layout.headerOf(member)?.collapsed)
      .flatMap((member) => member.manifest.unread.map(({ beginNs, endNs }) => ({ member, begin: this.relative(beginNs), end: this.relative(endNs) })));
  }

  absolute(ns: number): bigint {
    return absolute(this.originNs, ns);
  }

  relative(ns: bigint): number {
    return Number(ns - this.originNs);
  }

  /** How long pixels are, nanoseconds. */
  nsOf(pixels: number): number {
    return pixels * nsPerPixel(this.viewport.view, this.stage.width);
  }
}
