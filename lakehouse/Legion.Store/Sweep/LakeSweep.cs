using System.Runtime.CompilerServices;
using Legion.Format;

namespace Legion.Store;

/// <summary>
/// Deletes what nobody will ever read: objects of blocks without a block that counts, requests that no arrival names, pages that no report names, files of views that no partition names, files of killed programs.
/// Safe beside uploads and queries, from several programs at once, and whatever is killed: an upload that was paused for longer than the grace
/// finds its key spent, is told to send again, and the client does.
/// </summary>
public sealed class LakeSweep(IObjectStore objects, ICatalog catalog, TimeProvider clock)
{
    /// <summary>Objects that are looked up in the catalog at a time: what is in memory of a lake of any size.</summary>
    const int MostAtOnce = 500;

    public LakeSweep(LakeStore lake, TimeProvider clock) : this(lake.Objects, lake.Catalog, clock)
    {
    }

    long NowNs => (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    /// <param name="progress">Told how many objects have been looked at.</param>
    /// <exception cref="StoreUnavailableException">The disk or the database refused; what was swept until then is gone.</exception>
    public async Task<SweepTotals> RunAsync(SweepOptions options, IProgress<long>? progress, CancellationToken cancellation)
    {
        var totals = new SweepTotals { TemporaryFiles = options.DryRun ? 0 : await objects.SweepTemporaryAsync(cancellation) };
        await foreach (var some in ListAsync(StoreNames.BlocksPrefix, cancellation))
        {
            totals += await SweepAsync<BlocksObjectName>(some, StoreNames.TryReadBlocksObject, name => name.ObjectId, catalog.FindLivingObjectsAsync, catalog.SpendObjectAsync, options, cancellation);
            progress?.Report(totals.Seen);
        }
        await foreach (var some in ListAsync(StoreNames.ArrivalsPrefix, cancellation))
        {
            totals += await SweepAsync<ArrivalObjectName>(some, StoreNames.TryReadArrivalObject, name => name.ObjectId, catalog.FindLivingArrivalsAsync, catalog.SpendArrivalAsync, options, cancellation);
            progress?.Report(totals.Seen);
        }
        await foreach (var some in ListAsync(StoreNames.ReportsPrefix, cancellation))
        {
            totals += await SweepAsync<ReportObjectName>(some, StoreNames.TryReadReportObject, name => name.ObjectId, catalog.FindLivingReportsAsync, catalog.SpendReportAsync, options, cancellation);
            progress?.Report(totals.Seen);
        }
        await foreach (var some in ListAsync(StoreNames.ViewsPrefix, cancellation))
        {
            totals += await SweepViewsAsync(some, options, cancellation);
            progress?.Report(totals.Seen);
        }
        return totals;
    }

    delegate bool TryReadName<T>(string key, out T name);

    /// <summary>Of one tenant and day; of blocks also of one class and process.</summary>
    async Task<SweepTotals> SweepAsync<T>(
        List<StoredObject> some, TryReadName<T> tryRead, Func<T, Guid> idOf,
        Func<T, IReadOnlyCollection<string>, CancellationToken, Task<IReadOnlySet<string>>> findLiving, Func<T, CancellationToken, Task<bool>> spend,
        SweepOptions options, CancellationToken cancellation)
    {
        var totals = new SweepTotals { Seen = some.Count };
        var old = new Dictionary<string, (T Name, long Bytes)>();
        foreach (var stored in some)
        {
            if (!tryRead(stored.Key, out var name)) totals = totals with { Unknown = totals.Unknown + 1 };
            else if (IsOld(idOf(name), options.Grace)) old[stored.Key] = (name, stored.Bytes);
        }
        if (old.Count == 0) return totals;
        var living = await findLiving(old.Values.First().Name, old.Keys, cancellation);
        foreach (var (key, (name, bytes)) in old)
        {
            if (living.Contains(key)) continue;
            if (!options.DryRun)
            {
                // Spent and committed, then deleted: whatever happens in between, no row comes to name what is gone.
                if (!await spend(name, cancellation)) continue;
                await objects.DeleteAsync(key, cancellation);
            }
            totals = totals with { Objects = totals.Objects + 1, ObjectBytes = totals.ObjectBytes + bytes };
        }
        return totals;
    }

    /// <summary>
    /// Of one tenant, view and process. A file that a partition named until lately stays, as queries may read it; one that somebody builds and is slow over
    /// may go, and whoever reads the partition then has it built again.
    /// </summary>
    async Task<SweepTotals> SweepViewsAsync(List<StoredObject> some, SweepOptions options, CancellationToken cancellation)
    {
        var totals = new SweepTotals { Seen = some.Count };
        var old = new Dictionary<string, (ViewFileName Name, long Bytes)>();
        foreach (var stored in some)
        {
            if (!StoreNames.TryReadViewFile(stored.Key, out var name)) totals = totals with { Unknown = totals.Unknown + 1 };
            else if (IsOld(name.FileId, options.Grace)) old[stored.Key] = (name, stored.Bytes);
        }
        if (old.Count == 0) return totals;
        var (tenant, partition, _) = old.Values.First().Name;
        var leased = await catalog.ReadLeasedPathsAsync(tenant, NowNs, cancellation);
        var current = (await catalog.ReadPartitionsAsync(tenant, partition.View, [partition.ProcessId], cancellation)).ToDictionary(row => row.Slot);
        var youngestNs = NowNs - options.Grace.Ticks * TimeSpan.NanosecondsPerTick;
        foreach (var (key, (name, bytes)) in old)
        {
            if (leased.Contains(key)) continue;
            if (current.TryGetValue(name.Partition.Slot, out var row) && (row.Path == key || row.BuiltAtNs > youngestNs)) continue;
            if (!options.DryRun) await objects.DeleteAsync(key, cancellation);
            totals = totals with { ViewFiles = totals.ViewFiles + 1, ViewBytes = totals.ViewBytes + bytes };
        }
        return totals;
    }

    bool IsOld(Guid id, TimeSpan grace) =>
        UuidV7.UnixMilliseconds(id) is { } madeMs && (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMilliseconds - madeMs >= grace.TotalMilliseconds;

    /// <summary>Objects under the prefix in lists of a limited length, each of one folder: that is one tenant, day, process, and class or view. Stores list a folder's objects together.</summary>
    async IAsyncEnumerable<List<StoredObject>> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (some, group) = (new List<StoredObject>(), "");
        await foreach (var stored in objects.ListAsync(prefix, cancellation))
        {
            var own = stored.Key[..(stored.Key.LastIndexOf('/') + 1)];
            if (some.Count > 0 && (own != group || some.Count == MostAtOnce))
            {
                yield return some;
                some = [];
            }
            group = own;
            some.Add(stored);
        }
        if (some.Count > 0) yield return some;
    }
}
