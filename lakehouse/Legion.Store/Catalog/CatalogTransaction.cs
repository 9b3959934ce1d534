using System.Data.Common;
using Dapper;

namespace Legion.Store;

/// <summary>Runs statements in one transaction. Parameters are anonymous objects.</summary>
/// <param name="transaction">Null where each statement is one of its own.</param>
/// <param name="rowsPerInsert">How many rows one statement inserts.</param>
sealed class CatalogTransaction(DbConnection connection, DbTransaction? transaction, int rowsPerInsert)
{
    /// <summary>Ids in one statement: far below every database's limit of parameters, and large enough that the round trip does not count.</summary>
    const int IdsPerStatement = 500;

    public Task<int> ExecuteAsync(string sql, object parameters) => connection.ExecuteAsync(sql, parameters, transaction);

    public Task<T?> ScalarAsync<T>(string sql, object parameters) => connection.ExecuteScalarAsync<T>(sql, parameters, transaction);

    /// <summary>Inserts rows of values in the order of the columns, in as few statements as the database likes; a statement is prepared once.</summary>
    public async Task InsertAsync(string table, string[] columns, IEnumerable<object[]> rows)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        foreach (var some in rows.Chunk(rowsPerInsert))
        {
            if (command.Parameters.Count != some.Length * columns.Length) Shape(command, table, columns, some.Length);
            for (var row = 0; row < some.Length; row++)
                for (var column = 0; column < columns.Length; column++)
                    command.Parameters[row * columns.Length + column].Value = some[row][column];
            await command.ExecuteNonQueryAsync();
        }
    }

    static void Shape(DbCommand command, string table, string[] columns, int rows)
    {
        command.Parameters.Clear();
        var names = new string[columns.Length];
        var tuples = new string[rows];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns.Length; column++)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = names[column] = $"@p{row}_{column}";
                command.Parameters.Add(parameter);
            }
            tuples[row] = $"({string.Join(", ", names)})";
        }
        command.CommandText = $"INSERT INTO {table} ({string.Join(", ", columns)}) VALUES {string.Join(", ", tuples)}";
    }

    public async Task<List<T>> ReadAsync<T>(string sql, object parameters, Func<DbDataReader, T> row)
    {
        var rows = new List<T>();
        await ReadAsync(sql, parameters, row, rows);
        return rows;
    }

    /// <summary>Reads rows one at a time, however many there are.</summary>
    /// <param name="begin">Told the names of the columns first.</param>
    public async Task EachAsync(string sql, Func<string[], Task> begin, Func<object[], Task> row)
    {
        await using var reader = await connection.ExecuteReaderAsync(sql, transaction: transaction);
        string[] columns = [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)];
        await begin(columns);
        while (await reader.ReadAsync())
        {
            var values = new object[columns.Length];
            reader.GetValues(values);
            await row(values);
        }
    }

    /// <summary>
    /// Reads the rows of some ids, or of all where there is no list.
    /// <paramref name="sql"/> contains <c>{ids}</c> where the condition goes, which tests <paramref name="column"/>.
    /// </summary>
    public async Task<List<T>> ReadByIdsAsync<T>(string sql, string column, Tenant tenant, IReadOnlyCollection<Guid>? ids, Func<DbDataReader, T> row, object? more = null)
    {
        var rows = new List<T>();
        if (ids is null)
        {
            await ReadAsync(sql.Replace("{ids}", "1 = 1", StringComparison.Ordinal), Parameters(tenant, null, more), row, rows);
            return rows;
        }
        // Sorted, so that rows ordered by id within each statement are ordered over all of them.
        foreach (var some in ids.Distinct().Order().Chunk(IdsPerStatement))
            await ReadAsync(sql.Replace("{ids}", $"{column} IN @ids", StringComparison.Ordinal), Parameters(tenant, [.. some.Select(RowReading.Bytes)], more), row, rows);
        return rows;
    }

    async Task ReadAsync<T>(string sql, object parameters, Func<DbDataReader, T> row, List<T> rows)
    {
        await using var reader = await connection.ExecuteReaderAsync(sql, parameters, transaction);
        while (await reader.ReadAsync()) rows.Add(row(reader));
    }

    static DynamicParameters Parameters(Tenant tenant, byte[][]? ids, object? more)
    {
        var parameters = new DynamicParameters(more);
        parameters.Add("tenant", tenant.Name);
        if (ids is not null) parameters.Add("ids", ids);
        return parameters;
    }
}
