using Legion.Format;

namespace Legion.Store;

public sealed partial class SqliteCatalog
{
    public Task<IReadOnlyList<SlotCut>> ReadSlotsAsync(Tenant tenant, Guid processId, CancellationToken cancellation) =>
        ReadAsync<IReadOnlyList<SlotCut>>(transaction => transaction.Read(
            "SELECT slot, begin_ns, removed_version FROM slots WHERE tenant = @tenant AND process_id = @process ORDER BY slot",
            new { tenant = tenant.Name, process = RowReading.Bytes(processId) },
            row => new SlotCut(row.GetInt32(0), row.GetInt64(1), row.GetInt64(2))), cancellation);

    public Task<bool> AddSlotAsync(Tenant tenant, Guid processId, int slot, long beginNs, CancellationToken cancellation) => WriteAsync(transaction =>
        transaction.Execute(
            "INSERT INTO slots (tenant, process_id, slot, begin_ns, removed_version) VALUES (@tenant, @process, @slot, @beginNs, 0) ON CONFLICT (tenant, process_id, slot) DO NOTHING",
            new { tenant = tenant.Name, process = RowReading.Bytes(processId), slot, beginNs }) > 0, cancellation);

    public Task<IReadOnlyList<PartitionRow>> ReadPartitionsAsync(Tenant tenant, string? view, IReadOnlyCollection<Guid>? processIds, CancellationToken cancellation) =>
        ReadAsync<IReadOnlyList<PartitionRow>>(transaction => transaction.ReadByIds(
            $"SELECT {RowReading.PartitionColumns} FROM partitions WHERE tenant = @tenant AND (@view IS NULL OR view = @view) AND {{ids}} ORDER BY process_id, view, slot",
            "process_id", tenant, processIds, RowReading.Partition, new { view }), cancellation);

    public Task<bool> ClaimPartitionAsync(Tenant tenant, PartitionKey key, string claimant, long leaseNs, long nowNs, CancellationToken cancellation) => WriteAsync(transaction =>
        transaction.Execute(
            """
            INSERT INTO claims (tenant, view, process_id, slot, claimed_by, claimed_until_ns) VALUES (@tenant, @View, @process, @Slot, @claimant, @until)
            ON CONFLICT (tenant, view, process_id, slot) DO UPDATE SET claimed_by = excluded.claimed_by, claimed_until_ns = excluded.claimed_until_ns
            WHERE claims.claimed_by = @claimant OR claims.claimed_until_ns <= @nowNs
            """,
            new { tenant = tenant.Name, key.View, process = RowReading.Bytes(key.ProcessId), key.Slot, claimant, until = nowNs + leaseNs, nowNs }) > 0, cancellation);

    public Task ReleasePartitionAsync(Tenant tenant, PartitionKey key, string claimant, CancellationToken cancellation) => WriteAsync(transaction =>
        transaction.Execute(
            "DELETE FROM claims WHERE tenant = @tenant AND view = @View AND process_id = @process AND slot = @Slot AND claimed_by = @claimant",
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
        return WriteAsync(transaction =>
        {
            var changed = expectedGeneration == 0
                ? transaction.Execute(
                    """
                    INSERT INTO partitions (tenant, view, process_id, slot, schema_version, generation, row_count, bytes, built_version, built_at_ns, path, details)
                    VALUES (@tenant, @View, @process, @Slot, @SchemaVersion, @Generation, @Rows, @Bytes, @BuiltVersion, @BuiltAtNs, @Path, @Details)
                    ON CONFLICT (tenant, view, process_id, slot) DO NOTHING
                    """, parameters)
                : transaction.Execute(
                    """
                    UPDATE partitions SET schema_version = @SchemaVersion, generation = @Generation, row_count = @Rows, bytes = @Bytes,
                      built_version = @BuiltVersion, built_at_ns = @BuiltAtNs, path = @Path, details = @Details
                    WHERE tenant = @tenant AND view = @View AND process_id = @process AND slot = @Slot AND generation = @expectedGeneration
                    """, parameters);
            if (changed > 0) transaction.Execute("DELETE FROM claims WHERE tenant = @tenant AND view = @View AND process_id = @process AND slot = @Slot", parameters);
            return changed > 0;
        }, cancellation);
    }

    public Task<IReadOnlyList<string>> DropPartitionsAsync(Tenant tenant, string? view, Guid? processId, CancellationToken cancellation)
    {
        const string Which = "FROM partitions WHERE tenant = @tenant AND (@view IS NULL OR view = @view) AND (@process IS NULL OR process_id = @process)";
        var parameters = new { tenant = tenant.Name, view, process = processId is { } id ? RowReading.Bytes(id) : null };
        return WriteAsync<IReadOnlyList<string>>(transaction =>
        {
            var paths = transaction.Read($"SELECT path {Which} AND path <> ''", parameters, row => row.GetString(0));
            transaction.Execute($"DELETE {Which}", parameters);
            return paths;
        }, cancellation);
    }

    public Task LeaseAsync(Tenant tenant, string holder, IReadOnlyCollection<string> paths, long untilNs, CancellationToken cancellation) => WriteAsync(transaction =>
    {
        foreach (var path in paths)
            transaction.Execute(
                """
                INSERT INTO leases (tenant, holder, path, until_ns) VALUES (@tenant, @holder, @path, @untilNs)
                ON CONFLICT (tenant, holder, path) DO UPDATE SET until_ns = excluded.until_ns
                """, new { tenant = tenant.Name, holder, path, untilNs });
        return true;
    }, cancellation);

    public Task ReleaseLeasesAsync(Tenant tenant, string holder, CancellationToken cancellation) => WriteAsync(transaction =>
        transaction.Execute("DELETE FROM leases WHERE tenant = @tenant AND holder = @holder", new { tenant = tenant.Name, holder }), cancellation);

    public Task<IReadOnlySet<string>> ReadLeasedPathsAsync(Tenant tenant, long nowNs, CancellationToken cancellation) =>
        ReadAsync<IReadOnlySet<string>>(transaction => transaction.Read(
            "SELECT path FROM leases WHERE tenant = @tenant AND until_ns > @nowNs", new { tenant = tenant.Name, nowNs }, row => row.GetString(0)).ToHashSet(), cancellation);
}
