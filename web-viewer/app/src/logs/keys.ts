import type { KeyPress } from '../flame/keys';

type Where = 'page' | 'list' | 'histogram';

interface Binding {
  readonly command: string;
  /** Message of what it does, and of what to press; `null` where another line of the overview tells of it. */
  readonly help: readonly [message: string, pressed: string] | null;
  /** What has to have the focus: `page` is anything but a field. */
  readonly where: Where;
  readonly keys: readonly string[];
  /** Without it Shift may be held or not, as some signs need it. */
  readonly shift?: boolean;
}

/** All that a key does on the page of logs, but for what fields do themselves. */
const TABLE = [
  { command: 'search', help: ['logs-keys-search', 'press-search'], where: 'page', keys: ['/'] },
  { command: 'next-line', help: ['logs-keys-lines', 'press-lines'], where: 'page', keys: ['ArrowDown'] },
  { command: 'previous-line', help: null, where: 'page', keys: ['ArrowUp'] },
  { command: 'page-down', help: ['logs-keys-pages', 'press-line-pages'], where: 'list', keys: ['PageDown'] },
  { command: 'page-up', help: null, where: 'list', keys: ['PageUp'] },
  { command: 'first-line', help: ['logs-keys-ends', 'press-line-ends'], where: 'list', keys: ['Home'] },
  { command: 'last-line', help: null, where: 'list', keys: ['End'] },
  { command: 'neighbours', help: ['logs-keys-context', 'press-color'], where: 'page', keys: ['c', 'C'] },
  { command: 'patterns', help: ['logs-keys-patterns', 'press-patterns'], where: 'page', keys: ['p', 'P'] },
  { command: 'previous-bar', help: ['logs-keys-histogram', 'press-histogram'], where: 'histogram', keys: ['ArrowLeft'] },
  { command: 'next-bar', help: null, where: 'histogram', keys: ['ArrowRight'] },
  { command: 'first-bar', help: null, where: 'histogram', keys: ['Home'] },
  { command: 'last-bar', help: null, where: 'histogram', keys: ['End'] },
  { command: 'go-to-bar', help: ['logs-keys-range', 'press-range-part'], where: 'histogram', keys: ['Enter'], shift: true },
  { command: 'show-bars', help: null, where: 'histogram', keys: ['Enter'], shift: false },
  { command: 'clear-bars', help: null, where: 'histogram', keys: ['Escape'] },
  { command: 'help', help: ['keys-help', 'press-help'], where: 'page', keys: ['?'] },
] as const satisfies readonly Binding[];

export type LogCommand = (typeof TABLE)[number]['command'];

const BINDINGS: readonly (Binding & { readonly command: LogCommand })[] = TABLE;

/** What is written in the field of the search: no keys, but told with them. */
const SEARCHES: readonly (readonly [message: string, pressed: string])[] = [
  ['logs-keys-words', 'press-words'],
  ['logs-keys-phrase', 'press-phrase'],
  ['logs-keys-without', 'press-without'],
];

/** Of each line of the overview that `?` opens: what it does, and what to press. */
export const LOG_KEYS: readonly (readonly [message: string, pressed: string])[] = BINDINGS.flatMap(({ command, help }) =>
  help === null ? [] : command === 'search' ? [help, ...SEARCHES] : [help]);

/** What a press does where the focus is. */
export function logCommandOf(press: Pick<KeyPress, 'key' | 'shiftKey' | 'ctrlKey' | 'altKey' | 'metaKey'>, where: Where): LogCommand | null {
  if (press.ctrlKey || press.altKey || press.metaKey) return null;
  const isThere = (wanted: Where): boolean => wanted === where || (wanted === 'page' && where === 'list');
  return BINDINGS.find((binding) => isThere(binding.where) && binding.keys.includes(press.key) && (binding.shift === undefined || binding.shift === press.shiftKey))?.command ?? null;
}
