using System.Text.Json.Nodes;
using DuckDB.NET.Data;

namespace Legion.Lakehouse.Sql;

/// <summary>A condition of a policy: one SQL expression over the columns of one table, which has the same value whenever it is asked. A row for which it fails, or is null, does not meet it.</summary>
/// <param name="Table">What its columns may be named after.</param>
/// <param name="Columns">Names and types, as for a CREATE TABLE.</param>
/// <param name="Names">Names of the columns, for errors.</param>
sealed record PolicyCondition(string Table, string Columns, string Names)
{
    public static PolicyCondition Processes { get; } = Over("processes",
        [.. Views.Processes.Columns.Select(column => (column.Name, column.SqlType)), .. Views.Processes.Columns.Where(column => column.TimeTwin is not null).Select(column => (column.TimeTwin!, "TIMESTAMP_NS"))]);

    public static PolicyCondition Spans { get; } = Over("spans", [("name", "VARCHAR"), ("target", "VARCHAR"), ("file", "VARCHAR"), ("line", "INTEGER")]);

    static PolicyCondition Over(string table, (string Name, string Type)[] columns) =>
        new(table, string.Join(", ", columns.Select(column => $"{DuckDb.Identifier(column.Name)} {column.Type}")), string.Join(", ", columns.Select(column => column.Name)));

    /// <summary>SQL that is true where a condition is met. A line ends before the parenthesis, so that a comment in it does.</summary>
    public static string IsMet(string condition) => $"coalesce(TRY(({condition}\n)), false)";

    /// <summary>Makes the functions of ours that a condition calls, where the engine has them not yet.</summary>
    public static void CreateFunctions(DuckDBConnection engine, string condition)
    {
        if (condition.Contains(SqlFunctions.Property.Name, StringComparison.OrdinalIgnoreCase)) DuckDb.Execute(engine, $"CREATE OR REPLACE MACRO {SqlFunctions.Property.Name}{SqlFunctions.Property.Macro}");
        if (condition.Contains(SqlFunctions.TimeBin.Name, StringComparison.OrdinalIgnoreCase)) DuckDb.Execute(engine, $"CREATE OR REPLACE MACRO {SqlFunctions.TimeBin.Name}{SqlFunctions.TimeBin.Macro}");
    }

    /// <summary>Checks a condition that somebody wrote.</summary>
    /// <exception cref="QueryException">It is none.</exception>
    public void Check(string condition)
    {
        if (condition.Length == 0) return;
        using var engine = DuckDb.Open(new QueryOptions { Threads = 1 });
        DuckDb.Execute(engine, "SET enable_external_access = false");
        var parser = new SqlParser(new InProcessEngine(engine));
        try
        {
            if (condition.Any(character => char.IsControl(character) && !char.IsWhiteSpace(character))) throw new QueryException("it has a control character");
            CheckTree(parser, parser.Parse($"SELECT ({condition}\n) AS asked").Node, engine);
            CreateFunctions(engine, condition);
            DuckDb.Execute(engine, $"CREATE TABLE {Table} ({Columns})");
            using (var command = engine.CreateCommand())
            {
                command.CommandText = $"SELECT ({condition}\n) AS asked FROM {Table} LIMIT 0";
                using var reader = command.ExecuteReader();
                if (reader.GetFieldType(0) != typeof(bool)) throw new QueryException($"it gives {reader.GetDataTypeName(0).ToUpperInvariant()}, not BOOLEAN");
            }
            DuckDb.Execute(engine, $"SELECT 1 FROM {Table} WHERE {IsMet(condition)}");
        }
        catch (Exception cause) when (cause is DuckDBException or EngineException)
        {
            throw Refusal(condition, SqlParser.Explain(cause, null));
        }
        catch (QueryException cause)
        {
            throw Refusal(condition, cause);
        }
    }

    QueryException Refusal(string condition, QueryException cause) =>
        new($"cannot use '{condition}' as a condition on {Table}: {cause.Message.TrimEnd('.', ' ')}; expected one SQL expression, true or false, over {Names}, that has the same value whenever it is asked", cause: cause);

    static void CheckTree(SqlParser parser, JsonObject node, DuckDBConnection engine)
    {
        if (node["select_list"] is not JsonArray { Count: 1 } list || parser.Text(node) != parser.Text(parser.Shape("SELECT 1", ("select_list", list)))) throw new QueryException("it is more than one expression");
        foreach (var item in SyntaxTree.Descend(list))
        {
            if (SyntaxTree.Text(item, "class") is "SUBQUERY" or "WINDOW" or "STAR" && SyntaxTree.Text(item, "class") is { } kind) throw new QueryException($"it has a {kind.ToLowerInvariant()}");
            if (SyntaxTree.Text(item, "type") == "VALUE_PARAMETER") throw new QueryException("it has a parameter");
        }
        using var command = engine.CreateCommand();
        command.CommandText = "SELECT function_name FROM duckdb_functions() WHERE stability IS NOT NULL GROUP BY function_name HAVING bool_or(stability = 'VOLATILE') OR NOT bool_or(stability = 'CONSISTENT')";
        var changing = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        using (var reader = command.ExecuteReader())
            while (reader.Read()) changing.Add(reader.GetString(0));
        // The parser takes these, which have no parentheses, for columns.
        var words = SyntaxTree.Descend(list).Where(item => SyntaxTree.Text(item, "class") == "COLUMN_REF").Select(item => item["column_names"] as JsonArray).Where(names => names is { Count: 1 })
            .Select(names => (string)names![0]!).Where(name => name.StartsWith("current_", StringComparison.OrdinalIgnoreCase) || name.StartsWith("localtime", StringComparison.OrdinalIgnoreCase));
        if (SyntaxTree.Functions(list).Where(changing.Contains).Concat(words).FirstOrDefault() is { } name) throw new QueryException($"{name} has another value at another time");
    }
}
