using System.Collections.Concurrent;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>What materializing did.</summary>
/// <param name="BuiltRows">Rows in the partitions that were built for it.</param>
/// <param name="BlockBytes">Stored bytes of the blocks that were decoded.</param>
public readonly record struct BuildTotals(int Built, int Reused, long BuiltRows, long BuiltBytes, long BlockBytes)
{
    public static BuildTotals operator +(BuildTotals a, BuildTotals b) =>
        new(a.Built + b.Built, a.Reused + b.Reused, a.BuiltRows + b.BuiltRows, a.BuiltBytes + b.BuiltBytes, a.BlockBytes + b.BlockBytes);
}

/// <summary>How far a build has come.</summary>
public readonly record struct BuildProgress(string View, int Done, int Total);

/// <summary>
/// Makes partitions current: finds which are missing or stale, builds them, and publishes each by compare-and-swap.
/// Claims only save work; whoever publishes first wins, and the loser's file is deleted.
/// </summary>
/// <param name="write">Writes what is then published.</param>
sealed class Materializer(LakeStore store, Tenant tenant, TimeProvider time, PartitionWriter write)
{
    /// <summary>A slot takes seconds to build; a claim that is older belongs to somebody who died.</summary>
    const long ClaimNs = 60_000_000_000;

    static readonly TimeSpan ClaimPoll = TimeSpan.FromMilliseconds(50);

    readonly string claimant = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():N}";
    readonly SemaphoreSlim builders = new(Environment.ProcessorCount);
    readonly ConcurrentDictionary<PartitionKey, SemaphoreSlim> singleFlight = new();

    /// <summary>Partitions of a view over the wanted slots of a process, current and with their files.</summary>
    public async Task<(IReadOnlyList<PartitionRow> Partitions, BuildTotals Totals)> MaterializeAsync(
        View view, ProcessSnapshot snapshot, Func<Slot, bool> wanted, IProgress<BuildProgress>? progress, CancellationToken cancellation)
    {
        var slots = snapshot.Slots.Where(slot => wanted(slot) && PartitionBuilder.BlocksOf(view, snapshot, slot).Any()).ToArray();
        if (slots.Length == 0) return ([], default);
        var known = await ReadKnownAsync(view, snapshot, cancellation);
        var source = new BlockSource(store.Objects, store.Catalog, tenant);
        var done = 0;
        var results = await Task.WhenAll(slots.Select(async slot =>
        {
            var result = await CurrentAsync(view, snapshot, slot, known.GetValueOrDefault(slot.Number), source, cancellation);
            progress?.Report(new BuildProgress(view.Name, Interlocked.Increment(ref done), slots.Length));
            return result;
        }));
        return (results.Select(result => result.Partition).ToArray(), results.Aggregate(default(BuildTotals), (sum, result) => sum + result.Totals));
    }

    async Task<(PartitionRow Partition, BuildTotals Totals)> CurrentAsync(
        View view, ProcessSnapshot snapshot, Slot slot, PartitionRow? known, BlockSource source, CancellationToken cancellation)
    {
        if (await IsFreshAsync(view, snapshot, slot, known, cancellation)) return (known!, new BuildTotals(0, 1, 0, 0, 0));
        var key = new PartitionKey(view.Name, snapshot.Process.ProcessId, slot.Number);
        var flight = singleFlight.GetOrAdd(key, _ => new SemaphoreSlim(1));
        await flight.WaitAsync(cancellation);
        try
        {
            while (true)
            {
                known = (await ReadKnownAsync(view, snapshot, cancellation)).GetValueOrDefault(slot.Number);
                if (await IsFreshAsync(view, snapshot, slot, known, cancellation)) return (known!, new BuildTotals(0, 1, 0, 0, 0));
                if (!await store.Catalog.ClaimPartitionAsync(tenant, key, claimant, ClaimNs, NowNs(), cancellation))
                {
                    await Task.Delay(ClaimPoll, time, cancellation); // another process builds it
                    continue;
                }
                await builders.WaitAsync(cancellation);
                try
                {
                    if (await BuildAsync(view, snapshot, slot, known, source, cancellation) is { } built) return built;
                }
                finally
                {
                    builders.Release();
                    await store.Catalog.ReleasePartitionAsync(tenant, key, claimant, CancellationToken.None);
                }
            }
        }
        finally
        {
            flight.Release();
        }
    }

    /// <returns>Null where somebody else published first.</returns>
    async Task<(PartitionRow, BuildTotals)?> BuildAsync(View view, ProcessSnapshot snapshot, Slot slot, PartitionRow? known, BlockSource source, CancellationToken cancellation)
    {
        var temporary = store.Objects.NewTemporaryFile();
        var written = await write(view, snapshot, slot, source, temporary, cancellation);
        var path = "";
        if (written.Rows > 0)
        {
            path = StoreNames.ViewFile(view.Name, view.SchemaVersion, tenant, slot.Day, snapshot.Process.ProcessId, slot.Number, Guid.CreateVersion7(time.GetUtcNow()));
            await store.Objects.PutFileAsync(path, temporary, cancellation);
        }
        var generation = known?.Generation ?? 0;
        var row = new PartitionRow
        {
            View = view.Name,
            ProcessId = snapshot.Process.ProcessId,
            Slot = slot.Number,
            SchemaVersion = view.SchemaVersion,
            Generation = generation + 1,
            Rows = written.Rows,
            Bytes = written.Bytes,
            BuiltVersion = snapshot.Version,
            BuiltAtNs = NowNs(),
            Path = path,
            Details = new PartitionDetails(PartitionDetails.NameOf(PartitionBuilder.BlocksOf(view, snapshot, slot)), written.Watches).ToJson(),
        };
        if (!await store.Catalog.PublishPartitionAsync(tenant, row, generation, cancellation))
        {
            if (path.Length > 0) await store.Objects.DeleteAsync(path, cancellation);
            // Nobody will publish what was read before something was removed.
            if (await store.Catalog.ReadProcessesAsync(tenant, [row.ProcessId], cancellation) is not [var now] || now.RemovedVersion > snapshot.Version) throw new RemovedMeanwhileException(row.ProcessId);
            return null;
        }
        await new PublishedManifests(store, tenant).RefreshAsync(view.Name, view.SchemaVersion, row.ProcessId, slot.Day, cancellation);
        var blockBytes = PartitionBuilder.BlocksOf(view, snapshot, slot).Sum(block => (long)block.Bytes);
        return (row, new BuildTotals(1, 0, written.Rows, written.Bytes, blockBytes));
    }

    /// <summary>Fresh: of this schema, its file is there, built from exactly the slot's blocks, and none came that it waits for.</summary>
    async Task<bool> IsFreshAsync(View view, ProcessSnapshot snapshot, Slot slot, PartitionRow? known, CancellationToken cancellation)
    {
        if (known is null || known.SchemaVersion != view.SchemaVersion || slot.RemovedVersion > known.BuiltVersion) return false;
        var details = PartitionDetails.FromJson(known.Details);
        if (details.Blocks != PartitionDetails.NameOf(PartitionBuilder.BlocksOf(view, snapshot, slot))) return false;
        if (known.BuiltVersion > snapshot.Version && PartitionBuilder.RestsOnLaterBlocks(view, snapshot, slot)) return false;
        foreach (var watch in details.Watches ?? [])
            if (snapshot.BlocksOf(watch.StreamId).Any(block => (long)block.Sequence > watch.AfterSequence && (long)block.Sequence < watch.BeforeSequence))
                return false;
        return known.Path.Length == 0 || await store.Objects.HasAsync(known.Path, cancellation);
    }

    async Task<Dictionary<int, PartitionRow>> ReadKnownAsync(View view, ProcessSnapshot snapshot, CancellationToken cancellation) =>
        (await store.Catalog.ReadPartitionsAsync(tenant, view.Name, [snapshot.Process.ProcessId], cancellation)).ToDictionary(row => row.Slot);

    long NowNs() => (time.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) * 100;
}
