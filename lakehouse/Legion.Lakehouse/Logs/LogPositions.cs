namespace Legion.Lakehouse.Logs;

/// <summary>A time in which some log entries lie.</summary>
/// <param name="FromNs">Nanoseconds UTC.</param>
/// <param name="ToNs">Exclusive.</param>
public readonly record struct LogStretch(long FromNs, long ToNs, long Count)
{
    /// <summary>So many are read and sorted in no time; where more are of one time there is nothing to divide.</summary>
    const long FewEntries = 4096;

    public bool IsFine => Count <= FewEntries || ToNs - FromNs <= 1;
}

/// <summary>At which place of all entries each stretch of time begins. Stretches follow each other and do not overlap.</summary>
sealed class LogPositions
{
    readonly LogStretch[] stretches;

    /// <summary>Of each stretch, how many entries come before it; and of all.</summary>
    readonly long[] before;

    public LogPositions(IEnumerable<LogStretch> stretches)
    {
        this.stretches = [.. stretches.Where(stretch => stretch.Count > 0)];
        before = new long[this.stretches.Length + 1];
        for (var i = 0; i < this.stretches.Length; i++)
        {
            if (i > 0 && this.stretches[i].FromNs < this.stretches[i - 1].ToNs) throw new ArgumentException($"expected stretches one after the other, saw {this.stretches[i - 1]} and {this.stretches[i]}", nameof(stretches));
            before[i + 1] = before[i] + this.stretches[i].Count;
        }
    }

    public long Total => before[^1];

    /// <summary>The stretch at a place, and how many entries come before it.</summary>
    public (LogStretch Stretch, long Before) At(long place)
    {
        var found = Array.BinarySearch(before, place);
        // Of a place that a stretch begins with, that one.
        var index = found >= 0 ? found : ~found - 1;
        return (stretches[index], before[index]);
    }

    /// <summary>The stretch in which a time lies, or else the next; null where none comes.</summary>
    public (LogStretch Stretch, long Before)? AtTime(long ns)
    {
        var (low, high) = (0, stretches.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (stretches[middle].ToNs <= ns) low = middle + 1;
            else high = middle;
        }
        return low < stretches.Length ? (stretches[low], before[low]) : null;
    }

    /// <summary>The same with one stretch divided.</summary>
    public LogPositions With(LogStretch divided, IEnumerable<LogStretch> parts) =>
        new(stretches.SelectMany(stretch => stretch == divided ? parts : [stretch]));
}
