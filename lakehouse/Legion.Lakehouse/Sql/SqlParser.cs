using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Legion.Lakehouse.Sql;

/// <summary>A statement as the query engine's own parser reads it.</summary>
/// <param name="Node">The query node of its one SELECT.</param>
/// <param name="Parameters">Names of the parameters it uses, without '$'.</param>
sealed record ParsedSql(string Text, JsonObject Node, IReadOnlyList<string> Parameters)
{
    /// <summary>The text as somebody wrote it, in which the engine's errors have their place; null where other text was put in.</summary>
    public string? Written { get; init; } = Text;
}

/// <summary>Parses SQL into DuckDB's syntax tree and back.</summary>
sealed partial class SqlParser(IQueryEngine engine)
{
    /// <summary>Of a syntax tree; a little less than what writes one takes.</summary>
    const int MostDepth = 900;

    /// <summary>Parses exactly one SELECT.</summary>
    /// <exception cref="QueryException">The text is something else; the position points at the error where the parser says so.</exception>
    public ParsedSql Parse(string sql)
    {
        JsonNode tree;
        try
        {
            tree = JsonNode.Parse(Scalar("SELECT json_serialize_sql($sql::VARCHAR, skip_null := false, skip_empty := false)", sql), documentOptions: new JsonDocumentOptions { MaxDepth = MostDepth })!;
        }
        catch (JsonException cause)
        {
            throw new QueryException($"the query nests too deeply: its syntax tree may be {MostDepth} levels deep", cause: cause);
        }
        if ((bool?)tree["error"] == true)
        {
            var message = SyntaxTree.Text(tree, "error_message") ?? "cannot parse the SQL";
            var position = int.TryParse(SyntaxTree.Text(tree, "position"), out var at) ? at : (int?)null;
            throw message.Contains("Only SELECT", StringComparison.Ordinal)
                ? new QueryException("a query is one SELECT: statements that change or define something are not run")
                : new QueryException(message, position);
        }
        var statements = tree["statements"]?.AsArray();
        if (statements is not { Count: 1 }) throw new QueryException($"a query is one SELECT, saw {statements?.Count ?? 0} statements");
        var names = statements[0]!["named_param_map"]?.AsArray().Select(entry => (string)entry!["key"]!).ToArray() ?? [];
        if (names.FirstOrDefault(name => name.Length == 0 || char.IsAsciiDigit(name[0])) is not null)
            throw new QueryException("parameters have names: write $name instead of ? or $1");
        return new ParsedSql(sql, statements[0]!["node"]!.AsObject(), names);
    }

    /// <summary>A SELECT like <paramref name="shape"/> with parts of another tree in it: the tree's form stays the engine's own.</summary>
    public JsonObject Shape(string shape, params ReadOnlySpan<(string Key, JsonNode Part)> parts)
    {
        var node = Parse(shape).Node;
        foreach (var (key, part) in parts) node[key] = part.DeepClone();
        return node;
    }

    /// <summary>The SQL of a query node.</summary>
    public string Text(JsonNode node)
    {
        var tree = new JsonObject { ["error"] = false, ["statements"] = new JsonArray(new JsonObject { ["node"] = node.DeepClone() }) };
        return Scalar("SELECT json_deserialize_sql($sql::VARCHAR::JSON)", tree.ToJsonString());
    }

    /// <summary>How the engine begins to say that it has no more memory.</summary>
    public const string OutOfMemory = "Out of Memory Error";

    /// <summary>Turns the engine's own error into ours: its first line, and the place where it names one.</summary>
    /// <param name="sql">The text in which that is; null: say no place.</param>
    public static QueryException Explain(Exception error, string? sql)
    {
        if (error.Message.StartsWith(OutOfMemory, StringComparison.Ordinal))
        {
            var limit = Used().Match(error.Message) is { Success: true } used ? $" of {used.Groups[1].Value}" : "";
            return new QueryException($"the query needs more memory than its limit{limit}: narrow it to fewer processes, times or columns, aggregate earlier, or raise the limit ({error.Message.Split('\n')[0].Trim()})", cause: error);
        }
        var lines = error.Message.Split('\n');
        var caret = Array.FindIndex(lines, each => CaretLine().IsMatch(each));
        int? position = null;
        if (sql is not null && caret > 0 && LineNumber().Match(lines[caret - 1]) is { Success: true } match && int.TryParse(match.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var line))
        {
            // "LINE 2: select x" and the caret below it, in columns of that line.
            var column = lines[caret].IndexOf('^') - match.Length;
            var excerpt = lines[caret - 1][match.Length..];
            var start = LineStart(sql, line);
            if (column >= 0 && !excerpt.StartsWith("...", StringComparison.Ordinal)) position = Math.Min(sql.Length, start + column);
        }
        return new QueryException(string.Join(' ', lines.TakeWhile(each => !LineNumber().IsMatch(each)).Select(each => each.Trim()).Where(each => each.Length > 0)), position, error);
    }

    static int LineStart(string sql, int line)
    {
        var start = 0;
        for (; line > 1; line--)
        {
            var next = sql.IndexOf('\n', start);
            if (next < 0) break;
            start = next + 1;
        }
        return start;
    }

    string Scalar(string sql, string argument) => engine.ReadTexts(sql, [new EngineParameter("sql", argument)], CancellationToken.None)[0]!;

    [GeneratedRegex(@"^LINE (\d+): ")]
    private static partial Regex LineNumber();

    /// <summary>As the engine says what it holds and may hold at most.</summary>
    [GeneratedRegex(@"\([^()/]+/([^()/]+) used\)")]
    private static partial Regex Used();

    [GeneratedRegex(@"^ *\^ *$")]
    private static partial Regex CaretLine();
}
