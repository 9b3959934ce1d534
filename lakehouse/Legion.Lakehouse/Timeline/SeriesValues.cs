using Legion.Lakehouse.Sql;

namespace Legion.Lakehouse.Timeline;

/// <summary>A series, and what its values were. Those that are no finite numbers do not count; NaN where there is no other.</summary>
/// <param name="Series">Its samples are those of the time that was asked for.</param>
/// <param name="Sum">Of increments.</param>
public sealed record SeriesSummary(TimelineSeries Series, double Least, double Greatest, double Last, double Sum);

/// <summary>What is measured in a process in some time.</summary>
/// <param name="Series">The program's own first, then those of frames, then those of every program; by name.</param>
/// <param name="HasMore">There are further ones, which are left out.</param>
/// <param name="FirstNs">Of the first sample; the greatest number where there is none.</param>
/// <param name="LastNs">Of the last sample; the least number where there is none.</param>
public sealed record SeriesValues(IReadOnlyList<SeriesSummary> Series, bool HasMore, long FirstNs, long LastNs, Receipt Receipt)
{
    const string Sql = $"""
        SELECT name, arg_max(unit, time_ns), arg_max(kind, time_ns), count(*)::BIGINT, min(time_ns), max(time_ns),
          min(value) FILTER (WHERE isfinite(value)), max(value) FILTER (WHERE isfinite(value)), arg_max(value, time_ns) FILTER (WHERE isfinite(value)), sum(value) FILTER (WHERE isfinite(value))
        FROM ({ProcessTimeline.Samples}) GROUP BY name ORDER BY name LIMIT $most
        """;

    /// <exception cref="NotInLakeException">There is no such process.</exception>
    public static async Task<SeriesValues> ReadAsync(Lake lake, Guid processId, QueryRange range = default, IProgress<BuildProgress>? progress = null, CancellationToken cancellation = default)
    {
        await lake.FindProcessAsync(processId, cancellation);
        using var result = await lake.QueryAsync(Sql, new QueryOptions
        {
            Parameters = new Dictionary<string, object?> { ["process"] = processId, ["most"] = ProcessTimeline.MostSeries + 1 }, Range = range, Progress = progress,
        }, cancellation);
        var (all, first, last) = (new List<SeriesSummary>(), long.MaxValue, long.MinValue);
        using (var rows = result.ReadRows(cancellation))
            while (rows.Read())
            {
                var name = rows.Text(0);
                all.Add(new(new(name, rows.IsNull(1) ? "" : rows.Text(1), rows.Text(2), rows.Int64(3), ProcessTimeline.IsUsual(name)), Number(6), Number(7), Number(8), Number(9)));
                (first, last) = (Math.Min(first, rows.Int64(4)), Math.Max(last, rows.Int64(5)));

                double Number(int column) => rows.IsNull(column) ? double.NaN : rows.Float64(column);
            }
        return new([.. all.Take(ProcessTimeline.MostSeries).OrderBy(Rank).ThenBy(one => one.Series.Name, StringComparer.Ordinal)], all.Count > ProcessTimeline.MostSeries, first, last, result.Receipt);
    }

    static int Rank(SeriesSummary one) => one.Series.IsOfFrames ? 1 : one.Series.IsUsual ? 2 : 0;
}
