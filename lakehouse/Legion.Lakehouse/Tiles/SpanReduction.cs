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
    /// </summary>
    static string Sql(IEnumerable<Guid> streams) => $"""
        WITH seen AS NOT MATERIALIZED (
          SELECT stream_id, least(depth, {MaxDepth}) AS row, span_id, name, greatest(begin_ns, 0) AS b,
            least(greatest(coalesce(end_ns, $newest), begin_ns, 0), {TileGrid.EndNs}) AS e
          FROM spans
          WHERE process_id = $process AND stream_id IN ({string.Join(", ", streams.Select(stream => $"'{stream}'"))})
        ),
        short AS NOT MATERIALIZED (
          SELECT stream_id, row, (b - $begin) // $step AS step, e - b AS duration, name,
            (e - b)::HUGEINT * 9223372036854775808 + (9223372036854775807 - span_id) AS rank
          FROM seen WHERE e - b < $step AND b >= $begin AND b < $end
        )
        SELECT stream_id, row::BIGINT, greatest((b - $begin) // $step, 0), least((e - $begin + $step - 1) // $step, {TileGrid.StepsPerTile}), 1::BIGINT, $step, e - b, span_id, name
        FROM seen WHERE e - b >= $step AND e > $begin AND b < $end
        UNION ALL
        SELECT stream_id, row::BIGINT, step, step + 1, count(*), sum(duration)::BIGINT, max(duration),
          (9223372036854775807 - max(rank) % 9223372036854775808)::BIGINT, arg_max(name, rank)
        FROM short GROUP BY stream_id, row, step
        """;

    /// <param name="hasOpen">Whether the group has spans that are still open: their rows lie in the slot that was the last of their stream, maybe long before the tile.</param>
    /// <param name="newestNs">Where those are drawn to.</param>
    public static async Task<Tile> RunAsync(Lake lake, TileAddress address, TileGroup group, bool hasOpen, long newestNs, CancellationToken cancellation)
    {
        var stepNs = TileGrid.StepNs(address.Level);
        var lanes = new Dictionary<string, ushort>();
        foreach (var stream in group.Streams) lanes.Add(stream.StreamId.ToString(), (ushort)lanes.Count);
        using var result = await lake.QueryAsync(Sql(group.Streams.Select(stream => stream.StreamId)), new QueryOptions
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
                Lane: lanes[rows.Text(0)],
                Depth: (ushort)rows.Int64(1),
                Busy: (byte)Math.Min(255, Math.Ceiling(rows.Int64(5) * 255.0 / stepNs))));
        }
        rectangles.Sort(static (a, b) => (a.Lane, a.Depth, a.Offset, a.Width, a.Id).CompareTo((b.Lane, b.Depth, b.Offset, b.Width, b.Id)));
        return new Tile(address.Level, address.BeginNs, rectangles);
    }
}
