using Legion.Format;
using Legion.Lakehouse.OpenTelemetry;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>
/// Makes blocks of the requests of OpenTelemetry that ingestion has filed: reads them, redacts them, divides them by resource and appends what comes of it.
/// Several programs may work on the same lake, and each may die at any point: an arrival stays until its blocks are stored,
/// and its blocks have the same ids whoever makes them.
/// </summary>
/// <param name="redaction">What is not to be written into any block.</param>
public sealed class ArrivalWork(LakeStore lake, TimeProvider clock, Redaction redaction)
{
    /// <summary>Arrivals that are claimed at a time: what arrives in a second from some dozens of exporters.</summary>
    const int MostAtOnce = 64;

    /// <summary>Content of blocks that are appended together, at least: each append costs a few requests to the store.</summary>
    internal const int BatchBytes = 4 << 20;

    /// <summary>Longer than the work on <see cref="MostAtOnce"/> of the largest takes; an older claim is that of somebody who died.</summary>
    const long LeaseNs = 120_000_000_000;

    /// <summary>Who begins to work on an arrival and never comes back may have died of it.</summary>
    const int MostAttempts = 5;

    /// <summary>How long an arrival of another program waits at most until somebody looks.</summary>
    static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    readonly ExportAppend append = new(lake, clock, redaction);

    long NowNs => (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>Works on what comes until it is cancelled.</summary>
    /// <param name="notice">Of arrivals in this process; others are looked for every half second.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="StoreUnavailableException">The disk or the database refused; what was claimed is given back.</exception>
    public async Task RunAsync(ArrivalNotice notice, CancellationToken cancellation)
    {
        await lake.Catalog.RetryArrivalsAsync(ExportReader.Version, cancellation);
        while (true)
        {
            while (await WorkAsync(cancellation) == MostAtOnce) { }
            await notice.WaitAsync(Poll, clock, cancellation);
        }
    }

    /// <summary>Works on the oldest arrivals there are.</summary>
    /// <returns>How many there were.</returns>
    /// <exception cref="StoreUnavailableException">The disk or the database refused; what was claimed is given back.</exception>
    public async Task<int> WorkAsync(CancellationToken cancellation)
    {
        var claimed = await lake.Catalog.ClaimArrivalsAsync(Guid.NewGuid(), MostAtOnce, LeaseNs, NowNs, cancellation);
        var left = claimed.ToHashSet();
        try
        {
            foreach (var ofTenant in claimed.GroupBy(arrival => arrival.Tenant)) await WorkAsync(ofTenant.Key, ofTenant, left, cancellation);
        }
        catch (Exception cause) when (cause is StoreUnavailableException or OperationCanceledException)
        {
            // Not for a reason of theirs. After anything else they wait for the ends of their leases, and the attempt counts.
            foreach (var arrival in left) await TryReleaseAsync(arrival);
            throw;
        }
        return claimed.Count;
    }

    async Task WorkAsync(Tenant tenant, IEnumerable<ArrivalRow> arrivals, HashSet<ArrivalRow> left, CancellationToken cancellation)
    {
        var batch = new ExportBatch();
        foreach (var arrival in arrivals)
        {
            try
            {
                if (arrival.Attempts > MostAttempts) throw new InvalidDataException($"{MostAttempts} programs began to work on it, and none came to an end");
                await AddAsync(tenant, arrival, batch, cancellation);
            }
            catch (InvalidDataException cause)
            {
                await lake.Catalog.FailArrivalAsync(arrival, ExportReader.Version, cause.Message, cancellation);
                left.Remove(arrival);
            }
            // One that was tried before is not to take others along.
            if (batch.Bytes >= BatchBytes || arrival.Attempts > 1) await FlushAsync(tenant, batch, left, cancellation);
        }
        await FlushAsync(tenant, batch, left, cancellation);
    }

    async Task AddAsync(Tenant tenant, ArrivalRow arrival, ExportBatch batch, CancellationToken cancellation)
    {
        byte[] bytes;
        try
        {
            bytes = await lake.Objects.ReadAsync(arrival.ObjectKey, 0, arrival.Bytes, cancellation);
        }
        catch (FileNotFoundException)
        {
            batch.Arrivals.Add(arrival); // its blocks are stored, as who deletes the object has seen to and forgets the row next, or it has another object now and stays
            return;
        }
        catch (EndOfStreamException cause)
        {
            throw new InvalidDataException($"expected {arrival.Bytes} bytes in object {arrival.ObjectKey}, saw: {cause.Message}", cause);
        }
        var request = ExportReader.Read(arrival.Signal, arrival.MediaType, arrival.IsGzip, bytes, append.KeepsUnknown);
        await append.AddAsync(tenant, arrival.ArrivalId, UuidV7.UnixMilliseconds(arrival.ArrivalId), arrival.ReceivedNs, request, batch, cancellation);
        batch.Arrivals.Add(arrival);
    }

    async Task FlushAsync(Tenant tenant, ExportBatch batch, HashSet<ArrivalRow> left, CancellationToken cancellation)
    {
        if (batch.Items.Count > 0) await append.AppendAsync(tenant, batch, cancellation);
        foreach (var arrival in batch.Arrivals)
        {
            // In this order: what came is not redacted, and would stay for good if nothing named it any more.
            await lake.Objects.DeleteAsync(arrival.ObjectKey, cancellation);
            await lake.Catalog.RemoveArrivalAsync(arrival, cancellation);
            left.Remove(arrival);
        }
        batch.Clear();
    }

    async Task TryReleaseAsync(ArrivalRow arrival)
    {
        try
        {
            await lake.Catalog.ReleaseArrivalAsync(arrival.Tenant, arrival.ArrivalId, CancellationToken.None);
        }
        catch (StoreUnavailableException)
        {
            // Its lease ends.
        }
    }
}
