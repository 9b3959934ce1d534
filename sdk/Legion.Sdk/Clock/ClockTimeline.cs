using Legion.Format;

namespace Legion.Sdk;

/// <summary>The clock knots that blocks not yet cut may need, one for each pass of the flusher.</summary>
sealed class ClockTimeline
{
    /// <summary>A quarter of a minute at the usual pace of passes.</summary>
    const int KnotsKept = 64;

    readonly List<ClockKnot> knots = [];
    readonly long utcOffsetNs;

    public ClockTimeline(ClockKnot first)
    {
        knots.Add(first);
        utcOffsetNs = first.UtcNs - first.MonotonicNs;
    }

    /// <summary>The line of a process that is dead.</summary>
    /// <param name="left">At least two knots that it has left.</param>
    public ClockTimeline(ReadOnlySpan<ClockKnot> left, long utcOffsetNs)
    {
        foreach (var knot in left) if (knots.Count == 0) knots.Add(knot); else Add(knot);
        this.utcOffsetNs = utcOffsetNs;
        if (knots.Count < 2) throw new InvalidDataException("expected two clock knots of which one is later, as no time can be told without");
    }

    /// <summary>UTC minus monotonic nanoseconds, the same for the whole process.</summary>
    public long UtcOffsetNs => utcOffsetNs;

    public long StartNs => NowNs(knots[0]);

    /// <summary>Nanoseconds UTC of a knot, by the offset that holds for the whole process.</summary>
    public long NowNs(ClockKnot knot) => utcOffsetNs + knot.MonotonicNs;

    /// <summary>Adds a knot; one that is not later than the last is left out, as no time could be told between them.</summary>
    public void Add(ClockKnot knot)
    {
        var last = knots[^1];
        if (knot.Ticks > last.Ticks && knot.MonotonicNs >= last.MonotonicNs) knots.Add(knot);
    }

    /// <summary>All knots from the last at or before <paramref name="firstTick"/> to the first at or after <paramref name="lastTick"/>.</summary>
    public BlockClock Enclosing(ulong firstTick, ulong lastTick)
    {
        var from = LastAtOrBefore(firstTick);
        var to = from + 1;
        while (to < knots.Count - 1 && knots[to].Ticks < lastTick) to++;
        if (to >= knots.Count) (from, to) = (knots.Count - 2, knots.Count - 1);
        return new BlockClock(utcOffsetNs, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(knots)[from..(to + 1)]);
    }

    /// <summary>
    /// Forgets the knots that no event at or after <paramref name="tick"/> needs, but for some: a thread that the system pauses between
    /// its reading of the clock and its commit commits an event which is older than that.
    /// </summary>
    public void ForgetBefore(ulong tick)
    {
        var needless = Math.Min(LastAtOrBefore(tick), knots.Count - KnotsKept);
        if (needless > 0) knots.RemoveRange(0, needless);
    }

    int LastAtOrBefore(ulong tick)
    {
        var found = 0;
        for (var i = knots.Count - 1; i > 0 && found == 0; i--)
            if (knots[i].Ticks <= tick) found = i;
        return found;
    }
}
