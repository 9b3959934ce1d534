using Legion.Lakehouse.Sql;

namespace Legion.Lakehouse.Timeline;

/// <summary>Single spans of a process: by name, and all that is known of one. Safe for use from several threads.</summary>
/// <remarks>Every method throws <see cref="NotInLakeException"/> where there is no such process.</remarks>
public sealed class ProcessSpans(Lake lake)
{
    /// <summary>What stands for the stream of async spans, which belong to no thread.</summary>
    public const string AsyncStream = "async";

    const string DescribeSql = """
        SELECT parent_id, depth::BIGINT, begin_ns, end_ns, self_ns, name, target, file, line::BIGINT, thread, properties, truncated
        FROM spans WHERE process_id = $process AND stream_id = $stream AND span_id = $span LIMIT 1
        """;

    const string DescribeAsyncSql = """
        SELECT parent_id, trace_id, begin_ns, end_ns, name, target, file, line::BIGINT, thread, end_thread, properties
        FROM async_spans WHERE process_id = $process AND span_id = $span ORDER BY end_ns LIMIT 1
        """;

    /// <summary>Spans that begin in a time and whose name contains the text, whatever its case.</summary>
    /// <param name="streams">Of these threads; null: of all.</param>
    /// <param name="hasAsync">Async spans, too.</param>
    public async Task<FoundSpans> FindAsync(Guid processId, string text, QueryRange range, int limit, IReadOnlyCollection<Guid>? streams = null, bool hasAsync = true, CancellationToken cancellation = default)
    {
        await lake.FindProcessAsync(processId, cancellation);
        // Ids need no quoting beyond their own form.
        var ofThreads = streams is null ? "" : streams.Count == 0 ? "AND false" : $"AND stream_id IN ({string.Join(", ", streams.Select(stream => $"'{stream}'"))})";
        var ofAsync = hasAsync ? $"UNION ALL SELECT '{AsyncStream}', span_id::HUGEINT, name, begin_ns, duration_ns, 0 FROM async_spans WHERE process_id = $process AND begin_ns >= $from AND contains(lower(name), lower($text))" : "";
        using var result = await lake.QueryAsync($"""
            WITH hits AS NOT MATERIALIZED (
              SELECT stream_id, span_id::HUGEINT AS id, name, begin_ns, duration_ns, depth::BIGINT AS depth
              FROM spans WHERE process_id = $process AND begin_ns >= $from AND contains(lower(name), lower($text)) {ofThreads}
              {ofAsync})
            SELECT stream_id, id::VARCHAR, name, begin_ns, duration_ns, depth, (SELECT count(*) FROM hits)
            FROM hits ORDER BY begin_ns, depth, stream_id, id LIMIT $limit
            """, new QueryOptions
        {
            Parameters = new Dictionary<string, object?> { ["process"] = processId, ["text"] = text, ["from"] = range.FromNs ?? long.MinValue, ["limit"] = limit },
            Range = range,
        }, cancellation);
        using var rows = result.ReadRows(cancellation);
        var (hits, total) = (new List<FoundSpan>(), 0L);
        while (rows.Read())
        {
            total = rows.Int64(6);
            hits.Add(new(rows.Text(0), rows.Text(1), rows.Text(2), rows.Int64(3), rows.IsNull(4) ? OpenFor(rows.Int64(3), result.Receipt) : rows.Int64(4), rows.Int64(5)));
        }
        return new FoundSpans(hits, total);
    }

    /// <returns>Null where there is no such span.</returns>
    public async Task<SpanDetails?> DescribeAsync(Guid processId, Guid streamId, long spanId, CancellationToken cancellation = default)
    {
        await lake.FindProcessAsync(processId, cancellation);
        using var result = await lake.QueryAsync(DescribeSql, new QueryOptions
        {
            Parameters = new Dictionary<string, object?> { ["process"] = processId, ["stream"] = streamId, ["span"] = spanId },
        }, cancellation);
        using var rows = result.ReadRows(cancellation);
        if (!rows.Read()) return null;
        var (beginNs, endNs) = (rows.Int64(2), Int64OrNull(rows, 3));
        return new SpanDetails(streamId, spanId, Int64OrNull(rows, 0), rows.Int64(1), beginNs, endNs, endNs - beginNs ?? OpenFor(beginNs, result.Receipt), Int64OrNull(rows, 4),
            rows.Text(5), rows.Text(6), rows.Text(7), rows.Int64(8), rows.Text(9), rows.Text(10), rows[11] is true);
    }

    /// <returns>Null where there is no such span.</returns>
    public async Task<AsyncSpanDetails?> DescribeAsync(Guid processId, ulong asyncSpanId, CancellationToken cancellation = default)
    {
        await lake.FindProcessAsync(processId, cancellation);
        using var result = await lake.QueryAsync(DescribeAsyncSql, new QueryOptions
        {
            Parameters = new Dictionary<string, object?> { ["process"] = processId, ["span"] = asyncSpanId },
        }, cancellation);
        using var rows = result.ReadRows(cancellation);
        if (!rows.Read()) return null;
        var (beginNs, endNs) = (rows.Int64(2), Int64OrNull(rows, 3));
        return new AsyncSpanDetails(asyncSpanId, rows.IsNull(0) ? null : rows.UInt64(0), rows.IsNull(1) ? null : rows.Text(1), beginNs, endNs, endNs - beginNs ?? OpenFor(beginNs, result.Receipt),
            rows.Text(4), rows.Text(5), rows.Text(6), rows.Int64(7), rows.Text(8), rows.IsNull(9) ? null : rows.Text(9), rows.Text(10));
    }

    static long? Int64OrNull(ResultRows rows, int column) => rows.IsNull(column) ? null : rows.Int64(column);

    /// <summary>How long a span has been open at the newest time known.</summary>
    static long OpenFor(long beginNs, Receipt receipt) => Math.Max(0, (receipt.NewestNs ?? beginNs) - beginNs);
}
