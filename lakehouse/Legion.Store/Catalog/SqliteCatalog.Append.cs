using System.Text.Json;
using Legion.Format;

namespace Legion.Store;

public sealed partial class SqliteCatalog
{
    public Task RegisterAsync(Tenant tenant, Registration registration, CancellationToken cancellation) => WriteAsync(transaction =>
    {
        transaction.Execute("INSERT INTO tenants (tenant, created_ns) VALUES (@tenant, @AtNs) ON CONFLICT (tenant) DO NOTHING", new { tenant = tenant.Name, registration.AtNs });
        foreach (var process in registration.Processes) Register(transaction, tenant, process);
        foreach (var stream in registration.Streams) Register(transaction, tenant, stream);
        foreach (var schema in registration.Schemas)
            transaction.Execute("INSERT INTO schemas (tenant, hash, bytes) VALUES (@tenant, @hash, @bytes) ON CONFLICT (tenant, hash) DO NOTHING",
                new { tenant = tenant.Name, hash = schema.Hash.ToBytes(), bytes = schema.Bytes.ToArray() });
        return true;
    }, cancellation);

    static void Register(CatalogTransaction transaction, Tenant tenant, ProcessRow process) => transaction.Execute(
        """
        INSERT INTO processes (tenant, process_id, record_version, version, removed_version, registered_ns, parent_process_id,
          exe, user, computer, os, cpu, runtime, start_ns, end_ns, end_reason, last_seen_ns, properties)
        VALUES (@tenant, @id, @RecordVersion, 0, 0, @RegisteredNs, @parent,
          @Exe, @User, @Computer, @Os, @Cpu, @Runtime, @StartNs, @EndNs, @EndReason, @LastSeenNs, @Properties)
        ON CONFLICT (tenant, process_id) DO UPDATE SET record_version = excluded.record_version, parent_process_id = excluded.parent_process_id,
          exe = excluded.exe, user = excluded.user, computer = excluded.computer, os = excluded.os, cpu = excluded.cpu, runtime = excluded.runtime,
          start_ns = excluded.start_ns, end_ns = excluded.end_ns, end_reason = excluded.end_reason, last_seen_ns = excluded.last_seen_ns, properties = excluded.properties
        WHERE excluded.record_version > processes.record_version
        """,
        new
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
        });

    static void Register(CatalogTransaction transaction, Tenant tenant, StreamRow stream) => transaction.Execute(
        """
        INSERT INTO streams (tenant, stream_id, process_id, registration, record_version, class, name, thread_id, tags, properties)
        SELECT tenant, @id, process_id,
          (SELECT COALESCE(MAX(registration), -1) + 1 FROM streams WHERE tenant = @tenant AND process_id = @process),
          @RecordVersion, @streamClass, @Name, @thread, @Tags, @Properties
        FROM processes WHERE tenant = @tenant AND process_id = @process
        ON CONFLICT (tenant, stream_id) DO UPDATE SET record_version = excluded.record_version, name = excluded.name,
          thread_id = excluded.thread_id, tags = excluded.tags, properties = excluded.properties
        WHERE excluded.record_version > streams.record_version AND excluded.process_id = streams.process_id AND excluded.class = streams.class
        """,
        new
        {
            tenant = tenant.Name,
            id = RowReading.Bytes(stream.StreamId),
            process = RowReading.Bytes(stream.ProcessId),
            streamClass = (int)stream.Class,
            thread = (long?)stream.ThreadId,
            stream.RecordVersion,
            stream.Name,
            stream.Tags,
            stream.Properties,
        });

    public Task<IReadOnlyList<StreamRow>> ReadStreamsByIdAsync(Tenant tenant, IReadOnlyCollection<Guid> streamIds, CancellationToken cancellation) =>
        ReadAsync<IReadOnlyList<StreamRow>>(transaction => transaction.ReadByIds(
            $"SELECT {RowReading.StreamColumns} FROM streams WHERE tenant = @tenant AND {{ids}}", "stream_id", tenant, streamIds, RowReading.Stream), cancellation);

    public Task<IReadOnlySet<SchemaHash>> FindSchemasAsync(Tenant tenant, IReadOnlyCollection<SchemaHash> hashes, CancellationToken cancellation) =>
        ReadAsync<IReadOnlySet<SchemaHash>>(transaction => hashes.Where(hash => transaction.Scalar<long>(
            "SELECT COUNT(*) FROM schemas WHERE tenant = @tenant AND hash = @hash", new { tenant = tenant.Name, hash = hash.ToBytes() }) > 0).ToHashSet(), cancellation);

    public Task<IReadOnlyList<BlockIdentity>> FindBlocksAsync(Tenant tenant, int day, StreamClass streamClass, IReadOnlyCollection<Guid> blockIds, CancellationToken cancellation) =>
        ReadAsync<IReadOnlyList<BlockIdentity>>(transaction => Find(transaction, tenant, day, streamClass, blockIds), cancellation);

    static List<BlockIdentity> Find(CatalogTransaction transaction, Tenant tenant, int day, StreamClass streamClass, IReadOnlyCollection<Guid> blockIds) =>
        transaction.ReadByIds(
            "SELECT block_id, raw_bytes, checksum FROM blocks WHERE bucket = @bucket AND tenant = @tenant AND {ids}", "block_id", tenant, blockIds,
            row => new BlockIdentity(RowReading.Id(row, 0), row.GetInt32(1), (uint)row.GetInt64(2)),
            new { bucket = Bucket(day, streamClass) });

    public Task<IReadOnlyList<BlockIdentity>> InsertBlocksAsync(Tenant tenant, IReadOnlyList<NewObject> objects, CancellationToken cancellation) =>
        WriteAsync<IReadOnlyList<BlockIdentity>>(transaction =>
        {
            var arrivals = new Dictionary<Guid, long>();
            var lost = new List<BlockIdentity>();
            foreach (var added in objects)
            {
                var stored = Find(transaction, tenant, added.Day, added.Class, [.. added.Blocks.Select(block => block.BlockId)]);
                lost.AddRange(stored);
                var dead = stored.Select(block => block.BlockId).ToHashSet();
                transaction.Execute("INSERT INTO objects (tenant, object_key, bytes, dead) VALUES (@tenant, @Key, @Bytes, @dead)", new
                {
                    tenant = tenant.Name,
                    added.Key,
                    added.Bytes,
                    dead = dead.Count == 0 ? null : JsonSerializer.Serialize(dead),
                });
                if (dead.Count == added.Blocks.Count) continue;
                if (!arrivals.TryGetValue(added.ProcessId, out var arrival))
                    arrivals[added.ProcessId] = arrival = RaiseVersion(transaction, tenant, added.ProcessId);
                Insert(transaction, tenant, added.Day, added.Blocks.Where(block => !dead.Contains(block.BlockId)), arrival);
            }
            return lost;
        }, cancellation);

    public Task<bool> HasObjectAsync(Tenant tenant, string objectKey, CancellationToken cancellation) => ReadAsync(transaction =>
        transaction.Scalar<long>("SELECT COUNT(*) FROM objects WHERE tenant = @tenant AND object_key = @objectKey", new { tenant = tenant.Name, objectKey }) > 0, cancellation);

    static long RaiseVersion(CatalogTransaction transaction, Tenant tenant, Guid processId)
    {
        var parameters = new { tenant = tenant.Name, id = RowReading.Bytes(processId) };
        if (transaction.Execute("UPDATE processes SET version = version + 1 WHERE tenant = @tenant AND process_id = @id", parameters) == 0)
            throw new StoreUnavailableException($"cannot insert blocks of process {processId}: it was removed meanwhile");
        return transaction.Scalar<long>("SELECT version FROM processes WHERE tenant = @tenant AND process_id = @id", parameters);
    }

    static void Insert(CatalogTransaction transaction, Tenant tenant, int day, IEnumerable<BlockRow> blocks, long arrival) => transaction.ExecuteEach(
        """
        INSERT INTO blocks (bucket, tenant, block_id, stream_id, process_id, class, sequence, first_ordinal, next_ordinal, events, first_tick, last_tick,
          begin_ns, end_ns, bytes, header_bytes, raw_bytes, encoding, flags, schema_hash, checksum, arrival, object_key, object_offset, stored_checksum)
        VALUES (@bucket, @tenant, @id, @stream, @process, @streamClass, @sequence, @firstOrdinal, @nextOrdinal, @events, @firstTick, @lastTick,
          @BeginNs, @EndNs, @Bytes, @HeaderBytes, @RawBytes, @encoding, @flags, @schema, @checksum, @arrival, @ObjectKey, @ObjectOffset, @storedChecksum)
        """,
        blocks.Select(block => new
        {
            bucket = Bucket(day, block.Class),
            tenant = tenant.Name,
            id = RowReading.Bytes(block.BlockId),
            stream = RowReading.Bytes(block.StreamId),
            process = RowReading.Bytes(block.ProcessId),
            streamClass = (int)block.Class,
            sequence = (long)block.Sequence,
            firstOrdinal = (long)block.FirstOrdinal,
            nextOrdinal = (long)block.NextOrdinal,
            events = (long)block.Events,
            firstTick = (long)block.FirstTick,
            lastTick = (long)block.LastTick,
            block.BeginNs,
            block.EndNs,
            block.Bytes,
            block.HeaderBytes,
            block.RawBytes,
            encoding = (int)block.Encoding,
            flags = (long)block.Flags,
            schema = block.Schema.ToBytes(),
            checksum = (long)block.Checksum,
            arrival,
            block.ObjectKey,
            block.ObjectOffset,
            storedChecksum = (long)block.StoredChecksum,
        }));

    static long Bucket(int day, StreamClass streamClass) => day * 4L + (int)streamClass;
}
