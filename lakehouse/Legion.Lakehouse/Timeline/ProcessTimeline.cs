using Legion.Lakehouse.Sql;

namespace Legion.Lakehouse.Timeline;

/// <summary>
/// What lies on the time axis of a process beside its spans: metrics and durations of frames, log entries, markers, attachments. Whatever the time, an answer fits a screen.
/// Safe for use from several threads.
/// </summary>
/// <remarks>Every method throws <see cref="NotInLakeException"/> where there is no such process.</remarks>
public sealed class ProcessTimeline(Lake lake)
{
    /// <summary>A window is a few screens wide, so that a bucket is two pixels or less.</summary>
    public const int SeriesSteps = 2000;

    /// <summary>A bucket is as wide as a mark that a pointer can hit.</summary>
    public const int MarkSteps = 600;

    /// <summary>Series that are asked for at once.</summary>
    public const int MostNames = 12;

    internal const int MostSeries = 1000;

    /// <summary>How far beside the window the samples may lie between which a line crosses it.</summary>
    const long BesideNs = 60_000_000_000;

    /// <summary>How long its frames took is a metric of each series of frames.</summary>
    const string FramePrefix = "frames.";

    const string FrameSamples = $"SELECT end_ns AS time_ns, '{FramePrefix}' || name AS name, 's' AS unit, duration_ns / 1e9 AS value, '{TimelineSeries.OfFrames}' AS kind FROM frames WHERE process_id = $process";
    internal const string Samples = $"SELECT time_ns, name, unit, value, kind FROM measures WHERE process_id = $process UNION ALL {FrameSamples}";

    const string ListSql = $"""
        SELECT name, arg_max(unit, time_ns), arg_max(kind, time_ns), count(*) FROM ({Samples}) GROUP BY name
        ORDER BY bool_or(kind = '{TimelineSeries.OfFrames}') DESC, name LIMIT $most
        """;

    const string FramesSql = $"SELECT name, any_value(unit), any_value(kind), count(*) FROM ({FrameSamples}) GROUP BY name ORDER BY name LIMIT $most";

    const string LogsSql = """
        SELECT (time_ns - $from) // $step AS bucket, level, count(*), min(time_ns), arg_min(left(message, 200), time_ns)
        FROM log_entries WHERE process_id = $process AND severity BETWEEN $least AND $most
        GROUP BY bucket, level ORDER BY bucket, max(severity) DESC, level
        """;

    /// <summary>All of the first marker come from one row: markers of one time are ordered by everything that is shown of them.</summary>
    const string MarkersSql = """
        WITH numbered AS (
          SELECT time_ns, thread, name, properties, (time_ns - $from) // $step AS bucket FROM markers WHERE process_id = $process
        ), ranked AS (
          SELECT *, count(*) OVER (PARTITION BY bucket) AS markers, row_number() OVER (PARTITION BY bucket ORDER BY time_ns, name, thread, properties) AS place FROM numbered
        )
        SELECT time_ns, left(name, 200), thread, properties, markers FROM ranked WHERE place = 1 ORDER BY bucket
        """;

    /// <summary>Of attachments of one time the one of the least id comes first.</summary>
    const string AttachmentsSql = """
        WITH numbered AS (
          SELECT attachment_id, stream_id, time_ns, media_type, name, bytes, complete, (time_ns - $from) // $step AS bucket FROM attachments WHERE process_id = $process AND time_ns >= $from AND time_ns < $to
        ), ranked AS (
          SELECT *, count(*) OVER (PARTITION BY bucket) AS files, max(time_ns) OVER (PARTITION BY bucket) AS last_ns,
            row_number() OVER (PARTITION BY bucket ORDER BY time_ns, attachment_id, stream_id) AS place
          FROM numbered
        )
        SELECT attachment_id, time_ns, last_ns, left(media_type, 100), left(name, 200), bytes, complete, files FROM ranked WHERE place = 1 ORDER BY bucket
        """;

    /// <summary>Names of what is measured of every program, by its runtime and its system, and of frames.</summary>
    static readonly string[] UsualPrefixes = ["process.", "system.", "dotnet.", "runtime.", FramePrefix];

    readonly SeriesPyramid pyramid = new(lake);

    internal static bool IsUsual(string name) => UsualPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>All series of the process: those of frames first, then by name.</summary>
    public Task<IReadOnlyList<TimelineSeries>> SeriesAsync(Guid processId, CancellationToken cancellation = default) => ListAsync(ListSql, processId, cancellation);

    /// <summary>Those of frames only, by name: without looking at any metric.</summary>
    public Task<IReadOnlyList<TimelineSeries>> FramesAsync(Guid processId, CancellationToken cancellation = default) => ListAsync(FramesSql, processId, cancellation);

    async Task<IReadOnlyList<TimelineSeries>> ListAsync(string sql, Guid processId, CancellationToken cancellation)
    {
        await lake.FindProcessAsync(processId, cancellation);
        using var result = await lake.QueryAsync(sql, new QueryOptions
        {
            Parameters = new Dictionary<string, object?> { ["process"] = processId, ["most"] = MostSeries },
        }, cancellation);
        using var rows = result.ReadRows(cancellation);
        var all = new List<TimelineSeries>();
        while (rows.Read())
            all.Add(new(rows.Text(0), rows.Text(1), rows.Text(2), rows.Int64(3), IsUsual(rows.Text(0))));
        return all;
    }

    /// <summary>Samples of some series by bucket.</summary>
    /// <param name="names">At most <see cref="MostNames"/>; those that the process doesn't have are left out.</param>
    /// <param name="steps">Into how many buckets the window is divided; long ones have the steps of the tiles' grid, up to twice as many.</param>
    public async Task<SeriesWindow> SeriesAsync(Guid processId, IReadOnlyCollection<string> names, TimeWindow window, int steps = SeriesSteps, CancellationToken cancellation = default)
    {
        if (names.Count is 0 or > MostNames) throw new ArgumentException($"expected from 1 to {MostNames} names, saw {names.Count}", nameof(names));
        await lake.FindProcessAsync(processId, cancellation);
        // Frames are far fewer than samples.
        if (!names.Any(name => name.StartsWith(FramePrefix, StringComparison.Ordinal))
            && await pyramid.ReadMeasuresAsync(processId, Math.Max(0, window.FromNs - BesideNs), window.ToNs + BesideNs, steps, cancellation) is (var gridStepNs, var items))
            return OnGrid(window, gridStepNs, items.Where(item => names.Contains(item.Name)));
        return await BucketsAsync(Samples, processId, names, window, steps, cancellation);
    }

    /// <summary>As <see cref="SeriesAsync(Guid, IReadOnlyCollection{string}, TimeWindow, int, CancellationToken)"/>, of frames only: without looking at any metric.</summary>
    public async Task<SeriesWindow> FramesAsync(Guid processId, IReadOnlyCollection<string> names, TimeWindow window, int steps = SeriesSteps, CancellationToken cancellation = default)
    {
        await lake.FindProcessAsync(processId, cancellation);
        return await BucketsAsync(FrameSamples, processId, names, window, steps, cancellation);
    }

    async Task<SeriesWindow> BucketsAsync(string samples, Guid processId, IReadOnlyCollection<string> names, TimeWindow window, int steps, CancellationToken cancellation)
    {
        var stepNs = window.StepNs(steps);
        var parameters = new Dictionary<string, object?> { ["process"] = processId, ["from"] = window.FromNs, ["to"] = window.ToNs, ["step"] = stepNs };
        foreach (var (i, name) in names.Index()) parameters[$"name{i}"] = name;
        var sql = $"""
            SELECT name, arg_max(unit, time_ns), arg_max(kind, time_ns), min(value), max(value), sum(value), arg_max(value, time_ns), arg_min(value, time_ns),
              CASE WHEN time_ns < $from THEN -1 WHEN time_ns >= $to THEN {steps} ELSE (time_ns - $from) // $step END AS bucket,
              (max(time_ns) - $from) / $step, (min(time_ns) - $from) / $step
            FROM ({samples}) WHERE isfinite(value) AND name IN ({string.Join(", ", names.Select((_, i) => $"$name{i}"))})
            GROUP BY name, bucket ORDER BY name, bucket
            """;
        using var result = await lake.QueryAsync(sql, new QueryOptions
        {
            Parameters = parameters,
            Range = new QueryRange(Math.Max(0, window.FromNs - BesideNs), window.ToNs + BesideNs),
        }, cancellation);
        using var rows = result.ReadRows(cancellation);
        var (series, buckets) = (new List<SeriesBuckets>(), new List<SeriesBucket>());
        while (rows.Read())
        {
            if (series.Count == 0 || series[^1].Name != rows.Text(0)) series.Add(new(rows.Text(0), rows.Text(1), rows.Text(2), buckets = []));
            if (BucketOf(rows, steps) is { } bucket) buckets.Add(bucket);
        }
        return new SeriesWindow(stepNs, series);
    }

    /// <summary>Log entries counted by bucket and level, and the first message of the most severe level of each bucket.</summary>
    /// <param name="leastSeverity">As in <c>log_entries</c>.</param>
    /// <param name="steps">As for series.</param>
    public async Task<LogWindow> LogsAsync(Guid processId, TimeWindow window, int leastSeverity = int.MinValue, int mostSeverity = int.MaxValue, int steps = MarkSteps, CancellationToken cancellation = default)
    {
        await lake.FindProcessAsync(processId, cancellation);
        if (await pyramid.ReadLogsAsync(processId, window.FromNs, window.ToNs, steps, cancellation) is (var gridStepNs, var items))
            return OnGrid(window, gridStepNs, items.Where(item => item.Severity >= leastSeverity && item.Severity <= mostSeverity));
        var stepNs = window.StepNs(steps);
        using var result = await lake.QueryAsync(LogsSql, new QueryOptions
        {
            Parameters = new Dictionary<string, object?> { ["process"] = processId, ["from"] = window.FromNs, ["step"] = stepNs, ["least"] = leastSeverity, ["most"] = mostSeverity },
            Range = new QueryRange(window.FromNs, window.ToNs),
        }, cancellation);
        using var rows = result.ReadRows(cancellation);
        var (buckets, counts) = (new List<LogBucket>(), new List<LevelCount>());
        while (rows.Read())
        {
            if (buckets.Count == 0 || buckets[^1].At != rows.Int64(0)) buckets.Add(new(rows.Int64(0), rows.Int64(3), rows.Text(4), counts = []));
            counts.Add(new(rows.Text(1), rows.Int64(2)));
        }
        return new LogWindow(stepNs, buckets);
    }

    /// <summary>The first marker of each bucket that has any, and how many it has.</summary>
    public async Task<MarkerWindow> MarkersAsync(Guid processId, TimeWindow window, int steps = MarkSteps, CancellationToken cancellation = default)
    {
        await lake.FindProcessAsync(processId, cancellation);
        using var result = await lake.QueryAsync(MarkersSql, new QueryOptions
        {
            Parameters = new Dictionary<string, object?> { ["process"] = processId, ["from"] = window.FromNs, ["step"] = window.StepNs(steps) },
            Range = new QueryRange(window.FromNs, window.ToNs),
        }, cancellation);
        using var rows = result.ReadRows(cancellation);
        var markers = new List<TimelineMarker>();
        while (rows.Read()) markers.Add(new(rows.Int64(0), rows.Text(1), rows.Text(2), rows.Text(3), rows.Int64(4)));
        return new MarkerWindow(markers);
    }

    /// <summary>The first attachment of each bucket that has any, and how many it has.</summary>
    public async Task<AttachmentWindow> AttachmentsAsync(Guid processId, TimeWindow window, CancellationToken cancellation = default)
    {
        await lake.FindProcessAsync(processId, cancellation);
        using var result = await lake.QueryAsync(AttachmentsSql, new QueryOptions
        {
            Parameters = new Dictionary<string, object?> { ["process"] = processId, ["from"] = window.FromNs, ["to"] = window.ToNs, ["step"] = window.StepNs(MarkSteps) },
            Range = new QueryRange(window.FromNs, window.ToNs),
        }, cancellation);
        using var rows = result.ReadRows(cancellation);
        var files = new List<TimelineAttachment>();
        while (rows.Read()) files.Add(new(rows.Text(0), rows.Int64(1), rows.Int64(2), rows.Text(3), rows.Text(4), rows.Int64(5), rows[6] is true, rows.Int64(7)));
        return new AttachmentWindow(files);
    }

    /// <summary>
    /// As of the samples themselves, but that steps are those of the tiles' grid. One that lies across an edge of the window is in it as a whole,
    /// and of what lies beside it the nearest.
    /// </summary>
    static SeriesWindow OnGrid(TimeWindow window, long stepNs, IEnumerable<MeasureItem> items)
    {
        var all = new List<SeriesBuckets>();
        foreach (var series in items.GroupBy(item => item.Name).OrderBy(series => series.Key, StringComparer.Ordinal))
        {
            MeasureItem[] steps = [.. series.OrderBy(item => item.FirstNs)];
            var isCount = steps[^1].Kind == "count";
            var first = Array.FindIndex(steps, item => item.LastNs >= window.FromNs);
            var last = Array.FindLastIndex(steps, item => item.FirstNs < window.ToNs);
            if (first < 0) first = steps.Length;
            if (!isCount) (first, last) = (Math.Max(first - 1, 0), Math.Min(last + 1, steps.Length - 1));
            var buckets = new List<SeriesBucket>();
            for (var i = first; i <= last; i++)
            {
                var isAfter = steps[i].FirstNs >= window.ToNs;
                buckets.Add(new((double)((isAfter ? steps[i].FirstNs : steps[i].LastNs) - window.FromNs) / stepNs, steps[i].Least, steps[i].Greatest,
                    isCount ? steps[i].Sum : isAfter ? steps[i].First : steps[i].Last));
            }
            all.Add(new(series.Key, steps[^1].Unit, steps[^1].Kind, buckets));
        }
        return new SeriesWindow(stepNs, all);
    }

    /// <summary>As of the entries themselves, but that steps are those of the tiles' grid: the first begins a part of one before the window.</summary>
    static LogWindow OnGrid(TimeWindow window, long stepNs, IEnumerable<LogItem> items)
    {
        var buckets = new List<LogBucket>();
        foreach (var step in items.GroupBy(item => item.FirstNs / stepNs).OrderBy(step => step.Key))
        {
            LogItem[] levels = [.. step.OrderByDescending(item => item.Severity).ThenBy(item => item.Level, StringComparer.Ordinal)];
            buckets.Add(new((double)(step.Key * stepNs - window.FromNs) / stepNs, levels[0].FirstNs, levels[0].Message, [.. levels.Select(level => new LevelCount(level.Level, level.Count))]));
        }
        return new LogWindow(stepNs, buckets);
    }

    /// <returns>Null where it says nothing of the window: the sum of what lies beside it.</returns>
    static SeriesBucket? BucketOf(ResultRows rows, int steps)
    {
        var isCount = rows.Text(2) == "count";
        var isAfter = rows.Int64(8) == steps;
        return isCount && (isAfter || rows.Int64(8) < 0) ? null
            : new(rows.Float64(isAfter ? 10 : 9), rows.Float64(3), rows.Float64(4), rows.Float64(isCount ? 5 : isAfter ? 7 : 6));
    }
}
