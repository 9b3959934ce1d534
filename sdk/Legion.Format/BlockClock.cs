namespace Legion.Format;

/// <summary>One simultaneous reading of the process's clock, its monotonic clock and UTC; both times in nanoseconds.</summary>
public readonly record struct ClockKnot(ulong Ticks, long MonotonicNs, long UtcNs);

/// <summary>
/// Turns a block's ticks into nanoseconds UTC.
/// Time is linear between knots and goes on with the outer slopes beyond them; UTC is anchored once per process
/// (<see cref="UtcOffsetNs"/>), so a step of the wall clock moves nothing that was published.
/// Ns(t) = offset + m0 + floor((t - t0) * (m1 - m0) / (t1 - t0)) for the last knot 0 at or before t, and the knot 1 after it.
/// </summary>
public sealed class BlockClock
{
    readonly ClockKnot[] knots;

    /// <param name="utcOffsetNs">UTC minus monotonic time at the process's first knot, in nanoseconds.</param>
    /// <param name="knots">At least two, ticks strictly ascending, monotonic time not descending.</param>
    /// <exception cref="InvalidDataException">The knots are too few or not in order.</exception>
    public BlockClock(long utcOffsetNs, ReadOnlySpan<ClockKnot> knots)
    {
        if (knots.Length < 2) throw new InvalidDataException($"clock: expected at least two knots, saw {knots.Length}");
        for (var i = 1; i < knots.Length; i++)
        {
            if (knots[i].Ticks <= knots[i - 1].Ticks || knots[i].MonotonicNs < knots[i - 1].MonotonicNs)
                throw new InvalidDataException($"clock: expected knots in ascending order, saw {knots[i]} after {knots[i - 1]}");
            if (knots[i].Ticks - knots[i - 1].Ticks > long.MaxValue)
                throw new InvalidDataException($"clock: expected less than 2^63 ticks between knots, saw {knots[i].Ticks - knots[i - 1].Ticks}");
        }
        UtcOffsetNs = utcOffsetNs;
        this.knots = knots.ToArray();
    }

    public long UtcOffsetNs { get; }

    public ReadOnlySpan<ClockKnot> Knots => knots;

    /// <summary>Nanoseconds UTC of a tick; saturates at the ends of the 64-bit range.</summary>
    public long Ns(ulong tick)
    {
        var segment = Segment(tick);
        var (from, to) = (knots[segment], knots[segment + 1]);
        var elapsed = (long)(tick - from.Ticks);
        if (tick < from.Ticks && elapsed > 0 || tick > from.Ticks && elapsed < 0) return elapsed > 0 ? long.MinValue : long.MaxValue;
        return Saturate((Int128)UtcOffsetNs + from.MonotonicNs + Scale(elapsed, to.MonotonicNs - from.MonotonicNs, (long)(to.Ticks - from.Ticks)));
    }

    /// <summary>Nanoseconds that <paramref name="ticks"/> take at the slope in force at <paramref name="at"/>.</summary>
    public long DurationNs(long ticks, ulong at)
    {
        var segment = Segment(at);
        var (from, to) = (knots[segment], knots[segment + 1]);
        return Saturate(Scale(ticks, to.MonotonicNs - from.MonotonicNs, (long)(to.Ticks - from.Ticks)));
    }

    int Segment(ulong tick)
    {
        var segment = 0;
        while (segment < knots.Length - 2 && tick >= knots[segment + 1].Ticks) segment++;
        return segment;
    }

    /// <summary>floor(ticks * ns / perTicks), exactly. The floating-point estimate is right to one unit for any realistic clock and saves a 128-bit division.</summary>
    static Int128 Scale(long ticks, long ns, long perTicks)
    {
        if (ns == perTicks) return ticks;
        var estimate = (double)ticks * ns / perTicks;
        if (Math.Abs(estimate) < 1L << 50)
        {
            var quotient = (long)Math.Floor(estimate);
            var remainder = unchecked(ticks * ns - quotient * perTicks);
            if (remainder < 0 && remainder >= -perTicks) return quotient - 1;
            if (remainder >= perTicks && remainder - perTicks < perTicks) return quotient + 1;
            if (remainder >= 0 && remainder < perTicks) return quotient;
        }
        var (whole, rest) = Int128.DivRem((Int128)ticks * ns, perTicks);
        return rest < 0 ? whole - 1 : whole;
    }

    static long Saturate(Int128 ns) => ns > long.MaxValue ? long.MaxValue : ns < long.MinValue ? long.MinValue : (long)ns;
}
