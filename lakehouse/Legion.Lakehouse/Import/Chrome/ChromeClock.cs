using Legion.Format;

namespace Legion.Lakehouse.Import.Chrome;

/// <summary>From a trace's own clock, which counts from anywhere, to ticks of a nanosecond and to UTC.</summary>
/// <param name="FirstNs">The trace's time that is tick 0.</param>
/// <param name="StartNs">The same in nanoseconds UTC.</param>
readonly record struct ChromeClock(long FirstNs, long StartNs)
{
    public ulong Tick(long ns) => (ulong)(ns - FirstNs);

    public long Utc(long ns) => StartNs + (ns - FirstNs);

    /// <summary>Two knots around a block tell all there is.</summary>
    public BlockClock Around(ulong firstTick, ulong lastTick)
    {
        var last = Math.Max(lastTick, firstTick + 1);
        return new BlockClock(StartNs, [new ClockKnot(firstTick, (long)firstTick, StartNs + (long)firstTick), new ClockKnot(last, (long)last, StartNs + (long)last)]);
    }
}
