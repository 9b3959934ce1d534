using System.Collections;
using System.Text.Json.Nodes;

namespace Legion.Lakehouse.Sql;

/// <summary>The names in FROM clauses of a query, of no schema, that no CTE of its own stands for; each once, as they are first written.</summary>
sealed class FreeNames : IEnumerable<string>
{
    readonly List<string> found = [];

    public FreeNames(JsonObject query) => Visit(query, new HashSet<string>(StringComparer.OrdinalIgnoreCase));

    public IEnumerator<string> GetEnumerator() => found.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    void Visit(JsonNode? node, HashSet<string> bound)
    {
        switch (node)
        {
            case JsonArray list:
                foreach (var item in list) Visit(item, bound);
                break;
            case JsonObject item when SyntaxTree.Text(item, "type") == "BASE_TABLE":
                if (SyntaxTree.Text(item, "schema_name") is null && SyntaxTree.Text(item, "catalog_name") is null) Add(SyntaxTree.Text(item, "table_name")!, bound);
                break;
            case JsonObject item:
                VisitObject(item, bound);
                break;
        }
    }

    void VisitObject(JsonObject item, HashSet<string> bound)
    {
        if (item["cte_map"]?["map"] is JsonArray { Count: > 0 } map)
        {
            bound = new HashSet<string>(bound, StringComparer.OrdinalIgnoreCase);
            foreach (var entry in map)
            {
                var (name, query) = ((string)entry!["key"]!, entry["value"]!["query"]!["node"]!.AsObject());
                // Only a recursive one sees its own name.
                if (SyntaxTree.Text(query, "type") == "RECURSIVE_CTE_NODE") bound.Add(name);
                Visit(query, bound);
                bound.Add(name);
            }
        }
        if (SyntaxTree.Text(item, "cte_name") is { } own)
        {
            bound = new HashSet<string>(bound, StringComparer.OrdinalIgnoreCase);
            if (item["query"] is { } query) Visit(query, bound);
            bound.Add(own);
        }
        foreach (var (key, child) in item)
            if (key is not "cte_map" && !(key == "query" && SyntaxTree.Text(item, "cte_name") is not null)) Visit(child, bound);
    }

    void Add(string name, HashSet<string> bound)
    {
        if (!bound.Contains(name) && !found.Contains(name, StringComparer.OrdinalIgnoreCase)) found.Add(name);
    }
}
