using System.Data.Common;
using Legion.Format;

namespace Legion.Store;

public abstract partial class SqlCatalog
{
    const string ErasureColumns = "erasure_id, kind, property, value, digest, requested_ns, position, rewritten_ns, finished_ns, processes, blocks, events, receipt";

    const string OfErasure = "tenant = @tenant AND erasure_id = @erasure";

    /// <summary>Ends a SELECT of blocks that everybody may see.</summary>
    const string NotQuarantined = "block_id NOT IN (SELECT block_id FROM quarantine WHERE tenant = @tenant)";

    /// <summary>Statements, so that the database may run them one by one.</summary>
    private protected abstract Task PurgeAsync(IReadOnlyList<string> tables, CancellationToken cancellation);

    public Task PurgeAsync(CancellationToken cancellation) =>
        PurgeAsync(["processes", "streams", "blocks", "objects", "slots", "partitions", "claims", "leases", "erasures", "doomed", "quarantine", "arrivals", "resources", "saved_queries", "query_audit", "annotations", "global_views", "global_processes", "policies", "policy_covers", "links", "watches", "reports", "report_processes"], cancellation);

    public Task<ErasureKeys?> ReadErasureKeysAsync(Tenant tenant, CancellationToken cancellation) => ReadAsync(transaction => ErasureKeysAsync(transaction, tenant), cancellation);

    public Task KeepErasureKeysAsync(Tenant tenant, ErasureKeys keys, CancellationToken cancellation) => WriteAsync(transaction => transaction.ExecuteAsync(
        $"INSERT INTO erasure_keys (tenant, hash_key, signing_key) VALUES (@tenant, @hash, @signing) {OrLeave("erasure_keys")}",
        new { tenant = tenant.Name, hash = keys.HashKey.ToArray(), signing = keys.SigningKey.ToArray() }), cancellation);

    public Task BeginErasureAsync(Tenant tenant, ErasureRow erasure, IReadOnlyCollection<Guid> processes, CancellationToken cancellation) => WriteAsync(async transaction =>
    {
        var inserted = await transaction.ExecuteAsync(
            $"""
            INSERT INTO erasures (tenant, {ErasureColumns})
            VALUES (@tenant, @erasure, @kind, @Property, @Value, @digest, @RequestedNs, NULL, NULL, NULL, 0, 0, 0, NULL) {OrLeave("erasures")}
            """,
            new
            {
                tenant = tenant.Name,
                erasure = RowReading.Bytes(erasure.ErasureId),
                kind = (int)erasure.Kind,
                erasure.Property,
                erasure.Value,
                digest = erasure.Digest.ToArray(),
                erasure.RequestedNs,
            });
        if (inserted == 0)
        {
            // Who does it again out of the ledger may have been faster than who asked for it, and knows the digest alone.
            if (erasure.Value is not null)
                await transaction.ExecuteAsync($"UPDATE erasures SET value = @Value WHERE {OfErasure} AND value IS NULL AND rewritten_ns IS NULL", new { tenant = tenant.Name, erasure = RowReading.Bytes(erasure.ErasureId), erasure.Value });
            return true;
        }
        if (erasure.Kind == ErasureKind.Process) await AddTombstoneAsync(transaction, tenant, erasure.Digest, TombstoneKind.Process);
        await EraseAsync(transaction, tenant, erasure.ErasureId, processes);
        return true;
    }, cancellation);

    public Task<IReadOnlyList<Property>> FindHiddenAsync(Tenant tenant, CancellationToken cancellation) => ReadAsync<IReadOnlyList<Property>>(async transaction => await transaction.ReadAsync(
        "SELECT property, value FROM erasures WHERE tenant = @tenant AND kind = @kind AND rewritten_ns IS NULL AND value IS NOT NULL",
        new { tenant = tenant.Name, kind = (int)ErasureKind.Property }, row => new Property(row.GetString(0), row.GetString(1))), cancellation);

    public Task EraseProcessesAsync(Tenant tenant, Guid erasureId, IReadOnlyCollection<Guid> processes, CancellationToken cancellation) => WriteAsync(async transaction =>
    {
        await EraseAsync(transaction, tenant, erasureId, processes);
        return true;
    }, cancellation);

    public Task<IReadOnlyList<ErasureRow>> ReadErasuresAsync(Tenant tenant, CancellationToken cancellation) => ReadAsync<IReadOnlyList<ErasureRow>>(async transaction =>
        await transaction.ReadAsync($"SELECT {ErasureColumns} FROM erasures WHERE tenant = @tenant ORDER BY requested_ns, erasure_id", new { tenant = tenant.Name }, Erasure), cancellation);

    public Task<IReadOnlyList<Tenant>> FindErasingTenantsAsync(CancellationToken cancellation) => ReadAsync<IReadOnlyList<Tenant>>(async transaction => await transaction.ReadAsync(
        "SELECT tenant FROM erasures WHERE finished_ns IS NULL UNION SELECT tenant FROM doomed UNION SELECT tenant FROM quarantine ORDER BY tenant", new { },
        row => new Tenant(row.GetString(0))), cancellation);

    public Task<IReadOnlySet<Guid>> FindRewrittenBlocksAsync(Tenant tenant, IReadOnlyCollection<Guid> blockIds, CancellationToken cancellation) =>
        ReadAsync<IReadOnlySet<Guid>>(async transaction => await FindTombstonesAsync(transaction, tenant, TombstoneKind.Block, blockIds), cancellation);

    static async Task<HashSet<Guid>> FindTombstonesAsync(CatalogTransaction transaction, Tenant tenant, TombstoneKind kind, IReadOnlyCollection<Guid> ids)
    {
        var found = new HashSet<Guid>();
        if (ids.Count == 0 || await ErasureKeysAsync(transaction, tenant) is not { } keys) return found;
        foreach (var id in ids)
            if (await HasTombstoneAsync(transaction, tenant, keys, kind, id)) found.Add(id);
        return found;
    }

    public Task CleanStreamAsync(Tenant tenant, Guid streamId, string properties, CancellationToken cancellation) => WriteAsync(transaction => transaction.ExecuteAsync(
        "UPDATE streams SET properties = @properties WHERE tenant = @tenant AND stream_id = @stream", new { tenant = tenant.Name, stream = RowReading.Bytes(streamId), properties }), cancellation);

    public Task AdvanceErasureAsync(Tenant tenant, Guid erasureId, Guid position, ErasureCounts taken, CancellationToken cancellation) => WriteAsync(async transaction =>
    {
        var parameters = new { tenant = tenant.Name, erasure = RowReading.Bytes(erasureId), position = RowReading.Bytes(position) };
        // Where this ran before, the position is there and the counts are added.
        if (await transaction.ScalarAsync<long>($"SELECT COUNT(*) FROM erasures WHERE {OfErasure} AND position = @position", parameters) > 0) return true;
        await AddCountsAsync(transaction, tenant, erasureId, taken);
        await transaction.ExecuteAsync($"UPDATE erasures SET position = @position WHERE {OfErasure}", parameters);
        return true;
    }, cancellation);

    public Task EndRewritingAsync(Tenant tenant, Guid erasureId, long nowNs, CancellationToken cancellation) => WriteAsync(transaction => transaction.ExecuteAsync(
        $"UPDATE erasures SET value = NULL, position = NULL, rewritten_ns = @nowNs WHERE {OfErasure} AND rewritten_ns IS NULL",
        new { tenant = tenant.Name, erasure = RowReading.Bytes(erasureId), nowNs }), cancellation);

    public Task FinishErasureAsync(Tenant tenant, Guid erasureId, string receipt, long nowNs, CancellationToken cancellation) => WriteAsync(transaction => transaction.ExecuteAsync(
        $"UPDATE erasures SET receipt = @receipt, finished_ns = @nowNs WHERE {OfErasure} AND finished_ns IS NULL",
        new { tenant = tenant.Name, erasure = RowReading.Bytes(erasureId), receipt, nowNs }), cancellation);

    public Task<IReadOnlyList<string>> ReadDoomedAsync(Tenant tenant, CancellationToken cancellation) => ReadAsync<IReadOnlyList<string>>(async transaction =>
        await transaction.ReadAsync("SELECT object_key FROM doomed WHERE tenant = @tenant ORDER BY object_key", new { tenant = tenant.Name }, row => row.GetString(0)), cancellation);

    public Task ForgetDoomedAsync(Tenant tenant, IReadOnlyCollection<string> keys, CancellationToken cancellation) => WriteAsync(async transaction =>
    {
        foreach (var key in keys) await transaction.ExecuteAsync("DELETE FROM doomed WHERE tenant = @tenant AND object_key = @key", new { tenant = tenant.Name, key });
        return true;
    }, cancellation);

    /// <summary>
    /// Removes processes with all that is theirs, and leaves a tombstone of each. The tombstone comes first: who registers a process looks for one after he has written its row,
    /// so that one of the two sees the other.
    /// </summary>
    async Task EraseAsync(CatalogTransaction transaction, Tenant tenant, Guid erasureId, IReadOnlyCollection<Guid> processes)
    {
        var keys = await ErasureKeysAsync(transaction, tenant) ?? throw new InvalidOperationException($"expected keys of the erasures of tenant '{tenant}' to be kept before the first, saw none");
        foreach (var processId in processes.Order())
        {
            await AddTombstoneAsync(transaction, tenant, keys.DigestOf(processId), TombstoneKind.Process);
            if (await LockAsync(transaction, tenant, processId) is null) continue;
            await AddCountsAsync(transaction, tenant, erasureId, await RemoveProcessAsync(transaction, tenant, processId));
        }
    }

    /// <summary>Removes a process that is locked, and dooms its objects. Those that nobody named yet, and now nobody will, are swept.</summary>
    async Task<ErasureCounts> RemoveProcessAsync(CatalogTransaction transaction, Tenant tenant, Guid processId)
    {
        var parameters = new { tenant = tenant.Name, process = RowReading.Bytes(processId) };
        const string OfProcess = "tenant = @tenant AND process_id = @process";
        var counts = new ErasureCounts(1, await transaction.ScalarAsync<long>($"SELECT COUNT(*) FROM blocks WHERE {OfProcess}", parameters),
            await transaction.ScalarAsync<long>($"SELECT COALESCE(SUM(events), 0) FROM blocks WHERE {OfProcess}", parameters));
        var objects = await transaction.ReadAsync($"SELECT DISTINCT object_key FROM blocks WHERE {OfProcess}", parameters, row => row.GetString(0));
        objects.AddRange(await ObjectsWithDeadAsync(transaction, tenant, processId));
        await SpendAsync(transaction, tenant, objects);
        await DropPartitionsAsync(transaction, tenant, processId);
        foreach (var table in (string[])["blocks", "quarantine", "streams", "slots", "claims", "commands", "watches", "resources", "annotations", "processes"])
            await transaction.ExecuteAsync($"DELETE FROM {table} WHERE {OfProcess}", parameters);
        await transaction.ExecuteAsync($"{EmptyLinks} WHERE {OfProcess}", parameters);
        await EmptyReportsOfAsync(transaction, tenant, processId);
        return counts;
    }

    /// <summary>Drops all partitions of a process and dooms their files.</summary>
    async Task DropPartitionsAsync(CatalogTransaction transaction, Tenant tenant, Guid processId)
    {
        var parameters = new { tenant = tenant.Name, process = RowReading.Bytes(processId) };
        await DoomAsync(transaction, tenant, await transaction.ReadAsync(
            $"SELECT path FROM partitions WHERE tenant = @tenant AND process_id = @process AND path <> '' {ForUpdate}", parameters, row => row.GetString(0)));
        await transaction.ExecuteAsync("DELETE FROM partitions WHERE tenant = @tenant AND process_id = @process", parameters);
    }

    /// <summary>Dooms objects of blocks. Their rows stay without bytes: nobody can name them any more.</summary>
    async Task SpendAsync(CatalogTransaction transaction, Tenant tenant, IReadOnlyCollection<string> objects)
    {
        foreach (var key in objects.Distinct().Order(StringComparer.Ordinal))
            await transaction.ExecuteAsync("UPDATE objects SET bytes = 0, dead = NULL WHERE tenant = @tenant AND object_key = @key", new { tenant = tenant.Name, key });
        await DoomAsync(transaction, tenant, objects);
    }

    async Task DoomAsync(CatalogTransaction transaction, Tenant tenant, IReadOnlyCollection<string> keys)
    {
        foreach (var key in keys.Distinct().Order(StringComparer.Ordinal))
            await transaction.ExecuteAsync($"INSERT INTO doomed (tenant, object_key) VALUES (@tenant, @key) {OrLeave("doomed")}", new { tenant = tenant.Name, key });
    }

    Task<int> AddTombstoneAsync(CatalogTransaction transaction, Tenant tenant, ReadOnlyMemory<byte> digest, TombstoneKind kind) => transaction.ExecuteAsync(
        $"INSERT INTO tombstones (tenant, digest, kind) VALUES (@tenant, @digest, @kind) {OrLeave("tombstones")}", new { tenant = tenant.Name, digest = digest.ToArray(), kind = (int)kind });

    static async Task<bool> HasTombstoneAsync(CatalogTransaction transaction, Tenant tenant, ErasureKeys keys, TombstoneKind kind, Guid id) => await transaction.ScalarAsync<long>(
        "SELECT COUNT(*) FROM tombstones WHERE tenant = @tenant AND digest = @digest AND kind = @kind", new { tenant = tenant.Name, digest = keys.DigestOf(id), kind = (int)kind }) > 0;

    static Task<int> AddCountsAsync(CatalogTransaction transaction, Tenant tenant, Guid erasureId, ErasureCounts taken) => transaction.ExecuteAsync(
        $"UPDATE erasures SET processes = processes + @Processes, blocks = blocks + @Blocks, events = events + @Events WHERE {OfErasure}",
        new { tenant = tenant.Name, erasure = RowReading.Bytes(erasureId), taken.Processes, taken.Blocks, taken.Events });

    static async Task<ErasureKeys?> ErasureKeysAsync(CatalogTransaction transaction, Tenant tenant) =>
        (await transaction.ReadAsync("SELECT hash_key, signing_key FROM erasure_keys WHERE tenant = @tenant", new { tenant = tenant.Name },
            row => new ErasureKeys { HashKey = row.GetFieldValue<byte[]>(0), SigningKey = row.GetFieldValue<byte[]>(1) })).SingleOrDefault();

    static ErasureRow Erasure(DbDataReader row) => new()
    {
        ErasureId = RowReading.Id(row, 0),
        Kind = (ErasureKind)row.GetInt32(1),
        Property = row.GetString(2),
        Value = row.IsDBNull(3) ? null : row.GetString(3),
        Digest = row.GetFieldValue<byte[]>(4),
        RequestedNs = row.GetInt64(5),
        Position = row.IsDBNull(6) ? null : RowReading.Id(row, 6),
        RewrittenNs = row.IsDBNull(7) ? null : row.GetInt64(7),
        FinishedNs = row.IsDBNull(8) ? null : row.GetInt64(8),
        Counts = new ErasureCounts(row.GetInt64(9), row.GetInt64(10), row.GetInt64(11)),
        Receipt = row.IsDBNull(12) ? null : row.GetString(12),
    };
}
