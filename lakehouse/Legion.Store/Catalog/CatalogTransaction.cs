using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Legion.Store;

/// <summary>Runs statements in one transaction. Parameters are anonymous objects.</summary>
sealed class CatalogTransaction(SqliteConnection connection, SqliteTransaction transaction)
{
    /// <summary>Ids in one statement: far below every database's limit of parameters, and large enough that the round trip does not count.</summary>
    const int IdsPerStatement = 500;

    public int Execute(string sql, object parameters) => connection.Execute(sql, parameters, transaction);

    /// <summary>Runs one statement, prepared once, with each of the parameters.</summary>
    public void ExecuteEach(string sql, IEnumerable<object> parameters) => connection.Execute(sql, parameters, transaction);

    public T? Scalar<T>(string sql, object parameters) => connection.ExecuteScalar<T>(sql, parameters, transaction);

    public List<T> Read<T>(string sql, object parameters, Func<DbDataReader, T> row)
    {
        var rows = new List<T>();
        Read(sql, parameters, row, rows);
        return rows;
    }

    /// <summary>
    /// Reads the rows of some ids, or of all where there is no list.
    /// <paramref name="sql"/> contains <c>{ids}</c> where the condition goes, which tests <paramref name="column"/>.
    /// </summary>
    public List<T> ReadByIds<T>(string sql, string column, Tenant tenant, IReadOnlyCollection<Guid>? ids, Func<DbDataReader, T> row, object? more = null)
    {
        var rows = new List<T>();
        if (ids is null)
        {
            Read(sql.Replace("{ids}", "1 = 1", StringComparison.Ordinal), Parameters(tenant, null, more), row, rows);
            return rows;
        }
        // Sorted, so that rows ordered by id within each statement are ordered over all of them.
        foreach (var some in ids.Distinct().Order().Chunk(IdsPerStatement))
            Read(sql.Replace("{ids}", $"{column} IN @ids", StringComparison.Ordinal), Parameters(tenant, [.. some.Select(RowReading.Bytes)], more), row, rows);
        return rows;
    }

    void Read<T>(string sql, object parameters, Func<DbDataReader, T> row, List<T> rows)
    {
        using var reader = (DbDataReader)connection.ExecuteReader(sql, parameters, transaction);
        while (reader.Read()) rows.Add(row(reader));
    }

    static DynamicParameters Parameters(Tenant tenant, byte[][]? ids, object? more)
    {
        var parameters = new DynamicParameters(more);
        parameters.Add("tenant", tenant.Name);
        if (ids is not null) parameters.Add("ids", ids);
        return parameters;
    }
}
