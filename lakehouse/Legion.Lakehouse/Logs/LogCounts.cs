using Legion.Lakehouse.Timeline;

namespace Legion.Lakehouse.Logs;

/// <summary>Entries counted by step of time and level.</summary>
/// <param name="FromNs">Where the first step begins, nanoseconds UTC.</param>
/// <param name="Steps">Ascending by step; of steps without entries there is none.</param>
public sealed record LogCounts(long FromNs, long StepNs, IReadOnlyList<(long Step, LevelCount Count)> Steps)
{
    /// <summary>A histogram's bars are some pixels wide.</summary>
    public const int MostBars = 240;

    /// <summary>Entries that were looked at.</summary>
    public long Read { get; init; }

    /// <summary>Entries that there are to look at, as blocks say; as many as were looked at once that is over.</summary>
    public long Lines { get; init; }

    /// <summary>Entries of the list by now: of the levels that its filter shows.</summary>
    public long Total { get; init; }

    /// <summary>Until when entries were looked at, nanoseconds UTC, exclusive.</summary>
    public long KnownToNs { get; init; }

    /// <summary>The time in which entries lie, looked at or not, nanoseconds UTC; both inclusive.</summary>
    public (long FirstNs, long LastNs) Time { get; init; }

    /// <summary>How many steps the whole time has.</summary>
    public long StepsOfTime => Lines == 0 ? 0 : StepOf(Time.LastNs) + 1;

    /// <summary>Of each level that has any, from the least severe.</summary>
    public IReadOnlyList<LevelCount> Levels => [.. Sums(Steps.Select(step => step.Count))];

    /// <summary>In as many wider steps as a histogram has bars, at most.</summary>
    public LogCounts Bars()
    {
        if (Lines == 0) return this;
        var (first, last) = (StepOf(Time.FirstNs), StepOf(Time.LastNs));
        if (Steps.Count > 0) (first, last) = (Math.Min(first, Steps[0].Step), Math.Max(last, Steps[^1].Step));
        var width = (last - first + MostBars) / MostBars;
        return this with { FromNs = FromNs + first * StepNs, StepNs = StepNs * width, Steps = [.. Steps.GroupBy(step => (step.Step - first) / width)
            .SelectMany(bar => Sums(bar.Select(step => step.Count)).Select(count => (bar.Key, count)))] };
    }

    /// <summary>Where entries of some levels lie, of steps that end by a time.</summary>
    internal LogPositions Positions(IEnumerable<string> levels, long byNs)
    {
        var shown = levels.ToHashSet();
        return new LogPositions(Steps.Where(step => shown.Contains(step.Count.Level) && FromNs + (step.Step + 1) * StepNs <= byNs).GroupBy(step => step.Step)
            .Select(step => new LogStretch(FromNs + step.Key * StepNs, FromNs + (step.Key + 1) * StepNs, step.Sum(level => level.Count.Count))));
    }

    long StepOf(long ns) => (long)Math.Floor((ns - FromNs) / (double)StepNs);

    static IEnumerable<LevelCount> Sums(IEnumerable<LevelCount> counts) =>
        counts.GroupBy(count => count.Level).Select(level => new LevelCount(level.Key, level.Sum(count => count.Count))).OrderBy(level => LogFilter.Levels.Index().FirstOrDefault(known => known.Item == level.Level).Index);
}
