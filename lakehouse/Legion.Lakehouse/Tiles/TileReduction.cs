namespace Legion.Lakehouse.Tiles;

/// <summary>
/// The last, exact reduction: of spans, or items of finer levels, to the rectangles of one tile. What lasts at least a step stays itself, cut to the tile, and is in
/// every tile it overlaps; what is shorter counts in the step it begins in, so that over the tiles of a level each span is seen exactly once, or in one piece per tile.
/// </summary>
sealed class TileReduction
{
    readonly TileAddress address;
    readonly long newestNs;
    readonly long stepNs;
    readonly Dictionary<string, ushort> laneOf = [];
    readonly List<TileRectangle> whole = [];
    readonly Dictionary<(ushort Lane, int Depth, uint Offset), SpanItem> merged = [];
    readonly SpanLevel level;

    /// <param name="newestNs">Where open spans are drawn to.</param>
    public TileReduction(TileAddress address, TileGroup group, long newestNs)
    {
        this.address = address;
        this.newestNs = newestNs;
        stepNs = TileGrid.StepNs(address.Level);
        foreach (var stream in group.Streams) laneOf.Add(stream.StreamId.ToString(), (ushort)laneOf.Count);
        level = new SpanLevel(stepNs, Take);
    }

    /// <summary>Takes what may lie in the tile.</summary>
    public void Add(string streamId, in SpanItem found)
    {
        var item = found;
        if (item.IsOpen)
        {
            var end = Math.Clamp(newestNs, item.BeginNs, TileGrid.EndNs);
            item = item with { EndNs = end, LongestNs = end - item.BeginNs, BusyNs = end - item.BeginNs };
        }
        if (item.BeginNs >= address.EndNs) return;
        if (item.LongestNs >= stepNs ? item.EndNs <= address.BeginNs : item.BeginNs < address.BeginNs) return;
        if (laneOf.ContainsKey(streamId)) level.Add(streamId, item);
    }

    /// <summary>Adds what the rows of blocks tell of times that nothing was read of.</summary>
    public void Add(BlockDensity density) =>
        whole.AddRange(density.Rectangles(address, laneOf.ToDictionary(lane => Guid.Parse(lane.Key), lane => lane.Value)));

    public Tile ToTile()
    {
        level.Finish();
        var rectangles = new List<TileRectangle>(whole);
        foreach (var ((lane, _, offset), item) in merged) rectangles.Add(Rectangle(lane, item, offset, 1, item.BusyNs));
        rectangles.Sort(static (a, b) => (a.Lane, a.Depth, a.Offset, a.Width, a.Id).CompareTo((b.Lane, b.Depth, b.Offset, b.Width, b.Id)));
        return new Tile(address.Level, address.BeginNs, rectangles);
    }

    void Take(string streamId, in SpanItem item)
    {
        var lane = laneOf[streamId];
        if (item.LongestNs >= stepNs)
        {
            var first = Math.Max((item.BeginNs - address.BeginNs) / stepNs, 0);
            var end = Math.Min((item.EndNs - address.BeginNs + stepNs - 1) / stepNs, TileGrid.StepsPerTile);
            whole.Add(Rectangle(lane, item, (uint)first, (uint)(end - first), stepNs));
            return;
        }
        var key = (lane, item.Depth, (uint)((item.BeginNs - address.BeginNs) / stepNs));
        merged[key] = merged.TryGetValue(key, out var known) ? known.With(item) : item;
    }

    TileRectangle Rectangle(ushort lane, in SpanItem item, uint offset, uint width, long busyNs) => new(
        Id: (ulong)item.Id,
        DurationNs: (ulong)item.LongestNs,
        Offset: offset,
        Width: width,
        Name: item.Name,
        Count: (uint)Math.Min(item.Count, uint.MaxValue),
        Lane: lane,
        Depth: (ushort)item.Depth,
        Busy: (byte)Math.Min(255, Math.Ceiling(busyNs * 255.0 / stepNs)));
}
