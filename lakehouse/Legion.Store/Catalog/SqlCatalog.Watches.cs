namespace Legion.Store;

public abstract partial class SqlCatalog
{
    public Task WatchAsync(Tenant tenant, Guid processId, long untilNs, long nowNs, CancellationToken cancellation)
    {
        var parameters = new { tenant = tenant.Name, process = RowReading.Bytes(processId), untilNs, nowNs };
        return WriteAsync(async transaction =>
        {
            await transaction.ExecuteAsync("DELETE FROM watches WHERE tenant = @tenant AND until_ns <= @nowNs", parameters);
            await transaction.ExecuteAsync(
                $"INSERT INTO watches (tenant, process_id, until_ns) SELECT tenant, process_id, @untilNs FROM processes WHERE tenant = @tenant AND process_id = @process AND end_ns IS NULL {OrLeave("watches")}",
                parameters);
            await transaction.ExecuteAsync("UPDATE watches SET until_ns = @untilNs WHERE tenant = @tenant AND process_id = @process AND until_ns < @untilNs", parameters);
            return true;
        }, cancellation);
    }

    public Task<IReadOnlyList<Guid>> ReadWatchedAsync(Tenant tenant, long nowNs, CancellationToken cancellation) => LookAsync<IReadOnlyList<Guid>>(async look => await look.ReadAsync(
        "SELECT process_id FROM watches WHERE tenant = @tenant AND until_ns > @nowNs ORDER BY process_id", new { tenant = tenant.Name, nowNs }, row => RowReading.Id(row, 0)), cancellation);
}
