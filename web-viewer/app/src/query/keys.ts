/** Of each line of the overview that `?` opens: what it does, and what to press. */
export const QUERY_KEYS: readonly (readonly [message: string, pressed: string])[] = [
  ['query-keys-run', 'press-run'],
  ['query-keys-cancel', 'press-clear'],
  ['query-keys-complete', 'press-complete'],
  ['query-keys-indent', 'press-indent'],
  ['query-keys-leave', 'press-leave'],
  ['query-keys-search', 'press-search'],
  ['query-keys-cells', 'press-cells'],
  ['query-keys-ends', 'press-cell-ends'],
  ['query-keys-open', 'press-open'],
  ['query-keys-copy', 'press-copy'],
  ['query-keys-zoom', 'press-drag'],
  ['keys-help', 'press-help'],
];
