import type { Translate } from '../locale/text';
import { button, element } from './dom';
import styles from './help.css?inline';
import { letScroll } from './keyboard';
import { KEY_HELP } from './keys';

export { styles as helpStyles };

/** The keys at a glance, over the chart. `keys`: messages of what each line is, and of what to press. */
export function helpOverlay(t: Translate, close: () => void, keys = KEY_HELP): HTMLElement {
  const rows = keys.map(([message, pressed]) =>
    element('tr', '', element('td', '', element('kbd', '', t(pressed))), element('td', '', t(message))));
  const overlay = element('div', 'help',
    element('div', 'help-head', element('strong', '', t('keys-title')), button('tool', '×', t('help-close'), close)),
    element('table', '', element('tbody', '', ...rows)));
  overlay.setAttribute('role', 'dialog');
  overlay.setAttribute('aria-label', t('keys-title'));
  letScroll(overlay);
  overlay.hidden = true;
  return overlay;
}
