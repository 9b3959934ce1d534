using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Tiles;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>
/// Metrics and logs of a process over long times, summed up by steps of the tiles' grid, without reading what lies within. Safe for use from several threads.
/// </summary>
public sealed class SeriesPyramid(Lake lake)
{
    readonly StepPyramid<MeasureItem> measures = new(lake);
    readonly StepPyramid<LogItem> entries = new(lake);

    /// <summary>Samples of metrics by name and step, of the steps that overlap a time.</summary>
    /// <param name="beginNs">Nanoseconds UTC.</param>
    /// <param name="endNs">Exclusive.</param>
    /// <param name="pixels">What the time is drawn on: a step is two of them at most, and half of one at least.</param>
    /// <returns>The step in nanoseconds and, in no order, its items; null where the time is so short that asking for the samples themselves reads little.</returns>
    /// <exception cref="NotInLakeException">There is no such process.</exception>
    public Task<(long StepNs, IReadOnlyCollection<MeasureItem> Items)?> ReadMeasuresAsync(Guid processId, long beginNs, long endNs, int pixels, CancellationToken cancellation = default) =>
        measures.ReadAsync(processId, beginNs, endNs, pixels, cancellation);

    /// <summary>Log entries by level and step, as <see cref="ReadMeasuresAsync"/>.</summary>
    public Task<(long StepNs, IReadOnlyCollection<LogItem> Items)?> ReadLogsAsync(Guid processId, long beginNs, long endNs, int pixels, CancellationToken cancellation = default) =>
        entries.ReadAsync(processId, beginNs, endNs, pixels, cancellation);
}

/// <summary>The pyramid over one view of a process's samples.</summary>
sealed class StepPyramid<TItem>(Lake lake) where TItem : struct, IStepItem<TItem>
{
    /// <summary>Up to so many slots are read themselves: a few million rows of a few columns.</summary>
    const int FewSlots = 4;

    /// <summary>A piece that is rebuilt by somebody else takes its file with it: what needed it begins anew.</summary>
    const int Attempts = 4;

    readonly SlotTree tree = new(lake.Store, lake.Materializer, TItem.Levels, TItem.Tops, StepLevel<TItem>.MergeAsync);
    readonly RecentValues<Guid, (long Version, SlotTreeNode? Root)> readings = new(256, _ => 1);

    public async Task<(long StepNs, IReadOnlyCollection<TItem> Items)?> ReadAsync(Guid processId, long beginNs, long endNs, int pixels, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ReadOnceAsync(processId, beginNs, endNs, pixels, cancellation);
            }
            catch (RemovedMeanwhileException) when (attempt < Attempts)
            {
                readings.Remove(processId);
            }
        }
    }

    async Task<(long StepNs, IReadOnlyCollection<TItem> Items)?> ReadOnceAsync(Guid processId, long beginNs, long endNs, int pixels, CancellationToken cancellation)
    {
        var process = await lake.FindProcessAsync(processId, cancellation);
        if (!readings.TryGet(processId, out var known) || known.Version != process.Version)
        {
            var snapshot = (await ProcessSnapshot.ReadAsync(lake.Store.Catalog, lake.Tenant, [processId], cancellation)).FirstOrDefault() ?? throw new RemovedMeanwhileException(processId);
            if (IsShort(snapshot.Slots)) return null;
            known = (process.Version, await tree.ReadAsync(snapshot, progress: null, cancellation));
            readings.Put(processId, known);
        }
        // What is being erased is hidden from the samples, and not yet from what was made of them.
        if ((await lake.Store.Catalog.FindHiddenAsync(lake.Tenant, cancellation)).Count > 0) return null;
        var level = TileGrid.SharpLevel(endNs - beginNs, pixels, TileGrid.MaxLevel);
        var (pieces, stepNs) = (new List<SlotTreeNode>(), TileGrid.StepNs(level));
        var (fromNs, toNs) = (beginNs / stepNs * stepNs, (endNs + stepNs - 1) / stepNs * stepNs);
        if (known.Root is { } root && !TryAdd(root)) return null;

        var items = new StepLevel<TItem>(level);
        using var held = new HeldFiles(lake.Store.Objects);
        foreach (var file in await held.AddAsync([.. pieces.Select(piece => piece.Partition)], columns: null, RowBounds.None, cancellation))
            await TItem.ReadAsync(file, item =>
            {
                if (item.FirstNs >= fromNs && item.FirstNs < toNs) items.Add(item);
            }, cancellation);
        return (stepNs, items.Items);

        // The coarsest pieces that are fine enough; false where a slot's own is not.
        bool TryAdd(SlotTreeNode node)
        {
            if (!node.Overlaps(fromNs, toNs)) return true;
            if (node.Level > level) return node.Children.Count > 0 && node.Children.All(TryAdd);
            pieces.Add(node);
            return true;
        }

        bool IsShort(IReadOnlyList<Slot> slots) => slots.Count(slot => slot.FirstNs < endNs && slot.LastNs >= beginNs && slot.Blocks.Count > 0) <= FewSlots;
    }
}
