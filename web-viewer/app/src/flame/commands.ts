import type { Translate } from '../locale/text';
import type { Beside } from './beside';
import type { Choice } from './choice';
import type { Following } from './following';
import type { Command } from './keys';
import type { Marking } from './marking';
import type { ProcessMenu } from './processMenu';
import type { Steps } from './steps';
import type { Viewport } from './viewport';

export type Commands = Readonly<Record<Command, () => void>>;

/** What commands act on; those that concern the chart as a whole are its own. */
export interface Commanded {
  readonly viewport: Viewport;
  readonly steps: Steps;
  readonly marking: Marking;
  readonly choice: Choice;
  readonly following: Following;
  readonly beside: Beside | null;
  readonly menu: ProcessMenu | null;
  readonly say: (text: string) => void;
  readonly color: () => void;
  readonly mode: () => void;
  readonly search: () => void;
  readonly table: () => void;
  readonly palette: () => void;
  readonly help: () => void;
  readonly clear: () => void;
}

/** What each key and each line of the palette does while spans are laid out by time. */
export function commandsOf(t: Translate, of: Commanded): Commands {
  const { viewport, steps, marking, choice, beside, menu } = of;
  return {
    'to-begin': () => viewport.showEnd('begin'),
    'to-end': () => viewport.showEnd('end'),
    'row-above': () => steps.row(-1),
    'row-below': () => steps.row(1),
    'next-lane': () => steps.lane(1),
    'previous-lane': () => steps.lane(-1),
    'fold': () => steps.fold(),
    'fold-process': () => steps.foldProcess(),
    'processes': () => (menu ? menu.toggle(true) : of.say(t('axis-none'))),
    'follow': () => follow(t, of),
    'range': () => steps.range(),
    'extend-left': () => steps.extendRange(-1),
    'extend-right': () => steps.extendRange(1),
    'mark': () => marking.mark(),
    'remove-mark': () => marking.remove(),
    'next-mark': () => marking.step(1),
    'previous-mark': () => marking.step(-1),
    'list-marks': () => marking.list(),
    'tracks': () => beside?.tracks.focus(),
    'counters': () => beside?.menu.toggle(true),
    'focus': () => viewport.focusOn(choice.span?.extent ?? choice.range),
    'fit': () => viewport.fitAll(),
    'next-link': () => void steps.link(1),
    'previous-link': () => void steps.link(-1),
    'next-hit': () => steps.hit(1),
    'previous-hit': () => steps.hit(-1),
    'next-sibling': () => steps.sibling(1),
    'previous-sibling': () => steps.sibling(-1),
    'color': of.color,
    'mode': of.mode,
    'search': of.search,
    'table': of.table,
    'palette': of.palette,
    'help': of.help,
    'clear': of.clear,
  };
}

/** Goes to the end and along with it, or stays from now on. */
function follow(t: Translate, { following, viewport, say }: Commanded): void {
  if (!following.live) say(t('follow-not-live'));
  else if (following.on) following.hold(true);
  else {
    following.hold(false);
    if (!following.on) viewport.showEnd('end');
  }
}
