using Legion.Format;

namespace Legion.Store;

public abstract partial class SqlCatalog
{
    /// <summary>Names one partition.</summary>
    const string OfPartition = "tenant = @tenant AND view = @View AND process_id = @process AND slot = @Slot";

    public Task<IReadOnlyList<SlotCut>> ReadSlotsAsync(Tenant tenant, Guid processId, CancellationToken cancellation) =>
        ReadAsync<IReadOnlyList<SlotCut>>(async transaction => await transaction.ReadAsync(
            "SELECT slot, begin_ns, removed_version FROM slots WHERE tenant = @tenant AND process_id = @process ORDER BY slot",
            new { tenant = tenant.Name, process = RowReading.Bytes(processId) },
            row => new SlotCut(row.GetInt32(0), row.GetInt64(1), row.GetInt64(2))), cancellation);

    public Task<bool> AddSlotAsync(Tenant tenant, Guid processId, int slot, long beginNs, CancellationToken cancellation) => WriteAsync(async transaction =>
        await transaction.ExecuteAsync(
            $"INSERT INTO slots (tenant, process_id, slot, begin_ns, removed_version) VALUES (@tenant, @process, @slot, @beginNs, 0) {OrLeave("slots")}",
            new { tenant = tenant.Name, process = RowReading.Bytes(processId), slot, beginNs }) > 0, cancellation);

    public Task<IReadOnlyList<PartitionRow>> ReadPartitionsAsync(Tenant tenant, string? view, IReadOnlyCollection<Guid>? processIds, CancellationToken cancellation) =>
        ReadAsync<IReadOnlyList<PartitionRow>>(async transaction => await transaction.ReadByIdsAsync(
            $"SELECT {RowReading.PartitionColumns} FROM partitions WHERE tenant = @tenant AND (@view IS NULL OR view = @view) AND {{ids}} ORDER BY process_id, view, slot",
            "process_id", tenant, processIds, RowReading.Partition, new { view }), cancellation);

    public Task<bool> ClaimPartitionAsync(Tenant tenant, PartitionKey key, string claimant, long leaseNs, long nowNs, CancellationToken cancellation)
    {
        var parameters = new { tenant = tenant.Name, key.View, process = RowReading.Bytes(key.ProcessId), key.Slot, claimant, until = nowNs + leaseNs, nowNs };
        return WriteAsync(async transaction =>
        {
            var inserted = await transaction.ExecuteAsync(
                $"INSERT INTO claims (tenant, view, process_id, slot, claimed_by, claimed_until_ns) VALUES (@tenant, @View, @process, @Slot, @claimant, @until) {OrLeave("claims")}",
                parameters);
            if (inserted > 0) return true;
            await transaction.ExecuteAsync(
                $"UPDATE claims SET claimed_by = @claimant, claimed_until_ns = @until WHERE {OfPartition} AND (claimed_by = @claimant OR claimed_until_ns <= @nowNs)", parameters);
            // Whose it is now, and not the number of rows updated: some databases count no row whose values stay the same.
            return await transaction.ScalarAsync<long>($"SELECT COUNT(*) FROM claims WHERE {OfPartition} AND claimed_by = @claimant", parameters) > 0;
        }, cancellation);
    }

    public Task ReleasePartitionAsync(Tenant tenant, PartitionKey key, string claimant, CancellationToken cancellation) => WriteAsync(transaction =>
        transaction.ExecuteAsync(
            $"DELETE FROM claims WHERE {OfPartition} AND claimed_by = @claimant",
            new { tenant = tenant.Name, key.View, process = RowReading.Bytes(key.ProcessId), key.Slot, claimant }), cancellation);

    public Task<bool> PublishPartitionAsync(Tenant tenant, PartitionRow row, long expectedGeneration, CancellationToken cancellation)
    {
        if (row.Generation != expectedGeneration + 1)
            throw new ArgumentException($"cannot publish generation {row.Generation} of {row.Key}: expected {expectedGeneration + 1}", nameof(row));
        var parameters = new
        {
            tenant = tenant.Name,
            row.View,
            process = RowReading.Bytes(row.ProcessId),
            row.Slot,
            row.SchemaVersion,
            row.Generation,
            row.Rows,
            row.Bytes,
            row.BuiltVersion,
            row.BuiltAtNs,
            row.Path,
            row.Details,
            expectedGeneration,
        };
        return WriteAsync(async transaction =>
        {
            // What was built before something was removed has it still: nobody is to find it.
            if (row.ProcessId != Guid.Empty && await RemovedVersionAsync(transaction, tenant, row.ProcessId) is var removed && (removed is null || removed > row.BuiltVersion)) return false;
            var changed = expectedGeneration == 0
                ? await transaction.ExecuteAsync(
                    $"""
                    INSERT INTO partitions (tenant, view, process_id, slot, schema_version, generation, row_count, bytes, built_version, built_at_ns, path, details)
                    VALUES (@tenant, @View, @process, @Slot, @SchemaVersion, @Generation, @Rows, @Bytes, @BuiltVersion, @BuiltAtNs, @Path, @Details)
                    {OrLeave("partitions")}
                    """, parameters)
                : await transaction.ExecuteAsync(
                    $"""
                    UPDATE partitions SET schema_version = @SchemaVersion, generation = @Generation, row_count = @Rows, bytes = @Bytes,
                      built_version = @BuiltVersion, built_at_ns = @BuiltAtNs, path = @Path, details = @Details
                    WHERE {OfPartition} AND generation = @expectedGeneration
                    """, parameters);
            if (changed == 0)
            {
                // The very row may have been published before, by a commit whose outcome stayed unknown.
                var current = await transaction.ReadAsync($"SELECT {RowReading.PartitionColumns} FROM partitions WHERE {OfPartition}", parameters, RowReading.Partition);
                return current.Contains(row);
            }
            await transaction.ExecuteAsync($"DELETE FROM claims WHERE {OfPartition}", parameters);
            return true;
        }, cancellation);
    }

    /// <returns>Null for a process that is gone; otherwise what nobody raises until the transaction ends.</returns>
    Task<long?> RemovedVersionAsync(CatalogTransaction transaction, Tenant tenant, Guid processId) => transaction.ScalarAsync<long?>(
        $"SELECT removed_version FROM processes WHERE tenant = @tenant AND process_id = @process {ForUpdate}", new { tenant = tenant.Name, process = RowReading.Bytes(processId) });

    public Task<IReadOnlyList<string>> DropPartitionsAsync(Tenant tenant, string? view, Guid? processId, CancellationToken cancellation)
    {
        const string Which = "FROM partitions WHERE tenant = @tenant AND (@view IS NULL OR view = @view) AND (@process IS NULL OR process_id = @process)";
        var parameters = new { tenant = tenant.Name, view, process = processId is { } id ? RowReading.Bytes(id) : null };
        var freed = new HashSet<string>();
        return WriteAsync<IReadOnlyList<string>>(async transaction =>
        {
            // Where this runs again, rows that the first run deleted are gone, and their paths are free all the same.
            freed.UnionWith(await transaction.ReadAsync($"SELECT path {Which} AND path <> '' {ForUpdate}", parameters, row => row.GetString(0)));
            await transaction.ExecuteAsync($"DELETE {Which}", parameters);
            if (processId is null)
            {
                // Of many processes: nothing is in files any more.
                foreach (var table in (string[])["global_processes", "policy_covers"]) await transaction.ExecuteAsync($"DELETE FROM {table} WHERE tenant = @tenant AND (@view IS NULL OR view = @view)", parameters);
                await transaction.ExecuteAsync("UPDATE global_views SET generation = generation + 1 WHERE tenant = @tenant AND (@view IS NULL OR view = @view)", parameters);
            }
            return [.. freed];
        }, cancellation);
    }

    public Task LeaseAsync(Tenant tenant, string holder, IReadOnlyCollection<string> paths, long untilNs, CancellationToken cancellation) => WriteAsync(async transaction =>
    {
        foreach (var path in paths)
        {
            var parameters = new { tenant = tenant.Name, holder, path, untilNs };
            var inserted = await transaction.ExecuteAsync($"INSERT INTO leases (tenant, holder, path, until_ns) VALUES (@tenant, @holder, @path, @untilNs) {OrLeave("leases")}", parameters);
            if (inserted == 0)
                await transaction.ExecuteAsync("UPDATE leases SET until_ns = @untilNs WHERE tenant = @tenant AND holder = @holder AND path = @path", parameters);
        }
        return true;
    }, cancellation);

    public Task ReleaseLeasesAsync(Tenant tenant, string holder, CancellationToken cancellation) => WriteAsync(transaction =>
        transaction.ExecuteAsync("DELETE FROM leases WHERE tenant = @tenant AND holder = @holder", new { tenant = tenant.Name, holder }), cancellation);

    public Task<IReadOnlySet<string>> ReadLeasedPathsAsync(Tenant tenant, long nowNs, CancellationToken cancellation) =>
        ReadAsync<IReadOnlySet<string>>(async transaction => (await transaction.ReadAsync(
            "SELECT path FROM leases WHERE tenant = @tenant AND until_ns > @nowNs", new { tenant = tenant.Name, nowNs }, row => row.GetString(0))).ToHashSet(), cancellation);
}
