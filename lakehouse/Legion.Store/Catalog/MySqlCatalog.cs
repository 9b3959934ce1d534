using System.Collections.Concurrent;
using System.Data;
using System.Net.Sockets;
using Dapper;
using Legion.Format;
using MySqlConnector;

namespace Legion.Store;

/// <summary>
/// The catalog of a lake that many servers use: a database of MySQL 8, MariaDB 10.11 or Aurora, which must exist.
/// A transaction that lost against another, or whose connection broke, is run again a few times:
/// where it broke in the commit nobody knows whether it took effect, and running it again is how that is found out.
/// </summary>
public sealed class MySqlCatalog : SqlCatalog
{
    /// <summary>For a connection, counted in the time that this program runs.</summary>
    static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(10);

    /// <summary>Each may wait for a lock as long as <see cref="SessionSettings"/> says, and so all of them for half a minute.</summary>
    const int MostAttempts = 6;

    /// <summary>The longest first pause between two attempts; it doubles each time. Pauses are of random length, so that those who met do not meet again.</summary>
    const int PauseMilliseconds = 20;

    /// <summary>Several servers share a database that by default takes 151 connections.</summary>
    const int MostConnections = 32;

    /// <summary>Where inserting many rows in one statement is as fast as the server's bulk copy.</summary>
    const int RowsPerInsert = 500;

    /// <summary>
    /// What a session needs, whatever the server's own settings: text that does not fit is refused and not cut, and no lock is waited for longer than a client waits for an answer (in seconds).
    /// </summary>
    const string SessionSettings = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = 5, lock_wait_timeout = 10";

    /// <summary>One at a time changes the tables of a database. Locks are the whole server's and their names at most 64 characters long.</summary>
    const string AlterLock = "CONCAT('legion ', SHA1(DATABASE()))";

    const int AlterLockSeconds = 20;

    /// <summary>A table of a large lake takes minutes to build anew.</summary>
    const int PurgeSeconds = 3600;

    static readonly Migrations Migrations = new("mysql", "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'migrations'");

    /// <summary>By the text of their settings: whoever opens a catalog twice has its connections once.</summary>
    static readonly ConcurrentDictionary<string, Lazy<MySqlDataSource>> pools = new(StringComparer.Ordinal);

    readonly CatalogAddress address;
    readonly MySqlDataSource connections;
    readonly BlockBuckets buckets = new();

    MySqlCatalog(CatalogAddress address)
    {
        this.address = address;
        var settings = new MySqlConnectionStringBuilder
        {
            Server = address.Host,
            Port = (uint)address.Port,
            UserID = address.User,
            Password = address.Password,
            Database = address.Database,
            ApplicationName = "legion",
            // Counted by the clock, which goes on while the program is stopped: the limit that counts is Patience.
            ConnectionTimeout = 3600,
            MaximumPoolSize = MostConnections,
            // A row that stays as it is does not count as changed.
            UseAffectedRows = true,
            GuidFormat = MySqlGuidFormat.None,
            // Nothing changes a session after it was opened, and a transaction that is not committed ends with its connection's return: resetting each would be a round trip for nothing.
            ConnectionReset = false,
        };
        connections = pools.GetOrAdd(settings.ConnectionString, text => new Lazy<MySqlDataSource>(() => new MySqlDataSourceBuilder(text)
            .UseConnectionOpenedCallback(async (opened, _) =>
            {
                if (opened.Conditions.HasFlag(MySqlConnectionOpenedConditions.New)) await opened.Connection.ExecuteAsync(SessionSettings);
            })
            .Build())).Value;
    }

    /// <summary>Opens the catalog, and applies the migrations it lacks.</summary>
    /// <exception cref="StoreUnavailableException">The server cannot be reached or refuses, there is no such database, or it is of a newer program.</exception>
    public static MySqlCatalog Open(CatalogAddress address)
    {
        var catalog = new MySqlCatalog(address);
        catalog.MigrateAsync().GetAwaiter().GetResult();
        return catalog;
    }

    /// <summary>Makes the partitions of the blocks' days first; one that retention drops in between, from anywhere, is made again.</summary>
    public override async Task<IReadOnlyList<BlockIdentity>> InsertBlocksAsync(Tenant tenant, IReadOnlyList<NewObject> objects, CancellationToken cancellation)
    {
        int[] days = [.. objects.Select(added => added.Day).Distinct()];
        await AddBucketsAsync(days, cancellation);
        try
        {
            return await base.InsertBlocksAsync(tenant, objects, cancellation);
        }
        catch (StoreUnavailableException cause) when (cause.InnerException is MySqlException { ErrorCode: MySqlErrorCode.NoPartitionForGivenValue })
        {
            buckets.Forget(days);
            await AddBucketsAsync(days, cancellation);
            return await base.InsertBlocksAsync(tenant, objects, cancellation);
        }
    }

    /// <summary>The table is named, as a bare column could be one of several.</summary>
    private protected override string OrLeave(string table) => $"ON DUPLICATE KEY UPDATE tenant = {table}.tenant";

    private protected override string ForUpdate => "FOR UPDATE";

    private protected override string SelectTables => "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'";

    /// <summary>Makes the partitions of all days first, as no transaction survives that.</summary>
    public override async Task LoadAsync(Func<TextReader> open, CancellationToken cancellation)
    {
        await AddBucketsAsync(DaysOf(open), cancellation);
        await base.LoadAsync(open, cancellation);
    }

    static int[] DaysOf(Func<TextReader> open)
    {
        using var dump = open();
        var (days, bucket) = (new HashSet<int>(), -1);
        while (dump.ReadLine() is { } line)
        {
            if (line.StartsWith('{')) bucket = CatalogDump.Read(line) is CatalogDump.Table { Name: "blocks" } table ? Array.IndexOf(table.Columns, "bucket") : -1;
            else if (bucket >= 0 && CatalogDump.Read(line) is object[] row && row.Length > bucket && row[bucket] is long value) days.Add((int)(value / BlockBuckets.Classes));
        }
        return [.. days];
    }

    private protected override Task<T> ReadAsync<T>(Func<CatalogTransaction, Task<T>> read, CancellationToken cancellation) => RunAsync(async connection =>
    {
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, isReadOnly: true, CancellationToken.None);
        return await read(new CatalogTransaction(connection, transaction, RowsPerInsert));
    }, cancellation);

    private protected override Task<T> LookAsync<T>(Func<CatalogTransaction, Task<T>> look, CancellationToken cancellation) =>
        RunAsync(connection => look(new CatalogTransaction(connection, null, RowsPerInsert)), cancellation);

    /// <summary>Reads what is committed, as what decides is read under locks; that leaves out the locks on gaps, over which inserts would deadlock.</summary>
    private protected override Task<T> WriteAsync<T>(Func<CatalogTransaction, Task<T>> write, CancellationToken cancellation) => RunAsync(async connection =>
    {
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, CancellationToken.None);
        var result = await write(new CatalogTransaction(connection, transaction, RowsPerInsert));
        await transaction.CommitAsync(CancellationToken.None);
        return result;
    }, cancellation);

    Task<bool> MigrateAsync() => RunAsync(async connection =>
    {
        if (!Migrations.AreApplied(connection))
            await AlterAsync(connection, () =>
            {
                Migrations.Apply(connection, null, address.ToString());
                return Task.CompletedTask;
            });
        return true;
    }, CancellationToken.None);

    /// <summary>A partition each, with all that is in it, once the rules of all tenants there are have ended. Rows that another server inserts meanwhile are of an ended day as well.</summary>
    public override async Task<int> DropBucketsAsync(StreamClass streamClass, int firstDay, CancellationToken cancellation)
    {
        return await RunAsync(async connection =>
        {
            var dropped = 0;
            await AlterAsync(connection, async () => dropped = await buckets.DropAsync(connection, streamClass, firstDay));
            return dropped;
        }, cancellation);
    }

    /// <summary>
    /// Builds the tables anew, in other files. What the server keeps beside them is its own and goes by its own settings: the redo log until it is written over,
    /// undo until it is purged, the binary log until it expires.
    /// </summary>
    private protected override async Task PurgeAsync(IReadOnlyList<string> tables, CancellationToken cancellation) => await RunAsync(async connection =>
    {
        foreach (var table in tables) await connection.ExecuteAsync($"ALTER TABLE {table} FORCE", commandTimeout: PurgeSeconds);
        return true;
    }, cancellation);

    async Task AddBucketsAsync(int[] days, CancellationToken cancellation)
    {
        if (buckets.Know(days)) return;
        await RunAsync(async connection =>
        {
            await AlterAsync(connection, () => buckets.AddAsync(connection, days));
            return true;
        }, cancellation);
    }

    async Task AlterAsync(MySqlConnection connection, Func<Task> change)
    {
        if (await connection.ExecuteScalarAsync<int?>($"SELECT GET_LOCK({AlterLock}, {AlterLockSeconds})") != 1)
            throw new StoreUnavailableException($"cannot use catalog '{address}': another server has been changing its tables for {AlterLockSeconds} seconds");
        try
        {
            await change();
        }
        finally
        {
            // A connection that broke has let go of it.
            if (connection.State == ConnectionState.Open) await connection.ExecuteAsync($"DO RELEASE_LOCK({AlterLock})");
        }
    }

    /// <param name="cancellation">Ends the waiting for a connection and between attempts. Work that has begun is finished: a commit is not to be given up half-way.</param>
    async Task<T> RunAsync<T>(Func<MySqlConnection, Task<T>> work, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var connection = await ConnectAsync(cancellation);
            try
            {
                return await work(connection);
            }
            catch (Exception cause) when (ComesFromDatabase(cause))
            {
                if (attempt == MostAttempts || !MayPass(cause, connection)) throw Unavailable(cause);
            }
            // Where one connection broke, those that wait in the pool have, too.
            if (connection.State != ConnectionState.Open) await MySqlConnection.ClearPoolAsync(connection, cancellation);
            await connection.CloseAsync();
            await Task.Delay(Random.Shared.Next(PauseMilliseconds << (attempt - 1)), cancellation);
        }
    }

    /// <summary>What the library throws: some of its calls let out what the socket said of a connection that broke.</summary>
    static bool ComesFromDatabase(Exception cause) => cause is MySqlException or SocketException or (IOException and not StoreUnavailableException);

    /// <summary>Whether the work may succeed when it is run again at once.</summary>
    static bool MayPass(Exception cause, MySqlConnection connection) => connection.State != ConnectionState.Open || cause is not MySqlException refusal || refusal.ErrorCode is
        MySqlErrorCode.LockDeadlock or
        MySqlErrorCode.LockWaitTimeout or
        // Somebody inserted the row between the look and the insertion; the next look finds it.
        MySqlErrorCode.DuplicateKeyEntry or
        // The table was given a partition after the snapshot was taken.
        MySqlErrorCode.TableDefinitionChanged;

    async Task<MySqlConnection> ConnectAsync(CancellationToken cancellation)
    {
        var connection = connections.CreateConnection();
        using var patience = new Patience(ConnectTime, TimeProvider.System, cancellation);
        try
        {
            await connection.OpenAsync(patience.Token);
            return connection;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            await connection.DisposeAsync();
            throw Unavailable(new TimeoutException($"it did not answer within {ConnectTime.TotalSeconds} seconds"));
        }
        catch (Exception cause) when (ComesFromDatabase(cause))
        {
            await connection.DisposeAsync();
            throw Unavailable(cause);
        }
    }

    StoreUnavailableException Unavailable(Exception cause) => new($"cannot use catalog '{address}': {cause.Message}", cause);
}
