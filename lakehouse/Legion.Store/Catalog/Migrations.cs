using System.Data.Common;
using Dapper;

namespace Legion.Store;

/// <summary>Brings a catalog to the version that this program writes: the numbered scripts of a database in order, each recorded by its number.</summary>
/// <param name="database">What the scripts' names begin with.</param>
/// <param name="tableCount">A query that counts tables named <c>migrations</c>.</param>
sealed class Migrations(string database, string tableCount)
{
    readonly string prefix = $"{typeof(Migrations).Namespace}.Catalog.Migrations.{database}-";
    readonly int newest = typeof(Migrations).Assembly.GetManifestResourceNames().Count(name => name.Contains($".{database}-", StringComparison.Ordinal));

    /// <summary>Whether the catalog has exactly the version that this program writes.</summary>
    public bool AreApplied(DbConnection connection) => Version(connection, null) == newest;

    /// <summary>Applies what is missing. The caller sees to it that nobody else does at the same time.</summary>
    /// <param name="transaction">Null where a change of a table ends a transaction anyway; the scripts can then be run again from any point at which they broke off.</param>
    /// <exception cref="StoreUnavailableException">The catalog is of a newer program.</exception>
    public void Apply(DbConnection connection, DbTransaction? transaction, string catalog)
    {
        var version = Version(connection, transaction);
        if (version > newest)
            throw new StoreUnavailableException($"cannot open catalog '{catalog}': it has version {version}, this program knows versions up to {newest}; use a newer one");
        connection.Execute("CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY)", transaction: transaction);
        for (var number = version + 1; number <= newest; number++)
        {
            connection.Execute(Script(number), transaction: transaction);
            connection.Execute("INSERT INTO migrations (number) VALUES (@number)", new { number }, transaction);
        }
    }

    int Version(DbConnection connection, DbTransaction? transaction) => connection.ExecuteScalar<int>(tableCount, transaction: transaction) == 0
        ? 0
        : connection.ExecuteScalar<int>("SELECT COALESCE(MAX(number), 0) FROM migrations", transaction: transaction);

    string Script(int number)
    {
        var name = $"{prefix}{number:D4}.sql";
        using var stream = typeof(Migrations).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"found no resource '{name}'");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
