using Apache.Arrow;
using Legion.Lakehouse.Tiles;

namespace Legion.Lakehouse;

/// <summary>Items of some streams, as they were read from a partition, in memory.</summary>
sealed class SpanItems
{
    static readonly string[] LevelColumns = ["stream_id", "depth", "begin_ns", "end_ns", "longest_ns", "busy_ns", "count", "span_id", "name"];

    static readonly string[] SpanColumnOrder = ["stream_id", "depth", "begin_ns", "duration_ns", "span_id", "name"];

    /// <summary>The stored columns of <c>spans</c> that make an item.</summary>
    public static IReadOnlySet<string> SpanColumns { get; } = new HashSet<string>(SpanColumnOrder);

    /// <summary>What an item takes, for those who keep some.</summary>
    const int ItemBytes = 72;

    readonly List<(string StreamId, SpanItem Item)> items = [];

    public IReadOnlyList<(string StreamId, SpanItem Item)> All => items;

    public long Bytes => (long)ItemBytes * items.Count;

    /// <summary>Reads the items of a level's file.</summary>
    public static async Task<SpanItems> ReadAsync(string file, CancellationToken cancellation)
    {
        var read = new SpanItems();
        await ReadLevelAsync(file, (string streamId, in SpanItem item) => read.items.Add((streamId, item)), cancellation);
        return read;
    }

    /// <summary>Gives the items of a level's file in order of its row groups.</summary>
    public static async Task ReadLevelAsync(string file, SpanItemTaker take, CancellationToken cancellation)
    {
        await foreach (var batch in ParquetRows.ReadAsync(file, LevelColumns, beginColumn: null, durationColumn: null, default, cancellation))
        {
            using var _ = batch;
            var (streams, names) = (new CodedTexts(batch.Column(0)), new CodedTexts(batch.Column(8)));
            var depths = (Int32Array)batch.Column(1);
            var (begins, ends, longest, busy) = ((Int64Array)batch.Column(2), (Int64Array)batch.Column(3), (Int64Array)batch.Column(4), (Int64Array)batch.Column(5));
            var (counts, ids) = ((Int64Array)batch.Column(6), (Int64Array)batch.Column(7));
            for (var row = 0; row < batch.Length; row++)
            {
                var begin = begins.Values[row];
                var duration = longest.IsNull(row) ? SpanItem.Open : longest.Values[row];
                var isSingle = counts.Values[row] == 1;
                take(streams[row], new SpanItem(depths.Values[row], begin,
                    EndNs: isSingle ? duration == SpanItem.Open ? begin : begin + duration : ends.Values[row],
                    duration, BusyNs: isSingle ? duration : busy.Values[row], counts.Values[row], ids.Values[row], names[row]));
            }
        }
    }

    /// <summary>Gives the spans of a partition of <c>spans</c>, of all row groups that may have some in a time.</summary>
    public static async Task ReadSpansAsync(string file, long beginNs, long endNs, SpanItemTaker take, CancellationToken cancellation)
    {
        await foreach (var batch in ParquetRows.ReadAsync(file, SpanColumnOrder, "begin_ns", "duration_ns", (beginNs, endNs), cancellation))
        {
            using var _ = batch;
            var (streams, names) = (new CodedTexts(batch.Column(0)), new CodedTexts(batch.Column(5)));
            var depths = (Int32Array)batch.Column(1);
            var (begins, durations, ids) = ((Int64Array)batch.Column(2), (Int64Array)batch.Column(3), (Int64Array)batch.Column(4));
            for (var row = 0; row < batch.Length; row++)
                take(streams[row], Of(depths.Values[row], begins.Values[row], durations.IsNull(row) ? null : durations.Values[row], ids.Values[row], names[row]));
        }
    }

    /// <summary>Gives the spans in a buffer that a decoder filled.</summary>
    public static void Take(RowBuffer spans, SpanItemTaker take)
    {
        var (streams, names) = (spans.Text("stream_id"), spans.Text("name"));
        var streamCodes = streams.Codes;
        var nameCodes = names.Codes;
        var depths = spans.Get<int>("depth").Values;
        var begins = spans.Get<long>("begin_ns").Values;
        var ids = spans.Get<long>("span_id").Values;
        var durations = spans.Get<long>("duration_ns");
        var absent = durations.Absent;
        for (var row = 0; row < depths.Length; row++)
        {
            var duration = !absent.IsEmpty && absent[row] ? (long?)null : durations[row];
            take(streams.Texts[streamCodes[row]], Of(depths[row], begins[row], duration, ids[row], names.Texts[nameCodes[row]]));
        }
    }

    /// <summary>A span as an item: within the grid, and no deeper than rectangles can say.</summary>
    static SpanItem Of(int depth, long beginNs, long? durationNs, long id, string name)
    {
        var begin = Math.Clamp(beginNs, 0, TileGrid.EndNs);
        depth = Math.Min(depth, ushort.MaxValue);
        if (durationNs is not { } duration) return new SpanItem(depth, begin, begin, SpanItem.Open, SpanItem.Open, 1, id, name);
        var end = Math.Clamp(beginNs + duration, begin, TileGrid.EndNs);
        return new SpanItem(depth, begin, end, end - begin, end - begin, 1, id, name);
    }
}
