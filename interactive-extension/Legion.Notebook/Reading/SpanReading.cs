using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Microsoft.Data.Analysis;

namespace Legion.Notebook;

/// <summary>Which spans to sum up, and how.</summary>
public sealed record StatsQuery
{
    /// <summary>Only spans that end in this time.</summary>
    public QueryRange Range { get; init; }

    /// <summary>A row for each name on each thread, instead of one for each name.</summary>
    public bool ByThread { get; init; }

    public long Limit { get; init; } = 1000;
}

/// <summary>Reads sums over the spans of a process: of any time of it, from the sums of its parts.</summary>
sealed class SpanReading(Lake lake, SpanSelections selections, Guid process)
{
    static readonly Dictionary<string, CellKind> Kinds = new()
    {
        ["total_ns"] = CellKind.Duration, ["self_ns"] = CellKind.Duration, ["min_ns"] = CellKind.Duration, ["avg_ns"] = CellKind.Duration,
        ["p50_ns"] = CellKind.Duration, ["p95_ns"] = CellKind.Duration, ["p99_ns"] = CellKind.Duration, ["max_ns"] = CellKind.Duration,
    };

    public async Task<TableView> StatsAsync(StatsQuery query, CancellationToken cancel)
    {
        await lake.FindProcessAsync(process, cancel);
        var rows = new List<(string Thread, SelectedSpans Spans)>();
        if (query.ByThread)
            foreach (var thread in (await lake.Store.Catalog.ReadStreamsAsync(lake.Tenant, [process], cancel)).Where(stream => stream.Class == Format.StreamClass.Trace).GroupBy(stream => stream.Name))
                rows.AddRange((await ReadAsync(query.Range, [.. thread.Select(stream => stream.StreamId)], cancel)).Select(spans => (thread.Key, spans)));
        else
            rows.AddRange((await ReadAsync(query.Range, streams: null, cancel)).Select(spans => ("", spans)));
        var shown = rows.OrderByDescending(row => row.Spans.TotalNs).ThenBy(row => row.Spans.Name, StringComparer.Ordinal).Take((int)Math.Min(query.Limit, int.MaxValue)).ToList();
        var columns = new List<DataFrameColumn> { new StringDataFrameColumn("name", shown.Select(row => row.Spans.Name)) };
        if (query.ByThread)
            columns.Add(new StringDataFrameColumn("thread", shown.Select(row => row.Thread)));
        columns.Add(new Int64DataFrameColumn("count", shown.Select(row => row.Spans.Count)));
        columns.Add(new Int64DataFrameColumn("total_ns", shown.Select(row => row.Spans.TotalNs)));
        columns.Add(new Int64DataFrameColumn("self_ns", shown.Select(row => row.Spans.SelfNs)));
        columns.Add(new DoubleDataFrameColumn("avg_ns", shown.Select(row => (double)row.Spans.TotalNs / row.Spans.Count)));
        columns.Add(new Int64DataFrameColumn("min_ns", shown.Select(row => row.Spans.MinNs)));
        foreach (var (name, share) in (ReadOnlySpan<(string, double)>)[("p50_ns", 0.5), ("p95_ns", 0.95), ("p99_ns", 0.99)])
            columns.Add(new DoubleDataFrameColumn(name, shown.Select(row => row.Spans.PercentileNs(share))));
        columns.Add(new Int64DataFrameColumn("max_ns", shown.Select(row => row.Spans.MaxNs)));
        var left = rows.Count > shown.Count ? $"{rows.Count - shown.Count} further rows are left out: raise the limit; " : "";
        return new TableView(new DataFrame(columns), Kinds, $"{left}{rows.Sum(row => row.Spans.Count):N0} spans; percentiles within 1 %");
    }

    /// <returns>Null where there is no span of this name in this time.</returns>
    public async Task<Histogram?> HistogramAsync(string name, QueryRange range, CancellationToken cancel)
    {
        if ((await ReadAsync(range, streams: null, cancel)).FirstOrDefault(spans => spans.Name == name) is not { } found)
            return null;
        var buckets = found.Buckets().Select(bucket => new HistogramBucket(bucket.LowNs, bucket.HighNs, bucket.Count)).ToList();
        return new Histogram(name, "ns", buckets, found.Durations, $"buckets and percentiles within 1 %, longest {ShortTime.OfNs(found.MaxNs)}");
    }

    /// <summary>Names of spans in a time, those of most time first.</summary>
    public async Task<IReadOnlyList<string>> NamesAsync(QueryRange range, CancellationToken cancel) => [.. (await ReadAsync(range, streams: null, cancel)).Select(spans => spans.Name)];

    Task<IReadOnlyList<SelectedSpans>> ReadAsync(QueryRange range, IReadOnlyCollection<Guid>? streams, CancellationToken cancel) =>
        selections.ReadAsync(process, range.FromNs ?? long.MinValue, range.ToNs ?? long.MaxValue, streams, cancel);
}
