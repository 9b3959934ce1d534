using System.Globalization;
using System.Text.Json;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Tiles;

namespace Legion.Viewer;

/// <summary>Answers about async spans: those of a window, placed in lanes, and everything known of one.</summary>
sealed class AsyncQuestions(Lake lake)
{
    readonly AsyncPyramid pyramid = new(lake);

    /// <summary>Spans of a window that are given one by one, the longest; what is shorter than a step is never.</summary>
    const int MostSpans = 4000;

    /// <summary>A window is a few screens wide, so that a step is a pixel or less, and a bucket of short spans a few.</summary>
    const int Steps = 4096;
    const int StepsOfBucket = 4;

    // Open ones last until the end of the grid; times beyond its ends are a broken clock's.
    static readonly string WindowSql = $"""
        WITH seen AS NOT MATERIALIZED (
          SELECT span_id, parent_id, name, greatest(begin_ns, 0) AS begin_ns,
            CASE WHEN end_ns IS NULL THEN {TileGrid.EndNs} ELSE least(greatest(end_ns, 0), {TileGrid.EndNs - 1}) END AS until_ns
          FROM async_spans WHERE process_id = $process
        ), long AS (
          SELECT * FROM seen WHERE until_ns - begin_ns >= $step ORDER BY until_ns - begin_ns DESC, begin_ns, span_id LIMIT $most
        )
        SELECT begin_ns AS first_ns, until_ns, span_id, parent_id, name, 1 AS spans, until_ns - begin_ns AS longest_ns FROM long
        UNION ALL
        SELECT min(begin_ns), max(until_ns), arg_max(span_id, until_ns - begin_ns), NULL, arg_max(name, until_ns - begin_ns), count(*), max(until_ns - begin_ns)
        FROM seen ANTI JOIN long USING (span_id) GROUP BY (begin_ns - $from) // $bucket
        ORDER BY first_ns, until_ns DESC, span_id
        """;

    const string DescribeSql = """
        SELECT parent_id, trace_id, begin_ns, end_ns, name, target, file, line::BIGINT, thread, end_thread, properties
        FROM async_spans WHERE process_id = $process AND span_id = $span ORDER BY end_ns LIMIT 1
        """;

    /// <summary>Spans that overlap the window, each in a lane; the short ones of a bucket are one.</summary>
    public async Task<Answer> WindowAsync(Question question)
    {
        var processId = question.RouteId("process");
        await lake.FindProcessAsync(processId, question.Cancellation);
        var window = question.Window();
        if (await pyramid.ReadAsync(processId, window.FromNs, window.ToNs, Steps, question.Cancellation) is { } stepped) return WindowOf(stepped, (await lake.FindProcessAsync(processId, question.Cancellation)).LastSeenNs);
        var stepNs = window.StepNs(Steps);
        using var result = await lake.QueryAsync(WindowSql, new QueryOptions
        {
            Parameters = new Dictionary<string, object?>
            {
                ["process"] = processId, ["from"] = window.FromNs, ["step"] = stepNs, ["bucket"] = stepNs * StepsOfBucket, ["most"] = MostSpans,
            },
            Range = new QueryRange(window.FromNs, window.ToNs),
        }, question.Cancellation);
        using var rows = result.ReadRows(question.Cancellation);
        return Window(Read(), result.Receipt.NewestNs ?? window.ToNs);

        IEnumerable<Placed> Read()
        {
            while (rows.Read()) yield return new Placed(rows.Int64(0), rows.Int64(1), rows.UInt64(2), rows.IsNull(3) ? 0 : rows.UInt64(3), rows.Text(4), rows.Int64(5), rows.Int64(6));
        }
    }

    /// <summary>A span of a window, or the short ones of a bucket.</summary>
    /// <param name="UntilNs">Its end; of an open one that of the grid.</param>
    /// <param name="Parent">0 for none.</param>
    readonly record struct Placed(long BeginNs, long UntilNs, ulong Id, ulong Parent, string Name, long Count, long LongestNs);

    /// <summary>As of the spans themselves: those that are longest one by one, the others by bucket.</summary>
    static Answer WindowOf(SteppedItems<AsyncItem> stepped, long newestNs)
    {
        AsyncItem[] longest = [.. stepped.Items.Where(item => item.LongestNs >= stepped.StepNs).OrderByDescending(item => item.LongestNs).ThenBy(item => item.BeginNs).ThenBy(item => item.Id)];
        var buckets = stepped.Items.Where(item => item.LongestNs < stepped.StepNs).Concat(longest.Skip(MostSpans))
            .GroupBy(item => item.BeginNs / (stepped.StepNs * StepsOfBucket)).Select(bucket => bucket.Aggregate((a, b) => a.With(b)));
        return Window(longest.Take(MostSpans).Concat(buckets)
            .Select(item => new Placed(item.BeginNs, item.IsOpen ? TileGrid.EndNs : item.EndNs, item.Id, item.Parent, item.Name, item.Count, item.IsOpen ? TileGrid.EndNs - item.BeginNs : item.LongestNs))
            .OrderBy(span => span.BeginNs).ThenByDescending(span => span.UntilNs).ThenBy(span => span.Id), newestNs);
    }

    /// <param name="spans">In order of begin, the longest first.</param>
    /// <param name="newestNs">Where open ones are drawn to.</param>
    static Answer Window(IEnumerable<Placed> spans, long newestNs) => Answer.Json(json =>
    {
        var lanes = new AsyncLanes();
        json.WriteStartObject();
        json.WriteStartArray("spans");
        foreach (var span in spans)
        {
            var isOpen = span.UntilNs == TileGrid.EndNs;
            var endNs = isOpen ? Math.Max(newestNs, span.BeginNs) : span.UntilNs;
            var alone = span.Count == 1;
            json.WriteStartObject();
            json.WriteString("span_id", span.Id.ToString(CultureInfo.InvariantCulture));
            json.WriteString("name", span.Name);
            json.WriteInt64("begin_ns", span.BeginNs);
            json.WriteInt64("end_ns", endNs);
            json.WriteInt64("duration_ns", isOpen ? endNs - span.BeginNs : span.LongestNs);
            json.WriteNumber("count", span.Count);
            json.WriteNumber("lane", lanes.Place(span.BeginNs, span.UntilNs, alone ? span.Id : 0, alone ? span.Parent : 0));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNumber("lanes", lanes.Count);
        json.WriteEndObject();
    });

    public async Task<Answer> DescribeAsync(Question question)
    {
        var processId = question.RouteId("process");
        var spanId = question.RouteUnsigned("span");
        await lake.FindProcessAsync(processId, question.Cancellation);
        using var result = await lake.QueryAsync(DescribeSql, new QueryOptions
        {
            Parameters = new Dictionary<string, object?> { ["process"] = processId, ["span"] = spanId },
        }, question.Cancellation);
        using var rows = result.ReadRows(question.Cancellation);
        if (!rows.Read()) throw new NotInLakeException($"there is no async span {spanId} in process '{processId}'");
        return Answer.Json(json =>
        {
            var (beginNs, endNs) = (rows.Int64(2), rows.IsNull(3) ? (long?)null : rows.Int64(3));
            json.WriteStartObject();
            json.WriteString("span_id", spanId.ToString(CultureInfo.InvariantCulture));
            json.WriteString("parent_id", rows.IsNull(0) ? null : rows.UInt64(0).ToString(CultureInfo.InvariantCulture));
            json.WriteString("trace_id", rows.IsNull(1) ? null : rows.Text(1));
            json.WriteInt64("begin_ns", beginNs);
            json.WriteInt64("end_ns", endNs);
            json.WriteInt64("duration_ns", endNs - beginNs ?? Math.Max(0, (result.Receipt.NewestNs ?? beginNs) - beginNs));
            json.WriteString("name", rows.Text(4));
            json.WriteString("target", rows.Text(5));
            json.WriteString("file", rows.Text(6));
            json.WriteNumber("line", rows.Int64(7));
            json.WriteString("thread", rows.Text(8));
            json.WriteString("end_thread", rows.IsNull(9) ? null : rows.Text(9));
            json.WriteProperties("properties", rows.Text(10));
            json.WriteEndObject();
        });
    }
}
