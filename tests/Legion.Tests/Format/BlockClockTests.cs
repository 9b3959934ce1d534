using System.Numerics;
using CsCheck;
using Legion.Format;

namespace Legion.Tests.Format;

/// <summary>The clock against the formula of FORMAT.md in whole numbers without limits.</summary>
public class BlockClockTests
{
    static readonly Gen<BlockClock> RealisticClock =
        from start in Gen.ULong[0, 1ul << 60]
        from mono in Gen.Long[0, 1L << 55]
        from offset in Gen.Long[-1L << 60, 1L << 60]
        from steps in Gen.Select(Gen.ULong[1, 1ul << 40], Gen.Long[0, 1L << 40]).Array[1, 20]
        select Clock(offset, start, mono, steps);

    static readonly Gen<BlockClock> ExtremeClock =
        from start in Gen.OneOf(0ul, 1ul, 1ul << 63)
        from mono in Gen.OneOf(long.MinValue, -1L, 0L, 1L)
        from offset in Gen.OneOf(long.MinValue, -1L, 0L, long.MaxValue)
        from ticks in Gen.OneOf(1ul, 2ul, 3ul, (1ul << 61) + 1, 1ul << 62, (1ul << 63) - 1)
        from ns in Gen.OneOf(0L, 1L, 2L, (1L << 62) - 1, 1L << 62, long.MaxValue - 1)
        select Clock(offset, start, mono, [(ticks, ns)]);

    static readonly Gen<ulong> AnyTick = Gen.OneOf(Gen.ULong, Gen.ULong[0, 1ul << 62], Gen.OneOf(0ul, 1ul, (1ul << 62) + 1, (1ul << 63) - 1, 1ul << 63, (1ul << 63) + 1, ulong.MaxValue));

    [Fact]
    public void TimesAreExact() => Gen.OneOf(RealisticClock, ExtremeClock).Select(AnyTick).Sample((clock, tick) => clock.Ns(tick) == Exact(clock, tick), iter: 100_000);

    [Fact]
    public void TimesNearTheKnotsAreExact() =>
        (from clock in RealisticClock
         from knot in Gen.Int[0, clock.Knots.Length - 1]
         from distance in Gen.Long[-1L << 42, 1L << 42]
         select (clock, tick: unchecked(clock.Knots[knot].Ticks + (ulong)distance))).Sample(sample => sample.clock.Ns(sample.tick) == Exact(sample.clock, sample.tick), iter: 100_000);

    [Fact]
    public void DurationsAreExact() => Gen.OneOf(RealisticClock, ExtremeClock).Select(Gen.Long, AnyTick).Sample((clock, ticks, at) =>
    {
        var (from, to) = Enclosing(clock, at);
        return clock.DurationNs(ticks, at) == Saturated(Floor((BigInteger)ticks * ((BigInteger)to.MonotonicNs - from.MonotonicNs), (BigInteger)to.Ticks - from.Ticks));
    }, iter: 100_000);

    [Fact]
    public void TimeNeverGoesBack() => Gen.OneOf(RealisticClock, ExtremeClock).Select(AnyTick, AnyTick).Sample((clock, one, other) =>
        clock.Ns(Math.Min(one, other)) <= clock.Ns(Math.Max(one, other)), iter: 100_000);

    [Fact]
    public void KnotsAreHit() => RealisticClock.Sample(clock =>
    {
        foreach (var knot in clock.Knots) Assert.Equal(clock.UtcOffsetNs + knot.MonotonicNs, clock.Ns(knot.Ticks));
    });

    [Fact]
    public void TimesBeyondTheRangeStayAtItsEnds()
    {
        var clock = new BlockClock(0, [new(1ul << 62, 0, 0), new((1ul << 62) + 1, 1_000, 0)]);
        Assert.Equal(long.MinValue, clock.Ns(0));
        Assert.Equal(long.MaxValue, clock.Ns(ulong.MaxValue));
    }

    [Theory]
    [InlineData(5, 5, 0, 1)]
    [InlineData(6, 5, 0, 1)]
    [InlineData(0, 1, 1, 0)]
    [InlineData(0, ulong.MaxValue, 0, 1)]
    [InlineData(0, 1, long.MinValue, long.MaxValue)]
    public void KnotsOutOfOrderAreRefused(ulong ticks0, ulong ticks1, long mono0, long mono1) =>
        Assert.Throws<InvalidDataException>(() => new BlockClock(0, [new(ticks0, mono0, 0), new(ticks1, mono1, 0)]));

    static BlockClock Clock(long offset, ulong start, long mono, (ulong Ticks, long Ns)[] steps)
    {
        var knots = new List<ClockKnot> { new(start, mono, 0) };
        foreach (var (ticks, ns) in steps) knots.Add(new ClockKnot(knots[^1].Ticks + ticks, knots[^1].MonotonicNs + ns, 0));
        return new BlockClock(offset, knots.ToArray());
    }

    static long Exact(BlockClock clock, ulong tick)
    {
        var (from, to) = Enclosing(clock, tick);
        var elapsed = Floor(((BigInteger)tick - from.Ticks) * ((BigInteger)to.MonotonicNs - from.MonotonicNs), (BigInteger)to.Ticks - from.Ticks);
        return Saturated(clock.UtcOffsetNs + (BigInteger)from.MonotonicNs + elapsed);
    }

    static (ClockKnot From, ClockKnot To) Enclosing(BlockClock clock, ulong tick)
    {
        var knots = clock.Knots.ToArray();
        var from = Math.Clamp(Array.FindLastIndex(knots, knot => knot.Ticks <= tick), 0, knots.Length - 2);
        return (knots[from], knots[from + 1]);
    }

    static BigInteger Floor(BigInteger dividend, BigInteger divisor)
    {
        var quotient = BigInteger.DivRem(dividend, divisor, out var remainder);
        return remainder < 0 ? quotient - 1 : quotient;
    }

    static long Saturated(BigInteger ns) => (long)BigInteger.Clamp(ns, long.MinValue, long.MaxValue);
}
