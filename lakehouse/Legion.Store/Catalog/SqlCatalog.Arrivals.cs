using System.Data.Common;
using Legion.Format;

namespace Legion.Store;

public abstract partial class SqlCatalog
{
    const string ArrivalColumns = "tenant, arrival_id, signal_kind, media_type, is_gzip, object_key, bytes, received_ns, attempts, failure";

    /// <summary>Leaves out rows that name no object: they spend a key, and nothing else reads them.</summary>
    const string NotSpent = "object_key <> ''";

    const string OfArrival = "tenant = @tenant AND arrival_id = @id AND object_key = @ObjectKey";

    public Task AddArrivalAsync(ArrivalRow arrival, CancellationToken cancellation) => WriteAsync(async transaction =>
    {
        var parameters = new
        {
            tenant = arrival.Tenant.Name,
            id = RowReading.Bytes(arrival.ArrivalId),
            signal = (int)arrival.Signal,
            arrival.MediaType,
            gzip = arrival.IsGzip ? 1 : 0,
            arrival.ObjectKey,
            arrival.Bytes,
            arrival.ReceivedNs,
        };
        var inserted = await transaction.ExecuteAsync(
            $"""
            INSERT INTO arrivals ({ArrivalColumns}, claimed_until_ns)
            VALUES (@tenant, @id, @signal, @MediaType, @gzip, @ObjectKey, @Bytes, @ReceivedNs, 0, NULL, 0)
            {OrLeave("arrivals")}
            """, parameters);
        if (inserted == 0 && await transaction.ScalarAsync<long>("SELECT COUNT(*) FROM arrivals WHERE tenant = @tenant AND arrival_id = @id AND object_key = ''", parameters) > 0)
            throw new StoreUnavailableException($"cannot name object '{arrival.ObjectKey}': it was swept before; send the request again");
        return true;
    }, cancellation);

    public async Task<IReadOnlyList<ArrivalRow>> ClaimArrivalsAsync(Guid claim, int most, long leaseNs, long nowNs, CancellationToken cancellation)
    {
        const string Open = "FROM arrivals WHERE claimed_until_ns <= @nowNs";
        var parameters = new { claim = RowReading.Bytes(claim), most, nowNs, untilNs = nowNs + leaseNs };
        // Most calls find nothing, and need no write.
        if (await ReadAsync(transaction => transaction.ScalarAsync<long?>($"SELECT received_ns {Open} LIMIT 1", parameters), cancellation) is null) return [];
        return await WriteAsync<IReadOnlyList<ArrivalRow>>(async transaction =>
        {
            var open = await transaction.ReadAsync($"SELECT {ArrivalColumns} {Open} ORDER BY claimed_until_ns, received_ns LIMIT @most", parameters, Arrival);
            foreach (var arrival in open.OrderBy(arrival => arrival.ArrivalId))
                await transaction.ExecuteAsync(
                    """
                    UPDATE arrivals SET claim = @claim, claimed_until_ns = @untilNs, attempts = attempts + 1
                    WHERE tenant = @tenant AND arrival_id = @id AND claimed_until_ns <= @nowNs
                    """, new { parameters.claim, parameters.nowNs, parameters.untilNs, tenant = arrival.Tenant.Name, id = RowReading.Bytes(arrival.ArrivalId) });
            return await transaction.ReadAsync(
                $"SELECT {ArrivalColumns} FROM arrivals WHERE claimed_until_ns = @untilNs AND claim = @claim ORDER BY received_ns, arrival_id", parameters, Arrival);
        }, cancellation);
    }

    public Task ReleaseArrivalAsync(Tenant tenant, Guid arrivalId, CancellationToken cancellation) => WriteAsync(transaction => transaction.ExecuteAsync(
        "UPDATE arrivals SET claim = NULL, claimed_until_ns = 0, attempts = attempts - 1 WHERE tenant = @tenant AND arrival_id = @id AND claim IS NOT NULL AND failure IS NULL",
        new { tenant = tenant.Name, id = RowReading.Bytes(arrivalId) }), cancellation);

    public Task RemoveArrivalAsync(ArrivalRow arrival, CancellationToken cancellation) => WriteAsync(transaction => transaction.ExecuteAsync(
        $"DELETE FROM arrivals WHERE {OfArrival}", new { tenant = arrival.Tenant.Name, id = RowReading.Bytes(arrival.ArrivalId), arrival.ObjectKey }), cancellation);

    // Claimed for good, so that who looks for work passes over it.
    public Task FailArrivalAsync(ArrivalRow arrival, int reader, string failure, CancellationToken cancellation) => WriteAsync(transaction => transaction.ExecuteAsync(
        $"UPDATE arrivals SET claim = NULL, claimed_until_ns = @never, failed_by = @reader, failure = @failure WHERE {OfArrival}",
        new { tenant = arrival.Tenant.Name, id = RowReading.Bytes(arrival.ArrivalId), arrival.ObjectKey, never = long.MaxValue, reader, failure }), cancellation);

    public Task<RetentionTotals> ExpireArrivalsAsync(Tenant tenant, StreamClass streamClass, int firstDay, CancellationToken cancellation) => WriteAsync(async transaction =>
    {
        var parameters = new
        {
            tenant = tenant.Name,
            signals = Enum.GetValues<ExportSignal>().Where(signal => signal.ClassOf() == streamClass).Cast<int>().ToArray(),
            untilNs = RetentionRule.BeginNs(firstDay),
        };
        if (parameters.signals.Length == 0) return default;
        const string Expired = "FROM arrivals WHERE tenant = @tenant AND signal_kind IN @signals AND received_ns < @untilNs AND failure IS NOT NULL";
        var expired = await transaction.ReadAsync($"SELECT object_key, bytes {Expired} {ForUpdate}", parameters, row => (Key: row.GetString(0), Bytes: row.GetInt64(1)));
        await transaction.ExecuteAsync($"DELETE {Expired}", parameters);
        await DoomAsync(transaction, tenant, [.. expired.Select(arrival => arrival.Key)]);
        return new RetentionTotals(0, 0, expired.Sum(arrival => arrival.Bytes), expired.Count, 0);
    }, cancellation);

    public Task<bool> ReplaceArrivalAsync(ArrivalRow arrival, ArrivalRow? without, Guid erasureId, ErasureCounts taken, long nowNs, CancellationToken cancellation) => WriteAsync(async transaction =>
    {
        var parameters = new
        {
            tenant = arrival.Tenant.Name,
            id = RowReading.Bytes(arrival.ArrivalId),
            arrival.ObjectKey,
            nowNs,
            key = without?.ObjectKey,
            bytes = without?.Bytes,
            media = without?.MediaType,
            gzip = without is { IsGzip: true } ? 1 : 0,
        };
        const string Free = $"{OfArrival} AND (claimed_until_ns <= @nowNs OR failure IS NOT NULL)";
        if (await transaction.ScalarAsync<long?>($"SELECT bytes FROM arrivals WHERE {Free} {ForUpdate}", parameters) is null)
            return await transaction.ScalarAsync<long>("SELECT COUNT(*) FROM arrivals WHERE tenant = @tenant AND arrival_id = @id AND object_key = @key", parameters) > 0;
        // The new key is spent as it is named: a sweep that comes later leaves its object for as long as it is named, and one that came before keeps it from being named.
        if (without is not null && (!StoreNames.TryReadArrivalObject(without.ObjectKey, out var name) || !await TrySpendAsync(transaction, name)))
            throw new StoreUnavailableException($"cannot name object '{without.ObjectKey}': it was swept before");
        await transaction.ExecuteAsync(
            without is null ? $"DELETE FROM arrivals WHERE {OfArrival}" : $"UPDATE arrivals SET object_key = @key, bytes = @bytes, media_type = @media, is_gzip = @gzip WHERE {OfArrival}", parameters);
        await DoomAsync(transaction, arrival.Tenant, [arrival.ObjectKey]);
        await AddCountsAsync(transaction, arrival.Tenant, erasureId, taken);
        return true;
    }, cancellation);

    public Task RetryArrivalsAsync(int reader, CancellationToken cancellation) => WriteAsync(transaction => transaction.ExecuteAsync(
        "UPDATE arrivals SET claimed_until_ns = 0, attempts = 0, failed_by = NULL, failure = NULL WHERE failed_by < @reader", new { reader }), cancellation);

    public Task<IReadOnlyList<ArrivalRow>> ReadArrivalsAsync(Tenant tenant, CancellationToken cancellation) => ReadAsync<IReadOnlyList<ArrivalRow>>(async transaction => await transaction.ReadAsync(
        $"SELECT {ArrivalColumns} FROM arrivals WHERE tenant = @tenant AND {NotSpent} ORDER BY received_ns, arrival_id", new { tenant = tenant.Name }, Arrival), cancellation);

    public Task<ArrivalTotals> ReadArrivalTotalsAsync(Tenant tenant, CancellationToken cancellation) => ReadAsync(async transaction => (await transaction.ReadAsync(
        $"SELECT COUNT(*), COUNT(failure), COALESCE(SUM(bytes), 0) FROM arrivals WHERE tenant = @tenant AND {NotSpent}", new { tenant = tenant.Name },
        row => new ArrivalTotals(row.GetInt64(0) - row.GetInt64(1), row.GetInt64(1), row.GetInt64(2)))).Single(), cancellation);

    public Task<string?> FindResourceAsync(Tenant tenant, Guid processId, CancellationToken cancellation) => ReadAsync(async transaction =>
        await transaction.ScalarAsync<byte[]>("SELECT digest FROM resources WHERE tenant = @tenant AND process_id = @process", new { tenant = tenant.Name, process = RowReading.Bytes(processId) })
            is { } digest ? Convert.ToHexStringLower(digest) : null, cancellation);

    public Task<ResourceRow> AddResourceAsync(Tenant tenant, ResourceRow resource, long receivedNs, CancellationToken cancellation) => WriteAsync(async transaction =>
    {
        if (await IsErasedAsync(transaction, tenant, resource, receivedNs) && await ErasureKeysAsync(transaction, tenant) is { } keys)
        {
            await AddTombstoneAsync(transaction, tenant, keys.DigestOf(resource.ProcessId), TombstoneKind.Process);
            return resource;
        }
        var parameters = new
        {
            tenant = tenant.Name,
            digest = resource.Digest.ToArray(),
            process = RowReading.Bytes(resource.ProcessId),
            traces = RowReading.Bytes(resource.TraceStreamId),
            metrics = RowReading.Bytes(resource.MetricStreamId),
            logs = RowReading.Bytes(resource.LogStreamId),
            resource.StartNs,
        };
        await transaction.ExecuteAsync(
            $"""
            INSERT INTO resources (tenant, digest, process_id, trace_stream_id, metric_stream_id, log_stream_id, start_ns)
            VALUES (@tenant, @digest, @process, @traces, @metrics, @logs, @StartNs)
            {OrLeave("resources")}
            """, parameters);
        return (await transaction.ReadAsync(
            "SELECT digest, process_id, trace_stream_id, metric_stream_id, log_stream_id, start_ns FROM resources WHERE tenant = @tenant AND digest = @digest", parameters,
            row => new ResourceRow(row.GetFieldValue<byte[]>(0), RowReading.Id(row, 1), RowReading.Id(row, 2), RowReading.Id(row, 3), RowReading.Id(row, 4), row.GetInt64(5)))).Single();
    }, cancellation);

    static async Task<bool> IsErasedAsync(CatalogTransaction transaction, Tenant tenant, ResourceRow resource, long receivedNs) => await transaction.ScalarAsync<long>(
        "SELECT COUNT(*) FROM erasures WHERE tenant = @tenant AND kind = @kind AND rewritten_ns IS NULL AND value = @digest AND requested_ns >= @receivedNs",
        new { tenant = tenant.Name, kind = (int)ErasureKind.Process, digest = Convert.ToHexStringLower(resource.Digest.Span), receivedNs }) > 0;

    public Task<string> AddRedactionKeyAsync(Tenant tenant, string key, CancellationToken cancellation) => WriteAsync(async transaction =>
    {
        var parameters = new { tenant = tenant.Name, key };
        await transaction.ExecuteAsync($"INSERT INTO redaction_keys (tenant, hash_key) VALUES (@tenant, @key) {OrLeave("redaction_keys")}", parameters);
        return (await transaction.ScalarAsync<string>("SELECT hash_key FROM redaction_keys WHERE tenant = @tenant", parameters))!;
    }, cancellation);

    static ArrivalRow Arrival(DbDataReader row) => new()
    {
        Tenant = new Tenant(row.GetString(0)),
        ArrivalId = RowReading.Id(row, 1),
        Signal = (ExportSignal)row.GetInt32(2),
        MediaType = row.GetString(3),
        IsGzip = row.GetInt32(4) != 0,
        ObjectKey = row.GetString(5),
        Bytes = row.GetInt32(6),
        ReceivedNs = row.GetInt64(7),
        Attempts = row.GetInt32(8),
        Failure = row.IsDBNull(9) ? null : row.GetString(9),
    };
}
