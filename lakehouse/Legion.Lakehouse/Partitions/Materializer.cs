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

/// <summary>A partition that somebody needs.</summary>
/// <param name="Slot">Its number, which with view and process names it.</param>
/// <param name="Day">Days since the Unix epoch, as its path says.</param>
/// <param name="Sources">Name of what it is made from, see <see cref="PartitionDetails.NameOf(IEnumerable{BlockRow})"/>.</param>
/// <param name="SourceBytes">Stored bytes of the blocks that are decoded for it.</param>
/// <param name="IsFresh">Whether a published one says what this would.</param>
/// <param name="WriteAsync">Writes it to a file that is not there yet.</param>
sealed record PartitionJob(int Slot, int Day, string Sources, long SourceBytes, Func<PartitionRow, bool> IsFresh, Func<string, CancellationToken, Task<WrittenPartition>> WriteAsync);

/// <summary>How far a build has come.</summary>
public readonly record struct BuildProgress(string View, int Done, int Total);

/// <summary>
/// Makes partitions current: finds which are missing or stale, builds them, and publishes each by compare-and-swap.
/// Claims only save work; whoever publishes first wins, and the loser's file is deleted.
/// </summary>
/// <param name="write">Writes what is then published.</param>
/// <param name="parser">The version of what <paramref name="write"/> reads blocks with, see <see cref="PartitionBuilder.ParserVersion"/>.</param>
/// <param name="frozen">What of older snapshots is built goes there, and is not published; null where there are none.</param>
sealed class Materializer(LakeStore store, Tenant tenant, TimeProvider time, PartitionWriter write, int parser = PartitionBuilder.ParserVersion, FrozenPartitions? frozen = null)
{
    static readonly TimeSpan ClaimPoll = TimeSpan.FromMilliseconds(50);

    readonly string claimant = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():N}";
    readonly BuildTurns builders = new(Environment.ProcessorCount);
    readonly ConcurrentDictionary<PartitionKey, SemaphoreSlim> singleFlight = new();

    /// <summary>Partitions of a view over the wanted slots of a process, current and with their files.</summary>
    /// <param name="isElsewhere">Tells of a partition whose rows are read from another file than its own: that one need not be there.</param>
    /// <param name="isUrgent">Whether it goes before what is not: somebody looks at it right now.</param>
    public async Task<(IReadOnlyList<PartitionRow> Partitions, BuildTotals Totals)> MaterializeAsync(
        View view, ProcessSnapshot snapshot, Func<Slot, bool> wanted, IProgress<BuildProgress>? progress, CancellationToken cancellation, Func<PartitionRow, bool>? isElsewhere = null, bool isUrgent = false)
    {
        var source = new BlockSource(store.Objects, store.Catalog, tenant);
        return await MaterializeAsync(view, snapshot, [.. snapshot.Slots.Where(wanted).Select(slot => JobOf(view, snapshot, slot, source)).OfType<PartitionJob>()], progress, cancellation, isElsewhere, isUrgent);
    }

    /// <summary>Partitions of a view, current and with their files.</summary>
    public async Task<(IReadOnlyList<PartitionRow> Partitions, BuildTotals Totals)> MaterializeAsync(
        View view, ProcessSnapshot snapshot, IReadOnlyList<PartitionJob> jobs, IProgress<BuildProgress>? progress, CancellationToken cancellation, Func<PartitionRow, bool>? isElsewhere = null, bool isUrgent = false)
    {
        if (jobs.Count == 0) return ([], default);
        var known = await ReadKnownAsync(view, snapshot, cancellation);
        var done = 0;
        var line = new BuildLine(isUrgent);
        var results = await Task.WhenAll(jobs.Select(async job =>
        {
            var result = await CurrentAsync(view, snapshot, job, known.GetValueOrDefault(job.Slot), isElsewhere, line, cancellation);
            progress?.Report(new BuildProgress(view.Name, Interlocked.Increment(ref done), jobs.Count));
            return result;
        }));
        return (results.Select(result => result.Partition).ToArray(), results.Aggregate(default(BuildTotals), (sum, result) => sum + result.Totals));
    }

    /// <summary>Of the wanted slots that have rows of a view, the partitions that are current, and the slots whose partition would have to be built.</summary>
    public async Task<(IReadOnlyList<PartitionRow> Current, IReadOnlyList<Slot> Missing)> PlanAsync(View view, ProcessSnapshot snapshot, Func<Slot, bool> wanted, CancellationToken cancellation, Func<PartitionRow, bool>? isElsewhere = null)
    {
        var known = await ReadKnownAsync(view, snapshot, cancellation);
        var source = new BlockSource(store.Objects, store.Catalog, tenant);
        var planned = await Task.WhenAll(snapshot.Slots.Where(wanted).Select(async slot =>
        {
            var (job, row) = (JobOf(view, snapshot, slot, source), known.GetValueOrDefault(slot.Number));
            return (Slot: slot, IsNeeded: job is not null, Current: job is not null && await IsCurrentAsync(view, job, row, isElsewhere, cancellation) ? row : null);
        }));
        return ([.. planned.Select(one => one.Current).OfType<PartitionRow>()], [.. planned.Where(one => one.IsNeeded && one.Current is null).Select(one => one.Slot)]);
    }

    /// <returns>Null where no block of the slot holds rows of the view.</returns>
    PartitionJob? JobOf(View view, ProcessSnapshot snapshot, Slot slot, BlockSource source)
    {
        var blocks = PartitionBuilder.BlocksOf(view, snapshot, slot).ToArray();
        if (blocks.Length == 0) return null;
        var name = PartitionDetails.NameOf(blocks);
        return new PartitionJob(slot.Number, slot.Day, name, blocks.Sum(block => (long)block.Bytes),
            known => IsFresh(view, snapshot, slot, known, name),
            (file, token) => write(view, snapshot, slot, source, file, token));
    }

    async Task<(PartitionRow Partition, BuildTotals Totals)> CurrentAsync(View view, ProcessSnapshot snapshot, PartitionJob job, PartitionRow? known, Func<PartitionRow, bool>? isElsewhere, BuildLine line, CancellationToken cancellation)
    {
        if (await IsCurrentAsync(view, job, known, isElsewhere, cancellation)) return Reused(known!);
        var key = new PartitionKey(view.Name, snapshot.Process.ProcessId, job.Slot);
        var flight = singleFlight.GetOrAdd(key, _ => new SemaphoreSlim(1));
        // What is known may be old once somebody else of this process has built it, or another process has.
        var isOld = !flight.Wait(0, CancellationToken.None);
        if (isOld) await flight.WaitAsync(cancellation);
        try
        {
            while (true)
            {
                if (isOld)
                {
                    known = (await ReadKnownAsync(view, snapshot, cancellation)).GetValueOrDefault(job.Slot);
                    if (await IsCurrentAsync(view, job, known, isElsewhere, cancellation)) return Reused(known!);
                }
                isOld = true;
                await builders.WaitAsync(line, cancellation);
                try
                {
                    if (frozen is not null && !snapshot.IsNewest) return frozen.Find(key, job.Sources, snapshot.Process.RemovedVersion) is { } own ? Reused(own) : await BuildAsync(frozen, view, snapshot, job, cancellation);
                    // A claim is taken when the work begins: nobody waits for what waits itself.
                    if (await PartitionClaim.TryTakeAsync(store.Catalog, tenant, key, claimant, time, cancellation) is { } claim)
                    {
                        await using (claim)
                            if (await BuildAsync(view, snapshot, job, known, cancellation) is { } built) return built;
                        continue;
                    }
                }
                finally
                {
                    builders.Release();
                }
                await Task.Delay(ClaimPoll, time, cancellation); // another process builds it
            }
        }
        finally
        {
            flight.Release();
        }
    }

    static (PartitionRow, BuildTotals) Reused(PartitionRow known) => (known, new BuildTotals(0, 1, 0, 0, 0));

    /// <summary>Builds what was there once.</summary>
    async Task<(PartitionRow, BuildTotals)> BuildAsync(FrozenPartitions frozen, View view, ProcessSnapshot snapshot, PartitionJob job, CancellationToken cancellation)
    {
        var file = frozen.NewFile();
        var written = await job.WriteAsync(file, cancellation);
        var row = RowOf(view, snapshot, job, written, 1, written.Rows > 0 ? file : "") with { BuiltVersion = Math.Max(snapshot.Version, snapshot.Process.RemovedVersion) };
        frozen.Keep(row);
        return (row, new BuildTotals(1, 0, written.Rows, written.Bytes, job.SourceBytes));
    }

    PartitionRow RowOf(View view, ProcessSnapshot snapshot, PartitionJob job, WrittenPartition written, long generation, string path) => new()
    {
        View = view.Name,
        ProcessId = snapshot.Process.ProcessId,
        Slot = job.Slot,
        SchemaVersion = view.SchemaVersion,
        Generation = generation,
        Rows = written.Rows,
        Bytes = written.Bytes,
        BuiltVersion = snapshot.Version,
        BuiltAtNs = NowNs(),
        Path = path,
        Details = new PartitionDetails(job.Sources, written.Watches, written.Extent, parser, written.Unread).ToJson(),
    };

    /// <returns>Null where somebody else published first.</returns>
    async Task<(PartitionRow, BuildTotals)?> BuildAsync(View view, ProcessSnapshot snapshot, PartitionJob job, PartitionRow? known, CancellationToken cancellation)
    {
        var temporary = store.Objects.NewTemporaryFile();
        var written = await job.WriteAsync(temporary, cancellation);
        var path = "";
        if (written.Rows > 0)
        {
            path = StoreNames.ViewFile(view.Name, view.SchemaVersion, tenant, job.Day, snapshot.Process.ProcessId, job.Slot, Guid.CreateVersion7(time.GetUtcNow()));
            await store.Objects.PutFileAsync(path, temporary, cancellation);
        }
        var generation = known?.Generation ?? 0;
        var row = RowOf(view, snapshot, job, written, generation + 1, path);
        if (!await store.Catalog.PublishPartitionAsync(tenant, row, generation, cancellation))
        {
            if (path.Length > 0) await store.Objects.DeleteAsync(path, cancellation);
            // Nobody will publish what was read before something was removed.
            if (await store.Catalog.ReadProcessesAsync(tenant, [row.ProcessId], cancellation) is not [var now] || now.RemovedVersion > snapshot.Version) throw new RemovedMeanwhileException(row.ProcessId);
            return null;
        }
        var manifests = new PublishedManifests(store, tenant);
        await manifests.RefreshAsync(view.Name, view.SchemaVersion, row.ProcessId, job.Day, cancellation);
        // Of the version that it took the place of, too.
        if (known is not null && known.SchemaVersion != view.SchemaVersion) await manifests.RefreshAsync(view.Name, known.SchemaVersion, row.ProcessId, job.Day, cancellation);
        return (row, new BuildTotals(1, 0, written.Rows, written.Bytes, job.SourceBytes));
    }

    /// <summary>Of this schema, its file is there, and what it was made from is what the job would make it from.</summary>
    async Task<bool> IsCurrentAsync(View view, PartitionJob job, PartitionRow? known, Func<PartitionRow, bool>? isElsewhere, CancellationToken cancellation) =>
        known is not null && known.SchemaVersion == view.SchemaVersion && job.IsFresh(known) && (known.Path.Length == 0 || isElsewhere?.Invoke(known) == true || await store.Objects.HasAsync(known.Path, cancellation));

    /// <summary>Fresh: built from exactly the slot's blocks, none came that it waits for, and what could not be read then cannot be read now.</summary>
    /// <param name="blocks">Name of the slot's blocks.</param>
    bool IsFresh(View view, ProcessSnapshot snapshot, Slot slot, PartitionRow known, string blocks)
    {
        if (slot.RemovedVersion > known.BuiltVersion) return false;
        var details = PartitionDetails.FromJson(known.Details);
        if (details.Blocks != blocks || details.Unread > 0 && details.Parser < parser) return false;
        if (known.BuiltVersion > snapshot.Version && PartitionBuilder.RestsOnLaterBlocks(view, snapshot, slot)) return false;
        foreach (var watch in details.Watches ?? [])
            if (snapshot.BlocksOf(watch.StreamId).Any(block => (long)block.Sequence > watch.AfterSequence && (long)block.Sequence < watch.BeforeSequence))
                return false;
        return true;
    }

    async Task<Dictionary<int, PartitionRow>> ReadKnownAsync(View view, ProcessSnapshot snapshot, CancellationToken cancellation) =>
        (await store.Catalog.ReadPartitionsAsync(tenant, view.Name, [snapshot.Process.ProcessId], cancellation)).ToDictionary(row => row.Slot);

    long NowNs() => (time.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) * 100;
}
