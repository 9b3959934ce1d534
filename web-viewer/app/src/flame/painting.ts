import type { Translate } from '../locale/text';
import type { TileCache } from '../tiles/cache';
import { formatDuration } from '../time/ns';
import type { Arrow } from './arrows';
import type { Beside } from './beside';
import type { Brush } from './brush';
import type { Choice } from './choice';
import type { ColorBy } from './color';
import type { Decor, Outline } from './decor';
import type { DrawnSpans } from './drawnSpans';
import { Emphasis } from './emphasis';
import type { Marking } from './marking';
import type { Overview } from './overview';
import type { Pointing } from './pointing';
import type { Search } from './search';
import type { Selection } from './selection';
import type { Shown } from './shown';
import type { Theme } from './theme';
import { spanOf } from './view';

/** What is drawn, and on what. */
export interface Painted {
  readonly shown: Shown;
  readonly cache: TileCache;
  readonly drawn: DrawnSpans;
  readonly choice: Choice;
  readonly search: Search;
  readonly pointing: Pointing;
  readonly marking: Marking;
  readonly overview: Overview;
  /** `null`: nothing lies beside the spans of threads. */
  readonly beside: Beside | null;
}

export interface Look {
  readonly theme: Theme;
  readonly color: ColorBy;
  readonly brush: Brush | null;
}

/** Draws in the next frame what has changed until then: spans only where they have, as the pointer moves more often than the view. */
export class Painting {
  readonly emphasis = new Emphasis();
  readonly #t: Translate;
  readonly #of: Painted;
  readonly #root: HTMLElement;
  readonly #look: () => Look;
  readonly #after: () => void;
  #frame = 0;
  #stale = true;
  #firstViewMarked = false;

  /** `root` tells tests and people who report what they see how sharp it is. `after`: called once a frame was drawn. */
  constructor(t: Translate, of: Painted, root: HTMLElement, look: () => Look, after: () => void) {
    this.#t = t;
    this.#of = of;
    this.#root = root;
    this.#look = look;
    this.#after = after;
  }

  /** Draws everything in the next frame. */
  redraw(): void {
    this.#stale = true;
    this.redrawDecor();
  }

  /** Draws what lies over the spans in the next frame. */
  redrawDecor(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  /** Draws now what would be drawn in the next frame. */
  drawNow(): void {
    cancelAnimationFrame(this.#frame);
    this.#draw();
  }

  drawSpans(): void {
    const { shown, drawn, search } = this.#of;
    const { theme, color, brush } = this.#look();
    const { window } = shown;
    this.#stale = false;
    const complete = drawn.show(window);
    this.emphasis.show(search.query, brush);
    shown.stage.drawSpans(window, drawn.slots, this.emphasis, theme, color);
    this.#root.dataset['surface'] = shown.stage.surface;
    this.#root.dataset['sharp'] = String(complete && !shown.unread.some(({ begin, end }) => begin < window.view.end && end > window.view.begin));
    if (!this.#firstViewMarked && (drawn.slots.length > 0 || complete)) {
      this.#firstViewMarked = true;
      performance.mark('legion-first-view');
    }
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame);
  }

  #draw(): void {
    this.#frame = 0;
    if (this.#stale) this.drawSpans();
    const { shown, cache, search, marking, overview, beside } = this.#of;
    const { theme } = this.#look();
    const { window, stage } = shown;
    const { fitter } = stage;
    const decor = this.#decor(theme);
    stage.drawDecor(window, decor);
    marking.strip.draw({ marks: marking.marks, view: window.view, originNs: shown.originNs }, theme, fitter);
    overview.draw({ window, cache, theme, fitter, density: search.density, marks: decor.marks, marked: decor.marked });
    beside?.draw({ theme, fitter, view: window.view, range: decor.range, cursor: decor.cursor, marked: decor.marked });
    this.#after();
  }

  #decor(theme: Theme): Decor {
    const { shown, choice, search, pointing, marking } = this.#of;
    const { hits, current } = search;
    const selection = choice.span;
    const hover = pointing.span;
    return {
      theme,
      fitter: shown.stage.fitter,
      range: pointing.zoomRange ?? choice.range,
      cursor: shown.viewport.anchor,
      hover: hover && this.#outline({ ...hover, stream: hover.lane.stream, span: hover.id }),
      selection: selection && this.#outline(selection),
      arrows: selection ? this.#arrows(selection) : [],
      marks: hits.map(({ beginNs }) => shown.relative(beginNs)),
      currentMark: current === null ? null : shown.relative(hits[current]!.beginNs),
      marked: marking.marks.map(({ atNs }) => shown.relative(atNs)),
      lane: choice.cursor.lane(shown.layout),
      unread: shown.unread.map(({ member, begin, end }) => {
        const [top, bottom] = shown.layout.extentOf(member);
        return { begin, end, top, bottom };
      }),
      lives: new Map(shown.processes.members.map((member) => [member.number, shown.processes.reachOf(member, shown.originNs)])),
      unreadText: this.#t('unread-spans'),
      corner: this.#t('visible-time', { duration: formatDuration(spanOf(shown.viewport.view)) }),
    };
  }

  #outline(span: Pick<Selection, 'stream' | 'span' | 'depth' | 'extent'>): Outline | null {
    const row = this.#of.drawn.rowOf(span, this.#of.shown.layout);
    return row && { row, extent: span.extent };
  }

  /** From the selected span to what it is linked to, as far as the lanes there are shown. */
  #arrows(selection: Selection): readonly Arrow[] {
    const { drawn, shown, choice } = this.#of;
    const own = drawn.rowOf(selection, shown.layout);
    if (!own) return [];
    return choice.linked.links.flatMap(({ direction, fromNs, atNs, stream, span }) => {
      const row = drawn.rowOf({ stream, span: span?.span ?? 0n, depth: span?.depth ?? 0 }, shown.layout);
      if (!row) return [];
      const here = { row: own, at: shown.relative(fromNs) };
      const there = { row, at: shown.relative(atNs) };
      return direction > 0 ? [{ from: here, to: there }] : [{ from: there, to: here }];
    });
  }
}
