namespace Legion.Store;

public abstract partial class SqlCatalog
{
    /// <summary>Through the bucket, which is a partition of the table or the begin of its key, and the process.</summary>
    const string OfObjects = "FROM blocks WHERE bucket = @bucket AND tenant = @tenant AND process_id = @process AND object_key IN @keys";

    public Task<IReadOnlySet<string>> FindLivingObjectsAsync(BlocksObjectName of, IReadOnlyCollection<string> keys, CancellationToken cancellation) =>
        ReadAsync<IReadOnlySet<string>>(async transaction => (await transaction.ReadAsync($"SELECT DISTINCT object_key {OfObjects}", Parameters(of, keys), row => row.GetString(0))).ToHashSet(), cancellation);

    public Task<bool> SpendObjectAsync(BlocksObjectName name, CancellationToken cancellation)
    {
        var parameters = Parameters(name, [StoreNames.BlocksObject(name)]);
        return WriteAsync(async transaction =>
        {
            // No row: the object was put and never named. Where somebody is about to name it, this waits for the outcome.
            if (await transaction.ExecuteAsync($"INSERT INTO objects (tenant, object_key, bytes, dead) VALUES (@tenant, @key, 0, NULL) {OrLeave("objects")}", parameters) > 0) return true;
            // A row: blocks are named together with their object or, where they lost against others, never.
            if (await transaction.ScalarAsync<long>($"SELECT COUNT(*) {OfObjects}", parameters) > 0) return false;
            await transaction.ExecuteAsync("UPDATE objects SET bytes = 0, dead = NULL WHERE tenant = @tenant AND object_key = @key", parameters);
            return true;
        }, cancellation);
    }

    static Task<bool> IsSpentAsync(CatalogTransaction transaction, Tenant tenant, string objectKey) => transaction.ScalarAsync<bool>(
        "SELECT COUNT(*) FROM objects WHERE tenant = @tenant AND object_key = @objectKey AND bytes = 0", new { tenant = tenant.Name, objectKey });

    static object Parameters(BlocksObjectName of, IReadOnlyCollection<string> keys) => new
    {
        tenant = of.Tenant.Name,
        bucket = Bucket(of.Day, of.Class),
        process = RowReading.Bytes(of.ProcessId),
        keys,
        key = keys.First(),
    };
}
