using Legion.Format;

namespace Legion.Store;

public abstract partial class SqlCatalog
{
    public Task<IReadOnlyList<BlockRow>> ReadAllBlocksAsync(Tenant tenant, Guid processId, CancellationToken cancellation) => WriteAsync<IReadOnlyList<BlockRow>>(async transaction =>
    {
        // Who inserts blocks holds the process: those that came before this are there, and those that come after know of all erasures there are now.
        await LockAsync(transaction, tenant, processId);
        return await transaction.ReadAsync(
            $"SELECT {RowReading.BlockColumns} FROM blocks WHERE tenant = @tenant AND process_id = @process ORDER BY stream_id, sequence, block_id",
            new { tenant = tenant.Name, process = RowReading.Bytes(processId) }, RowReading.Block);
    }, cancellation);

    public Task<IReadOnlyList<string>> FindObjectsWithDeadAsync(Tenant tenant, Guid processId, CancellationToken cancellation) =>
        ReadAsync<IReadOnlyList<string>>(async transaction => await ObjectsWithDeadAsync(transaction, tenant, processId), cancellation);

    public Task<bool> ReplaceObjectAsync(Tenant tenant, ObjectReplacement replacement, CancellationToken cancellation) => WriteAsync(async transaction =>
    {
        if (await LockAsync(transaction, tenant, replacement.ProcessId) is not { } version) return false;
        version++;
        var process = RowReading.Bytes(replacement.ProcessId);
        var there = await transaction.ReadAsync("SELECT block_id FROM blocks WHERE tenant = @tenant AND process_id = @process AND object_key = @OldKey",
            new { tenant = tenant.Name, process, replacement.OldKey }, row => RowReading.Id(row, 0));
        if (!there.ToHashSet().SetEquals((replacement.New?.Blocks ?? []).Select(block => block.BlockId))) return false;
        if (replacement.New is { } added)
        {
            await InsertAsync(transaction, tenant, added, []);
            foreach (var block in added.Blocks) await MoveAsync(transaction, tenant, added.Day, block, version);
        }
        await SpendAsync(transaction, tenant, [replacement.OldKey]);
        if (await ErasureKeysAsync(transaction, tenant) is { } keys)
            foreach (var block in replacement.Rewritten.Order()) await AddTombstoneAsync(transaction, tenant, keys.DigestOf(block), TombstoneKind.Block);
        await RemovedAsync(transaction, tenant, replacement.ProcessId, version);
        await EmptyReportsOfAsync(transaction, tenant, replacement.ProcessId);
        return true;
    }, cancellation);

    public Task ReleaseBlocksAsync(Tenant tenant, Guid processId, IReadOnlyCollection<Guid> blockIds, CancellationToken cancellation) => WriteAsync(async transaction =>
    {
        if (await LockAsync(transaction, tenant, processId) is not { } version) return false;
        await RaiseVersionAsync(transaction, tenant, processId, ++version);
        foreach (var id in blockIds.Order())
        {
            var parameters = new { tenant = tenant.Name, block = RowReading.Bytes(id), process = RowReading.Bytes(processId), version };
            await transaction.ExecuteAsync("UPDATE blocks SET arrival = @version WHERE tenant = @tenant AND process_id = @process AND block_id = @block", parameters);
            await transaction.ExecuteAsync("DELETE FROM quarantine WHERE tenant = @tenant AND block_id = @block", parameters);
        }
        return true;
    }, cancellation);

    public Task<IReadOnlyList<Guid>> FindQuarantinedAsync(Tenant tenant, CancellationToken cancellation) => ReadAsync<IReadOnlyList<Guid>>(async transaction =>
        await transaction.ReadAsync("SELECT DISTINCT process_id FROM quarantine WHERE tenant = @tenant", new { tenant = tenant.Name }, row => RowReading.Id(row, 0)), cancellation);

    /// <summary>
    /// Puts blocks where nobody sees them that may have what was erased: those of the time before it, and those made of requests that came before it, whatever times these name.
    /// The caller holds their process.
    /// </summary>
    async Task QuarantineAsync(CatalogTransaction transaction, Tenant tenant, IEnumerable<BlockRow> blocks)
    {
        var untilNs = await transaction.ScalarAsync<long?>("SELECT MAX(requested_ns) FROM erasures WHERE tenant = @tenant AND kind = @kind", new { tenant = tenant.Name, kind = (int)ErasureKind.Property });
        if (untilNs is null) return;
        foreach (var block in blocks.Where(block => block.BeginNs <= untilNs || ReceivedNs(block) <= untilNs))
            await transaction.ExecuteAsync($"INSERT INTO quarantine (tenant, block_id, process_id) VALUES (@tenant, @block, @process) {OrLeave("quarantine")}",
                new { tenant = tenant.Name, block = RowReading.Bytes(block.BlockId), process = RowReading.Bytes(block.ProcessId) });
    }

    /// <summary>Of a block of OpenTelemetry: who makes one orders it by the time at which the request came.</summary>
    static long? ReceivedNs(BlockRow block) => block.Encoding == (ushort)BlockEncoding.OpenTelemetry ? (long)block.Sequence : null;

    /// <summary>Takes back the registration of a process that was erased, or whose record is of the time before an erasure and has what was erased.</summary>
    async Task LeaveOutErasedAsync(CatalogTransaction transaction, Tenant tenant, ProcessRow process)
    {
        if (await ErasureKeysAsync(transaction, tenant) is not { } keys) return;
        var isErased = await HasTombstoneAsync(transaction, tenant, keys, TombstoneKind.Process, process.ProcessId);
        if (!isErased)
        {
            var erasures = await transaction.ReadAsync($"SELECT {ErasureColumns} FROM erasures WHERE tenant = @tenant AND kind = @kind", new { tenant = tenant.Name, kind = (int)ErasureKind.Property }, Erasure);
            isErased = erasures.Exists(erasure => process.LastSeenNs <= erasure.RequestedNs && Subject.Of(erasure, keys).MatchesJson(process.Properties));
            if (isErased) await AddTombstoneAsync(transaction, tenant, keys.DigestOf(process.ProcessId), TombstoneKind.Process);
        }
        if (isErased && await LockAsync(transaction, tenant, process.ProcessId) is not null) await RemoveProcessAsync(transaction, tenant, process.ProcessId);
    }

    static Task<int> MoveAsync(CatalogTransaction transaction, Tenant tenant, int day, BlockRow block, long arrival) => transaction.ExecuteAsync(
        """
        UPDATE blocks SET events = @events, bytes = @Bytes, header_bytes = @HeaderBytes, raw_bytes = @RawBytes, encoding = @encoding, schema_hash = @schema,
          checksum = @checksum, arrival = @arrival, object_key = @ObjectKey, object_offset = @ObjectOffset, stored_checksum = @stored
        WHERE bucket = @bucket AND tenant = @tenant AND block_id = @block
        """,
        new
        {
            tenant = tenant.Name,
            bucket = Bucket(day, block.Class),
            block = RowReading.Bytes(block.BlockId),
            events = (long)block.Events,
            block.Bytes,
            block.HeaderBytes,
            block.RawBytes,
            encoding = (int)block.Encoding,
            schema = block.Schema.ToBytes(),
            checksum = (long)block.Checksum,
            arrival,
            block.ObjectKey,
            block.ObjectOffset,
            stored = (long)block.StoredChecksum,
        });

    /// <summary>Something of a process is gone at this version: what was built before is stale, and its files are doomed.</summary>
    async Task RemovedAsync(CatalogTransaction transaction, Tenant tenant, Guid processId, long version)
    {
        var parameters = new { tenant = tenant.Name, process = RowReading.Bytes(processId), version };
        await transaction.ExecuteAsync("UPDATE processes SET version = @version, removed_version = @version WHERE tenant = @tenant AND process_id = @process", parameters);
        await transaction.ExecuteAsync("UPDATE slots SET removed_version = @version WHERE tenant = @tenant AND process_id = @process", parameters);
        await DropPartitionsAsync(transaction, tenant, processId);
    }

    static async Task<List<string>> ObjectsWithDeadAsync(CatalogTransaction transaction, Tenant tenant, Guid processId) =>
        (await transaction.ReadAsync("SELECT object_key FROM objects WHERE tenant = @tenant AND dead IS NOT NULL", new { tenant = tenant.Name }, row => row.GetString(0)))
            .FindAll(key => StoreNames.TryReadBlocksObject(key, out var name) && name.ProcessId == processId);
}
