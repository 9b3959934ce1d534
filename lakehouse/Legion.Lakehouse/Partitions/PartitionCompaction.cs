using Legion.Lakehouse.Sql;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>What a compaction wrote.</summary>
/// <param name="Files">Compacted files.</param>
/// <param name="Partitions">Partitions of slots whose rows they have.</param>
public readonly record struct CompactionTotals(long Files, long Partitions, long Bytes)
{
    public static CompactionTotals operator +(CompactionTotals a, CompactionTotals b) => new(a.Files + b.Files, a.Partitions + b.Partitions, a.Bytes + b.Bytes);
}

/// <summary>
/// Puts the rows of small partitions of neighbouring slots into one further file, of all views and tenants: a process that lives for weeks and records little
/// has a slot an hour, and opening a file costs more than reading it. Nothing is built that nobody asked for, and what a slot's own partition is stays as it is.
/// </summary>
public sealed class PartitionCompaction(LakeStore lake, TimeProvider clock)
{
    /// <summary>Slots whose rows may lie in one file, of which the first has a number that this divides.</summary>
    const int SlotsTogether = 64;

    /// <summary>A larger file takes longer to read than to open, so that it stays alone.</summary>
    const long MostBytes = 1 << 20;

    /// <summary>What the catalog keeps of a longer name would not fit.</summary>
    const int LongestViewName = 200;

    readonly string claimant = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():N}";

    /// <exception cref="StoreUnavailableException">The disk or the database refused; what was written until then is there.</exception>
    public async Task<CompactionTotals> RunAsync(IProgress<long>? progress, CancellationToken cancellation)
    {
        var totals = default(CompactionTotals);
        foreach (var tenant in await lake.Catalog.ReadTenantsAsync(cancellation))
            foreach (var process in await lake.Catalog.ReadProcessesAsync(tenant, null, cancellation))
            {
                // One after the other: a process's partitions are all in memory.
                var partitions = await lake.Catalog.ReadPartitionsAsync(tenant, null, [process.ProcessId], cancellation);
                if (partitions.Count < CompactedSlots.FewestFiles) continue;
                foreach (var ofView in partitions.GroupBy(partition => partition.View))
                    if (Views.FindMaterialized(ofView.Key) is { } view && ofView.Key.Length <= LongestViewName)
                        totals += await CompactAsync(tenant, view, [.. ofView], partitions.Where(partition => partition.View == CompactedSlots.NameOf(view.Name)).ToDictionary(row => row.Slot), progress, cancellation);
            }
        return totals;
    }

    async Task<CompactionTotals> CompactAsync(
        Tenant tenant, View view, IReadOnlyList<PartitionRow> partitions, Dictionary<int, PartitionRow> compacted, IProgress<long>? progress, CancellationToken cancellation)
    {
        var totals = default(CompactionTotals);
        var small = partitions.Where(partition => partition.SchemaVersion == view.SchemaVersion && partition.Path.Length > 0 && partition.Bytes <= MostBytes);
        foreach (var group in small.GroupBy(partition => partition.Slot / SlotsTogether * SlotsTogether))
        {
            var known = compacted.GetValueOrDefault(group.Key);
            var there = known is null || known.SchemaVersion != view.SchemaVersion ? [] : CompactedDetails.MembersOf(known).ToHashSet();
            // Some are always new: the rows of all are written again where that spares a query as many files as at first.
            if (group.Count(partition => !there.Contains(MemberOf(partition))) < CompactedSlots.FewestFiles) continue;
            totals += await WriteAsync(tenant, view, group.Key, [.. group.OrderBy(partition => partition.Slot)], known, cancellation);
            progress?.Report(totals.Files);
        }
        return totals;
    }

    async Task<CompactionTotals> WriteAsync(Tenant tenant, View view, int firstSlot, IReadOnlyList<PartitionRow> members, PartitionRow? known, CancellationToken cancellation)
    {
        var (name, process) = (CompactedSlots.NameOf(view.Name), members[0].ProcessId);
        await using var claim = await PartitionClaim.TryTakeAsync(lake.Catalog, tenant, new PartitionKey(name, process, firstSlot), claimant, clock, cancellation);
        if (claim is null) return default;
        var temporary = lake.Objects.NewTemporaryFile();
        try
        {
            using var held = new HeldFiles(lake.Objects);
            var files = await held.AddAsync(members, columns: null, RowBounds.None, cancellation);
            CompactedFile.Write(view, [.. members.Zip(files, (member, file) => (member.Slot, file))], members.Sum(member => member.Rows), temporary, cancellation);
        }
        catch (RemovedMeanwhileException)
        {
            return default; // one was built anew, or removed: the next time
        }
        var day = StoreNames.TryReadViewFolder(members[0].Path, out _, out var days) ? days : throw new InvalidDataException($"expected the file of a view, saw '{members[0].Path}'");
        var path = StoreNames.ViewFile(name, view.SchemaVersion, tenant, day, process, firstSlot, Guid.CreateVersion7(clock.GetUtcNow()));
        var bytes = new FileInfo(temporary).Length;
        await lake.Objects.PutFileAsync(path, temporary, cancellation);
        var row = new PartitionRow
        {
            View = name,
            ProcessId = process,
            Slot = firstSlot,
            SchemaVersion = view.SchemaVersion,
            Generation = (known?.Generation ?? 0) + 1,
            Rows = members.Sum(member => member.Rows),
            Bytes = bytes,
            // As old as the oldest of them: what was removed since is in none of them that is still there.
            BuiltVersion = members.Min(member => member.BuiltVersion),
            BuiltAtNs = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick,
            Path = path,
            Details = new CompactedDetails([.. members.Select(MemberOf)]).ToJson(),
        };
        if (await lake.Catalog.PublishPartitionAsync(tenant, row, row.Generation - 1, cancellation)) return new CompactionTotals(1, members.Count, bytes);
        await lake.Objects.DeleteAsync(path, cancellation);
        return default;
    }

    static CompactedMember MemberOf(PartitionRow partition) =>
        new(partition.Slot, StoreNames.TryReadViewFile(partition.Path, out var name) ? name.FileId : throw new InvalidDataException($"expected the file of a view, saw '{partition.Path}'"));
}
