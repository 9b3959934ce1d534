import type { Tile } from '../tiles/tile';
import { DURATION_COLORS, UNREAD_COLOR, colorOfDepth, colorOfDuration, colorOfName, hashOf, styleOf } from './theme';

/** What the colour of a span tells. */
export type ColorBy = 'name' | 'duration' | 'depth';

/** In the order in which a key walks through them. */
export const COLORS_BY: readonly ColorBy[] = ['name', 'duration', 'depth'];

/** `null` where the text names none. */
export function colorByOf(text: unknown): ColorBy | null {
  return COLORS_BY.find((by) => by === text) ?? null;
}

export function colorAfter(by: ColorBy): ColorBy {
  return COLORS_BY[(COLORS_BY.indexOf(by) + 1) % COLORS_BY.length]!;
}

/** The first colour is that of a microsecond or less, the last that of ten seconds or more: the same in every process, whatever else is in sight. */
const LEAST_NS = 1e3;
const COLORS_PER_DECADE = 2;

/** Which of the theme's colours for durations it has: one for each half of a power of ten. */
export function durationStep(durationNs: number): number {
  const step = Math.round(Math.log10(Math.max(1, durationNs) / LEAST_NS) * COLORS_PER_DECADE);
  return Math.min(DURATION_COLORS - 1, Math.max(0, step));
}

/** The style of each rectangle of a tile. Rows of blocks that were not read have no name and are no span: they are grey, whatever colours tell. Of several spans drawn as one, the longest gives the colour. */
export function stylesOf(tile: Tile, by: ColorBy): Uint16Array {
  const styles = new Uint16Array(tile.size);
  const colors = by === 'name' ? tile.names.map((name) => colorOfName(hashOf(name))) : [];
  for (let i = 0; i < tile.size; i++) {
    const color = isBlock(tile, i) ? UNREAD_COLOR
      : by === 'name' ? colors[tile.nameIndexes[i]!]!
      : by === 'depth' ? colorOfDepth(tile.depths[i]!)
      : colorOfDuration(durationStep(Number(tile.durationsNs[i]!)));
    styles[i] = styleOf(color, tile.busy[i]!);
  }
  return styles;
}

/** Whether a rectangle stands for a block that was not read: it has id 0 and no name. */
function isBlock({ ids, names, nameIndexes }: Tile, i: number): boolean {
  return ids[2 * i] === 0 && ids[2 * i + 1] === 0 && names[nameIndexes[i]!] === '';
}
