using System.Globalization;
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

    /// <summary>One for each few pixels of a large screen.</summary>
    const int DensityBins = 600;

    /// <summary>Points of flows in one span whose links are told: more arrows than anybody follows.</summary>
    const int MostPoints = 32;

    const string LinksSql = """
        WITH points AS (
          SELECT time_ns, stream_id, span_id,
            lag(time_ns) OVER flow AS last_ns, lag(stream_id) OVER flow AS last_stream, lag(span_id) OVER flow AS last_span, lag(name) OVER flow AS last_name,
            lead(time_ns) OVER flow AS next_ns, lead(stream_id) OVER flow AS next_stream, lead(span_id) OVER flow AS next_span, lead(name) OVER flow AS next_name
          FROM flows
          WHERE process_id = $process AND flow_id IN (SELECT flow_id FROM flows WHERE process_id = $process AND stream_id = $stream AND span_id = $span)
          WINDOW flow AS (PARTITION BY flow_id ORDER BY time_ns, stream_id))
        SELECT time_ns, count(*) OVER (), last_ns, last_stream, last_span, last_name, next_ns, next_stream, next_span, next_name
        FROM points WHERE stream_id = $stream AND span_id = $span ORDER BY time_ns LIMIT $limit
        """;

    const string AsyncLinksSql = """
        WITH own AS (SELECT parent_id, begin_ns FROM async_spans WHERE process_id = $process AND span_id = $span ORDER BY end_ns LIMIT 1),
        parent AS (SELECT false, own.begin_ns, s.span_id::VARCHAR, s.name, s.begin_ns, s.duration_ns FROM async_spans s, own WHERE s.process_id = $process AND s.span_id = own.parent_id ORDER BY s.end_ns LIMIT 1),
        child AS (SELECT true, begin_ns, span_id::VARCHAR, name, begin_ns, duration_ns FROM async_spans WHERE process_id = $process AND parent_id = $span ORDER BY begin_ns, end_ns, span_id LIMIT 1)
        FROM parent UNION ALL FROM child
        """;

    /// <summary>Spans that begin in a time and whose name contains the text, whatever its case.</summary>
    /// <param name="streams">Of these threads; null: of all.</param>
    /// <param name="hasAsync">Async spans, too.</param>
    public async Task<FoundSpans> FindAsync(Guid processId, string text, QueryRange range, int limit, IReadOnlyCollection<Guid>? streams = null, bool hasAsync = true, CancellationToken cancellation = default)
    {
        await lake.FindProcessAsync(processId, cancellation);
        var ofThreads = Of(streams);
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

    /// <summary>How many spans whose name contains the text, whatever its case, begin in which part of a window.</summary>
    /// <param name="streams">Of these threads; null: of all.</param>
    /// <param name="hasAsync">Async spans, too.</param>
    public async Task<HitDensity> DensityAsync(Guid processId, string text, TimeWindow window, IReadOnlyCollection<Guid>? streams = null, bool hasAsync = true, CancellationToken cancellation = default)
    {
        await lake.FindProcessAsync(processId, cancellation);
        const string Where = "process_id = $process AND begin_ns >= $from AND begin_ns < $to AND contains(lower(name), lower($text))";
        var ofAsync = hasAsync ? $"UNION ALL SELECT begin_ns FROM async_spans WHERE {Where}" : "";
        var stepNs = window.StepNs(DensityBins);
        using var result = await lake.QueryAsync($"""
            SELECT (begin_ns - $from::BIGINT) // $step::BIGINT AS bin, count(*)
            FROM (SELECT begin_ns FROM spans WHERE {Where} {Of(streams)} {ofAsync})
            GROUP BY bin ORDER BY bin
            """, new QueryOptions
        {
            Parameters = new Dictionary<string, object?> { ["process"] = processId, ["text"] = text, ["from"] = window.FromNs, ["to"] = window.ToNs, ["step"] = stepNs },
            Range = new QueryRange(window.FromNs, window.ToNs),
        }, cancellation);
        using var rows = result.ReadRows(cancellation);
        var bins = new List<(long, long)>();
        while (rows.Read()) bins.Add((rows.Int64(0), rows.Int64(1)));
        return new HitDensity(stepNs, bins);
    }

    /// <summary>What the points of flows in a span are linked to: of those whose innermost span it is, the points before and behind them.</summary>
    public async Task<SpanLinks> LinksAsync(Guid processId, Guid streamId, long spanId, CancellationToken cancellation = default)
    {
        await lake.FindProcessAsync(processId, cancellation);
        var found = new List<(bool IsNext, string Name, long FromNs, long AtNs, string StreamId, long? SpanId)>();
        var points = 0L;
        using (var result = await lake.QueryAsync(LinksSql, new QueryOptions
        {
            Parameters = new Dictionary<string, object?> { ["process"] = processId, ["stream"] = streamId, ["span"] = spanId, ["limit"] = MostPoints },
        }, cancellation))
        {
            using var rows = result.ReadRows(cancellation);
            while (rows.Read())
            {
                points = rows.Int64(1);
                foreach (var first in (int[])[2, 6])
                {
                    if (rows.IsNull(first)) continue;
                    found.Add((first == 6, rows.Text(first + 3), rows.Int64(0), rows.Int64(first), rows.Text(first + 1), Int64OrNull(rows, first + 2)));
                }
            }
        }
        // A flow may have several points in one span.
        found.RemoveAll(link => link.StreamId == streamId.ToString() && link.SpanId == spanId);
        var spans = await LinkedAsync(processId, [.. found.Where(link => link.SpanId is not null).Select(link => (link.StreamId, link.SpanId!.Value)).Distinct()], found.Count == 0 ? 0 : found.Max(link => link.AtNs), cancellation);
        return new SpanLinks(
            [.. found.Select(link => new SpanLink(link.IsNext, "flow", link.Name, link.FromNs, link.AtNs, link.StreamId, link.SpanId is { } id ? spans.GetValueOrDefault((link.StreamId, id)) : null))],
            Math.Max(0, points - MostPoints));
    }

    /// <summary>The async span that one is a part of, and the first of its own parts.</summary>
    public async Task<SpanLinks> LinksAsync(Guid processId, ulong asyncSpanId, CancellationToken cancellation = default)
    {
        await lake.FindProcessAsync(processId, cancellation);
        using var result = await lake.QueryAsync(AsyncLinksSql, new QueryOptions
        {
            Parameters = new Dictionary<string, object?> { ["process"] = processId, ["span"] = asyncSpanId },
        }, cancellation);
        using var rows = result.ReadRows(cancellation);
        var links = new List<SpanLink>();
        while (rows.Read())
        {
            var (isNext, atNs, beginNs) = (rows[0] is true, rows.Int64(1), rows.Int64(4));
            var span = new FoundSpan(AsyncStream, rows.Text(2), rows.Text(3), beginNs, Int64OrNull(rows, 5) ?? OpenFor(beginNs, result.Receipt), 0);
            links.Add(new SpanLink(isNext, isNext ? "child" : "parent", "", atNs, atNs, AsyncStream, span));
        }
        return new SpanLinks(links, 0);
    }

    /// <param name="lastNs">When the last of them had begun.</param>
    async Task<Dictionary<(string StreamId, long SpanId), FoundSpan>> LinkedAsync(Guid processId, IReadOnlyList<(string StreamId, long SpanId)> wanted, long lastNs, CancellationToken cancellation)
    {
        var spans = new Dictionary<(string, long), FoundSpan>();
        if (wanted.Count == 0) return spans;
        // Lists of constants, so that parts of files are left out by the least and greatest values they have.
        using var result = await lake.QueryAsync($"""
            SELECT stream_id, span_id, name, begin_ns, duration_ns, depth::BIGINT FROM spans
            WHERE process_id = $process AND begin_ns <= $last AND stream_id IN ({string.Join(", ", wanted.Select(span => $"'{span.StreamId}'").Distinct())})
              AND span_id IN ({string.Join(", ", wanted.Select(span => span.SpanId.ToString(CultureInfo.InvariantCulture)).Distinct())})
            """, new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = processId, ["last"] = lastNs } }, cancellation);
        using var rows = result.ReadRows(cancellation);
        while (rows.Read())
        {
            var (key, beginNs) = ((rows.Text(0), rows.Int64(1)), rows.Int64(3));
            spans[key] = new FoundSpan(key.Item1, key.Item2.ToString(CultureInfo.InvariantCulture), rows.Text(2), beginNs, Int64OrNull(rows, 4) ?? OpenFor(beginNs, result.Receipt), rows.Int64(5));
        }
        return spans;
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

    // Ids need no quoting beyond their own form.
    static string Of(IReadOnlyCollection<Guid>? streams) => streams is null ? "" : streams.Count == 0 ? "AND false" : $"AND stream_id IN ({string.Join(", ", streams.Select(stream => $"'{stream}'"))})";

    static long? Int64OrNull(ResultRows rows, int column) => rows.IsNull(column) ? null : rows.Int64(column);

    /// <summary>How long a span has been open at the newest time known.</summary>
    static long OpenFor(long beginNs, Receipt receipt) => Math.Max(0, (receipt.NewestNs ?? beginNs) - beginNs);
}
