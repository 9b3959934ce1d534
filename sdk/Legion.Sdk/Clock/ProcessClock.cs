using System.Diagnostics;
using System.Runtime.CompilerServices;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>The clock that stamps events: the processor's counter, or <see cref="Stopwatch"/> where that cannot be had.</summary>
static unsafe class ProcessClock
{
    static readonly delegate* managed<ulong> counter = CycleCounter.TryMake();
    static readonly delegate* managed<ulong> read = counter is null ? &StopwatchTicks : counter;

    /// <summary>True where <see cref="Ticks"/> is the processor's counter.</summary>
    public static bool CountsCycles => counter is not null;

    public static ulong Ticks
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => read();
    }

    /// <summary>
    /// Ticks, monotonic time and UTC of one moment. The other clocks are read between two readings of the ticks;
    /// the tightest of a few such pairs counts, so that an interrupt in between does not bend the time line.
    /// </summary>
    public static ClockKnot Knot()
    {
        var best = default(ClockKnot);
        var width = ulong.MaxValue;
        for (var attempt = 0; attempt < 5; attempt++)
        {
            var before = Ticks;
            var monotonic = Stopwatch.GetTimestamp();
            var after = Ticks;
            var utc = DateTime.UtcNow;
            if (after - before >= width) continue;
            width = after - before;
            best = new ClockKnot(before + width / 2, ToNs(monotonic), (utc - DateTime.UnixEpoch).Ticks * 100);
        }
        return best;
    }

    static ulong StopwatchTicks() => (ulong)Stopwatch.GetTimestamp();

    static long ToNs(long timestamp) => Stopwatch.Frequency == 1_000_000_000
        ? timestamp
        : (long)((Int128)timestamp * 1_000_000_000 / Stopwatch.Frequency);
}
