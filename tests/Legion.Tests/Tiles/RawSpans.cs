using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Tiles;
using Legion.Tests.Support;

namespace Legion.Tests.Tiles;

/// <summary>A row of <c>spans</c>; open ones end at the newest time known.</summary>
readonly record struct RawSpan(Guid StreamId, long Id, int Depth, long BeginNs, long EndNs, string Name)
{
    public long DurationNs => EndNs - BeginNs;
}

/// <summary>What tiles must say, found by looking at every span.</summary>
static class RawSpans
{
    public static async Task<RawSpan[]> ReadAsync(TestLake lake, Guid processId)
    {
        using var result = await lake.Lake.QueryAsync("SELECT stream_id, span_id, depth::BIGINT, begin_ns, end_ns, name FROM spans WHERE process_id = $process",
            new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = processId } }, TestContext.Current.CancellationToken);
        using var rows = result.ReadRows(TestContext.Current.CancellationToken);
        var spans = new List<RawSpan>();
        while (rows.Read())
            spans.Add(new RawSpan(Guid.Parse(rows.Text(0)), rows.Int64(1), (int)rows.Int64(2), rows.Int64(3), rows.IsNull(4) ? Math.Max(rows.Int64(3), result.Receipt.NewestNs!.Value) : rows.Int64(4), rows.Text(5)));
        return [.. spans];
    }

    /// <summary>The tile by its definition: long spans in every tile they overlap, short ones in the step they begin in.</summary>
    public static TileRectangle[] Reduce(RawSpan[] spans, TileGroup group, TileAddress address)
    {
        var step = TileGrid.StepNs(address.Level);
        var found = new List<TileRectangle>();
        for (ushort lane = 0; lane < group.Streams.Count; lane++)
        {
            var own = spans.Where(span => span.StreamId == group.Streams[lane].StreamId).ToArray();
            foreach (var span in own.Where(span => span.DurationNs >= step && span.BeginNs < address.EndNs && span.EndNs > address.BeginNs))
            {
                var first = span.BeginNs <= address.BeginNs ? 0 : (span.BeginNs - address.BeginNs) / step;
                var last = span.EndNs >= address.EndNs ? TileGrid.StepsPerTile - 1 : (span.EndNs - address.BeginNs - 1) / step;
                found.Add(new TileRectangle((ulong)span.Id, (ulong)span.DurationNs, (uint)first, (uint)(last - first + 1), span.Name, 1, lane, (ushort)span.Depth, 255));
            }
            foreach (var bucket in own.Where(span => span.DurationNs < step && span.BeginNs >= address.BeginNs && span.BeginNs < address.EndNs)
                .GroupBy(span => (span.Depth, Step: (span.BeginNs - address.BeginNs) / step)))
            {
                var longest = bucket.OrderByDescending(span => span.DurationNs).ThenBy(span => span.Id).First();
                var covered = bucket.Sum(span => span.DurationNs) * 255.0 / step;
                found.Add(new TileRectangle((ulong)longest.Id, (ulong)longest.DurationNs, (uint)bucket.Key.Step, 1, longest.Name, (uint)bucket.Count(), lane, (ushort)bucket.Key.Depth, (byte)Math.Min(255, Math.Ceiling(covered))));
            }
        }
        return Sorted(found);
    }

    public static TileRectangle[] Sorted(IEnumerable<TileRectangle> rectangles) =>
        [.. rectangles.OrderBy(r => r.Lane).ThenBy(r => r.Depth).ThenBy(r => r.Offset).ThenBy(r => r.Width).ThenBy(r => r.Id)];
}
