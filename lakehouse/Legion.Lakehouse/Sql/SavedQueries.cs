using System.Text.Json.Nodes;
using Legion.Store;

namespace Legion.Lakehouse.Sql;

/// <summary>
/// Puts the saved queries that a query names into it, as CTEs before its own: what narrows inside them narrows, and their parameters are the query's.
/// Each brings the ones that it uses itself along, so that the CTEs of a query and those of a saved one never meet.
/// </summary>
sealed class SavedQueries(IEnumerable<SavedQueryRow> rows, SqlParser parser)
{
    /// <summary>Most mentions of saved queries within each other: some that each use another twice would grow without end.</summary>
    const int MostMentions = 200;

    readonly Dictionary<string, SavedQueryRow> saved = rows.ToDictionary(row => row.Name, StringComparer.OrdinalIgnoreCase);
    readonly Dictionary<string, ParsedSql> parsed = new(StringComparer.OrdinalIgnoreCase);
    readonly SortedDictionary<string, SavedQueryRow> used = new(StringComparer.Ordinal);
    readonly SortedSet<string> parameters = new(StringComparer.Ordinal);
    int mentions;

    /// <summary>Those that the expanded query uses, in order of name.</summary>
    public IReadOnlyCollection<SavedQueryRow> Used => used.Values;

    public IEnumerable<string> Names => saved.Keys;

    /// <summary>The query with all that it uses in it; the query itself where it uses none.</summary>
    /// <exception cref="QueryException">A saved query cannot be parsed, or uses itself.</exception>
    public ParsedSql Expand(ParsedSql query)
    {
        if (!Prepend(query.Node, [])) return query;
        return new ParsedSql(parser.Text(query.Node), query.Node, [.. query.Parameters.Union(parameters)]) { Written = null };
    }

    /// <param name="path">The saved queries around the node.</param>
    /// <returns>Whether the node names any.</returns>
    bool Prepend(JsonObject node, IReadOnlyList<string> path)
    {
        var names = new FreeNames(node).Where(saved.ContainsKey).ToArray();
        if (names.Length == 0) return false;
        var entries = names.Select(name => Entry(saved[name], path)).ToArray();
        var map = node["cte_map"]!["map"]!.AsArray();
        for (var i = 0; i < entries.Length; i++) map.Insert(i, entries[i]);
        return true;
    }

    JsonNode Entry(SavedQueryRow row, IReadOnlyList<string> path)
    {
        if (path.Contains(row.Name)) throw new QueryException($"saved query '{row.Name}' uses itself: {string.Join(" -> ", path.SkipWhile(name => name != row.Name).Append(row.Name))}");
        if (++mentions > MostMentions) throw new QueryException($"the query uses saved queries more than {MostMentions} times, those within others counted: write some of them out, or save fewer that use each other");
        if (!parsed.TryGetValue(row.Name, out var definition)) parsed.Add(row.Name, definition = Parse(row));
        used[row.Name] = row;
        parameters.UnionWith(definition.Parameters);
        var node = definition.Node.DeepClone().AsObject();
        Prepend(node, [.. path, row.Name]);
        // The form of an entry is the engine's own.
        var entry = parser.Parse("WITH x AS (SELECT 1) SELECT 1").Node["cte_map"]!["map"]![0]!.DeepClone();
        entry["key"] = row.Name;
        entry["value"]!["query"]!["node"] = node;
        return entry;
    }

    ParsedSql Parse(SavedQueryRow row)
    {
        try
        {
            var definition = parser.Parse(row.Sql);
            // Places in its text are none in that of the query around it.
            foreach (var item in SyntaxTree.Descend(definition.Node).ToArray()) item.Remove("query_location");
            return definition;
        }
        catch (QueryException error)
        {
            throw new QueryException($"saved query '{row.Name}' cannot be run: {error.Message}", cause: error);
        }
    }
}
