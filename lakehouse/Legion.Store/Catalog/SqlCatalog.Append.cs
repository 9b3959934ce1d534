using System.Text.Json;
using Legion.Format;

namespace Legion.Store;

public abstract partial class SqlCatalog
{
    static readonly string[] InsertedBlockColumns = ["bucket", "tenant", .. RowReading.BlockColumns.Split(", ")];

    public Task RegisterAsync(Tenant tenant, Registration registration, CancellationToken cancellation) => WriteAsync(async transaction =>
    {
        await transaction.ExecuteAsync($"INSERT INTO tenants (tenant, created_ns) VALUES (@tenant, @AtNs) {OrLeave("tenants")}", new { tenant = tenant.Name, registration.AtNs });
        foreach (var process in registration.Processes.OrderBy(process => process.ProcessId))
        {
            await RegisterAsync(transaction, tenant, process);
            await LeaveOutErasedAsync(transaction, tenant, process);
        }
        foreach (var ofProcess in registration.Streams.GroupBy(stream => stream.ProcessId).OrderBy(group => group.Key))
            await RegisterAsync(transaction, tenant, ofProcess.Key, ofProcess);
        foreach (var schema in registration.Schemas.OrderBy(schema => schema.Hash))
            await transaction.ExecuteAsync($"INSERT INTO `schemas` (tenant, hash, bytes) VALUES (@tenant, @hash, @bytes) {OrLeave("`schemas`")}",
                new { tenant = tenant.Name, hash = schema.Hash.ToBytes(), bytes = schema.Bytes.ToArray() });
        return true;
    }, cancellation);

    async Task RegisterAsync(CatalogTransaction transaction, Tenant tenant, ProcessRow process)
    {
        var parameters = new
        {
            tenant = tenant.Name,
            id = RowReading.Bytes(process.ProcessId),
            parent = process.ParentProcessId is { } parent ? RowReading.Bytes(parent) : null,
            process.RecordVersion,
            process.RegisteredNs,
            process.Exe,
            process.User,
            process.Computer,
            process.Os,
            process.Cpu,
            process.Runtime,
            process.StartNs,
            process.EndNs,
            process.EndReason,
            process.LastSeenNs,
            process.Properties,
        };
        var inserted = await transaction.ExecuteAsync(
            $"""
            INSERT INTO processes (tenant, process_id, record_version, version, removed_version, registered_ns, parent_process_id,
              exe, user, computer, os, cpu, runtime, start_ns, end_ns, end_reason, last_seen_ns, properties)
            VALUES (@tenant, @id, @RecordVersion, 0, 0, @RegisteredNs, @parent,
              @Exe, @User, @Computer, @Os, @Cpu, @Runtime, @StartNs, @EndNs, @EndReason, @LastSeenNs, @Properties)
            {OrLeave("processes")}
            """, parameters);
        if (inserted > 0) return;
        await transaction.ExecuteAsync(
            """
            UPDATE processes SET record_version = @RecordVersion, parent_process_id = @parent, exe = @Exe, user = @User, computer = @Computer,
              os = @Os, cpu = @Cpu, runtime = @Runtime, start_ns = @StartNs, end_ns = @EndNs, end_reason = @EndReason, last_seen_ns = @LastSeenNs, properties = @Properties
            WHERE tenant = @tenant AND process_id = @id AND record_version < @RecordVersion
            """, parameters);
    }

    async Task RegisterAsync(CatalogTransaction transaction, Tenant tenant, Guid processId, IEnumerable<StreamRow> streams)
    {
        if (await LockAsync(transaction, tenant, processId) is null) return;
        var process = RowReading.Bytes(processId);
        var registration = await transaction.ScalarAsync<int>(
            "SELECT COALESCE(MAX(registration), -1) + 1 FROM streams WHERE tenant = @tenant AND process_id = @process", new { tenant = tenant.Name, process });
        foreach (var stream in streams)
        {
            var parameters = new
            {
                tenant = tenant.Name,
                id = RowReading.Bytes(stream.StreamId),
                process,
                registration,
                streamClass = (int)stream.Class,
                thread = (long?)stream.ThreadId,
                stream.RecordVersion,
                stream.Name,
                stream.Tags,
                stream.Properties,
            };
            var inserted = await transaction.ExecuteAsync(
                $"""
                INSERT INTO streams (tenant, stream_id, process_id, registration, record_version, class, name, thread_id, tags, properties)
                VALUES (@tenant, @id, @process, @registration, @RecordVersion, @streamClass, @Name, @thread, @Tags, @Properties)
                {OrLeave("streams")}
                """, parameters);
            if (inserted > 0)
                registration++;
            else
                await transaction.ExecuteAsync(
                    """
                    UPDATE streams SET record_version = @RecordVersion, name = @Name, thread_id = @thread, tags = @Tags, properties = @Properties
                    WHERE tenant = @tenant AND stream_id = @id AND record_version < @RecordVersion AND process_id = @process AND class = @streamClass
                    """, parameters);
        }
    }

    public Task<RegisteredRows> ReadRegisteredAsync(
        Tenant tenant, IReadOnlyCollection<Guid> processIds, IReadOnlyCollection<Guid> streamIds, IReadOnlyCollection<SchemaHash> schemas, CancellationToken cancellation) => ReadAsync(async transaction =>
        {
            var processes = await ReadProcessesAsync(transaction, tenant, processIds);
            var streams = await transaction.ReadByIdsAsync($"SELECT {RowReading.StreamColumns} FROM streams WHERE tenant = @tenant AND {{ids}}", "stream_id", tenant, streamIds, RowReading.Stream);
            var known = new HashSet<SchemaHash>();
            foreach (var hash in schemas)
                if (await transaction.ScalarAsync<long>("SELECT COUNT(*) FROM `schemas` WHERE tenant = @tenant AND hash = @hash", new { tenant = tenant.Name, hash = hash.ToBytes() }) > 0)
                    known.Add(hash);
            Guid[] unknown = [.. processIds.Except(processes.Select(process => process.ProcessId))];
            return new RegisteredRows(processes, streams, known, await FindTombstonesAsync(transaction, tenant, TombstoneKind.Process, unknown));
        }, cancellation);

    public Task<IReadOnlyDictionary<FiledBlock, BlockIdentity>> FindBlocksAsync(Tenant tenant, IReadOnlyCollection<FiledBlock> blocks, CancellationToken cancellation) =>
        LookAsync<IReadOnlyDictionary<FiledBlock, BlockIdentity>>(async transaction =>
        {
            var stored = new Dictionary<FiledBlock, BlockIdentity>();
            foreach (var bucket in blocks.GroupBy(block => (block.Day, block.Class)))
                foreach (var identity in await FindAsync(transaction, tenant, bucket.Key.Day, bucket.Key.Class, [.. bucket.Select(block => block.BlockId)]))
                    stored.Add(new FiledBlock(identity.BlockId, bucket.Key.Day, bucket.Key.Class), identity);
            return stored;
        }, cancellation);

    static Task<List<BlockIdentity>> FindAsync(CatalogTransaction transaction, Tenant tenant, int day, StreamClass streamClass, IReadOnlyCollection<Guid> blockIds) =>
        transaction.ReadByIdsAsync(
            "SELECT block_id, raw_bytes, checksum FROM blocks WHERE bucket = @bucket AND tenant = @tenant AND {ids}", "block_id", tenant, blockIds,
            row => new BlockIdentity(RowReading.Id(row, 0), row.GetInt32(1), (uint)row.GetInt64(2)),
            new { bucket = Bucket(day, streamClass) });

    public virtual Task<IReadOnlyList<BlockIdentity>> InsertBlocksAsync(Tenant tenant, IReadOnlyList<NewObject> objects, CancellationToken cancellation) =>
        WriteAsync<IReadOnlyList<BlockIdentity>>(async transaction =>
        {
            // Blocks of a process are inserted under its lock, so that who finds none of an id stays right about it.
            var versions = new Dictionary<Guid, long>();
            foreach (var processId in objects.Select(added => added.ProcessId).Distinct().Order())
                versions[processId] = await LockAsync(transaction, tenant, processId)
                    ?? throw new StoreUnavailableException($"cannot insert blocks of process {processId}: it was removed meanwhile");
            var raised = new HashSet<Guid>();
            var lost = new List<BlockIdentity>();
            foreach (var added in objects)
            {
                var stored = await FindAsync(transaction, tenant, added.Day, added.Class, [.. added.Blocks.Select(block => block.BlockId)]);
                var dead = stored.Select(block => block.BlockId).ToHashSet();
                if (!await InsertAsync(transaction, tenant, added, dead))
                {
                    if (await IsSpentAsync(transaction, tenant, added.Key))
                        throw new StoreUnavailableException($"cannot insert blocks of object '{added.Key}': it was swept before they came; send them again");
                    // This very object was inserted before: then all its blocks are stored, and those that lost are in its own row.
                    dead = await DeadAsync(transaction, tenant, added.Key);
                    lost.AddRange(stored.Where(block => dead.Contains(block.BlockId)));
                    continue;
                }
                lost.AddRange(stored);
                if (dead.Count == added.Blocks.Count) continue;
                if (raised.Add(added.ProcessId)) await RaiseVersionAsync(transaction, tenant, added.ProcessId, ++versions[added.ProcessId]);
                var living = added.Blocks.Where(block => !dead.Contains(block.BlockId)).ToList();
                await transaction.InsertAsync("blocks", InsertedBlockColumns, living.Select(block => Values(tenant, added.Day, block, versions[added.ProcessId])));
                await QuarantineAsync(transaction, tenant, living);
            }
            return lost;
        }, cancellation);

    public Task<bool> HasObjectAsync(Tenant tenant, string objectKey, CancellationToken cancellation) => ReadAsync(async transaction =>
        await transaction.ScalarAsync<long>("SELECT COUNT(*) FROM objects WHERE tenant = @tenant AND object_key = @objectKey AND bytes > 0", new { tenant = tenant.Name, objectKey }) > 0, cancellation);

    /// <returns>The process's version, which nobody else raises until the transaction ends; null for an unknown process.</returns>
    Task<long?> LockAsync(CatalogTransaction transaction, Tenant tenant, Guid processId) => transaction.ScalarAsync<long?>(
        $"SELECT version FROM processes WHERE tenant = @tenant AND process_id = @id {ForUpdate}", new { tenant = tenant.Name, id = RowReading.Bytes(processId) });

    static Task RaiseVersionAsync(CatalogTransaction transaction, Tenant tenant, Guid processId, long version) => transaction.ExecuteAsync(
        "UPDATE processes SET version = @version WHERE tenant = @tenant AND process_id = @id", new { tenant = tenant.Name, id = RowReading.Bytes(processId), version });

    /// <returns>False where the object's row is there already.</returns>
    async Task<bool> InsertAsync(CatalogTransaction transaction, Tenant tenant, NewObject added, HashSet<Guid> dead) => await transaction.ExecuteAsync(
        $"INSERT INTO objects (tenant, object_key, bytes, dead) VALUES (@tenant, @Key, @Bytes, @dead) {OrLeave("objects")}",
        new
        {
            tenant = tenant.Name,
            added.Key,
            added.Bytes,
            dead = dead.Count == 0 ? null : JsonSerializer.Serialize(dead),
        }) > 0;

    static async Task<HashSet<Guid>> DeadAsync(CatalogTransaction transaction, Tenant tenant, string objectKey)
    {
        var dead = await transaction.ScalarAsync<string?>("SELECT dead FROM objects WHERE tenant = @tenant AND object_key = @objectKey", new { tenant = tenant.Name, objectKey });
        return dead is null ? [] : JsonSerializer.Deserialize<HashSet<Guid>>(dead)!;
    }

    /// <summary>In the order of <see cref="InsertedBlockColumns"/>.</summary>
    static object[] Values(Tenant tenant, int day, BlockRow block, long arrival) =>
    [
        Bucket(day, block.Class),
        tenant.Name,
        RowReading.Bytes(block.BlockId),
        RowReading.Bytes(block.StreamId),
        RowReading.Bytes(block.ProcessId),
        (int)block.Class,
        (long)block.Sequence,
        (long)block.FirstOrdinal,
        (long)block.NextOrdinal,
        (long)block.Events,
        (long)block.FirstTick,
        (long)block.LastTick,
        block.BeginNs,
        block.EndNs,
        block.Bytes,
        block.HeaderBytes,
        block.RawBytes,
        (int)block.Encoding,
        (long)block.Flags,
        block.Schema.ToBytes(),
        (long)block.Checksum,
        arrival,
        block.ObjectKey,
        block.ObjectOffset,
        (long)block.StoredChecksum,
    ];

    private protected static long Bucket(int day, StreamClass streamClass) => day * 4L + (int)streamClass;
}
