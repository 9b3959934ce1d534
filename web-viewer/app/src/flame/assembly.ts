import type { Translate } from '../locale/text';
import type { Bar } from './bar';
import type { Beside } from './beside';
import type { ChartPanel } from './chartPanel';
import { styledShadow } from './dom';
import styles from './flame.css?inline';
import { helpStyles } from './help';
import type { Marking } from './marking';
import mergedStyles from './merged.css?inline';
import type { Overview } from './overview';
import type { Palette } from './palette';
import type { Pointing } from './pointing';
import type { ProcessMenu } from './processMenu';
import type { Stage } from './stage';

/** The parts of a chart that are seen. */
export interface ChartParts {
  readonly bar: Bar;
  readonly overview: Overview;
  readonly marking: Marking;
  readonly stage: Stage;
  readonly pointing: Pointing;
  readonly said: HTMLElement;
  readonly panel: ChartPanel;
  readonly help: HTMLElement;
  readonly palette: Palette;
  readonly beside: Beside | null;
  readonly processMenu: ProcessMenu | null;
  readonly followButton: HTMLElement;
}

/** Puts the parts of a chart together below a shadow root of its host. */
export function assemble(host: HTMLElement, root: HTMLElement, t: Translate, keys: 'page' | 'chart', parts: ChartParts): void {
  const { bar, overview, marking: { strip, menu }, stage, pointing, said, panel, help, palette, beside, processMenu, followButton } = parts;
  const shadow = styledShadow(host, styles, mergedStyles, helpStyles);
  // JupyterLab listens before the page's elements do; this attribute tells it to keep out.
  host.dataset['lmSuppressShortcuts'] = 'true';
  root.tabIndex = 0;
  root.classList.toggle('compact', keys === 'chart');
  root.setAttribute('role', 'application');
  root.setAttribute('aria-label', t('chart-label'));
  said.setAttribute('role', 'status');
  stage.root.append(pointing.tooltip.root, said);
  root.append(bar.root, overview.root, strip.root, stage.root, panel.root, help, palette.root, menu.root);
  if (beside) {
    strip.root.before(beside.tracks);
    bar.extra.append(beside.menu.button);
    root.append(beside.menu.root);
  }
  if (processMenu) {
    bar.extra.append(processMenu.button);
    root.append(processMenu.root);
  }
  bar.extra.append(followButton, menu.button);
  shadow.append(root);
}
