using System.Globalization;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;

namespace Legion.Notebook;

/// <summary>Which samples of metrics, and what to draw of them.</summary>
public sealed record MetricQuery
{
    /// <summary>With * and ?; one that matches nothing is an error.</summary>
    public IReadOnlyList<string> Names { get; init; } = ["*"];

    /// <summary>avg, min, max, sum, count, rate, last, p50, p99.9; null: for samples avg, min and max, for increments rate, for totals last.</summary>
    public IReadOnlyList<string>? Aggregates { get; init; }

    /// <summary>A line for each value of this property; null: one for all.</summary>
    public string? By { get; init; }

    public QueryRange Range { get; init; }

    /// <summary>Steps that the time is divided into, at most.</summary>
    public int Steps { get; init; } = 1000;

    /// <summary>Told while partitions are built.</summary>
    public IProgress<BuildProgress>? Progress { get; init; }
}

/// <summary>Reads samples, summed up by steps of time.</summary>
sealed class MetricReading(Lake lake, Guid process, MetricQuery query)
{
    const string NoAggregate = "is no aggregate: expected avg, min, max, sum, count, rate, last, or a percentile such as p99";

    // More lines than these nobody tells apart.
    const int MostLines = 40;

    public async Task<Series> SeriesAsync(CancellationToken cancel)
    {
        var (metrics, range) = await FindAsync(cancel);
        var stepNs = StepNs(range, query.Steps);
        var lines = new List<SeriesLine>();
        Receipt? receipt = null;
        foreach (var metric in metrics)
        {
            var aggregates = query.Aggregates ?? metric.Kind switch { "count" => ["rate"], "total" => ["last"], _ => ["avg", "min", "max"] };
            var columns = string.Join(", ", aggregates.Select(aggregate => $"({Sql(aggregate, stepNs)})::DOUBLE"));
            var by = query.By is null ? "''" : "coalesce(property(properties, $by), '')";
            using var result = await lake.QueryAsync(
                $"""
                SELECT {by} AS by_value, time_bin({stepNs}, time_ns) AS step_ns, {columns}
                FROM measures WHERE process_id = $process AND name = $name AND unit IS NOT DISTINCT FROM $unit AND kind = $kind AND isfinite(value)
                GROUP BY ALL ORDER BY ALL
                """, Options(metric), cancel);
            using (var rows = result.ReadRows(cancel))
                while (rows.Read())
                    for (var i = 0; i < aggregates.Count; i++)
                    {
                        var value = rows.Text(0);
                        var at = lines.FindIndex(line => line.Name == metric.Name && line.Unit == UnitOf(metric, aggregates[i]) && line.By == value && line.Aggregate == aggregates[i]);
                        if (at < 0)
                        {
                            if (lines.Count == MostLines * 3)
                                throw new QueryException($"there are more than {MostLines} lines to draw: name fewer metrics, or a property of fewer values than '{query.By}'");
                            at = lines.Count;
                            lines.Add(new(metric.Name, UnitOf(metric, aggregates[i]), value, aggregates[i]));
                        }
                        lines[at].Add(rows.Int64(1), rows.IsNull(i + 2) ? double.NaN : rows.Float64(i + 2));
                    }
            receipt = result.Receipt;
        }
        return new Series(process, new(range.FromNs!.Value, range.ToNs!.Value), TimeSpan.FromTicks(stepNs / 100), lines, receipt!);
    }

    /// <summary>How many samples had which value, by steps of time; of one metric.</summary>
    public async Task<Heatmap> HeatmapAsync(CancellationToken cancel)
    {
        const int Columns = 240, Rows = 60;
        var (metrics, range) = await FindAsync(cancel);
        if (metrics is not [var metric])
            throw new QueryException($"a heatmap shows one metric; there are {metrics.Count} here: {string.Join(", ", metrics.Select(one => one.Name).Take(10))}");
        var stepNs = StepNs(range, Columns);
        var (low, high) = (double.NaN, double.NaN);
        using (var bounds = await lake.QueryAsync("SELECT min(value), max(value) FROM measures WHERE process_id = $process AND name = $name AND unit IS NOT DISTINCT FROM $unit AND kind = $kind AND isfinite(value)", Options(metric), cancel))
        using (var rows = bounds.ReadRows(cancel))
            while (rows.Read())
                if (!rows.IsNull(0))
                    (low, high) = (rows.Float64(0), rows.Float64(1));
        if (double.IsNaN(low))
            throw new QueryException($"there is no sample of '{metric.Name}' in this time");
        var height = high > low ? (high - low) / Rows : 1;
        var options = Options(metric);
        options = options with { Parameters = new Dictionary<string, object?>(options.Parameters) { ["low"] = low, ["height"] = height } };
        using var result = await lake.QueryAsync(
            $"""
            SELECT time_bin({stepNs}, time_ns) AS step_ns, least({Rows - 1}, floor((value - $low) / $height))::BIGINT AS bin, count(*)::BIGINT
            FROM measures WHERE process_id = $process AND name = $name AND unit IS NOT DISTINCT FROM $unit AND kind = $kind AND isfinite(value)
            GROUP BY ALL ORDER BY ALL
            """, options, cancel);
        var counts = new Dictionary<(long StepNs, int Bin), long>();
        using (var rows = result.ReadRows(cancel))
            while (rows.Read())
                counts[(rows.Int64(0), (int)rows.Int64(1))] = rows.Int64(2);
        return new Heatmap(metric.Name, metric.Unit ?? "", stepNs, low, height, Rows, counts, result.Receipt);
    }

    /// <summary>How many samples of the metric had which value; null where there is none.</summary>
    public async Task<Histogram?> HistogramAsync(CancellationToken cancel)
    {
        var (all, _, _) = await ListAsync(cancel);
        if (all.Find(metric => query.Names.Contains(metric.Name)) is not { } metric)
            return null;
        const string Samples = "FROM measures WHERE process_id = $process AND name = $name AND unit IS NOT DISTINCT FROM $unit AND kind = $kind AND isfinite(value)";
        var sketch = new Sketch();
        using (var bins = await lake.QueryAsync($"SELECT unnest(s.bins)::BIGINT, unnest(s.counts)::BIGINT FROM (SELECT sketch(value) AS s {Samples})", Options(metric), cancel))
        using (var rows = bins.ReadRows(cancel))
            while (rows.Read())
                sketch.Add((short)rows.Int64(0), (ulong)rows.Int64(1));
        var buckets = new List<HistogramBucket>();
        using var result = await lake.QueryAsync($"SELECT bucket.low, bucket.high, bucket.count::BIGINT FROM (SELECT unnest(histogram(value)) AS bucket {Samples})", Options(metric), cancel);
        using (var rows = result.ReadRows(cancel))
            while (rows.Read())
                buckets.Add(new(rows.Float64(0), rows.Float64(1), rows.Int64(2)));
        return buckets.Count == 0 ? null : new Histogram(metric.Name, metric.Unit ?? "", buckets, sketch, ReceiptText.OfCost(result.Receipt));
    }

    sealed record Metric(string Name, string? Unit, string Kind);

    /// <summary>All metrics of the process in the time that is asked for, and when their samples begin and end.</summary>
    async Task<(List<Metric> Metrics, long FirstNs, long LastNs)> ListAsync(CancellationToken cancel)
    {
        await lake.FindProcessAsync(process, cancel);
        var all = new List<Metric>();
        var (first, last) = (long.MaxValue, long.MinValue);
        using var result = await lake.QueryAsync("SELECT name, unit, kind, min(time_ns), max(time_ns) FROM measures WHERE process_id = $process GROUP BY ALL ORDER BY ALL", new QueryOptions
        {
            Parameters = new Dictionary<string, object?> { ["process"] = process }, Range = query.Range, Progress = query.Progress,
        }, cancel);
        using var rows = result.ReadRows(cancel);
        while (rows.Read())
        {
            all.Add(new(rows.Text(0), rows.IsNull(1) ? null : rows.Text(1), rows.Text(2)));
            (first, last) = (Math.Min(first, rows.Int64(3)), Math.Max(last, rows.Int64(4)));
        }
        return (all, first, last);
    }

    /// <summary>The metrics that are meant, and the time in which to read them.</summary>
    async Task<(IReadOnlyList<Metric> Metrics, QueryRange Range)> FindAsync(CancellationToken cancel)
    {
        var (all, first, last) = await ListAsync(cancel);
        if (all.Count == 0)
            throw new NotInLakeException("there is no metric in this time of this process");
        var names = all.Select(metric => metric.Name).Distinct().ToList();
        foreach (var wanted in query.Names)
            if (!names.Exists(name => Matches(wanted, name)))
                throw new NotInLakeException($"there is no metric '{wanted}' in this time of this process{NearestName.Suggestion(wanted, names)} (metrics: {string.Join(", ", names.Take(20))}{(names.Count > 20 ? ", ..." : "")})");
        var metrics = all.Where(metric => query.Names.Any(wanted => Matches(wanted, metric.Name))).ToList();
        return (metrics, new(query.Range.FromNs ?? first, query.Range.ToNs ?? last + 1));
    }

    static bool Matches(string wanted, string name) => wanted == name || System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(wanted, name, ignoreCase: false);

    QueryOptions Options(Metric metric)
    {
        var parameters = new Dictionary<string, object?> { ["process"] = process, ["name"] = metric.Name, ["unit"] = metric.Unit, ["kind"] = metric.Kind };
        if (query.By is not null)
            parameters["by"] = query.By;
        return new QueryOptions { Parameters = parameters, Range = query.Range, Progress = query.Progress };
    }

    /// <summary>1, 2 or 5 times a power of ten, so that steps begin at round times; such that they are not more than asked for.</summary>
    static long StepNs(QueryRange range, int steps)
    {
        var least = Math.Max(1, (range.ToNs!.Value - range.FromNs!.Value) / Math.Max(1, steps));
        for (var power = 1L; ; power *= 10)
            foreach (var factor in (ReadOnlySpan<int>)[1, 2, 5])
                if (power * factor >= least)
                    return power * factor;
    }

    static string UnitOf(Metric metric, string aggregate) => aggregate switch
    {
        "count" => "samples",
        "rate" => $"{(string.IsNullOrEmpty(metric.Unit) ? "1" : metric.Unit)}/s",
        _ => metric.Unit ?? "",
    };

    static string Sql(string aggregate, long stepNs) => aggregate switch
    {
        "avg" => "avg(value)",
        "min" => "min(value)",
        "max" => "max(value)",
        "sum" => "sum(value)",
        "count" => "count(*)",
        "last" => "arg_max(value, time_ns)",
        "rate" => string.Create(CultureInfo.InvariantCulture, $"sum(value) / {stepNs / 1e9:R}"),
        ['p', .. var digits] when double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent <= 100 =>
            string.Create(CultureInfo.InvariantCulture, $"percentile(value, {percent / 100:R})"),
        _ => throw new QueryException($"'{aggregate}' {NoAggregate}"),
    };
}
