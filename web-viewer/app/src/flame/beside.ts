import type { Translate } from '../locale/text';
import { AsyncLanes } from './asyncLanes';
import { linkTo } from './attachments';
import { element } from './dom';
import type { GestureTarget } from './gestures';
import type { LaneLayout } from './lanes';
import type { Pointing } from './pointing';
import type { Processes } from './processes';
import type { TimelineOptions } from './timeline';
import type { TrackMenu } from './trackMenu';
import { Tracks, type TracksContent } from './tracks';
import type { View } from './view';

export interface BesideActions {
  /** Something is to be drawn anew. */
  readonly changed: () => void;
  /** Other async spans are there, perhaps in more lanes or fewer. */
  readonly asyncChanged: () => void;
  /** A reader chose counters. */
  readonly chosen: () => void;
  readonly selectRange: (range: View) => void;
  /** Keys went to a moment of the tracks, or away from all of them. */
  readonly walked: (at: number | null) => void;
}

/** What lies on the axis beside the spans of threads: async spans below those of each process; log entries, counters, attachments and markers of the chart's own above all. */
export class Beside {
  readonly async: AsyncLanes;
  readonly #tracks: Tracks;
  readonly #selectRange: (range: View) => void;
  #counters: readonly string[] | null;

  constructor(t: Translate, options: TimelineOptions, processes: Processes, originNs: bigint, actions: BesideActions) {
    this.#counters = options.counters;
    this.#selectRange = actions.selectRange;
    this.async = new AsyncLanes(t('lane-async'), processes, options.source, originNs, actions.asyncChanged);
    this.#tracks = new Tracks(t, options, originNs, {
      changed: actions.changed,
      chosen: () => {
        this.#counters = this.#tracks.names;
        actions.chosen();
      },
      walked: actions.walked,
      open: (x, y) => this.#click(x, y),
    });
  }

  /** The counters that a reader or a link chose; `null`: the usual ones. */
  get counters(): readonly string[] | null {
    return this.#counters;
  }

  get settled(): boolean {
    return this.async.settled && this.#tracks.settled;
  }

  get problem(): string | null {
    return this.async.problem ?? this.#tracks.problem;
  }

  /** Stands above the lanes. */
  get tracks(): HTMLElement {
    return this.#tracks.root;
  }

  /** The table twin of the attachments within a view; `null` where there is none. */
  attachmentTable(view: View): HTMLElement | null {
    return this.#tracks.attachmentTable(view);
  }

  get menu(): TrackMenu {
    return this.#tracks.menu;
  }

  resize(width: number, ratio: number): void {
    this.#tracks.resize(width, ratio);
  }

  want(view: View, layout: LaneLayout): void {
    this.async.want(view, layout);
    this.#tracks.want(view);
  }

  /** More of the chart's own process may be there. */
  renew(): void {
    this.async.renew(0);
    this.#tracks.renew();
  }

  draw(content: TracksContent): void {
    this.#tracks.draw(content);
  }

  /** Over the tracks the pointer does the same to the time as over the lanes; a click opens an attachment, leads to the log entries where there is a page of them, and selects the time of what it hits otherwise. */
  gestures(lanes: Pointing): GestureTarget {
    return {
      dragRange: (from, to, done) => lanes.dragRange(from, to, done),
      dragZoom: (from, to, done) => lanes.dragZoom(from, to, done),
      pan: (pixels) => lanes.pan(pixels),
      scroll: (pixels) => lanes.scroll(pixels),
      takesWheel: () => lanes.takesWheel(),
      zoom: (x, factor) => lanes.zoom(x, factor),
      hover: (x, y) => {
        lanes.to(x);
        this.#tracks.hover(x, y);
      },
      leave: () => {
        this.#tracks.leave();
        lanes.leave();
      },
      click: (x, y) => this.#click(x, y),
      clickGutter: () => undefined,
      doubleClick: () => undefined,
    };
  }

  #click(x: number, y: number): void {
    const file = this.#tracks.fileAt(x, y);
    if (file !== null) return follow(linkTo(file, ''), this.#tracks.root);
    const address = this.#tracks.linkAt(x, y);
    if (address !== null) {
      const link = element('a', '');
      link.href = address;
      return follow(link, this.#tracks.root);
    }
    const range = this.#tracks.rangeAt(x, y);
    if (range) this.#selectRange(range);
  }

  dispose(): void {
    this.async.dispose();
    this.#tracks.dispose();
  }
}

/** The page around follows links, in its own way. */
function follow(anchor: HTMLAnchorElement, within: HTMLElement): void {
  within.append(anchor);
  anchor.click();
  anchor.remove();
}
