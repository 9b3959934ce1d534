import type { TileCache, TileKey } from '../tiles/cache';
import { LANES_PER_GROUP, STEPS_PER_TILE, ancestorIndex, levelFor, tileBaseNs, tileIndex, tileNs } from '../tiles/grid';
import type { Tile } from '../tiles/tile';
import { ROW_HEIGHT, type LaneLayout } from './lanes';
import type { Member, Processes } from './processes';
import type { Placement } from './surface';
import { fit, nsPerPixel, spanOf, xOf, type View } from './view';

/** What one frame shows: a range of time, the lanes scrolled to, and how large that is in CSS pixels. */
export interface Window {
  readonly processes: Processes;
  /** Nanoseconds since the Unix epoch that the view counts from. */
  readonly originNs: bigint;
  readonly bounds: View;
  readonly view: View;
  readonly layout: LaneLayout;
  readonly scrollTop: number;
  readonly width: number;
  readonly height: number;
}

/** A tile, or the part of it that stands in for another, in its place. */
export interface Slot {
  readonly group: number;
  readonly tile: Tile;
  readonly placement: Placement;
}

function absolute(window: Window, ns: number): bigint {
  return window.originNs + BigInt(Math.floor(ns));
}

/** Tiles of `level` that touch both the range and the process. */
function tilesOf(window: Window, { group, reach }: VisibleGroup, level: number, range: View): TileKey[] {
  const begin = Math.max(range.begin, reach.begin);
  const end = Math.min(range.end, reach.end);
  if (end < begin) return [];
  const first = tileIndex(level, absolute(window, begin));
  const last = tileIndex(level, absolute(window, end));
  return Array.from({ length: last - first + 1 }, (_, i) => ({ group, level, index: first + i }));
}

/** A group that has tiles, and how far its process reaches. */
interface VisibleGroup {
  readonly group: number;
  readonly member: Member;
  readonly reach: View;
}

/** Of processes that have nothing in the view there are none. */
function visibleGroups({ layout, processes, originNs, view, scrollTop, height }: Window): VisibleGroup[] {
  return layout.groupsBetween(scrollTop, scrollTop + height).filter((group) => group >= 0)
    .map((group) => ({ group, member: processes.ofGroup(group) }))
    .filter(({ member }) => processes.touches(member, view, originNs))
    .map((each) => ({ ...each, reach: processes.reachOf(each.member, originNs) }));
}

/** Each process has its own coarsest level. */
export function sharpLevel(window: Window, { manifest }: Member): number {
  return levelFor(nsPerPixel(window.view, window.width), manifest.maxLevel);
}

/** The level of a process at which all that is on the axis fills the width. */
export function overviewLevel(window: Window, { manifest }: Member): number {
  return levelFor(nsPerPixel(fit(window.bounds), window.width), manifest.maxLevel);
}

/**
 * Tiles that the window needs, the most urgent first: what is visible, whole processes coarsely (so that there is
 * always something to draw), one step out for the next zoom, and as much again on both sides for the next pan.
 * The last two wait while spans are being read: each piece that comes renews all tiles, and who makes tiles nobody sees reads the slower.
 */
export function neededTiles(window: Window): TileKey[] {
  const { view } = window;
  const span = spanOf(view);
  const visible: TileKey[] = [];
  const later: TileKey[] = [];
  for (const group of visibleGroups(window)) {
    const level = sharpLevel(window, group.member);
    const overview = overviewLevel(window, group.member);
    visible.push(...tilesOf(window, group, level, view));
    later.push(...tilesOf(window, group, overview, window.bounds));
    if (isBeingRead(group.member)) continue;
    if (level + 1 < overview)
      for (const { index } of tilesOf(window, group, level, view))
        later.push({ group: group.group, level: level + 1, index: ancestorIndex(level, index, level + 1) });
    later.push(...tilesOf(window, group, level, { begin: view.end, end: view.end + span }));
    later.push(...tilesOf(window, group, level, { begin: view.begin - span, end: view.begin }));
  }
  return [...visible, ...later];
}

function isBeingRead({ manifest: { pieces } }: Member): boolean {
  return pieces !== null && pieces.read < pieces.wanted;
}

/** What can be drawn now, and whether that is all there is to draw. */
export function visibleSlots(window: Window, cache: TileCache): { slots: Slot[]; complete: boolean } {
  const slots: Slot[] = [];
  let complete = true;
  for (const visible of visibleGroups(window)) {
    const { group } = visible;
    const level = sharpLevel(window, visible.member);
    const { laneTops, laneRows } = lanesOf(window, group);
    for (const key of tilesOf(window, visible, level, window.view)) {
      complete &&= cache.settled(key);
      const begin = Number(tileBaseNs(level, key.index) - window.originNs);
      const left = Math.max(0, xOf(window.view, window.width, begin));
      const right = Math.min(window.width, xOf(window.view, window.width, begin + tileNs(level)));
      for (const tile of cache.closest(key)) {
        const tileBegin = Number(tile.baseNs - window.originNs);
        const x = xOf(window.view, window.width, tileBegin);
        const pixelsPerStep = tile.stepNs / nsPerPixel(window.view, window.width);
        const clipLeft = Math.max(left, x);
        const clipRight = Math.min(right, x + STEPS_PER_TILE * pixelsPerStep);
        if (clipRight <= clipLeft) continue;
        slots.push({ group, tile, placement: { x, pixelsPerStep, clipLeft, clipRight, laneTops, laneRows } });
      }
    }
  }
  return { slots, complete };
}

function lanesOf(window: Window, group: number): Pick<Placement, 'laneTops' | 'laneRows'> {
  const laneTops = new Float64Array(LANES_PER_GROUP).fill(Number.NaN);
  const laneRows = new Uint16Array(LANES_PER_GROUP);
  for (const lane of window.layout.ofGroup(group)) {
    const top = lane.top - window.scrollTop;
    if (top >= window.height || top + lane.rows * ROW_HEIGHT <= 0) continue;
    laneTops[lane.index] = top;
    laneRows[lane.index] = lane.rows;
  }
  return { laneTops, laneRows };
}
