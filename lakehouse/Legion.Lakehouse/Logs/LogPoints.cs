namespace Legion.Lakehouse.Logs;

/// <summary>Time and level of entries of a block, in order of time.</summary>
sealed class LogPoints
{
    /// <summary>Nanoseconds UTC.</summary>
    readonly long[] times;

    /// <summary>Of each, which entry of the block it is, counted from 0.</summary>
    readonly int[] entries;

    /// <summary>Of each, the place of its level in <see cref="LogFilter.Levels"/>.</summary>
    readonly byte[] levels;

    LogPoints(long[] times, int[] entries, byte[] levels) => (this.times, this.entries, this.levels) = (times, entries, levels);

    /// <summary>Of a block that cannot be read.</summary>
    public static LogPoints None { get; } = new([], [], []);

    public int Count => times.Length;

    public ReadOnlySpan<long> Times => times;

    public ReadOnlySpan<byte> Levels => levels;

    /// <param name="times">In the order of the block.</param>
    public static LogPoints Of(List<long> times, List<byte> levels)
    {
        var entries = Enumerable.Range(0, times.Count).ToArray();
        long[] sorted = [.. times];
        var isSorted = true;
        for (var i = 1; i < sorted.Length && isSorted; i++) isSorted = sorted[i - 1] <= sorted[i];
        if (isSorted) return new LogPoints(sorted, entries, [.. levels]);
        Array.Sort(sorted, entries);
        return new LogPoints(sorted, entries, [.. entries.Select(entry => levels[entry])]);
    }

    /// <summary>Those of a time and from a level on.</summary>
    /// <param name="toNs">Exclusive.</param>
    public LogPoints Within(long fromNs, long toNs, int leastLevel)
    {
        if (leastLevel == 0 && (Count == 0 || times[0] >= fromNs && times[^1] < toNs)) return this;
        var kept = Enumerable.Range(0, Count).Where(i => times[i] >= fromNs && times[i] < toNs && levels[i] >= leastLevel).ToArray();
        return new LogPoints([.. kept.Select(i => times[i])], [.. kept.Select(i => entries[i])], [.. kept.Select(i => levels[i])]);
    }

    /// <summary>How many are earlier than a time.</summary>
    public int Before(long ns)
    {
        var (low, high) = (0, times.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (times[middle] < ns) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    /// <summary>Which entries of the block lie in a time.</summary>
    /// <param name="toNs">Exclusive.</param>
    public ReadOnlySpan<int> EntriesWithin(long fromNs, long toNs) => entries.AsSpan(Before(fromNs)..Before(toNs));
}
