using Dapper;
using Microsoft.Data.Sqlite;

namespace Legion.Store;

/// <summary>Brings a SQLite catalog to the version that this program writes: the numbered scripts in order, each in one transaction with its number.</summary>
static class Migrations
{
    const int Newest = 2;

    /// <exception cref="StoreUnavailableException">The catalog is of a newer program.</exception>
    public static void Apply(SqliteConnection connection)
    {
        if (Version(connection, null) == Newest) return;
        using var transaction = connection.BeginTransaction(deferred: false);
        connection.Execute("CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY)", transaction: transaction);
        var version = Version(connection, transaction);
        if (version > Newest)
            throw new StoreUnavailableException($"cannot open catalog '{connection.DataSource}': it has version {version}, this program knows versions up to {Newest}; use a newer one");
        for (var number = version + 1; number <= Newest; number++)
        {
            connection.Execute(Script(number), transaction: transaction);
            connection.Execute("INSERT INTO migrations (number) VALUES (@number)", new { number }, transaction);
        }
        transaction.Commit();
    }

    static int Version(SqliteConnection connection, SqliteTransaction? transaction)
    {
        var tables = connection.ExecuteScalar<int>("SELECT COUNT(*) FROM sqlite_master WHERE name = 'migrations'", transaction: transaction);
        return tables == 0 ? 0 : connection.ExecuteScalar<int>("SELECT COALESCE(MAX(number), 0) FROM migrations", transaction: transaction);
    }

    static string Script(int number)
    {
        var name = $"{typeof(Migrations).Namespace}.Catalog.Migrations.sqlite-{number:D4}.sql";
        using var stream = typeof(Migrations).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"found no resource '{name}'");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
