using System.Text.Json.Nodes;

namespace Legion.Lakehouse.Sql;

/// <summary>Looks at DuckDB's syntax trees, as <c>json_serialize_sql</c> writes them.</summary>
static class SyntaxTree
{
    /// <summary>A property that is a text and not empty; otherwise null.</summary>
    public static string? Text(JsonNode? node, string key) =>
        node is JsonObject item && item[key] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;

    /// <summary>A node and all objects below it.</summary>
    public static IEnumerable<JsonObject> Descend(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject item:
                yield return item;
                foreach (var (_, child) in item)
                    foreach (var found in Descend(child)) yield return found;
                break;
            case JsonArray list:
                foreach (var child in list)
                    foreach (var found in Descend(child)) yield return found;
                break;
        }
    }

    /// <summary>The parameters that occur below a node.</summary>
    public static IEnumerable<string> Parameters(JsonNode? node) => Descend(node)
        .Where(item => Text(item, "type") == "VALUE_PARAMETER").Select(item => Text(item, "identifier")!).Distinct();

    /// <summary>The tables and views named below a node, with their schema where one is given.</summary>
    public static IEnumerable<(string? Schema, string Name)> Tables(JsonNode? node) => Descend(node)
        .Where(item => Text(item, "type") == "BASE_TABLE").Select(item => (Text(item, "schema_name"), Text(item, "table_name")!));

    /// <summary>The functions called below a node, table functions too.</summary>
    public static IEnumerable<string> Functions(JsonNode? node) => Descend(node)
        .Where(item => Text(item, "class") is "FUNCTION" or "WINDOW").Select(item => Text(item, "function_name")).OfType<string>().Distinct();
}
