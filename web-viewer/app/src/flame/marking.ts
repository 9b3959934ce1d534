import type { Translate } from '../locale/text';
import { formatInstant } from '../time/ns';
import type { Choice } from './choice';
import { MarkMenu } from './markMenu';
import { markBeyond, markName, nearestMark, snapped, withMark, type Mark } from './marks';
import { MarkStrip } from './markStrip';
import type { Shown } from './shown';
import { spanOf, type View } from './view';

/** A moment closer than this to the edge of a span, in pixels, is meant to be that edge; and a mark as close is meant itself. */
const SNAP_PIXELS = 6;

export interface MarkingActions {
  /** Other moments are marked, or by other names. */
  readonly changed: () => void;
  readonly say: (text: string) => void;
  /** Gives the keyboard back to the lanes. */
  readonly leave: () => void;
  /** When the span under the pointer is. */
  readonly pointed: () => View | null;
}

/** The moments that a reader marks, in their strip and their list. */
export class Marking {
  readonly strip: MarkStrip;
  readonly menu: MarkMenu;
  readonly #t: Translate;
  readonly #shown: Shown;
  readonly #choice: Choice;
  readonly #actions: MarkingActions;
  #marks: readonly Mark[];
  /** The mark that a key or the list led to last. */
  #wentTo: Mark | null = null;

  constructor(t: Translate, shown: Shown, choice: Choice, marks: readonly Mark[], actions: MarkingActions) {
    this.#t = t;
    this.#shown = shown;
    this.#choice = choice;
    this.#actions = actions;
    this.#marks = marks;
    this.strip = new MarkStrip(t);
    this.menu = new MarkMenu(t, shown.originNs, {
      goTo: (mark) => this.#goTo(mark),
      rename: (mark, label) => this.#set(this.#marks.map((each) => (each === mark ? { ...mark, label } : each))),
      remove: (mark) => this.#set(this.#marks.filter((each) => each !== mark)),
      leave: actions.leave,
    });
    this.menu.show(marks);
  }

  get marks(): readonly Mark[] {
    return this.#marks;
  }

  /** Marks a moment; where it is marked already, its label can be typed. */
  mark(): void {
    const moments = this.#moments();
    const known = moments.length === 1 ? this.#at(moments[0]!) : null;
    if (known) return this.menu.open(known);
    this.#set(moments.reduce((marks, at) => withMark(marks, { atNs: this.#shown.absolute(at), label: '' }), this.#marks));
    const mark = nearestMark(this.#marks, this.#shown.absolute(moments[0]!));
    if (mark) this.#say(mark);
  }

  /** Removes the mark closest to the cursor, of those in sight. */
  remove(): void {
    const mark = nearestMark(this.#marks.filter((each) => this.#isInSight(each)), this.#shown.absolute(this.#moments()[0]!));
    if (!mark) return;
    this.#actions.say(this.#t('mark-removed', { name: markName(this.#marks, mark) }));
    this.#set(this.#marks.filter((each) => each !== mark));
  }

  step(direction: 1 | -1): void {
    const { begin, end } = this.#shown.viewport.view;
    // At the ends of the process the mark gone to is not in the middle.
    const from = this.#wentTo && this.#isInSight(this.#wentTo) ? this.#wentTo.atNs : this.#shown.absolute((begin + end) / 2);
    const mark = markBeyond(this.#marks, from, direction);
    if (mark) this.#goTo(mark);
  }

  list(): void {
    if (this.#marks.length > 0) this.menu.open(null);
    else this.#actions.say(this.#t('mark-none'));
  }

  #set(marks: readonly Mark[]): void {
    this.#marks = marks;
    this.menu.show(marks);
    this.#actions.changed();
  }

  /** Where the cursor is, at the edge that it is close to; without one, both ends of what is selected, or the middle of the view. */
  #moments(): readonly number[] {
    const { anchor, view } = this.#shown.viewport;
    const selected = this.#choice.extent;
    if (anchor === null) return selected ? [selected.begin, selected.end] : [(view.begin + view.end) / 2];
    const edges = [selected, this.#actions.pointed()].flatMap((extent) => (extent ? [extent.begin, extent.end] : []));
    return [snapped(anchor, edges, this.#shown.nsOf(SNAP_PIXELS))];
  }

  /** The mark that is drawn where a moment is; `null`: none. */
  #at(at: number): Mark | null {
    const mark = nearestMark(this.#marks, this.#shown.absolute(at));
    return mark && Math.abs(this.#shown.relative(mark.atNs) - at) <= this.#shown.nsOf(SNAP_PIXELS) ? mark : null;
  }

  #isInSight({ atNs }: Mark): boolean {
    const at = this.#shown.relative(atNs);
    return at >= this.#shown.viewport.view.begin && at <= this.#shown.viewport.view.end;
  }

  /** Brings a mark to the middle, as close as it is looked at now. */
  #goTo(mark: Mark): void {
    const { viewport } = this.#shown;
    const at = this.#shown.relative(mark.atNs);
    const half = spanOf(viewport.view) / 2;
    viewport.glideTo({ begin: at - half, end: at + half });
    this.#wentTo = mark;
    this.#say(mark);
  }

  #say(mark: Mark): void {
    this.#actions.say(this.#t('mark-said', { name: markName(this.#marks, mark), time: formatInstant(mark.atNs, 6) }));
  }
}
