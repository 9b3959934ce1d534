using System.Globalization;
using DuckDB.NET.Data;

namespace Legion.Lakehouse.Sql;

/// <summary>An engine in this process.</summary>
sealed class InProcessEngine(DuckDBConnection connection) : IQueryEngine
{
    public DuckDBConnection Connection => connection;

    public void Execute(string sql) => Guarded(() =>
    {
        DuckDb.Execute(connection, sql);
        return true;
    });

    public IReadOnlyList<string?> ReadTexts(string sql, IReadOnlyList<EngineParameter> parameters, CancellationToken cancellation)
    {
        using var command = Command(sql, parameters);
        using var interruption = new QueryInterruption(command, cancellation);
        try
        {
            return Guarded(() =>
            {
                var values = new List<string?>();
                using var reader = command.ExecuteReader();
                while (reader.Read()) values.Add(reader.IsDBNull(0) ? null : Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture));
                return values;
            });
        }
        catch (EngineException)
        {
            cancellation.ThrowIfCancellationRequested();
            throw;
        }
    }

    public void Append(string table, IEnumerable<object?[]> rows) => Guarded(() =>
    {
        using var appender = connection.CreateAppender(table);
        foreach (var values in rows)
        {
            var row = appender.CreateRow();
            foreach (var value in values)
                _ = value switch
                {
                    null => row.AppendNullValue(),
                    string text => row.AppendValue(text),
                    int number => row.AppendValue((int?)number),
                    long number => row.AppendValue((long?)number),
                    ulong number => row.AppendValue((ulong?)number),
                    var other => throw new ArgumentException($"expected null, text, int, long or ulong for {table}, saw {other.GetType().Name}", nameof(rows)),
                };
            row.EndRow();
        }
        return true;
    });

    /// <summary>A statement with its parameters, for what gives more than texts.</summary>
    public DuckDBCommand Command(string sql, IReadOnlyList<EngineParameter> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters) command.Parameters.Add(new DuckDBParameter(name, value ?? DBNull.Value));
        return command;
    }

    public void Dispose() => ReadyEngine.LetGo(connection);

    static T Guarded<T>(Func<T> run)
    {
        try
        {
            return run();
        }
        catch (DuckDBException cause)
        {
            throw new EngineException(cause.Message, cause);
        }
    }
}
