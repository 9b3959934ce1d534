using Legion.Lakehouse.Timeline;

namespace Legion.Lakehouse.Logs;

/// <summary>Entries counted by step of time and level.</summary>
/// <param name="FromNs">Where the first step begins, nanoseconds UTC.</param>
/// <param name="Steps">Ascending by step; of steps without entries there is none.</param>
public sealed record LogCounts(long FromNs, long StepNs, IReadOnlyList<(long Step, LevelCount Count)> Steps)
{
    /// <summary>A histogram's bars are some pixels wide.</summary>
    public const int MostBars = 240;

    /// <summary>Of each level that has any, from the least severe.</summary>
    public IReadOnlyList<LevelCount> Levels => [.. Sums(Steps.Select(step => step.Count))];

    /// <summary>In as many wider steps as a histogram has bars, at most.</summary>
    public LogCounts Bars()
    {
        if (Steps.Count == 0) return this;
        var (first, last) = (Steps[0].Step, Steps[^1].Step);
        var width = (last - first + MostBars) / MostBars;
        return new LogCounts(FromNs + first * StepNs, StepNs * width, [.. Steps.GroupBy(step => (step.Step - first) / width)
            .SelectMany(bar => Sums(bar.Select(step => step.Count)).Select(count => (bar.Key, count)))]);
    }

    /// <summary>Where entries of some levels lie.</summary>
    internal LogPositions Positions(IEnumerable<string> levels)
    {
        var shown = levels.ToHashSet();
        return new LogPositions(Steps.Where(step => shown.Contains(step.Count.Level)).GroupBy(step => step.Step)
            .Select(step => new LogStretch(FromNs + step.Key * StepNs, FromNs + (step.Key + 1) * StepNs, step.Sum(level => level.Count.Count), IsCounted: true)));
    }

    static IEnumerable<LevelCount> Sums(IEnumerable<LevelCount> counts) =>
        counts.GroupBy(count => count.Level).Select(level => new LevelCount(level.Key, level.Sum(count => count.Count))).OrderBy(level => LogFilter.Levels.Index().FirstOrDefault(known => known.Item == level.Level).Index);
}
