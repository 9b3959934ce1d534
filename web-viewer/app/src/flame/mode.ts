/** How spans are laid out: one by one by time, or merged by their call paths. */
export type FlameMode = 'timeline' | 'left-heavy' | 'sandwich';

export type MergedMode = Exclude<FlameMode, 'timeline'>;

/** In the order in which a key walks through them. */
const MODES: readonly FlameMode[] = ['timeline', 'left-heavy', 'sandwich'];

/** `null` where the text names none. */
export function modeOf(text: unknown): FlameMode | null {
  return MODES.find((mode) => mode === text) ?? null;
}

export function modeAfter(mode: FlameMode): FlameMode {
  return MODES[(MODES.indexOf(mode) + 1) % MODES.length]!;
}
