using System.Security.Cryptography;
using Google.Protobuf;
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
    const int BatchBytes = 4 << 20;

    /// <summary>Longer than the work on <see cref="MostAtOnce"/> of the largest takes; an older claim is that of somebody who died.</summary>
    const long LeaseNs = 120_000_000_000;

    /// <summary>Who begins to work on an arrival and never comes back may have died of it.</summary>
    const int MostAttempts = 5;

    /// <summary>A process is heard of at most so often: each time is a write to its row.</summary>
    const long SeenNs = 10_000_000_000;

    /// <summary>How long an arrival of another program waits at most until somebody looks.</summary>
    static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    readonly BlockAppend append = new(lake, clock);

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
        finally
        {
            // Whatever went wrong is not theirs. Where this fails as well, their leases end.
            foreach (var arrival in left) await TryReleaseAsync(arrival);
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
                await lake.Catalog.FailArrivalAsync(tenant, arrival.ArrivalId, ExportReader.Version, cause.Message, cancellation);
                left.Remove(arrival);
            }
            if (batch.Bytes >= BatchBytes) await FlushAsync(tenant, batch, left, cancellation);
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
        catch (Exception cause) when (cause is FileNotFoundException or EndOfStreamException)
        {
            throw new InvalidDataException($"expected {arrival.Bytes} bytes in object {arrival.ObjectKey}, saw: {cause.Message}", cause);
        }
        var request = ExportReader.Read(arrival.Signal, arrival.MediaType, arrival.IsGzip, bytes, keepUnknown: !Redacts);
        await AddAsync(tenant, arrival.ArrivalId, arrival.ReceivedNs, request, batch, cancellation);
        batch.Arrivals.Add(arrival);
    }

    bool Redacts => redaction.Drop.Count + redaction.Hash.Count > 0;

    async Task AddAsync(Tenant tenant, Guid arrivalId, long receivedNs, IMessage request, ExportBatch batch, CancellationToken cancellation)
    {
        if (Redacts) ExportRedaction.Apply(redaction, request);
        foreach (var export in ResourceExport.Divide(request, receivedNs))
        {
            var process = await lake.Catalog.AddResourceAsync(tenant, NewResource(export), cancellation);
            batch.Add(export, process, BlockIdOf(arrivalId, export), receivedNs, SeenNs);
        }
    }

    async Task FlushAsync(Tenant tenant, ExportBatch batch, HashSet<ArrivalRow> left, CancellationToken cancellation)
    {
        if (batch.Items.Count > 0)
        {
            var answer = await append.AppendAsync(tenant, batch.Items, cancellation);
            // What the store refuses was made here: nothing of the arrivals goes before somebody has looked.
            if (answer.Blocks.FirstOrDefault(block => block.Code is BlockCode.Refused or BlockCode.Missing) is { } refused)
                throw new InvalidOperationException($"expected block {refused.BlockId} to be stored, saw {refused.Code}: {refused.Reason}");
        }
        foreach (var arrival in batch.Arrivals)
        {
            await lake.Catalog.RemoveArrivalAsync(tenant, arrival.ArrivalId, cancellation);
            left.Remove(arrival);
            await lake.Objects.DeleteAsync(arrival.ObjectKey, cancellation);
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

    ResourceRow NewResource(ResourceExport export)
    {
        var now = clock.GetUtcNow();
        return new ResourceRow(export.Resource.Digest, Guid.CreateVersion7(now), Guid.CreateVersion7(now), Guid.CreateVersion7(now), Guid.CreateVersion7(now), export.EarliestNs);
    }

    /// <summary>An id of version 7 with the arrival's time: the same whoever makes it, and another for each resource of the request.</summary>
    static Guid BlockIdOf(Guid arrivalId, ResourceExport export)
    {
        Span<byte> bytes = stackalloc byte[16 + SHA256.HashSizeInBytes];
        Span<byte> id = stackalloc byte[SHA256.HashSizeInBytes];
        arrivalId.TryWriteBytes(bytes, bigEndian: true, out _);
        export.Resource.Digest.CopyTo(bytes[16..]);
        SHA256.HashData(bytes, id);
        bytes[..6].CopyTo(id); // the time
        id[6] = (byte)(id[6] & 0x0F | 0x70);
        id[8] = (byte)(id[8] & 0x3F | 0x80);
        return new Guid(id[..16], bigEndian: true);
    }
}
