using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Tiles;

namespace Legion.Lakehouse.Timeline;

/// <summary>Async spans on the time axis of a process, placed in lanes. Whatever the time, an answer fits a screen. Safe for use from several threads.</summary>
public sealed class AsyncTimeline(Lake lake)
{
    /// <summary>Spans of a window that are given one by one, the longest; what is shorter than a step is never.</summary>
    public const int MostSpans = 4000;

    /// <summary>A window is a few screens wide, so that a step is a pixel or less, and a bucket of short spans a few.</summary>
    public const int Steps = 4096;

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

    readonly AsyncPyramid pyramid = new(lake);

    /// <summary>Spans that overlap the window, each in a lane; the short ones of a bucket are one.</summary>
    /// <param name="steps">What is shorter than such a part of the window is never given by itself.</param>
    /// <param name="mostSpans">That are given one by one.</param>
    /// <exception cref="NotInLakeException">There is no such process.</exception>
    public async Task<AsyncWindow> ReadAsync(Guid processId, TimeWindow window, int steps = Steps, int mostSpans = MostSpans, CancellationToken cancellation = default)
    {
        await lake.FindProcessAsync(processId, cancellation);
        if (await pyramid.ReadAsync(processId, window.FromNs, window.ToNs, steps, cancellation) is { } stepped)
            return Place(Stepped(stepped, mostSpans), (await lake.FindProcessAsync(processId, cancellation)).LastSeenNs);
        var stepNs = window.StepNs(steps);
        using var result = await lake.QueryAsync(WindowSql, new QueryOptions
        {
            Parameters = new Dictionary<string, object?>
            {
                ["process"] = processId, ["from"] = window.FromNs, ["step"] = stepNs, ["bucket"] = stepNs * StepsOfBucket, ["most"] = mostSpans,
            },
            Range = new QueryRange(window.FromNs, window.ToNs),
        }, cancellation);
        using var rows = result.ReadRows(cancellation);
        return Place(Read(), result.Receipt.NewestNs ?? window.ToNs);

        IEnumerable<Found> Read()
        {
            while (rows.Read()) yield return new Found(rows.Int64(0), rows.Int64(1), rows.UInt64(2), rows.IsNull(3) ? 0 : rows.UInt64(3), rows.Text(4), rows.Int64(5), rows.Int64(6));
        }
    }

    /// <summary>A span of a window, or the short ones of a bucket.</summary>
    /// <param name="UntilNs">Its end; of an open one that of the grid.</param>
    /// <param name="Parent">0 for none.</param>
    readonly record struct Found(long BeginNs, long UntilNs, ulong Id, ulong Parent, string Name, long Count, long LongestNs);

    /// <summary>As of the spans themselves: those that are longest one by one, the others by bucket.</summary>
    static IEnumerable<Found> Stepped(SteppedItems<AsyncItem> stepped, int mostSpans)
    {
        AsyncItem[] longest = [.. stepped.Items.Where(item => item.LongestNs >= stepped.StepNs).OrderByDescending(item => item.LongestNs).ThenBy(item => item.BeginNs).ThenBy(item => item.Id)];
        var buckets = stepped.Items.Where(item => item.LongestNs < stepped.StepNs).Concat(longest.Skip(mostSpans))
            .GroupBy(item => item.BeginNs / (stepped.StepNs * StepsOfBucket)).Select(bucket => bucket.Aggregate((a, b) => a.With(b)));
        return longest.Take(mostSpans).Concat(buckets)
            .Select(item => new Found(item.BeginNs, item.IsOpen ? TileGrid.EndNs : item.EndNs, item.Id, item.Parent, item.Name, item.Count, item.IsOpen ? TileGrid.EndNs - item.BeginNs : item.LongestNs))
            .OrderBy(span => span.BeginNs).ThenByDescending(span => span.UntilNs).ThenBy(span => span.Id);
    }

    /// <param name="found">In order of begin, the longest first.</param>
    /// <param name="newestNs">Where open ones are drawn to.</param>
    static AsyncWindow Place(IEnumerable<Found> found, long newestNs)
    {
        var lanes = new AsyncLanes();
        var spans = new List<PlacedAsyncSpan>();
        foreach (var span in found)
        {
            var isOpen = span.UntilNs == TileGrid.EndNs;
            var endNs = isOpen ? Math.Max(newestNs, span.BeginNs) : span.UntilNs;
            var alone = span.Count == 1;
            var lane = lanes.Place(span.BeginNs, span.UntilNs, alone ? span.Id : 0, alone ? span.Parent : 0);
            spans.Add(new(span.Id, span.Name, span.BeginNs, endNs, isOpen ? endNs - span.BeginNs : span.LongestNs, span.Count, lane));
        }
        return new AsyncWindow(spans, lanes.Count);
    }
}
