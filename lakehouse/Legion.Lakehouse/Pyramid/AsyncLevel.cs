using System.Runtime.InteropServices;
using Apache.Arrow;
using Legion.Lakehouse.Tiles;

namespace Legion.Lakehouse;

/// <summary>
/// Reduces async spans, or items of finer levels, to a level: what lasts at least a step stays itself, what is shorter merges with what begins in the same step.
/// A span that is open in one slot and ends in another is one of each until both are here, and stays itself until then.
/// Pieces are rows of <c>async_levels</c> and <c>async_tops</c>, in a <see cref="SlotTree"/> as that over spans.
/// </summary>
sealed class AsyncLevel(int level)
{
    static readonly string[] Columns = ["begin_ns", "end_ns", "longest_ns", "count", "span_id", "parent_id", "name", "began_before"];

    readonly long stepNs = TileGrid.StepNs(level);
    readonly List<AsyncItem> whole = [];
    readonly Dictionary<long, AsyncItem> steps = [];
    readonly Dictionary<ulong, AsyncItem> open = [];
    readonly List<AsyncItem> beganBefore = [];

    public void Add(AsyncItem item)
    {
        if (item.IsOpen) open[item.Id] = item;
        else if (item.BeganBefore) beganBefore.Add(item);
        else Reduce(item);
    }

    /// <summary>The items, in no order: once all are added.</summary>
    /// <param name="isOpen">Says of a span that has no end here whether it has one nowhere; null: nobody knows yet, and what began before may have its begin elsewhere.</param>
    public IReadOnlyCollection<AsyncItem> Finish(Func<ulong, bool>? isOpen = null)
    {
        var unmatched = new List<AsyncItem>();
        foreach (var item in beganBefore)
        {
            if (open.Remove(item.Id) || isOpen is not null) Reduce(item with { BeganBefore = false });
            else unmatched.Add(item);
        }
        return [.. whole, .. steps.Values, .. open.Values.Where(item => isOpen?.Invoke(item.Id) ?? true), .. unmatched];
    }

    /// <summary>Appends items to a buffer.</summary>
    /// <returns>The time they cover.</returns>
    public LevelExtent Write(RowBuffer rows)
    {
        var (begins, ends, longest) = (rows.Get<long>("begin_ns"), rows.Get<long>("end_ns"), rows.Get<long>("longest_ns"));
        var (counts, ids, parents) = (rows.Get<long>("count"), rows.Get<ulong>("span_id"), rows.Get<ulong>("parent_id"));
        var (names, before) = (rows.Text("name"), rows.Get<bool>("began_before"));
        var (fromNs, toNs) = (long.MaxValue, long.MinValue);
        foreach (var item in Finish())
        {
            begins.Add(item.BeginNs);
            ends.Add(item.EndNs);
            if (item.IsOpen) longest.AddNull();
            else longest.Add(item.LongestNs);
            counts.Add(item.Count);
            ids.Add(item.Id);
            parents.Add(item.Parent);
            names.Add(item.Name);
            before.Add(item.BeganBefore);
            (fromNs, toNs) = (Math.Min(fromNs, item.BeginNs), Math.Max(toNs, item.IsOpen ? long.MaxValue : Math.Max(item.EndNs, item.BeginNs + 1)));
        }
        return new LevelExtent(level, fromNs, toNs);
    }

    /// <summary>Adds the spans in a buffer of rows of <c>async_spans</c>.</summary>
    /// <param name="beganElsewhere">Ids of spans that ended here and whose begin was not among what was decoded.</param>
    public void Take(RowBuffer spans, IReadOnlySet<ulong> beganElsewhere)
    {
        var (begins, ends) = (spans.Get<long>("begin_ns"), spans.Get<long>("end_ns"));
        var (ids, parents, names) = (spans.Get<ulong>("span_id"), spans.Get<ulong>("parent_id"), spans.Text("name"));
        var absent = ends.Absent;
        for (var row = 0; row < spans.Count; row++)
        {
            var begin = Math.Clamp(begins[row], 0, TileGrid.EndNs);
            if (!absent.IsEmpty && absent[row])
            {
                Add(new AsyncItem(begin, begin, SpanItem.Open, 1, ids[row], parents[row], names[row]!, BeganBefore: false));
                continue;
            }
            var end = Math.Clamp(ends[row], begin, TileGrid.EndNs - 1);
            Add(new AsyncItem(begin, end, end - begin, 1, ids[row], parents[row], names[row]!, beganElsewhere.Contains(ids[row])));
        }
    }

    /// <summary>Gives the items of a file.</summary>
    public static async Task ReadAsync(string file, Action<AsyncItem> take, CancellationToken cancellation)
    {
        await foreach (var batch in ParquetRows.ReadAsync(file, Columns, beginColumn: null, durationColumn: null, default, cancellation))
        {
            using var _ = batch;
            var (begins, ends, longest) = ((Int64Array)batch.Column(0), (Int64Array)batch.Column(1), (Int64Array)batch.Column(2));
            var (counts, ids, parents) = ((Int64Array)batch.Column(3), (UInt64Array)batch.Column(4), (UInt64Array)batch.Column(5));
            var (names, before) = (new CodedTexts(batch.Column(6)), (BooleanArray)batch.Column(7));
            for (var row = 0; row < batch.Length; row++)
                take(new AsyncItem(begins.Values[row], ends.Values[row], longest.IsNull(row) ? SpanItem.Open : longest.Values[row],
                    counts.Values[row], ids.Values[row], parents.Values[row], names[row], before.GetValue(row)!.Value));
        }
    }

    /// <summary>Merges pieces of the pyramid into one of their whole time, see <see cref="NodeMerger"/>. It is never finer than what it is made from.</summary>
    public static async Task<WrittenPartition> MergeAsync(IReadOnlyList<SlotTreeNode> children, IReadOnlyList<string> files, long durationNs, string file, CancellationToken cancellation)
    {
        var merged = new AsyncLevel(Math.Max(children.Max(child => child.Level), SpanLevelRows.LevelOf(durationNs)));
        foreach (var child in files) await ReadAsync(child, merged.Add, cancellation);
        using var rows = new RowBuffer(Views.AsyncTops, Views.AsyncTops.Stored);
        var extent = merged.Write(rows);
        using var parquet = new ParquetFile(file);
        parquet.Append(rows, isLast: true, cancellation);
        return new WrittenPartition(rows.Count, parquet.Finish(), [], extent);
    }

    void Reduce(in AsyncItem item)
    {
        if (item.LongestNs >= stepNs)
        {
            whole.Add(item);
            return;
        }
        ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(steps, item.BeginNs / stepNs, out var exists);
        known = exists ? known.With(item) : item;
    }
}
