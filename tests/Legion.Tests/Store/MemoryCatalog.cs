using Legion.Store;
using Microsoft.Data.Sqlite;

namespace Legion.Tests.Store;

/// <summary>The catalog's own SQL over a SQLite database in memory. Every call has ended when it returns its task, so that who awaits between calls decides how they interleave.</summary>
sealed class MemoryCatalog : SqlCatalog, IDisposable
{
    static readonly Migrations Migrations = new("sqlite", "SELECT COUNT(*) FROM sqlite_master WHERE name = 'migrations'");

    /// <summary>Keeps the database there. Transactions have a connection of their own each: one that is used for long remembers every command that it ever ran, and looks through them.</summary>
    readonly SqliteConnection connection;
    readonly Lock gate = new();

    /// <param name="name">Of the database, which whoever names it shares.</param>
    public MemoryCatalog(string name)
    {
        connection = Connect(name);
        connection.Open();
        Migrate();
    }

    /// <summary>What opening a catalog does.</summary>
    public void Migrate()
    {
        lock (gate)
        {
            if (Migrations.AreApplied(connection)) return;
            using var transaction = connection.BeginTransaction(deferred: false);
            Migrations.Apply(connection, transaction, connection.DataSource);
            transaction.Commit();
        }
    }

    public static SqliteConnection Connect(string name) => new($"Data Source={name};Mode=Memory;Cache=Shared;Pooling=False");

    private protected override string OrLeave(string table) => "ON CONFLICT DO NOTHING";

    private protected override string ForUpdate => "";

    private protected override string SelectTables => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";

    private protected override Task<T> ReadAsync<T>(Func<CatalogTransaction, Task<T>> read, CancellationToken cancellation) => WriteAsync(read, cancellation);

    private protected override Task<T> LookAsync<T>(Func<CatalogTransaction, Task<T>> look, CancellationToken cancellation) => WriteAsync(look, cancellation);

    private protected override Task<T> WriteAsync<T>(Func<CatalogTransaction, Task<T>> write, CancellationToken cancellation)
    {
        lock (gate)
        {
            using var own = new SqliteConnection(connection.ConnectionString.Replace("Pooling=False", "Pooling=True", StringComparison.Ordinal));
            own.Open();
            using var transaction = own.BeginTransaction();
            var done = write(new CatalogTransaction(own, transaction, 1));
            if (!done.IsCompleted) throw new InvalidOperationException("expected the work of a transaction in memory to end at once, saw it wait");
            if (done.IsCompletedSuccessfully) transaction.Commit();
            return done;
        }
    }

    public override Task<int> DropBucketsAsync(Legion.Format.StreamClass streamClass, int firstDay, CancellationToken cancellation) => Task.FromResult(0);

    private protected override Task PurgeAsync(IReadOnlyList<string> tables, CancellationToken cancellation) => Task.CompletedTask;

    public void Dispose()
    {
        using (var pooled = new SqliteConnection(connection.ConnectionString.Replace("Pooling=False", "Pooling=True", StringComparison.Ordinal))) SqliteConnection.ClearPool(pooled);
        connection.Dispose();
    }
}

/// <summary>What the simulation runs on keeps to what the real catalogs keep to.</summary>
public sealed class MemoryCatalogTests : CatalogContract
{
    readonly string name = $"{Guid.NewGuid():N}";
    readonly Lazy<MemoryCatalog> catalog;

    public MemoryCatalogTests() => catalog = new Lazy<MemoryCatalog>(() => new MemoryCatalog(name));

    public override ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public override ValueTask DisposeAsync()
    {
        if (catalog.IsValueCreated) catalog.Value.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Opened again for what opening says; used through one, as a simulation does.</summary>
    private protected override ICatalog Open()
    {
        catalog.Value.Migrate();
        return catalog.Value;
    }

    private protected override System.Data.Common.DbConnection Connect()
    {
        var connection = MemoryCatalog.Connect(name);
        connection.Open();
        return connection;
    }
}
