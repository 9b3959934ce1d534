using Legion.Format;

namespace Legion.Store;

public abstract partial class SqlCatalog
{
    const string OfGlobal = "tenant = @tenant AND view = @View";

    static readonly string[] coverColumns = ["tenant", "view", "process_id", "version", "removed_version", "first_day", "last_day"];

    static readonly string[] partitionInsertColumns = ["tenant", .. RowReading.PartitionColumns.Split(", ")];

    /// <summary>Processes beside their covers. The version from which on blocks are not in the files stands in the last column but one.</summary>
    const string Covers =
        """
        SELECT processes.process_id AS process_id, processes.version AS version, processes.removed_version AS removed_version,
          covers.version AS cover_version, covers.removed_version AS cover_removed, covers.first_day AS first_day, covers.last_day AS last_day,
          CASE WHEN covers.version IS NULL OR processes.removed_version > covers.removed_version THEN 0 ELSE covers.version END AS floor_version, COALESCE(policy_covers.made_under, '') AS made_under
        FROM processes LEFT JOIN global_processes AS covers ON covers.tenant = processes.tenant AND covers.view = @View AND covers.process_id = processes.process_id
          LEFT JOIN policy_covers ON policy_covers.tenant = covers.tenant AND policy_covers.view = covers.view AND policy_covers.process_id = covers.process_id
        WHERE processes.tenant = @tenant
        """;

    /// <summary>Of these, those that are behind, or of which something was removed.</summary>
    const string Behind = "processes.process_id > @after AND (processes.version > COALESCE(covers.version, 0) OR processes.removed_version > COALESCE(covers.removed_version, processes.removed_version))";

    static readonly string qualifiedBlockColumns = string.Join(", ", RowReading.BlockColumns.Split(", ").Select(column => "blocks." + column));

    public Task<GlobalState> ReadGlobalAsync(Tenant tenant, GlobalName name, Guid? after, int most, CancellationToken cancellation) => ReadAsync(async transaction =>
    {
        var (generation, firstDay) = (await transaction.ReadAsync($"SELECT generation, first_day FROM global_views WHERE {OfGlobal}",
            new { tenant = tenant.Name, name.View }, row => (row.GetInt64(0), row.GetInt32(1)))).FirstOrDefault();
        var parameters = new
        {
            tenant = tenant.Name,
            name.View,
            empty = RowReading.Bytes(Guid.Empty),
            after = RowReading.Bytes(after ?? Guid.Empty),
            most,
            streamClass = (int)name.Class,
            bucket = Bucket(firstDay, 0),
        };
        var partitions = await transaction.ReadAsync($"SELECT {RowReading.PartitionColumns} FROM partitions WHERE {OfGlobal} AND process_id = @empty ORDER BY slot", parameters, RowReading.Partition);
        var processes = await transaction.ReadAsync($"{Covers}{(after is null ? "" : " AND " + Behind)} ORDER BY process_id LIMIT @most", parameters, row => new GlobalProcess(
            RowReading.Id(row, 0), row.GetInt64(1), row.GetInt64(2), row.IsDBNull(3) ? null : new GlobalCover(RowReading.Id(row, 0), row.GetInt64(3), row.GetInt64(4), row.GetInt32(5), row.GetInt32(6)) { MadeUnder = row.GetString(8) }));
        var read = processes.Select(process => process.ProcessId).ToHashSet();
        processes.AddRange((await transaction.ReadAsync(
            """
            SELECT covers.process_id, processes.version, processes.removed_version, covers.version, covers.removed_version, covers.first_day, covers.last_day
            FROM global_processes AS covers LEFT JOIN processes ON processes.tenant = covers.tenant AND processes.process_id = covers.process_id
            WHERE covers.tenant = @tenant AND covers.view = @View AND (processes.process_id IS NULL OR processes.removed_version > covers.removed_version)
            """, parameters,
            row => new GlobalProcess(
                RowReading.Id(row, 0), row.IsDBNull(1) ? 0 : row.GetInt64(1), row.IsDBNull(2) ? 0 : row.GetInt64(2),
                new GlobalCover(RowReading.Id(row, 0), row.GetInt64(3), row.GetInt64(4), row.GetInt32(5), row.GetInt32(6)))
            { IsGone = row.IsDBNull(1) })).Where(process => read.Add(process.ProcessId)));
        // In this order of joining: few processes are behind, and an index leads from each to its newest blocks.
        var blocks = await transaction.ReadAsync(
            $"""
            SELECT {qualifiedBlockColumns} FROM ({Covers} AND {Behind} ORDER BY process_id LIMIT @most) AS behind CROSS JOIN blocks
            WHERE blocks.tenant = @tenant AND blocks.process_id = behind.process_id AND blocks.arrival > behind.floor_version
              AND blocks.class = @streamClass AND blocks.bucket >= @bucket AND blocks.{NotQuarantined}
            ORDER BY blocks.process_id, blocks.arrival, blocks.block_id
            """, parameters, RowReading.Block);
        var earlier = await transaction.ReadAsync(
            $"SELECT {RowReading.BlockColumns} FROM blocks WHERE tenant = @tenant AND bucket < @bucket AND class = @streamClass AND {NotQuarantined} ORDER BY process_id, arrival, block_id", parameters, RowReading.Block);
        return new GlobalState(generation, firstDay, partitions, processes, blocks, earlier);
    }, cancellation);

    public Task<IReadOnlyList<GlobalCover>> ReadGlobalCoversAsync(Tenant tenant, GlobalName name, CancellationToken cancellation) => ReadAsync<IReadOnlyList<GlobalCover>>(async transaction => await transaction.ReadAsync(
        """
        SELECT covers.process_id, covers.version, covers.removed_version, covers.first_day, covers.last_day, COALESCE(policy_covers.made_under, '')
        FROM global_processes AS covers LEFT JOIN policy_covers ON policy_covers.tenant = covers.tenant AND policy_covers.view = covers.view AND policy_covers.process_id = covers.process_id
        WHERE covers.tenant = @tenant AND covers.view = @View ORDER BY covers.process_id
        """, new { tenant = tenant.Name, name.View },
        row => new GlobalCover(RowReading.Id(row, 0), row.GetInt64(1), row.GetInt64(2), row.GetInt32(3), row.GetInt32(4)) { MadeUnder = row.GetString(5) }), cancellation);

    public Task<bool> PublishGlobalAsync(Tenant tenant, GlobalPublication publication, CancellationToken cancellation) => WriteAsync(async transaction =>
    {
        var name = publication.Name;
        var parameters = new
        {
            tenant = tenant.Name,
            name.View,
            name.RollupView,
            streamClass = (int)name.Class,
            id = RowReading.Bytes(publication.Id),
            publication.ExpectedGeneration,
            empty = RowReading.Bytes(Guid.Empty),
        };
        await transaction.ExecuteAsync(
            $"INSERT INTO global_views (tenant, view, rollup_view, class, generation, published_by, first_day) VALUES (@tenant, @View, @RollupView, @streamClass, 0, @empty, 0) {OrLeave("global_views")}", parameters);
        if (await transaction.ExecuteAsync($"UPDATE global_views SET generation = generation + 1, published_by = @id WHERE {OfGlobal} AND generation = @ExpectedGeneration", parameters) == 0)
            return await transaction.ScalarAsync<long>($"SELECT COUNT(*) FROM global_views WHERE {OfGlobal} AND generation = @ExpectedGeneration + 1 AND published_by = @id", parameters) > 0;
        var replaced = new List<string>();
        foreach (var key in publication.Removed.Concat(publication.Partitions.Select(row => row.Key)))
        {
            var of = new { tenant = tenant.Name, key.View, process = RowReading.Bytes(key.ProcessId), key.Slot };
            replaced.AddRange(await transaction.ReadAsync($"SELECT path FROM partitions WHERE {OfPartition} AND path <> ''", of, row => row.GetString(0)));
            await transaction.ExecuteAsync($"DELETE FROM partitions WHERE {OfPartition}", of);
        }
        if (publication.DoomsReplaced) await DoomAsync(transaction, tenant, replaced);
        await transaction.InsertAsync("partitions", partitionInsertColumns, publication.Partitions.Select(row => (object[])
            [tenant.Name, row.View, RowReading.Bytes(row.ProcessId), row.Slot, row.SchemaVersion, row.Generation, row.Rows, row.Bytes, row.BuiltVersion, row.BuiltAtNs, row.Path, row.Details]));
        foreach (var process in publication.Covers.Select(cover => cover.ProcessId).Concat(publication.Forgotten))
        {
            foreach (var table in (string[])["global_processes", "policy_covers"])
                await transaction.ExecuteAsync($"DELETE FROM {table} WHERE {OfGlobal} AND process_id = @process", new { tenant = tenant.Name, name.View, process = RowReading.Bytes(process) });
        }
        await transaction.InsertAsync("global_processes", coverColumns, publication.Covers.Select(cover => (object[])
            [tenant.Name, name.View, RowReading.Bytes(cover.ProcessId), cover.Version, cover.RemovedVersion, cover.FirstDay, cover.LastDay]));
        await transaction.InsertAsync("policy_covers", ["tenant", "view", "process_id", "made_under"], publication.Covers.Where(cover => cover.MadeUnder.Length > 0).Select(cover => (object[])
            [tenant.Name, name.View, RowReading.Bytes(cover.ProcessId), cover.MadeUnder]));
        return true;
    }, cancellation);

    public Task ExpireGlobalAsync(Tenant tenant, StreamClass streamClass, int firstDay, CancellationToken cancellation) => WriteAsync(async transaction =>
    {
        var parameters = new { tenant = tenant.Name, streamClass = (int)streamClass, firstDay, empty = RowReading.Bytes(Guid.Empty), slot = GlobalSlot.Of(firstDay, 0) };
        foreach (var (view, rollup) in await transaction.ReadAsync(
            "SELECT view, rollup_view FROM global_views WHERE tenant = @tenant AND class = @streamClass AND first_day < @firstDay ORDER BY view", parameters, row => (row.GetString(0), row.GetString(1))))
        {
            var of = new { parameters.tenant, view, rollup, parameters.firstDay, parameters.empty, parameters.slot };
            const string OfExpired = "FROM partitions WHERE tenant = @tenant AND view IN (@view, @rollup) AND process_id = @empty AND slot < @slot";
            await DoomAsync(transaction, tenant, await transaction.ReadAsync($"SELECT path {OfExpired} AND path <> ''", of, row => row.GetString(0)));
            await transaction.ExecuteAsync($"DELETE {OfExpired}", of);
            await transaction.ExecuteAsync("UPDATE global_views SET first_day = @firstDay, generation = generation + 1 WHERE tenant = @tenant AND view = @view", of);
        }
        return true;
    }, cancellation);

    /// <summary>Retention took blocks of a process, which the files of global views have not any more, or never had: what else they have of it counts as before.</summary>
    /// <param name="removed">The version of the removal before.</param>
    static Task KeepCoversAsync(CatalogTransaction transaction, Tenant tenant, Guid processId, StreamClass streamClass, int firstDay, long removed, long version) => transaction.ExecuteAsync(
        """
        UPDATE global_processes SET removed_version = @version WHERE tenant = @tenant AND process_id = @process AND removed_version = @removed
          AND view NOT IN (SELECT view FROM global_views WHERE tenant = @tenant AND class = @streamClass AND first_day < @firstDay)
        """, new { tenant = tenant.Name, process = RowReading.Bytes(processId), streamClass = (int)streamClass, firstDay, removed, version });
}
