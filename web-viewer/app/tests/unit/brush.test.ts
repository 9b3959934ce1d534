import { describe, expect, test } from 'vitest';
import { DIM, LIT, PERHAPS, brushOf, brushText, brushed, isBrushed, wholeNs, type Brush } from '../../src/flame/brush';
import { Emphasis } from '../../src/flame/emphasis';
import { withGaps } from '../../src/flame/histogram';
import { stepNs, tileBaseNs, tileIndex } from '../../src/tiles/grid';
import { decodeTile, spanIdOf } from '../../src/tiles/tile';
import { encodeTile, rectangle } from '../support/encodeTile';
import { BEGIN_NS, buildTile, syntheticStreams, type Span } from '../support/synthetic';

const streams = syntheticStreams().slice(0, 4);

/** The spans of a lane, by depth and by the step of a tile that they begin in, of those that are shorter than a step. */
function shortOnes(level: number, base: number, lane: number): ReadonlyMap<string, readonly Span[]> {
  const step = stepNs(level);
  const found = new Map<string, Span[]>();
  for (const span of streams[lane]!.spans) {
    const key = `${span.depth} ${Math.floor((span.begin - base) / step)}`;
    if (span.end - span.begin < step) found.set(key, [...(found.get(key) ?? []), span]);
  }
  return found;
}

describe('what is brushed', () => {
  test.each([
    [0, 'Physics', 1e6, 4e6, false], [4, 'Solve islands', 20_000, 400_000, true], [5, 'Tick', 0, 50_000, true], [6, 'Solve islands', 300_000, 1e9, true], [6, 'Frame', 5e6, 12e6, false],
  ] as const)(
    'is lit at level %i where it is for certain, and dark where it is certainly not (%s)', (level, name, fromNs, toNs, hasDoubt) => {
      const brush: Brush = { name, fromNs, toNs };
      const seen = { lit: 0, perhaps: 0, dim: 0, wrong: 0, unsure: 0 };
      for (let index = tileIndex(level, BEGIN_NS + 4_000_000_000n), last = tileIndex(level, BEGIN_NS + 4_080_000_000n); index <= last; index++) {
        const tile = decodeTile(buildTile(streams, level, index));
        const short = streams.map((_, lane) => shortOnes(level, Number(tileBaseNs(level, index) - BEGIN_NS), lane));
        brushed(tile, brush).forEach((how, i) => {
          const longest = streams[tile.lanes[i]!]!.spans[Number(spanIdOf(tile, i)) - 1]!;
          const spans = longest.end - longest.begin >= stepNs(level) ? [longest] : short[tile.lanes[i]!]!.get(`${tile.depths[i]} ${tile.offsets[i]}`)!;
          const meant = spans.filter((span) => span.name === name && span.end - span.begin >= fromNs && span.end - span.begin < toNs).length;
          seen[how === LIT ? 'lit' : how === PERHAPS ? 'perhaps' : 'dim']++;
          if ((how === LIT && meant === 0) || (how === DIM && meant > 0) || spans.length !== tile.counts[i]) seen.wrong++;
          if (how === PERHAPS && spans.length === 1) seen.unsure++;
        });
      }
      expect(seen).toMatchObject({ wrong: 0, unsure: 0 });
      expect(seen.lit).toBeGreaterThan(0);
      expect(seen.dim).toBeGreaterThan(0);
      expect(seen.perhaps > 0).toBe(hasDoubt);
    });

  test('of several spans drawn as one is told from the longest', () => {
    const tile = decodeTile(encodeTile(0, 0n, [
      rectangle({ name: 'a', durationNs: 500n, count: 3 }), rectangle({ name: 'b', durationNs: 500n, count: 3, offset: 1 }),
      rectangle({ name: 'b', durationNs: 99n, count: 3, offset: 2 }), rectangle({ name: 'a', durationNs: 900n, count: 2, offset: 3 }),
      rectangle({ name: 'a', durationNs: 600n, offset: 4 }), rectangle({ name: 'a', durationNs: 100n, offset: 5 }),
    ]));
    expect([...brushed(tile, { name: 'a', fromNs: 100, toNs: 600 })]).toEqual([LIT, PERHAPS, DIM, PERHAPS, DIM, LIT]);
    expect([...brushed(tile, { name: 'c', fromNs: 0, toNs: 100 })]).toEqual([PERHAPS, PERHAPS, PERHAPS, PERHAPS, DIM, DIM]);
  });

  test('takes the place of what is searched for, until it is let go', () => {
    const tile = decodeTile(encodeTile(0, 0n, [rectangle({ name: 'Alpha' }), rectangle({ name: 'beta', offset: 1 })]));
    const emphasis = new Emphasis();
    expect(emphasis.of(tile)).toBeNull();
    emphasis.show('LPH', null);
    expect([...emphasis.of(tile)!]).toEqual([LIT, DIM]);
    const brush = { name: 'beta', fromNs: 0, toNs: 2000 };
    emphasis.show('LPH', brush);
    const flags = emphasis.of(tile)!;
    expect([...flags]).toEqual([DIM, LIT]);
    // What is on the GPU stays there.
    emphasis.show('', brush);
    expect(emphasis.of(tile)).toBe(flags);
    emphasis.show('', null);
    expect(emphasis.of(tile)).toBeNull();
  });

  test('is read from an address, or nothing is', () => {
    for (const brush of [{ name: 'a~b', fromNs: 0, toNs: 1 }, { name: '1~2~3', fromNs: 5, toNs: 7 }]) expect(brushOf(brushText(brush))).toEqual(brush);
    for (const text of [null, '', '1~2', '1~2~', '2~2~a', '3~2~a', '-1~2~a', '1.5~2~a', 'x~2~a', '99999999999999999~999999999999999999~a']) expect(brushOf(text)).toBeNull();
  });
});

describe('the bars of a histogram', () => {
  test('are as wide as long on a logarithmic scale: empty buckets have one, too', () => {
    const edges = [0, 1, 2, 3, 4, 5].map((quarter) => 1000 * 2 ** (quarter / 4));
    const bucket = (i: number, count: number) => ({ lowNs: edges[i]!, highNs: edges[i + 1]!, count });
    const bars = withGaps([bucket(0, 3), bucket(3, 2), bucket(4, 1)]);
    expect(bars.map(({ count }) => count)).toEqual([3, 0, 0, 2, 1]);
    bars.forEach(({ lowNs }, i) => expect(lowNs).toBeCloseTo(edges[i]!, 6));
    // Those that took no time have a bar, and none is missing beside it.
    expect(withGaps([{ lowNs: 0, highNs: 0, count: 1 }, bucket(0, 1)]).length).toBe(2);
  });

  test('stand for whole nanoseconds, of which neighbours share none', () => {
    const [low, high] = [{ lowNs: 1000, highNs: 1189.21 }, { lowNs: 1189.21, highNs: 1414.21 }];
    expect([wholeNs(low), wholeNs(high), wholeNs({ lowNs: 0, highNs: 0 })]).toEqual([[1000, 1190], [1190, 1415], [0, 1]]);
    const [fromNs, toNs] = wholeNs(low);
    expect([low, high].map((bucket) => isBrushed(bucket, { name: '', fromNs, toNs }))).toEqual([true, false]);
  });
});
