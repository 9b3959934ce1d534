using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using Legion.Format;
using Microsoft.Data.Sqlite;

namespace Legion.Store;

/// <summary>
/// The catalog of an embedded lake: one SQLite file in WAL mode, which several processes may use at once.
/// Writers begin with the write lock (deferred transactions that upgrade stall for seconds under contention) and those of one process that come at the same time share a transaction.
/// A commit is on disk when it returns.
/// </summary>
public sealed class SqliteCatalog : SqlCatalog
{
    /// <summary>Long enough for a queue of other processes' writers; SQLite polls in milliseconds until then.</summary>
    const int BusyTimeoutMilliseconds = 20_000;

    /// <summary>There is no round trip to save, and a statement of one row is prepared once for all of them.</summary>
    const int RowsPerInsert = 1;

    static readonly Migrations Migrations = new("sqlite", "SELECT COUNT(*) FROM sqlite_master WHERE name = 'migrations'");

    const string Savepoint = "one_write";

    readonly string file;
    readonly string connectionString;
    readonly SharedCommits commits;

    /// <summary>Connections to the file that have their settings.</summary>
    readonly ConditionalWeakTable<SQLitePCL.sqlite3, SqliteCatalog> settled = [];

    SqliteCatalog(string file)
    {
        this.file = file;
        commits = new SharedCommits(CommitAsync);
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
            if (Migrations.AreApplied(connection)) return catalog;
            using var transaction = connection.BeginTransaction(deferred: false);
            Migrations.Apply(connection, transaction, file);
            transaction.Commit();
        }
        catch (SqliteException cause)
        {
            throw catalog.Unavailable(cause);
        }
        return catalog;
    }

    private protected override string OrLeave(string table) => "ON CONFLICT DO NOTHING";

    private protected override string ForUpdate => "";

    private protected override string SelectTables => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";

    private protected override Task<T> ReadAsync<T>(Func<CatalogTransaction, Task<T>> read, CancellationToken cancellation) => UseAsync(async connection =>
    {
        using var transaction = connection.BeginTransaction(deferred: true);
        return await read(new CatalogTransaction(connection, transaction, RowsPerInsert));
    }, cancellation);

    private protected override Task<T> LookAsync<T>(Func<CatalogTransaction, Task<T>> look, CancellationToken cancellation) =>
        UseAsync(connection => look(new CatalogTransaction(connection, null, RowsPerInsert)), cancellation);

    async Task<T> UseAsync<T>(Func<SqliteConnection, Task<T>> use, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        try
        {
            using var connection = Connect();
            return await use(connection);
        }
        catch (SqliteException cause)
        {
            throw Unavailable(cause);
        }
    }

    private protected override async Task<T> WriteAsync<T>(Func<CatalogTransaction, Task<T>> write, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Task<T>? running = null;
        var shared = new SharedWrite(transaction => running = cancellation.IsCancellationRequested ? Task.FromCanceled<T>(cancellation) : write(transaction));
        commits.Add(shared);
        try
        {
            await shared.Committed;
            return await running!;
        }
        catch (SqliteException cause)
        {
            throw Unavailable(cause);
        }
    }

    /// <summary>Each write may fail for itself, and leaves nothing behind then; what the others wrote is committed.</summary>
    async Task CommitAsync(IReadOnlyList<SharedWrite> writes)
    {
        try
        {
            using var connection = Connect();
            using var transaction = connection.BeginTransaction(deferred: false);
            var shared = new CatalogTransaction(connection, transaction, RowsPerInsert);
            foreach (var write in writes)
            {
                transaction.Save(Savepoint);
                var running = write.RunAsync(shared);
                await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (!running.IsCompletedSuccessfully) transaction.Rollback(Savepoint);
                transaction.Release(Savepoint);
            }
            transaction.Commit();
        }
        catch (SqliteException cause)
        {
            throw Unavailable(cause);
        }
    }

    /// <summary>There is nothing to drop: a day of a class is rows like others.</summary>
    public override Task<int> DropBucketsAsync(StreamClass streamClass, int firstDay, CancellationToken cancellation) => Task.FromResult(0);

    /// <summary>Writes the file anew, as pages keep what was moved within them, and empties the log. Waits for readers and writers, as long as for a lock.</summary>
    private protected override Task PurgeAsync(IReadOnlyList<string> tables, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        try
        {
            using var connection = Connect();
            using var command = connection.CreateCommand();
            command.CommandText = "VACUUM";
            command.ExecuteNonQuery();
            command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
            return Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture) == 0 ? Task.CompletedTask
                : Task.FromException(new StoreUnavailableException($"cannot empty the log of catalog '{file}': a reader has kept it for {BusyTimeoutMilliseconds / 1000} seconds"));
        }
        catch (SqliteException cause)
        {
            return Task.FromException(Unavailable(cause));
        }
    }

    SqliteConnection Connect()
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            connection.Open();
            // The pool gives the same ones again.
            if (settled.TryGetValue(connection.Handle!, out _)) return connection;
            using var command = connection.CreateCommand();
            command.CommandText = $"PRAGMA busy_timeout = {BusyTimeoutMilliseconds}; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON";
            command.ExecuteNonQuery();
            settled.AddOrUpdate(connection.Handle!, this);
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
