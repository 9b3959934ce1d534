using System.Globalization;
using Legion.Format;

namespace Legion.Store;

/// <summary>
/// The catalog in SQL that SQLite, MySQL and MariaDB share; what differs are a few words of it, and how a transaction begins and ends.
/// A write may run again after it took effect, as the outcome of a commit can be unknown: what it then answers is what it answered before,
/// or as harmless. Rows are locked in order of their ids.
/// </summary>
public abstract partial class SqlCatalog : ICatalog
{
    private protected SqlCatalog()
    {
    }

    /// <summary>The end of an INSERT that leaves a row as it is where its key is taken; it then counts no row.</summary>
    private protected abstract string OrLeave(string table);

    /// <summary>The end of a SELECT that keeps its rows from changing until the transaction ends; empty where a writer is alone anyway.</summary>
    private protected abstract string ForUpdate { get; }

    /// <summary>Runs the reads on one snapshot.</summary>
    private protected abstract Task<T> ReadAsync<T>(Func<CatalogTransaction, Task<T>> read, CancellationToken cancellation);

    /// <summary>Runs reads that need no common snapshot: each sees what is committed when it runs, without a transaction to begin and to end.</summary>
    private protected abstract Task<T> LookAsync<T>(Func<CatalogTransaction, Task<T>> look, CancellationToken cancellation);

    /// <summary>Runs the writes in one transaction and commits it; may run them more than once.</summary>
    private protected abstract Task<T> WriteAsync<T>(Func<CatalogTransaction, Task<T>> write, CancellationToken cancellation);

    public Task<IReadOnlyList<ProcessRow>> ReadProcessesAsync(Tenant tenant, IReadOnlyCollection<Guid>? ids, CancellationToken cancellation) =>
        ReadAsync<IReadOnlyList<ProcessRow>>(async transaction => await ReadProcessesAsync(transaction, tenant, ids), cancellation);

    // Programs give their records whatever numbers they like: the sum of many large ones is beyond 64 bits.
    public Task<ProcessSetVersion> ReadProcessSetVersionAsync(Tenant tenant, CancellationToken cancellation) => LookAsync(async transaction =>
        (await transaction.ReadAsync("SELECT COUNT(*), COUNT(end_ns), COALESCE(MAX(registered_ns), 0), COALESCE(SUM(record_version % 1000000), 0) FROM processes WHERE tenant = @tenant",
            new { tenant = tenant.Name }, row => new ProcessSetVersion(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), Convert.ToInt64(row.GetValue(3), CultureInfo.InvariantCulture)))).Single(), cancellation);

    static Task<List<ProcessRow>> ReadProcessesAsync(CatalogTransaction transaction, Tenant tenant, IReadOnlyCollection<Guid>? ids) => transaction.ReadByIdsAsync(
        $"SELECT {RowReading.ProcessColumns} FROM processes WHERE tenant = @tenant AND {{ids}} ORDER BY process_id", "process_id", tenant, ids, RowReading.Process);

    public Task<IReadOnlyList<StreamRow>> ReadStreamsAsync(Tenant tenant, IReadOnlyCollection<Guid>? processIds, CancellationToken cancellation) =>
        ReadAsync<IReadOnlyList<StreamRow>>(async transaction => await transaction.ReadByIdsAsync(
            $"SELECT {RowReading.StreamColumns} FROM streams WHERE tenant = @tenant AND {{ids}} ORDER BY process_id, registration",
            "process_id", tenant, processIds, RowReading.Stream), cancellation);

    public Task<IReadOnlyList<BlockRow>> ReadBlocksAsync(Tenant tenant, IReadOnlyCollection<Guid>? processIds, CancellationToken cancellation) =>
        ReadAsync<IReadOnlyList<BlockRow>>(async transaction => await transaction.ReadByIdsAsync(
            $"SELECT {RowReading.BlockColumns} FROM blocks WHERE tenant = @tenant AND {{ids}} AND {NotQuarantined} ORDER BY process_id, stream_id, sequence, block_id",
            "process_id", tenant, processIds, RowReading.Block), cancellation);

    public Task<BlockRow?> FindBlockAsync(Tenant tenant, Guid blockId, CancellationToken cancellation) => ReadAsync(async transaction =>
    {
        // Most blocks are filed under the day of their id, which the primary key finds; without it every block is looked at.
        var day = (UuidV7.UnixMilliseconds(blockId) ?? 0) / 86_400_000;
        var parameters = new { tenant = tenant.Name, block = RowReading.Bytes(blockId), first = day * BlockBuckets.Classes, end = (day + 1) * BlockBuckets.Classes };
        var select = $"SELECT {RowReading.BlockColumns} FROM blocks WHERE tenant = @tenant AND block_id = @block AND {NotQuarantined}";
        return (await transaction.ReadAsync($"{select} AND bucket >= @first AND bucket < @end", parameters, RowReading.Block)).FirstOrDefault()
            ?? (await transaction.ReadAsync(select, parameters, RowReading.Block)).FirstOrDefault();
    }, cancellation);

    public Task<Schema?> ReadSchemaAsync(Tenant tenant, SchemaHash hash, CancellationToken cancellation) =>
        ReadAsync(async transaction => await transaction.ScalarAsync<byte[]>(
            "SELECT bytes FROM `schemas` WHERE tenant = @tenant AND hash = @hash",
            new { tenant = tenant.Name, hash = hash.ToBytes() }) is { } bytes ? Schema.Read(bytes) : null, cancellation);

    public Task<LakeTotals> ReadTotalsAsync(Tenant tenant, CancellationToken cancellation) => ReadAsync(async transaction =>
    {
        var parameters = new { tenant = tenant.Name };
        Task<long> Total(string what, string table, string where = "") => transaction.ScalarAsync<long>($"SELECT COALESCE({what}, 0) FROM {table} WHERE tenant = @tenant{where}", parameters);
        return new LakeTotals(
            Processes: await Total("COUNT(*)", "processes"),
            Streams: await Total("COUNT(*)", "streams"),
            Blocks: await Total("COUNT(*)", "blocks"),
            BlockBytes: await Total("SUM(bytes)", "blocks"),
            RawBytes: await Total("SUM(raw_bytes)", "blocks"),
            Events: await Total("SUM(events)", "blocks"),
            Objects: await Total("COUNT(*)", "objects", " AND bytes > 0"),
            Partitions: await Total("COUNT(*)", "partitions"),
            PartitionBytes: await Total("SUM(bytes)", "partitions"));
    }, cancellation);
}
