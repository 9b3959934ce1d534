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
            var (ticks, ns) = (knots[i].Ticks - knots[i - 1].Ticks, (ulong)knots[i].MonotonicNs - (ulong)knots[i - 1].MonotonicNs);
            if (ticks > long.MaxValue || ns > long.MaxValue)
                throw new InvalidDataException($"clock: expected less than 2^63 ticks and nanoseconds between knots, saw {ticks} and {ns}");
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
        ref readonly var from = ref knots[segment];
        ref readonly var to = ref knots[segment + 1];
        var (ns, perTicks) = (to.MonotonicNs - from.MonotonicNs, (long)(to.Ticks - from.Ticks));
        var elapsed = (long)(tick - from.Ticks);
        var wraps = elapsed >= 0 != tick >= from.Ticks;
        // Where nothing overflows, which is always but for broken clocks, 64 bits are enough.
        if (!wraps && TryScale(elapsed, ns, perTicks, out var scaled) && TryAdd(UtcOffsetNs, from.MonotonicNs, out var start) && TryAdd(start, scaled, out var utc)) return utc;
        return Saturate((Int128)UtcOffsetNs + from.MonotonicNs + (wraps ? Divide(((Int128)tick - from.Ticks) * ns, perTicks) : Scale(elapsed, ns, perTicks)));
    }

    /// <summary>Nanoseconds that <paramref name="ticks"/> take at the slope in force at <paramref name="at"/>.</summary>
    public long DurationNs(long ticks, ulong at)
    {
        var segment = Segment(at);
        var (from, to) = (knots[segment], knots[segment + 1]);
        return Saturate(Scale(ticks, to.MonotonicNs - from.MonotonicNs, (long)(to.Ticks - from.Ticks)));
    }

    /// <summary>Index of the knot where the slope in force at a tick begins. A block may carry as many knots as its header holds, so the search is binary.</summary>
    int Segment(ulong tick)
    {
        var (first, last) = (0, knots.Length - 2);
        while (first < last)
        {
            var middle = (first + last + 1) / 2;
            if (tick >= knots[middle].Ticks) first = middle;
            else last = middle - 1;
        }
        return first;
    }

    /// <summary>floor(ticks * ns / perTicks), exactly.</summary>
    static Int128 Scale(long ticks, long ns, long perTicks) => TryScale(ticks, ns, perTicks, out var scaled) ? scaled : Divide((Int128)ticks * ns, perTicks);

    /// <summary>
    /// The same for any realistic clock: the floating-point estimate is right to one unit then, which saves a 128-bit division, as
    /// the remainder lies within two divisors of zero, so that 64 bits hold it however often the products wrapped.
    /// </summary>
    static bool TryScale(long ticks, long ns, long perTicks, out long scaled)
    {
        scaled = ticks;
        if (ns == perTicks) return true;
        var estimate = (double)ticks * ns / perTicks;
        if (Math.Abs(estimate) >= 1L << 50 || perTicks >= 1L << 61) return false;
        scaled = (long)Math.Floor(estimate);
        var remainder = unchecked(ticks * ns - scaled * perTicks);
        if (remainder < 0) scaled--;
        else if (remainder >= perTicks) scaled++;
        return true;
    }

    static bool TryAdd(long a, long b, out long sum)
    {
        sum = unchecked(a + b);
        return ((a ^ sum) & (b ^ sum)) >= 0;
    }

    /// <summary>floor(product / perTicks). The product of less than 2^64 ticks and less than 2^63 nanoseconds fits into 128 bits.</summary>
    static Int128 Divide(Int128 product, long perTicks)
    {
        var (whole, rest) = Int128.DivRem(product, perTicks);
        return rest < 0 ? whole - 1 : whole;
    }

    static long Saturate(Int128 ns) => ns > long.MaxValue ? long.MaxValue : ns < long.MinValue ? long.MinValue : (long)ns;
}
