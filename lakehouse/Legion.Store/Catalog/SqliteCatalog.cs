using System.Data.Common;
using Legion.Format;
using Microsoft.Data.Sqlite;

namespace Legion.Store;

/// <summary>
/// The catalog of an embedded lake: one SQLite file in WAL mode, which several processes may use at once.
/// Writers begin with the write lock (deferred transactions that upgrade stall for seconds under contention) and wait their turn in the process first.
/// A commit is on disk when it returns.
/// </summary>
public sealed partial class SqliteCatalog : ICatalog
{
    /// <summary>Long enough for a queue of other processes' writers; SQLite polls in milliseconds until then.</summary>
    const int BusyTimeoutMilliseconds = 20_000;

    readonly string file;
    readonly string connectionString;
    readonly SemaphoreSlim writing = new(1);

    SqliteCatalog(string file)
    {
        this.file = file;
        connectionString = new SqliteConnectionStringBuilder { DataSource = file, Pooling = true, DefaultTimeout = 30 }.ToString();
    }

    /// <summary>Opens the catalog, creates it where there is none, and applies the migrations it lacks.</summary>
    /// <exception cref="StoreUnavailableException">The file cannot be opened, is no catalog, or is of a newer program.</exception>
    public static SqliteCatalog Open(string file)
    {
        var catalog = new SqliteCatalog(file);
        try
        {
            using var connection = catalog.Connect();
            using (var command = connection.CreateCommand())
            {
                command.CommandText = "PRAGMA journal_mode = WAL";
                command.ExecuteNonQuery();
            }
            Migrations.Apply(connection);
        }
        catch (SqliteException cause)
        {
            throw catalog.Unavailable(cause);
        }
        return catalog;
    }

    public Task<IReadOnlyList<ProcessRow>> ReadProcessesAsync(Tenant tenant, IReadOnlyCollection<Guid>? ids, CancellationToken cancellation) =>
        ReadAsync<IReadOnlyList<ProcessRow>>(transaction => transaction.ReadByIds(
            $"SELECT {RowReading.ProcessColumns} FROM processes WHERE tenant = @tenant AND {{ids}} ORDER BY process_id",
            "process_id", tenant, ids, RowReading.Process), cancellation);

    public Task<IReadOnlyList<StreamRow>> ReadStreamsAsync(Tenant tenant, IReadOnlyCollection<Guid>? processIds, CancellationToken cancellation) =>
        ReadAsync<IReadOnlyList<StreamRow>>(transaction => transaction.ReadByIds(
            $"SELECT {RowReading.StreamColumns} FROM streams WHERE tenant = @tenant AND {{ids}} ORDER BY process_id, registration",
            "process_id", tenant, processIds, RowReading.Stream), cancellation);

    public Task<IReadOnlyList<BlockRow>> ReadBlocksAsync(Tenant tenant, IReadOnlyCollection<Guid>? processIds, CancellationToken cancellation) =>
        ReadAsync<IReadOnlyList<BlockRow>>(transaction => transaction.ReadByIds(
            $"SELECT {RowReading.BlockColumns} FROM blocks WHERE tenant = @tenant AND {{ids}} ORDER BY process_id, stream_id, sequence, block_id",
            "process_id", tenant, processIds, RowReading.Block), cancellation);

    public Task<Schema?> ReadSchemaAsync(Tenant tenant, SchemaHash hash, CancellationToken cancellation) =>
        ReadAsync(transaction => transaction.Scalar<byte[]>(
            "SELECT bytes FROM schemas WHERE tenant = @tenant AND hash = @hash",
            new { tenant = tenant.Name, hash = hash.ToBytes() }) is { } bytes ? Schema.Read(bytes) : null, cancellation);

    public Task<LakeTotals> ReadTotalsAsync(Tenant tenant, CancellationToken cancellation) => ReadAsync(transaction =>
    {
        var parameters = new { tenant = tenant.Name };
        long Total(string what, string table) => transaction.Scalar<long>($"SELECT COALESCE({what}, 0) FROM {table} WHERE tenant = @tenant", parameters);
        return new LakeTotals(
            Processes: Total("COUNT(*)", "processes"),
            Streams: Total("COUNT(*)", "streams"),
            Blocks: Total("COUNT(*)", "blocks"),
            BlockBytes: Total("SUM(bytes)", "blocks"),
            RawBytes: Total("SUM(raw_bytes)", "blocks"),
            Events: Total("SUM(events)", "blocks"),
            Objects: Total("COUNT(*)", "objects"),
            Partitions: Total("COUNT(*)", "partitions"),
            PartitionBytes: Total("SUM(bytes)", "partitions"));
    }, cancellation);

    Task<T> ReadAsync<T>(Func<CatalogTransaction, T> read, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        try
        {
            using var connection = Connect();
            using var transaction = connection.BeginTransaction(deferred: true);
            return Task.FromResult(read(new CatalogTransaction(connection, transaction)));
        }
        catch (SqliteException cause)
        {
            return Task.FromException<T>(Unavailable(cause));
        }
    }

    async Task<T> WriteAsync<T>(Func<CatalogTransaction, T> write, CancellationToken cancellation)
    {
        await writing.WaitAsync(cancellation);
        try
        {
            using var connection = Connect();
            using var transaction = connection.BeginTransaction(deferred: false);
            var result = write(new CatalogTransaction(connection, transaction));
            transaction.Commit();
            return result;
        }
        catch (SqliteException cause)
        {
            throw Unavailable(cause);
        }
        finally
        {
            writing.Release();
        }
    }

    SqliteConnection Connect()
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"PRAGMA busy_timeout = {BusyTimeoutMilliseconds}; PRAGMA synchronous = FULL";
            command.ExecuteNonQuery();
            return connection;
        }
        catch (DbException)
        {
            connection.Dispose();
            throw;
        }
    }

    StoreUnavailableException Unavailable(SqliteException cause) => new($"cannot use catalog '{file}': {cause.Message}", cause);
}
