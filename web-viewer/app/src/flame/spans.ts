import { spanIdOf, type Tile } from '../tiles/tile';
import type { Lane, LaneLayout, LaneRow } from './lanes';
import type { Slot } from './slots';
import type { View } from './view';

/** What a rectangle says about its span, or about the longest of the spans merged into it. */
export interface DrawnSpan {
  readonly lane: Lane;
  readonly depth: number;
  readonly id: bigint;
  readonly name: string;
  /** More than 1: a bucket of spans too short to be drawn one by one. */
  readonly count: number;
  readonly durationNs: number;
  /** Nanoseconds from the chart's origin, as far as loaded tiles tell. */
  readonly extent: View;
}

/** How far beside a rectangle a click still means it, in pixels: many are one pixel wide. */
const REACH = 2;

/** The rectangle drawn at `x`, or the nearest one within reach. */
export function rectangleAt(slots: readonly Slot[], row: LaneRow, x: number): { tile: Tile; index: number } | null {
  let found: { tile: Tile; index: number } | null = null;
  let nearest = REACH;
  for (const { group, tile, placement } of slots) {
    if (group !== row.lane.group || x < placement.clipLeft - REACH || x >= placement.clipRight + REACH) continue;
    for (let i = 0; i < tile.size; i++) {
      if (tile.lanes[i] !== row.lane.index || tile.depths[i] !== row.depth) continue;
      const x0 = Math.max(placement.clipLeft, placement.x + tile.offsets[i]! * placement.pixelsPerStep);
      const x1 = Math.min(placement.clipRight, placement.x + (tile.offsets[i]! + tile.widths[i]!) * placement.pixelsPerStep);
      if (x1 <= x0) continue;
      const distance = x < x0 ? x0 - x : x >= x1 ? x - x1 + 1e-6 : 0;
      if (distance >= nearest) continue;
      nearest = distance;
      found = { tile, index: i };
      if (distance === 0) return found;
    }
  }
  return found;
}

/**
 * Where a span lies, put together from all tiles that show a piece of it. Steps are the limit of its begin;
 * its duration is exact, so one true edge is enough.
 */
export function extentOf(tiles: Iterable<Tile>, originNs: bigint, lane: Lane, depth: number, id: bigint): View | null {
  const low = Number(id & 0xffffffffn);
  const high = Number(id >> 32n);
  let covered = null as View | null;
  let begin = null as { at: number; step: number } | null;
  let end = null as { at: number; step: number } | null;
  let duration = 0;
  for (const tile of tiles) {
    for (let i = 0; i < tile.size; i++) {
      if (tile.ids[2 * i] !== low || tile.ids[2 * i + 1] !== high) continue;
      if (tile.lanes[i] !== lane.index || tile.depths[i] !== depth) continue;
      const base = Number(tile.baseNs - originNs);
      const from = base + tile.offsets[i]! * tile.stepNs;
      const to = from + tile.widths[i]! * tile.stepNs;
      duration = Number(tile.durationsNs[i]);
      covered = { begin: Math.min(covered?.begin ?? from, from), end: Math.max(covered?.end ?? to, to) };
      if (tile.offsets[i] !== 0 && tile.stepNs < (begin?.step ?? Infinity)) begin = { at: from, step: tile.stepNs };
      if (to !== base + tile.stepNs * 2048 && tile.stepNs < (end?.step ?? Infinity)) end = { at: to, step: tile.stepNs };
    }
  }
  if (begin) return { begin: begin.at, end: begin.at + duration };
  if (end) return { begin: end.at - duration, end: end.at };
  return covered;
}

export function drawnSpan(tile: Tile, index: number, lane: Lane, tiles: Iterable<Tile>, originNs: bigint): DrawnSpan {
  const id = spanIdOf(tile, index);
  const depth = tile.depths[index]!;
  const from = Number(tile.baseNs - originNs) + tile.offsets[index]! * tile.stepNs;
  const durationNs = Number(tile.durationsNs[index]);
  const beginsHere = tile.offsets[index] !== 0;
  return {
    lane,
    depth,
    id,
    name: tile.names[tile.nameIndexes[index]!]!,
    count: tile.counts[index]!,
    durationNs,
    // A begin inside the tile is the true one; otherwise it may be in another tile.
    extent: (beginsHere ? null : extentOf(tiles, originNs, lane, depth, id)) ?? { begin: from, end: from + durationNs },
  };
}

/** The span drawn at `x` in a row, or the nearest one within reach; `tiles` are those that may show a piece of it. */
export function spanAt(slots: readonly Slot[], row: LaneRow, x: number, tiles: Iterable<Tile>, originNs: bigint): DrawnSpan | null {
  const found = rectangleAt(slots, row, x);
  return found && drawnSpan(found.tile, found.index, row.lane, tiles, originNs);
}

/** The closest rectangle before (-1) or after (+1) `x` in a row, among what is drawn. */
export function neighbour(slots: readonly Slot[], row: LaneRow, extent: View, direction: 1 | -1, originNs: bigint): { tile: Tile; index: number } | null {
  const middle = (extent.begin + extent.end) / 2;
  let best: { tile: Tile; index: number } | null = null;
  let distance = Infinity;
  for (const { group, tile } of slots) {
    if (group !== row.lane.group) continue;
    const base = Number(tile.baseNs - originNs);
    for (let i = 0; i < tile.size; i++) {
      if (tile.lanes[i] !== row.lane.index || tile.depths[i] !== row.depth) continue;
      const at = base + (tile.offsets[i]! + tile.widths[i]! / 2) * tile.stepNs;
      const away = (at - middle) * direction;
      const outside = direction > 0 ? at > extent.end : at < extent.begin;
      if (!outside || away <= 0 || away >= distance) continue;
      distance = away;
      best = { tile, index: i };
    }
  }
  return best;
}

/** The closest span before (-1) or after (+1) an extent in a row, among what is drawn. */
export function spanBeside(slots: readonly Slot[], row: LaneRow, extent: View, direction: 1 | -1, tiles: Iterable<Tile>, originNs: bigint): DrawnSpan | null {
  const found = neighbour(slots, row, extent, direction, originNs);
  return found && drawnSpan(found.tile, found.index, row.lane, tiles, originNs);
}

/** The span of a row that is closest to a moment, of those that lie in a range at least in part; the longer one of two that do. */
export function spanNear(slots: readonly Slot[], row: LaneRow, at: number, within: View, tiles: Iterable<Tile>, originNs: bigint): DrawnSpan | null {
  let best: { tile: Tile; index: number } | null = null;
  let [nearest, longest] = [Infinity, 0];
  for (const { group, tile } of slots) {
    if (group !== row.lane.group) continue;
    const base = Number(tile.baseNs - originNs);
    for (let i = 0; i < tile.size; i++) {
      if (tile.lanes[i] !== row.lane.index || tile.depths[i] !== row.depth) continue;
      const begin = base + tile.offsets[i]! * tile.stepNs;
      const end = begin + tile.widths[i]! * tile.stepNs;
      if (end <= within.begin || begin >= within.end) continue;
      const distance = Math.max(0, begin - at, at - end);
      if (distance > nearest || (distance === nearest && end - begin <= longest)) continue;
      [nearest, longest] = [distance, end - begin];
      best = { tile, index: i };
    }
  }
  return best && drawnSpan(best.tile, best.index, row.lane, tiles, originNs);
}

/** The first of what is drawn of a range, by begin, and how many there are, of the rectangles that count. Each span counts once. */
export function drawnWithin(
  slots: readonly Slot[], range: View, layout: LaneLayout, originNs: bigint, loaded: (group: number) => Iterable<Tile>, limit: number, counts: (tile: Tile, rectangle: number) => boolean,
): { spans: DrawnSpan[]; total: number } {
  const places: number[] = [];
  const begins: number[] = [];
  const cutSpans = new Set<string>();
  slots.forEach(({ group, tile, placement }, slot) => {
    const base = Number(tile.baseNs - originNs);
    const clipBegin = (placement.clipLeft - placement.x) / placement.pixelsPerStep;
    const clipEnd = (placement.clipRight - placement.x) / placement.pixelsPerStep;
    for (let i = 0; i < tile.size; i++) {
      const from = tile.offsets[i]!;
      const to = from + tile.widths[i]!;
      if (from >= clipEnd || to <= clipBegin || !counts(tile, i)) continue;
      const begin = base + from * tile.stepNs;
      if (begin > range.end || base + to * tile.stepNs < range.begin) continue;
      const lane = layout.inGroup(group, tile.lanes[i]!);
      if (!lane || tile.depths[i]! >= lane.rows) continue;
      // Only what reaches the edge of its slot can be in another one as well.
      if (from <= clipBegin || to >= clipEnd) {
        const key = `${lane.stream}/${spanIdOf(tile, i)}`;
        if (cutSpans.has(key)) continue;
        cutSpans.add(key);
      }
      places.push(slot, i);
      begins.push(begin);
    }
  });
  const order = Uint32Array.from(begins, (_, k) => k).sort((a, b) => begins[a]! - begins[b]! || a - b);
  const spans = [...order.subarray(0, limit)].map((k) => {
    const { group, tile } = slots[places[2 * k]!]!;
    const index = places[2 * k + 1]!;
    return drawnSpan(tile, index, layout.inGroup(group, tile.lanes[index]!)!, loaded(group), originNs);
  });
  return { spans, total: begins.length };
}
