using Legion.Lakehouse;
using Legion.Lakehouse.Sql;

namespace Legion.Viewer;

/// <summary>Answers about single spans.</summary>
sealed class SpanQuestions(Lake lake)
{
    const int UsualHits = 100;

    /// <summary>What stands for the stream of async spans, which belong to no thread.</summary>
    const string AsyncStream = "async";

    const string FindSql = $"""
        WITH hits AS NOT MATERIALIZED (
          SELECT stream_id, span_id::HUGEINT AS id, name, begin_ns, duration_ns, depth::BIGINT AS depth
          FROM spans WHERE process_id = $process AND begin_ns >= $from AND contains(lower(name), lower($text))
          UNION ALL
          SELECT '{AsyncStream}', span_id::HUGEINT, name, begin_ns, duration_ns, 0
          FROM async_spans WHERE process_id = $process AND begin_ns >= $from AND contains(lower(name), lower($text)))
        SELECT stream_id, id::VARCHAR, name, begin_ns, duration_ns, depth, (SELECT count(*) FROM hits)
        FROM hits ORDER BY begin_ns, depth, stream_id, id LIMIT $limit
        """;

    const string DescribeSql = """
        SELECT parent_id, depth::BIGINT, begin_ns, end_ns, self_ns, name, target, file, line::BIGINT, thread, properties, truncated
        FROM spans WHERE process_id = $process AND stream_id = $stream AND span_id = $span LIMIT 1
        """;

    /// <summary>Spans of threads, and async ones, that begin in a time and whose name contains the text, whatever its case; in order of begin.</summary>
    public async Task<Answer> FindAsync(Question question)
    {
        var processId = question.RouteId("process");
        await lake.FindProcessAsync(processId, question.Cancellation);
        var text = question.Text("text");
        if (text.Length == 0) throw new MalformedQuestionException("expected text to find, saw none");
        var fromNs = question.Ns("from_ns");
        using var result = await lake.QueryAsync(FindSql, new QueryOptions
        {
            Parameters = new Dictionary<string, object?> { ["process"] = processId, ["text"] = text, ["from"] = fromNs ?? long.MinValue, ["limit"] = question.Limit(UsualHits) },
            Range = new QueryRange(fromNs, question.Ns("to_ns")),
        }, question.Cancellation);
        using var rows = result.ReadRows(question.Cancellation);
        return Answer.Json(json =>
        {
            var total = 0L;
            json.WriteStartObject();
            json.WriteStartArray("hits");
            while (rows.Read())
            {
                var beginNs = rows.Int64(3);
                total = rows.Int64(6);
                json.WriteStartObject();
                json.WriteString("stream_id", rows.Text(0));
                json.WriteString("span_id", rows.Text(1));
                json.WriteString("name", rows.Text(2));
                json.WriteInt64("begin_ns", beginNs);
                json.WriteInt64("duration_ns", rows.IsNull(4) ? OpenFor(beginNs, result.Receipt) : rows.Int64(4));
                json.WriteNumber("depth", rows.Int64(5));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteNumber("total", total);
            json.WriteEndObject();
        });
    }

    public async Task<Answer> DescribeAsync(Question question)
    {
        var processId = question.RouteId("process");
        var streamId = question.RouteId("stream");
        var spanId = question.RouteNumber("span", long.MaxValue);
        await lake.FindProcessAsync(processId, question.Cancellation);
        using var result = await lake.QueryAsync(DescribeSql, new QueryOptions
        {
            Parameters = new Dictionary<string, object?> { ["process"] = processId, ["stream"] = streamId, ["span"] = spanId },
        }, question.Cancellation);
        using var rows = result.ReadRows(question.Cancellation);
        if (!rows.Read()) throw new NotInLakeException($"there is no span {spanId} of stream '{streamId}' in process '{processId}'");
        return Answer.Json(json =>
        {
            var (beginNs, endNs) = (rows.Int64(2), rows.IsNull(3) ? (long?)null : rows.Int64(3));
            json.WriteStartObject();
            json.WriteString("stream_id", streamId);
            json.WriteInt64("span_id", spanId);
            json.WriteInt64("parent_id", rows.IsNull(0) ? null : rows.Int64(0));
            json.WriteNumber("depth", rows.Int64(1));
            json.WriteInt64("begin_ns", beginNs);
            json.WriteInt64("end_ns", endNs);
            json.WriteInt64("duration_ns", endNs - beginNs ?? OpenFor(beginNs, result.Receipt));
            json.WriteInt64("self_ns", rows.IsNull(4) ? null : rows.Int64(4));
            json.WriteString("name", rows.Text(5));
            json.WriteString("target", rows.Text(6));
            json.WriteString("file", rows.Text(7));
            json.WriteNumber("line", rows.Int64(8));
            json.WriteString("thread", rows.Text(9));
            json.WriteProperties("properties", rows.Text(10));
            json.WriteBoolean("truncated", rows[11] is true);
            json.WriteEndObject();
        });
    }

    /// <summary>How long a span has been open at the newest time known.</summary>
    static long OpenFor(long beginNs, Receipt receipt) => Math.Max(0, (receipt.NewestNs ?? beginNs) - beginNs);
}
