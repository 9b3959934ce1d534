using Legion.Lakehouse.Sql;

namespace Legion.Lakehouse.Tiles;

/// <summary>
/// Reduces raw spans to the rectangles of one tile. A span of at least a step stays itself, cut to the tile, and is in every tile it overlaps;
/// a shorter one counts in the step it begins in, so that over the tiles of a level each span is seen exactly once, or in one piece per tile.
/// </summary>
static class SpanReduction
{
    /// <summary>Rectangles have 16 bits for it: what is nested deeper shares the last row.</summary>
    const int MaxDepth = ushort.MaxValue;

    /// <summary>
    /// Of equally long spans the one with the smallest id gives a step its name, so that the same spans make the same bytes:
    /// the rank orders by duration first and has what is left to 2^63-1 from the id below it.
    /// The conditions on <c>duration_ns</c> say nothing new, but let the engine pass over row groups without long spans:
    /// without them a tile of 10 M spans takes 1.2 s instead of 0.8.
    /// </summary>
    static string Sql(TileGroup group, bool isOnly, bool hasOpen) => $"""
        WITH seen AS NOT MATERIALIZED (
          SELECT stream_id, least(depth, {MaxDepth}) AS row, span_id, name, duration_ns, greatest(begin_ns, 0) AS b,
            least(greatest(coalesce(end_ns, $newest), begin_ns, 0), {TileGrid.EndNs}) AS e
          FROM spans
          WHERE process_id = $process{(isOnly ? "" : $" AND stream_id IN ({string.Join(", ", group.Streams.Select(stream => $"'{stream.StreamId}'"))})")}
        ),
        short AS NOT MATERIALIZED (
          SELECT stream_id, row, (b - $begin) // $step AS step, e - b AS duration, name,
            (e - b)::HUGEINT * 9223372036854775808 + (9223372036854775807 - span_id) AS rank
          FROM seen WHERE e - b < $step AND b >= $begin AND b < $end
        )
        SELECT stream_id, row::BIGINT, greatest((b - $begin) // $step, 0), least((e - $begin + $step - 1) // $step, {TileGrid.StepsPerTile}), 1::BIGINT, $step, e - b, span_id, name
        FROM seen WHERE e - b >= $step AND e > $begin AND b < $end AND {(hasOpen ? "(duration_ns IS NULL OR duration_ns >= $step)" : "duration_ns >= $step")}
        UNION ALL
        SELECT stream_id, row::BIGINT, step, step + 1, count(*), sum(duration)::BIGINT, max(duration),
          (9223372036854775807 - max(rank) % 9223372036854775808)::BIGINT, arg_max(name, rank)
        FROM short GROUP BY stream_id, row, step
        """;

    /// <param name="isOnly">Whether all streams of the process are in the group.</param>
    /// <param name="hasOpen">Whether the group has spans that are still open: their rows lie in the slot that was the last of their stream, maybe long before the tile.</param>
    /// <param name="newestNs">Where those are drawn to.</param>
    public static async Task<Tile> RunAsync(Lake lake, TileAddress address, TileGroup group, bool isOnly, bool hasOpen, long newestNs, CancellationToken cancellation)
    {
        var stepNs = TileGrid.StepNs(address.Level);
        var lanes = new Dictionary<string, ushort>();
        foreach (var stream in group.Streams) lanes.Add(stream.StreamId.ToString(), (ushort)lanes.Count);
        using var result = await lake.QueryAsync(Sql(group, isOnly, hasOpen), new QueryOptions
        {
            Parameters = new Dictionary<string, object?>
            {
                ["process"] = address.ProcessId,
                ["begin"] = address.BeginNs,
                ["end"] = address.EndNs,
                ["step"] = stepNs,
                ["newest"] = newestNs,
            },
            Range = new QueryRange(hasOpen ? null : address.BeginNs, address.EndNs),
        }, cancellation);
        using var rows = result.ReadRows(cancellation);
        var rectangles = new List<TileRectangle>();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        while (rows.Read())
        {
            if (!lanes.TryGetValue(rows.Text(0), out var lane)) continue; // registered since the group was read
            var offset = rows.Int64(2);
            var name = rows.Text(8);
            if (!names.TryGetValue(name, out var shared)) names.Add(name, shared = name);
            rectangles.Add(new TileRectangle(
                Id: (ulong)rows.Int64(7),
                DurationNs: (ulong)rows.Int64(6),
                Offset: (uint)offset,
                Width: (uint)(rows.Int64(3) - offset),
                Name: shared,
                Count: (uint)Math.Min(rows.Int64(4), uint.MaxValue),
                Lane: lane,
                Depth: (ushort)rows.Int64(1),
                Busy: (byte)Math.Min(255, Math.Ceiling(rows.Int64(5) * 255.0 / stepNs))));
        }
        rectangles.Sort(static (a, b) => (a.Lane, a.Depth, a.Offset, a.Width, a.Id).CompareTo((b.Lane, b.Depth, b.Offset, b.Width, b.Id)));
        return new Tile(address.Level, address.BeginNs, rectangles);
    }
}
