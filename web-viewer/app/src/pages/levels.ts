/** Log levels from the least to the most severe, as the host names them. */
export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

export type Level = (typeof LEVELS)[number];

const OTHER_NAMES: Readonly<Record<string, Level>> = { information: 'info', warning: 'warn', critical: 'fatal' };

/** `null` for a level that nobody has told us about: shown as it came. */
export function levelOf(level: string | number | null): Level | null {
  if (level === null) return null;
  const name = String(level).toLowerCase();
  return LEVELS.find((known) => known === name) ?? OTHER_NAMES[name] ?? null;
}
