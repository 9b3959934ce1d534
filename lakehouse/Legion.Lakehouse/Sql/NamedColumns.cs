using System.Text.Json.Nodes;

namespace Legion.Lakehouse.Sql;

/// <summary>Reads from a query's syntax tree which names may be columns, whatever they turn out to be: a name too many costs bytes, one too few would cost the answer.</summary>
static class NamedColumns
{
    /// <summary>All names that occur, in any case of letters; null where the query may read columns that it does not name.</summary>
    public static IReadOnlySet<string>? In(JsonNode query)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        return Visit(query, names) && !NamesRows(query) ? names : null;
    }

    static bool Visit(JsonNode? node, HashSet<string> names) => node switch
    {
        JsonArray list => list.All(item => Visit(item, names)),
        JsonObject item => VisitItem(item, names),
        _ => true,
    };

    static bool VisitItem(JsonObject item, HashSet<string> names)
    {
        // ORDER BY ALL is about columns of the result.
        if (SyntaxTree.Text(item, "type") == "ORDER_MODIFIER" && item["orders"] is JsonArray { Count: 1 } orders && IsAll(orders[0]!["expression"])) return true;
        if (SyntaxTree.Text(item, "class") is "STAR" or "POSITIONAL_REFERENCE") return false;
        if (SyntaxTree.Text(item, "ref_type") == "NATURAL" || SyntaxTree.Text(item, "type") is "PIVOT" or "SHOW_REF") return false;
        // Other names for the columns, one after the other.
        if (SyntaxTree.Text(item, "type") == "BASE_TABLE" && item["column_name_alias"] is JsonArray { Count: > 0 }) return false;
        Add(item["column_names"] as JsonArray, names);
        Add(item["using_columns"] as JsonArray, names);
        return item.All(child => Visit(child.Value, names));
    }

    static bool IsAll(JsonNode? expression) =>
        SyntaxTree.Text(expression, "class") == "STAR" && (bool?)expression!["columns"] == true && expression["expr"] is null && SyntaxTree.Text(expression, "relation_name") is null;

    static void Add(JsonArray? found, HashSet<string> names)
    {
        foreach (var name in found ?? [])
            if (name is JsonValue value && value.TryGetValue<string>(out var text)) names.Add(text);
    }

    /// <summary>Whether a table stands where a column could: its name is then its whole row.</summary>
    static bool NamesRows(JsonNode query)
    {
        // What has no class is no expression, whose alias names a column of the result.
        var tables = SyntaxTree.Descend(query).Where(item => SyntaxTree.Text(item, "class") is null).SelectMany(item => (string?[])[SyntaxTree.Text(item, "alias"), SyntaxTree.Text(item, "table_name")]).OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        return SyntaxTree.Descend(query).Any(item => SyntaxTree.Text(item, "class") == "COLUMN_REF" && item["column_names"] is JsonArray { Count: 1 } alone && tables.Contains((string)alone[0]!));
    }
}
