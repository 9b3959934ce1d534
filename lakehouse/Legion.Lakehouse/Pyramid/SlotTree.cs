using Legion.Lakehouse.Sql;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>A piece of a tree over a process's slots, in a file of its own.</summary>
/// <param name="Level">Of the pyramid; 0 where the tree has no levels.</param>
/// <param name="FromNs">The first begin in it.</param>
/// <param name="ToNs">The last end in it; as late as can be where something is open.</param>
/// <param name="Partition">Its row in the catalog, which names its file.</param>
/// <param name="Children">What it was merged from; none of a slot's.</param>
/// <param name="Slot">The slot that it was made from, or null where it was merged.</param>
sealed record SlotTreeNode(int Level, long FromNs, long ToNs, PartitionRow Partition, IReadOnlyList<SlotTreeNode> Children, Slot? Slot)
{
    /// <summary>Whether something in it lies in a time, or may.</summary>
    public bool Overlaps(long beginNs, long endNs) => FromNs < endNs && ToNs > beginNs;
}

/// <summary>Merges what lies next to each other into one file that is not there yet.</summary>
/// <param name="files">Local files of the children.</param>
/// <param name="durationNs">From the first block of all to the last.</param>
delegate Task<WrittenPartition> NodeMerger(IReadOnlyList<SlotTreeNode> children, IReadOnlyList<string> files, long durationNs, string file, CancellationToken cancellation);

/// <summary>
/// A tree over the slots of a process: each slot has a piece, four slots merge into one, four of these into the next, and so on, until one piece holds the whole process.
/// Where a slot changes, its own piece is built again and those on the way up from it: four pieces are read for each, whatever the process's size.
/// </summary>
/// <param name="slots">The view of the slots' pieces.</param>
/// <param name="tops">The view of what merges them.</param>
sealed class SlotTree(LakeStore store, Materializer materializer, View slots, View tops, NodeMerger merge)
{
    public const int Fanout = 4;

    /// <summary>A merged piece's number has its height above this bit, and below it its place among those of that height.</summary>
    const int HeightShift = 24;

    /// <summary>A piece with the place and the slots that it spans.</summary>
    readonly record struct Placed(int Place, Slot First, Slot Last, SlotTreeNode Node);

    /// <summary>Makes the tree current.</summary>
    /// <returns>The piece that holds all, or null where no slot has any rows.</returns>
    /// <exception cref="RemovedMeanwhileException">A piece was rebuilt by somebody else, or removed, while it was read.</exception>
    public async Task<SlotTreeNode?> ReadAsync(ProcessSnapshot snapshot, IProgress<BuildProgress>? progress, CancellationToken cancellation)
    {
        var (partitions, _) = await materializer.MaterializeAsync(slots, snapshot, _ => true, progress, cancellation);
        return (await MergeAsync(snapshot, partitions, [], progress, cancellation)).SingleOrDefault();
    }

    /// <summary>Merges the pieces of slots as far as their neighbours are there: no piece that is merged later has others in it.</summary>
    /// <param name="partitions">The pieces.</param>
    /// <param name="missing">Slots whose piece is not there yet.</param>
    /// <returns>Pieces that hold all together, in no order; none where no slot has any rows.</returns>
    /// <exception cref="RemovedMeanwhileException">As of <see cref="ReadAsync"/>.</exception>
    public async Task<IReadOnlyList<SlotTreeNode>> MergeAsync(
        ProcessSnapshot snapshot, IReadOnlyList<PartitionRow> partitions, IReadOnlyCollection<int> missing, IProgress<BuildProgress>? progress, CancellationToken cancellation)
    {
        var roots = new List<SlotTreeNode>();
        var holes = missing.ToHashSet();
        var byNumber = snapshot.Slots.ToDictionary(slot => slot.Number, slot => slot.With(PartitionBuilder.BlocksOf(slots, snapshot, slot)));
        Placed[] nodes = [.. partitions.Where(partition => partition.Path.Length > 0).OrderBy(partition => partition.Slot)
            .Select(partition => new Placed(partition.Slot, byNumber[partition.Slot], byNumber[partition.Slot], NodeOf(partition, [], byNumber[partition.Slot])))];
        for (var height = 1; nodes.Length > 1; height++)
        {
            holes = [.. holes.Select(place => place / Fanout)];
            roots.AddRange(nodes.Where(node => holes.Contains(node.Place / Fanout)).Select(node => node.Node));
            var groups = nodes.Where(node => !holes.Contains(node.Place / Fanout)).GroupBy(node => node.Place / Fanout).ToDictionary(group => group.Key, group => group.ToArray());
            PartitionJob[] jobs = [.. groups.Where(group => group.Value.Length > 1).Select(group => JobOf(height, group.Key, group.Value))];
            var (merged, _) = await materializer.MaterializeAsync(tops, snapshot, jobs, progress, cancellation, isUrgent: true);
            var top = merged.ToDictionary(partition => partition.Slot);
            nodes = [.. groups.OrderBy(group => group.Key).Select(group => new Placed(group.Key, group.Value[0].First, group.Value[^1].Last,
                group.Value.Length == 1 ? group.Value[0].Node : NodeOf(top[NumberOf(height, group.Key)], [.. group.Value.Select(member => member.Node)], null)))];
        }
        return [.. roots, .. nodes.Select(node => node.Node)];
    }

    PartitionJob JobOf(int height, int place, Placed[] members)
    {
        SlotTreeNode[] children = [.. members.Select(member => member.Node)];
        var sources = PartitionDetails.NameOf(children.Select(child => child.Partition.Path));
        var durationNs = members[^1].Last.LastNs - members[0].First.FirstNs;
        return new PartitionJob(NumberOf(height, place), members[0].First.Day, sources, SourceBytes: 0,
            known => PartitionDetails.FromJson(known.Details).Blocks == sources,
            async (file, cancellation) =>
            {
                using var held = new HeldFiles(store.Objects);
                var files = await held.AddAsync([.. children.Select(child => child.Partition)], columns: null, RowBounds.None, cancellation);
                return await Task.Run(() => merge(children, files, durationNs, file, cancellation), cancellation);
            });
    }

    static int NumberOf(int height, int place) => height << HeightShift | place;

    static SlotTreeNode NodeOf(PartitionRow partition, IReadOnlyList<SlotTreeNode> children, Slot? slot) =>
        PartitionDetails.FromJson(partition.Details).Extent is { } extent
            ? new SlotTreeNode(extent.Level, extent.FromNs, extent.ToNs, partition, children, slot)
            : throw new InvalidDataException($"partition {partition.Path}: expected an extent in its details, saw {partition.Details}");
}
