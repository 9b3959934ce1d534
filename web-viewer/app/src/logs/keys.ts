/** Of each line of the overview that `?` opens: what it does, and what to press. */
export const LOG_KEYS: readonly (readonly [message: string, pressed: string])[] = [
  ['logs-keys-search', 'press-search'],
  ['logs-keys-words', 'press-words'],
  ['logs-keys-phrase', 'press-phrase'],
  ['logs-keys-without', 'press-without'],
  ['logs-keys-lines', 'press-lines'],
  ['logs-keys-pages', 'press-line-pages'],
  ['logs-keys-ends', 'press-line-ends'],
  ['logs-keys-context', 'press-color'],
  ['logs-keys-patterns', 'press-patterns'],
  ['logs-keys-histogram', 'press-histogram'],
  ['logs-keys-range', 'press-range-part'],
  ['keys-help', 'press-help'],
];
