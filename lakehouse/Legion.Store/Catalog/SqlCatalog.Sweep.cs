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

    public Task<IReadOnlySet<string>> FindLivingArrivalsAsync(ArrivalObjectName of, IReadOnlyCollection<string> keys, CancellationToken cancellation) =>
        ReadAsync<IReadOnlySet<string>>(async transaction => (await transaction.ReadAsync(
            "SELECT object_key FROM arrivals WHERE tenant = @tenant AND object_key IN @keys", new { tenant = of.Tenant.Name, keys }, row => row.GetString(0))).ToHashSet(), cancellation);

    public Task<bool> SpendArrivalAsync(ArrivalObjectName name, CancellationToken cancellation) => WriteAsync(async transaction =>
        await TrySpendAsync(transaction, name)
        // The row is the arrival's own, or one that spends the key: of an object that some arrival was given, or that was about to be swept before.
        || await transaction.ScalarAsync<long>("SELECT COUNT(*) FROM arrivals WHERE tenant = @tenant AND object_key = @key",
            new { tenant = name.Tenant.Name, key = StoreNames.ArrivalObject(name) }) == 0, cancellation);

    /// <summary>Inserts the row that spends a key of an arrival's object.</summary>
    /// <returns>False where it is there already, or the arrival's.</returns>
    async Task<bool> TrySpendAsync(CatalogTransaction transaction, ArrivalObjectName name) => await transaction.ExecuteAsync(
        $"""
        INSERT INTO arrivals ({ArrivalColumns}, claimed_until_ns)
        VALUES (@tenant, @id, 0, '', 0, '', 0, 0, 0, NULL, @never)
        {OrLeave("arrivals")}
        """, new { tenant = name.Tenant.Name, id = RowReading.Bytes(name.ObjectId), never = long.MaxValue }) > 0;

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
