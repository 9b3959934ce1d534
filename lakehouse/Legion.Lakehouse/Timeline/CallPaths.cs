using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Tiles;

namespace Legion.Lakehouse.Timeline;

/// <summary>
/// Merges spans of a time by their call paths. Of the whole process the view <c>call_tree</c> has the sums; of a part of it spans are read one by one,
/// and count with what of them lies in it. What is open counts up to the newest time known. Safe for use from several threads.
/// </summary>
/// <remarks>
/// Spans whose parents were lost are below <c>(lost)</c>, and what is beyond 50,000 paths of a thread, or 256 names deep, below <c>(other)</c>, as in <c>call_tree</c>.
/// </remarks>
public sealed class CallPaths(Lake lake, SpanTiles tiles)
{
    /// <summary>Spans of a part of a process: reading more of them takes longer than anybody waits for a chart.</summary>
    const int MostSpans = 20_000_000;

    /// <summary>Frames kept in memory: the next question is mostly about the same time.</summary>
    const long KeptFrames = 200_000;

    const string TreeSql = """
        SELECT stream_id, path, parent_path, name, sum(count)::BIGINT, sum(total_ns)::BIGINT, sum(self_ns)::BIGINT
        FROM call_tree WHERE process_id = $process GROUP BY stream_id, path, parent_path, name, depth ORDER BY stream_id, depth, path
        """;

    const string OpenSql = """
        SELECT stream_id, span_id, parent_id, depth::BIGINT, begin_ns, name FROM spans
        WHERE process_id = $process AND duration_ns IS NULL ORDER BY stream_id, depth, begin_ns, span_id
        """;

    const string SpansSql = """
        SELECT stream_id, span_id, parent_id, depth::BIGINT, begin_ns, end_ns, name, truncated FROM spans
        WHERE process_id = $process ORDER BY stream_id, span_id
        """;

    readonly RecentValues<(Guid Process, long Version, long FromNs, long ToNs), CallForest> kept = new(KeptFrames, forest => 1 + forest.Paths);

    /// <param name="fromNs">Nanoseconds UTC.</param>
    /// <param name="toNs">Exclusive.</param>
    /// <exception cref="NotInLakeException">There is no such process.</exception>
    /// <exception cref="QueryException">It is a part of the process with more than twenty million spans.</exception>
    public async Task<CallForest> ReadAsync(Guid processId, long fromNs, long toNs, IProgress<BuildProgress>? progress = null, CancellationToken cancellation = default)
    {
        var key = (processId, (await lake.FindProcessAsync(processId, cancellation)).Version, fromNs, toNs);
        if (kept.TryGet(key, out var forest)) return forest;
        var manifest = await tiles.ManifestAsync(processId, cancellation);
        var lanes = fromNs <= manifest.BeginNs && toNs >= manifest.EndNs ? await WholeAsync(processId, progress, cancellation) : await PartAsync(processId, fromNs, toNs, progress, cancellation);
        var inOrder = manifest.Groups.SelectMany(group => group.Streams).Where(stream => lanes.ContainsKey(stream.StreamId));
        forest = new CallForest(fromNs, toNs, [.. inOrder.Select(stream => new CallLane(stream.StreamId, stream.Name, lanes[stream.StreamId].Finished())).Where(lane => lane.Root.Children.Count > 0)]);
        kept.Put(key, forest);
        return forest;
    }

    async Task<Dictionary<Guid, CallLaneBuilder>> WholeAsync(Guid processId, IProgress<BuildProgress>? progress, CancellationToken cancellation)
    {
        var lanes = new Dictionary<Guid, CallLaneBuilder>();
        using (var sums = await QueryAsync(TreeSql, processId, default, progress, cancellation))
        using (var rows = sums.ReadRows(cancellation))
        {
            var frames = new Dictionary<string, CallFrame>(StringComparer.Ordinal);
            CallLaneBuilder? lane = null;
            for (var stream = ""; rows.Read();)
            {
                if (lane is null || rows.Text(0) != stream)
                {
                    frames.Clear();
                    lanes.Add(Guid.Parse(stream = rows.Text(0)), lane = new CallLaneBuilder());
                }
                var frame = (rows.IsNull(2) ? lane.Root : frames[rows.Text(2)]).Child(rows.Text(3));
                frames[rows.Text(1)] = frame;
                frame.Count = rows.Int64(4);
                frame.SelfNs = rows.Int64(6);
                // What its children took, in the place of the total, which is summed up later.
                frame.TotalNs = rows.Int64(5) - frame.SelfNs;
            }
        }
        using var spans = await QueryAsync(OpenSql, processId, default, progress, cancellation);
        using var open = spans.ReadRows(cancellation);
        while (open.Read())
        {
            var stream = Guid.Parse(open.Text(0));
            if (!lanes.TryGetValue(stream, out var lane)) lanes.Add(stream, lane = new CallLaneBuilder());
            lane.AddOpen((int)open.Int64(3), open.Text(5), Math.Max(0, (spans.Receipt.NewestNs ?? open.Int64(4)) - open.Int64(4)));
        }
        return lanes;
    }

    async Task<Dictionary<Guid, CallLaneBuilder>> PartAsync(Guid processId, long fromNs, long toNs, IProgress<BuildProgress>? progress, CancellationToken cancellation)
    {
        var lanes = new Dictionary<Guid, CallLaneBuilder>();
        using var result = await QueryAsync(SpansSql, processId, new QueryRange(fromNs, toNs), progress, cancellation);
        using var rows = result.ReadRows(cancellation);
        CallLaneBuilder? lane = null;
        var read = 0;
        for (var stream = ""; rows.Read();)
        {
            if (++read > MostSpans) throw new QueryException($"this part of the process has more than {MostSpans:N0} spans to merge: choose a shorter one, or the whole process");
            if (lane is null || rows.Text(0) != stream) lanes.Add(Guid.Parse(stream = rows.Text(0)), lane = new CallLaneBuilder());
            var begin = Math.Max(fromNs, rows.Int64(4));
            var end = Math.Min(toNs, rows.IsNull(5) ? result.Receipt.NewestNs ?? begin : rows.Int64(5));
            lane.Add(rows.Int64(1), rows.IsNull(2) ? null : rows.Int64(2), (int)rows.Int64(3), rows.Text(6), Math.Max(0, end - begin), rows[7] is true);
        }
        return lanes;
    }

    Task<QueryResult> QueryAsync(string sql, Guid processId, QueryRange range, IProgress<BuildProgress>? progress, CancellationToken cancellation) =>
        lake.QueryAsync(sql, new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = processId }, Range = range, Progress = progress }, cancellation);
}
