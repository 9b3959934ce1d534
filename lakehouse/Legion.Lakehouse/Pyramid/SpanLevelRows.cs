using Legion.Lakehouse.Tiles;

namespace Legion.Lakehouse;

/// <summary>
/// Writes items of a level as rows of <c>span_levels</c> or <c>span_tops</c>, which make the pyramid over a process's spans: a <see cref="SlotTree"/>
/// in which each piece has one level, the finest of at most 2,048 steps over its time. What is finer than a slot's level is read from the slot's spans.
/// </summary>
sealed class SpanLevelRows(RowBuffer rows, int level)
{
    readonly TextColumn streamIds = rows.Text("stream_id"), names = rows.Text("name");
    readonly ColumnBuffer<int> levels = rows.Get<int>("level"), depths = rows.Get<int>("depth");
    readonly ColumnBuffer<long> begins = rows.Get<long>("begin_ns"), ends = rows.Get<long>("end_ns"), longest = rows.Get<long>("longest_ns");
    readonly ColumnBuffer<long> busy = rows.Get<long>("busy_ns"), counts = rows.Get<long>("count"), ids = rows.Get<long>("span_id");

    /// <summary>The earliest begin of all items, nanoseconds UTC.</summary>
    public long FromNs { get; private set; } = long.MaxValue;

    /// <summary>The latest end of all items; of one that is open none is known, and this is as late as can be.</summary>
    public long ToNs { get; private set; } = long.MinValue;

    public void Add(string streamId, in SpanItem item)
    {
        levels.Add(level);
        streamIds.Add(streamId);
        depths.Add(item.Depth);
        begins.Add(item.BeginNs);
        if (item.IsOpen) longest.AddNull();
        else longest.Add(item.LongestNs);
        // Of a single span both follow from its duration.
        if (item.Count == 1)
        {
            ends.AddNull();
            busy.AddNull();
        }
        else
        {
            ends.Add(item.EndNs);
            busy.Add(item.BusyNs);
        }
        counts.Add(item.Count);
        ids.Add(item.Id);
        names.Add(item.Name);
        FromNs = Math.Min(FromNs, item.BeginNs);
        ToNs = Math.Max(ToNs, item.IsOpen ? long.MaxValue : item.EndNs);
    }

    /// <summary>
    /// The level that is kept of a time: the finest with at most <see cref="TileGrid.StepsPerTile"/> steps, so that a screen's view of something finer
    /// lies within a slot or two and is reduced from their spans.
    /// </summary>
    public static int LevelOf(long durationNs)
    {
        var level = 0;
        while (level < TileGrid.MaxLevel && durationNs / TileGrid.StepNs(level) > TileGrid.StepsPerTile) level++;
        return level;
    }

    /// <summary>Merges pieces of the pyramid into one of their whole time, see <see cref="NodeMerger"/>. It is never finer than what it is made from.</summary>
    public static async Task<WrittenPartition> MergeAsync(IReadOnlyList<SlotTreeNode> children, IReadOnlyList<string> files, long durationNs, string file, CancellationToken cancellation)
    {
        var level = Math.Max(children.Max(child => child.Level), LevelOf(durationNs));
        using var rows = new RowBuffer(Views.SpanTops, Views.SpanTops.Stored);
        var items = new SpanLevelRows(rows, level);
        var reduction = new SpanLevel(TileGrid.StepNs(level), items.Add);
        foreach (var child in files) await SpanItems.ReadLevelAsync(child, reduction.Add, cancellation);
        reduction.Finish();
        using var parquet = new ParquetFile(file);
        parquet.Append(rows, isLast: true, cancellation);
        return new WrittenPartition(rows.Count, parquet.Finish(), [], new LevelExtent(level, items.FromNs, items.ToNs));
    }
}
