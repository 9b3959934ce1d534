using System.Data.Common;

namespace Legion.Store;

public abstract partial class SqlCatalog
{
    const string ArrivalColumns = "tenant, arrival_id, signal_kind, media_type, is_gzip, object_key, bytes, received_ns, attempts, failure";

    public Task AddArrivalAsync(ArrivalRow arrival, CancellationToken cancellation) => WriteAsync(transaction => transaction.ExecuteAsync(
        $"""
        INSERT INTO arrivals ({ArrivalColumns}, claimed_until_ns)
        VALUES (@tenant, @id, @signal, @MediaType, @gzip, @ObjectKey, @Bytes, @ReceivedNs, 0, NULL, 0)
        {OrLeave("arrivals")}
        """,
        new
        {
            tenant = arrival.Tenant.Name,
            id = RowReading.Bytes(arrival.ArrivalId),
            signal = (int)arrival.Signal,
            arrival.MediaType,
            gzip = arrival.IsGzip ? 1 : 0,
            arrival.ObjectKey,
            arrival.Bytes,
            arrival.ReceivedNs,
        }), cancellation);

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

    public Task RemoveArrivalAsync(Tenant tenant, Guid arrivalId, CancellationToken cancellation) => WriteAsync(transaction => transaction.ExecuteAsync(
        "DELETE FROM arrivals WHERE tenant = @tenant AND arrival_id = @id", new { tenant = tenant.Name, id = RowReading.Bytes(arrivalId) }), cancellation);

    // Claimed for good, so that who looks for work passes over it.
    public Task FailArrivalAsync(Tenant tenant, Guid arrivalId, int reader, string failure, CancellationToken cancellation) => WriteAsync(transaction => transaction.ExecuteAsync(
        "UPDATE arrivals SET claim = NULL, claimed_until_ns = @never, failed_by = @reader, failure = @failure WHERE tenant = @tenant AND arrival_id = @id",
        new { tenant = tenant.Name, id = RowReading.Bytes(arrivalId), never = long.MaxValue, reader, failure }), cancellation);

    public Task RetryArrivalsAsync(int reader, CancellationToken cancellation) => WriteAsync(transaction => transaction.ExecuteAsync(
        "UPDATE arrivals SET claimed_until_ns = 0, attempts = 0, failed_by = NULL, failure = NULL WHERE failed_by < @reader", new { reader }), cancellation);

    public Task<IReadOnlyList<ArrivalRow>> ReadArrivalsAsync(Tenant tenant, CancellationToken cancellation) => ReadAsync<IReadOnlyList<ArrivalRow>>(async transaction => await transaction.ReadAsync(
        $"SELECT {ArrivalColumns} FROM arrivals WHERE tenant = @tenant ORDER BY received_ns, arrival_id", new { tenant = tenant.Name }, Arrival), cancellation);

    public Task<ArrivalTotals> ReadArrivalTotalsAsync(Tenant tenant, CancellationToken cancellation) => ReadAsync(async transaction => (await transaction.ReadAsync(
        "SELECT COUNT(*), COUNT(failure), COALESCE(SUM(bytes), 0) FROM arrivals WHERE tenant = @tenant", new { tenant = tenant.Name },
        row => new ArrivalTotals(row.GetInt64(0) - row.GetInt64(1), row.GetInt64(1), row.GetInt64(2)))).Single(), cancellation);

    public Task<ResourceRow> AddResourceAsync(Tenant tenant, ResourceRow resource, CancellationToken cancellation) => WriteAsync(async transaction =>
    {
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
