namespace Legion.Sdk;

/// <summary>Stretches of time in which something interesting happened, in ticks, with a margin around each; they ascend and do not overlap.</summary>
sealed class Interests
{
    readonly List<(ulong From, ulong To)> stretches = [];

    /// <summary>By so much each stretch is longer at both ends.</summary>
    public ulong MarginTicks { get; set; }

    public int Count => stretches.Count;

    public void Add(ulong from, ulong to)
    {
        (from, to) = (from > MarginTicks ? from - MarginTicks : 0, to + MarginTicks);
        // Threads are read one after the other: what is new lies near the end.
        var at = stretches.Count;
        while (at > 0 && stretches[at - 1].To >= from) at--;
        var end = at;
        for (; end < stretches.Count && stretches[end].From <= to; end++) (from, to) = (Math.Min(from, stretches[end].From), Math.Max(to, stretches[end].To));
        stretches.RemoveRange(at, end - at);
        stretches.Insert(at, (from, to));
    }

    /// <summary>Whether any of the time from the first to the last tick is interesting.</summary>
    public bool Overlap(ulong first, ulong last)
    {
        for (var i = stretches.Count - 1; i >= 0 && stretches[i].To >= first; i--)
            if (stretches[i].From <= last) return true;
        return false;
    }

    /// <summary>Forgets what ended before the tick.</summary>
    public void ForgetBefore(ulong tick)
    {
        var past = 0;
        while (past < stretches.Count && stretches[past].To < tick) past++;
        stretches.RemoveRange(0, past);
    }
}
