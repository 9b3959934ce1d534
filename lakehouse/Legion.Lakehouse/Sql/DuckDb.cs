using DuckDB.NET.Data;

namespace Legion.Lakehouse.Sql;

/// <summary>Opens query engines: each query has one of its own, in memory, that sees the views bound for it and no other file.</summary>
static class DuckDb
{
    public static DuckDBConnection Open(QueryOptions options)
    {
        var connection = Open();
        Configure(connection, options);
        return connection;
    }

    /// <summary>Opens an engine for whatever will be asked: what depends on that <see cref="Configure"/> says.</summary>
    public static DuckDBConnection Open()
    {
        var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        Execute(connection, $"""
            SET autoinstall_known_extensions = false;
            SET autoload_known_extensions = false;
            SET TimeZone = 'UTC';
            SET temp_directory = {Quote(Path.Combine(Path.GetTempPath(), "legion-duckdb"))};
            {EngineMemory.Count}
            """);
        return connection;
    }

    public static void Configure(DuckDBConnection connection, QueryOptions options) => Execute(connection, $"""
        SET memory_limit = '{options.MemoryLimitBytes}B';
        SET max_temp_directory_size = '{options.TemporaryLimitBytes ?? options.MemoryLimitBytes * 4}B';
        {(options.Threads is { } threads ? $"SET threads = {threads};" : "")}
        """);

    /// <summary>From here on the engine opens only these files, and its settings stay.</summary>
    public static void Confine(IQueryEngine engine, IEnumerable<string> files) => engine.Execute($"""
        SET allowed_paths = [{string.Join(", ", files.Select(Quote))}];
        SET enable_external_access = false;
        SET lock_configuration = true;
        """);

    public static void Execute(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>A string literal.</summary>
    public static string Quote(string text) => $"'{text.Replace("'", "''")}'";

    /// <summary>A quoted identifier.</summary>
    public static string Identifier(string name) => $"\"{name.Replace("\"", "\"\"")}\"";
}
