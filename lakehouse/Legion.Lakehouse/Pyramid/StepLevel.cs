using System.Runtime.InteropServices;
using Legion.Lakehouse.Tiles;

namespace Legion.Lakehouse;

/// <summary>
/// Sums samples, or items of a finer level, up by key and step. As steps of a coarser level are whole numbers of those of a finer one,
/// summing up a level gives exactly what summing up the samples gives.
/// </summary>
sealed class StepLevel<TItem>(int level) where TItem : struct, IStepItem<TItem>
{
    readonly long stepNs = TileGrid.StepNs(level);
    readonly Dictionary<(string Key, long Step), TItem> items = [];

    /// <summary>In no order.</summary>
    public IReadOnlyCollection<TItem> Items => items.Values;

    public void Add(TItem item)
    {
        ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(items, (item.Key, item.FirstNs / stepNs), out var exists);
        known = exists ? known.With(item) : item;
    }

    /// <summary>Appends the items to a buffer.</summary>
    /// <returns>The time they cover.</returns>
    public LevelExtent Write(RowBuffer rows)
    {
        TItem.Write(rows, Items);
        return new LevelExtent(level, Items.Select(item => item.FirstNs).DefaultIfEmpty(long.MaxValue).Min(), Items.Select(item => item.LastNs + 1).DefaultIfEmpty(long.MinValue).Max());
    }

    /// <summary>Merges pieces of the pyramid into one of their whole time, see <see cref="NodeMerger"/>. It is never finer than what it is made from.</summary>
    public static async Task<WrittenPartition> MergeAsync(IReadOnlyList<SlotTreeNode> children, IReadOnlyList<string> files, long durationNs, string file, CancellationToken cancellation)
    {
        var merged = new StepLevel<TItem>(Math.Max(children.Max(child => child.Level), SpanLevelRows.LevelOf(durationNs)));
        foreach (var child in files) await TItem.ReadAsync(child, merged.Add, cancellation);
        using var rows = new RowBuffer(TItem.Tops, TItem.Tops.Stored);
        var extent = merged.Write(rows);
        using var parquet = new ParquetFile(file);
        parquet.Append(rows, isLast: true, cancellation);
        return new WrittenPartition(rows.Count, parquet.Finish(), [], extent);
    }
}
