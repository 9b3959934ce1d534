namespace Legion.Store;

/// <summary>
/// Files requests of OpenTelemetry as they come. When it returns, the request is durable and will become blocks:
/// first its bytes are put, then a row names them, then the caller hears of it. A call that throws may have filed it, and sending it again files it again.
/// </summary>
/// <param name="notice">Who works on arrivals in this process; null where nobody does.</param>
public sealed class ArrivalAppend(LakeStore lake, TimeProvider clock, ArrivalNotice? notice)
{
    /// <exception cref="StoreUnavailableException">The disk or the database refused.</exception>
    public async Task AppendAsync(Tenant tenant, ExportSignal signal, string mediaType, bool isGzip, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var arrival = new ArrivalRow
        {
            Tenant = tenant,
            ArrivalId = id,
            Signal = signal,
            MediaType = mediaType,
            IsGzip = isGzip,
            ObjectKey = StoreNames.ArrivalObject((int)(now - DateTimeOffset.UnixEpoch).TotalDays, tenant, id),
            Bytes = bytes.Length,
            ReceivedNs = (now - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick,
        };
        if (!await lake.Objects.PutAsync(arrival.ObjectKey, [bytes], cancellation))
            throw new StoreUnavailableException($"cannot put object '{arrival.ObjectKey}': the key is taken");
        await lake.Catalog.AddArrivalAsync(arrival, cancellation);
        notice?.Give();
    }
}
