using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Tiles;

namespace Legion.Lakehouse;

/// <summary>Pieces of a pyramid that show a long time of a process. The tree is made current for it; it is never made for a short time.</summary>
/// <param name="levels">The view of the slots' pieces.</param>
/// <param name="tops">The view of what merges them.</param>
sealed class PyramidPieces(Lake lake, View levels, View tops, NodeMerger merge)
{
    /// <summary>Up to so many slots are read themselves: a few million rows of a few columns.</summary>
    const int FewSlots = 4;

    /// <summary>A piece that is rebuilt by somebody else takes its file with it: what needed it begins anew.</summary>
    const int Attempts = 4;

    readonly SlotTree tree = new(lake.Store, lake.Materializer, levels, tops, merge);
    readonly RecentValues<Guid, (long Version, SlotTreeNode? Root)> readings = new(256, _ => 1);

    /// <summary>Reads the coarsest pieces that are no coarser than a level.</summary>
    /// <param name="read">Takes the piece that holds all, null where there is nothing, and the files of the pieces in the order of time.</param>
    /// <returns>Null where the time is so short, or the level so fine, that asking for what lies in the slots reads little.</returns>
    /// <exception cref="NotInLakeException">There is no such process.</exception>
    public async Task<T?> ReadAsync<T>(Guid processId, long fromNs, long toNs, int level, Func<SlotTreeNode?, IReadOnlyList<string>, Task<T>> read, CancellationToken cancellation) where T : class
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                // What is being erased is hidden from the rows, and not yet from what was made of them.
                if ((await lake.Store.Catalog.FindHiddenAsync(lake.Tenant, cancellation)).Count > 0) return null;
                var (root, isLong) = await RootAsync(processId, fromNs, toNs, cancellation);
                if (!isLong) return null;
                var pieces = new List<SlotTreeNode>();
                if (root is not null && !TryFind(root, fromNs, toNs, level, pieces)) return null;
                using var held = new HeldFiles(lake.Store.Objects);
                return await read(root, await held.AddAsync([.. pieces.Select(piece => piece.Partition)], columns: null, RowBounds.None, cancellation));
            }
            catch (RemovedMeanwhileException) when (attempt < Attempts)
            {
                readings.Remove(processId);
            }
        }
    }

    async Task<(SlotTreeNode? Root, bool IsLong)> RootAsync(Guid processId, long fromNs, long toNs, CancellationToken cancellation)
    {
        var process = await lake.FindProcessAsync(processId, cancellation);
        if (readings.TryGet(processId, out var known) && known.Version == process.Version) return (known.Root, true);
        var snapshot = await lake.SnapshotAsync(processId, cancellation);
        if (snapshot.Slots.Count(slot => slot.FirstNs < toNs && slot.LastNs >= fromNs && slot.Blocks.Count > 0) <= FewSlots) return (null, false);
        var root = await tree.ReadAsync(snapshot, progress: null, cancellation);
        readings.Put(processId, (process.Version, root));
        return (root, true);
    }

    /// <summary>Adds the coarsest pieces that are fine enough; false where a slot's own is not.</summary>
    static bool TryFind(SlotTreeNode node, long fromNs, long toNs, int level, List<SlotTreeNode> pieces)
    {
        if (!node.Overlaps(fromNs, toNs)) return true;
        if (node.Level > level) return node.Children.Count > 0 && node.Children.All(child => TryFind(child, fromNs, toNs, level, pieces));
        pieces.Add(node);
        return true;
    }
}
