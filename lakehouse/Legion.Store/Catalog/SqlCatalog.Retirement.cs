namespace Legion.Store;

public abstract partial class SqlCatalog
{
    public Task<IReadOnlyList<ViewVersion>> ReadViewVersionsAsync(Tenant tenant, long builtBeforeNs, CancellationToken cancellation) => ReadAsync<IReadOnlyList<ViewVersion>>(async transaction =>
        await transaction.ReadAsync(
            """
            SELECT view, schema_version, SUM(CASE WHEN path = '' THEN 0 ELSE 1 END), SUM(CASE WHEN path = '' THEN 0 ELSE bytes END)
            FROM partitions WHERE tenant = @tenant AND built_at_ns < @builtBeforeNs GROUP BY view, schema_version ORDER BY view, schema_version
            """,
            new { tenant = tenant.Name, builtBeforeNs }, row => new ViewVersion(row.GetString(0), row.GetInt32(1), row.GetInt64(2), row.GetInt64(3))), cancellation);

    public Task RetirePartitionsAsync(Tenant tenant, string view, int schemaVersion, long builtBeforeNs, long nowNs, CancellationToken cancellation)
    {
        const string Which = "tenant = @tenant AND view = @view AND schema_version = @schemaVersion AND built_at_ns < @builtBeforeNs";
        var parameters = new { tenant = tenant.Name, view, schemaVersion, builtBeforeNs, nowNs };
        return WriteAsync(async transaction =>
        {
            await transaction.ExecuteAsync($"DELETE FROM partitions WHERE {Which} AND path = ''", parameters);
            // Of no blocks that anybody has: to a program that still reads this version it is stale.
            await transaction.ExecuteAsync(
                $"UPDATE partitions SET generation = generation + 1, row_count = 0, bytes = 0, built_at_ns = @nowNs, path = '', details = '{{}}' WHERE {Which}", parameters);
            return true;
        }, cancellation);
    }
}
