using Legion.Format;

namespace Legion.Store;

public abstract partial class SqlCatalog
{
    const string Expired = "tenant = @tenant AND class = @streamClass AND bucket < @bucket";

    public Task<IReadOnlyList<RetentionRule>> ReadRetentionAsync(Tenant? tenant, CancellationToken cancellation) => ReadAsync<IReadOnlyList<RetentionRule>>(async transaction =>
        await transaction.ReadAsync("SELECT tenant, class, days FROM retention WHERE @tenant IS NULL OR tenant = @tenant ORDER BY tenant, class", new { tenant = tenant?.Name },
            row => new RetentionRule(new Tenant(row.GetString(0)), (StreamClass)row.GetInt32(1), row.GetInt32(2))), cancellation);

    public Task SetRetentionAsync(Tenant tenant, StreamClass streamClass, int? days, CancellationToken cancellation) => WriteAsync(async transaction =>
    {
        var parameters = new { tenant = tenant.Name, streamClass = (int)streamClass, days };
        await transaction.ExecuteAsync("DELETE FROM retention WHERE tenant = @tenant AND class = @streamClass", parameters);
        if (days is not null) await transaction.ExecuteAsync("INSERT INTO retention (tenant, class, days) VALUES (@tenant, @streamClass, @days)", parameters);
        return true;
    }, cancellation);

    public Task<IReadOnlyList<Guid>> FindExpiredAsync(Tenant tenant, StreamClass streamClass, int firstDay, CancellationToken cancellation) => ReadAsync<IReadOnlyList<Guid>>(async transaction =>
        await transaction.ReadAsync($"SELECT DISTINCT process_id FROM blocks WHERE {Expired}", ExpiredParameters(tenant, streamClass, firstDay), row => RowReading.Id(row, 0)), cancellation);

    public Task<RetentionTotals> ExpireBlocksAsync(Tenant tenant, Guid processId, StreamClass streamClass, int firstDay, CancellationToken cancellation) => WriteAsync(async transaction =>
    {
        if (await LockAsync(transaction, tenant, processId) is not { } version) return default;
        var parameters = ExpiredParameters(tenant, streamClass, firstDay, processId);
        const string OfProcess = $"{Expired} AND process_id = @process";
        var blocks = await transaction.ScalarAsync<long>($"SELECT COUNT(*) FROM blocks WHERE {OfProcess}", parameters);
        if (blocks == 0) return default;
        var bytes = await transaction.ScalarAsync<long>($"SELECT COALESCE(SUM(bytes), 0) FROM blocks WHERE {OfProcess}", parameters);
        var objects = await transaction.ReadAsync($"SELECT DISTINCT object_key FROM blocks WHERE {OfProcess}", parameters, row => row.GetString(0));
        await transaction.ExecuteAsync($"DELETE FROM quarantine WHERE tenant = @tenant AND block_id IN (SELECT block_id FROM blocks WHERE {OfProcess})", parameters);
        await transaction.ExecuteAsync($"DELETE FROM blocks WHERE {OfProcess}", parameters);
        await SpendAsync(transaction, tenant, objects);
        var removed = await RemovedVersionAsync(transaction, tenant, processId) ?? 0;
        await RemovedAsync(transaction, tenant, processId, version + 1);
        await KeepCoversAsync(transaction, tenant, processId, streamClass, firstDay, removed, version + 1);
        return new RetentionTotals(0, blocks, bytes, objects.Count, 0);
    }, cancellation);

    public Task<long> ExpireProcessesAsync(Tenant tenant, long seenBeforeNs, CancellationToken cancellation) => WriteAsync(async transaction =>
    {
        var found = await transaction.ReadAsync(
            """
            SELECT process_id FROM processes WHERE tenant = @tenant AND last_seen_ns < @seenBeforeNs AND registered_ns < @seenBeforeNs
              AND NOT EXISTS (SELECT 1 FROM blocks WHERE blocks.tenant = processes.tenant AND blocks.process_id = processes.process_id)
            ORDER BY process_id
            """, new { tenant = tenant.Name, seenBeforeNs }, row => RowReading.Id(row, 0));
        var removed = 0L;
        foreach (var processId in found)
        {
            await LockAsync(transaction, tenant, processId);
            var blocks = await transaction.ScalarAsync<long>("SELECT COUNT(*) FROM blocks WHERE tenant = @tenant AND process_id = @process", new { tenant = tenant.Name, process = RowReading.Bytes(processId) });
            if (blocks > 0) continue; // some came meanwhile
            await RemoveProcessAsync(transaction, tenant, processId);
            removed++;
        }
        return removed;
    }, cancellation);

    public abstract Task<int> DropBucketsAsync(StreamClass streamClass, int firstDay, CancellationToken cancellation);

    static object ExpiredParameters(Tenant tenant, StreamClass streamClass, int firstDay, Guid processId = default) =>
        new { tenant = tenant.Name, streamClass = (int)streamClass, bucket = Bucket(firstDay, 0), process = RowReading.Bytes(processId) };
}
