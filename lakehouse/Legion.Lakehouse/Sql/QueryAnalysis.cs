using System.Text.Json.Nodes;

namespace Legion.Lakehouse.Sql;

/// <summary>
/// Reads from a query's syntax tree which views it needs, of which processes and times.
/// Only AND-ed conditions narrow, each table reference by itself; whatever is not understood narrows nothing.
/// Tables and table functions go by allow-list.
/// </summary>
sealed class QueryAnalysis(QueryContext context)
{
    static readonly HashSet<string> TableFunctions = new(StringComparer.OrdinalIgnoreCase) { "unnest", "range", "generate_series" };

    readonly Dictionary<string, ViewNeed> needs = new(StringComparer.OrdinalIgnoreCase);

    readonly HashSet<View> derived = [];

    /// <summary>The derived views that the query reads; what they are made from is among its needs.</summary>
    public IReadOnlyCollection<View> Derived => derived;

    readonly HashSet<string> ownTables = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The caller's own tables that the query reads.</summary>
    public IReadOnlyCollection<string> OwnTables => ownTables;

    /// <summary>Above zero inside DESCRIBE: columns are asked for, no rows.</summary>
    int describing;

    readonly List<ParsedBlock> blocks = [];

    /// <summary>The blocks that the query looks into, once it is analyzed.</summary>
    public IReadOnlyList<ParsedBlock> Blocks => blocks;

    /// <summary>The views that the query reads.</summary>
    /// <exception cref="QueryException">It reads something that is not a view, or names no process where it must.</exception>
    public IReadOnlyList<ViewNeed> Analyze(JsonObject query)
    {
        VisitQuery(query, []);
        return needs.Values.ToArray();
    }

    void VisitQuery(JsonObject node, HashSet<string> outerCtes)
    {
        var ctes = new HashSet<string>(outerCtes, StringComparer.OrdinalIgnoreCase);
        foreach (var entry in node["cte_map"]?["map"]?.AsArray() ?? [])
        {
            var query = entry!["value"]!["query"]!["node"]!.AsObject();
            var name = (string)entry["key"]!;
            // Only a recursive one sees its own name.
            if (SyntaxTree.Text(query, "type") == "RECURSIVE_CTE_NODE") ctes.Add(name);
            VisitQuery(query, ctes);
            ctes.Add(name);
        }
        switch (SyntaxTree.Text(node, "type"))
        {
            case "SELECT_NODE":
                VisitSelect(node, ctes);
                break;
            case "SET_OPERATION_NODE" or "RECURSIVE_CTE_NODE":
                if (SyntaxTree.Text(node, "cte_name") is { } recursive) ctes.Add(recursive);
                if (node["left"] is JsonObject left) VisitQuery(left, ctes);
                if (node["right"] is JsonObject right) VisitQuery(right, ctes);
                foreach (var child in node["children"]?.AsArray() ?? []) VisitQuery(child!.AsObject(), ctes);
                VisitExpressions(node["modifiers"], ctes);
                break;
            case "CTE_NODE":
                VisitQuery(node["query"]!.AsObject(), ctes);
                ctes.Add((string)node["cte_name"]!);
                VisitQuery(node["child"]!.AsObject(), ctes);
                break;
            case var other:
                throw new QueryException($"cannot run a query of type {other}");
        }
    }

    void VisitSelect(JsonObject select, HashSet<string> ctes)
    {
        var references = new List<TableReference>();
        var narrowing = new Narrowing(context, references, ctes);
        // A sample is taken from the rows of FROM, before WHERE chooses among them.
        var whereNarrows = select["sample"] is null;
        if (select["from_table"] is JsonObject from) VisitTable(from, ctes, references, narrowing, whereNarrows);
        narrowing.Where(select["where_clause"]);
        narrowing.Equate();
        foreach (var reference in references)
        {
            if (describing > 0) reference.Narrow([]);
            var view = reference.View;
            if (view.From is var (source, _))
            {
                derived.Add(view);
                view = source;
            }
            var isNew = !needs.TryGetValue(view.Name, out var need);
            if (isNew) needs.Add(view.Name, need = new ViewNeed(view));
            need!.Add(reference.Processes, reference.FromNs, reference.ToNs, reference.BeginToNs, isNew);
        }
        foreach (var (key, child) in select)
            if (key is not ("from_table" or "cte_map" or "type")) VisitExpressions(child, ctes);
    }

    /// <summary>Visits the queries inside expressions.</summary>
    void VisitExpressions(JsonNode? node, HashSet<string> ctes)
    {
        switch (node)
        {
            case JsonArray list:
                foreach (var item in list) VisitExpressions(item, ctes);
                break;
            case JsonObject item when SyntaxTree.Text(item, "class") == "SUBQUERY":
                VisitQuery(item["subquery"]!["node"]!.AsObject(), ctes);
                VisitExpressions(item["child"], ctes);
                break;
            case JsonObject item:
                foreach (var (_, child) in item) VisitExpressions(child, ctes);
                break;
        }
    }

    void VisitTable(JsonObject table, HashSet<string> ctes, List<TableReference> references, Narrowing narrowing, bool whereNarrows)
    {
        switch (SyntaxTree.Text(table, "type"))
        {
            case "BASE_TABLE":
                var name = (string)table["table_name"]!;
                var schema = SyntaxTree.Text(table, "schema_name");
                if (string.IsNullOrEmpty(schema) && ctes.Contains(name)) break;
                if (SyntaxTree.Text(table, "catalog_name") is null && context.IsOwnTable(schema, name))
                {
                    ownTables.Add(name);
                    break;
                }
                var view = SyntaxTree.Text(table, "catalog_name") is null ? context.FindView(schema, name) : null;
                if (view is null) throw UnknownTable(schema, name, table);
                var alias = SyntaxTree.Text(table, "alias");
                var isPlain = table["sample"] is null && table["column_name_alias"] is null or JsonArray { Count: 0 };
                references.Add(new TableReference(view, string.IsNullOrEmpty(alias) ? name : alias, table, whereNarrows && isPlain));
                break;
            case "JOIN":
                VisitJoin(table, ctes, references, narrowing, whereNarrows);
                break;
            case "SUBQUERY":
                VisitQuery(table["subquery"]!["node"]!.AsObject(), ctes);
                break;
            case "TABLE_FUNCTION":
                var function = (string)table["function"]!["function_name"]!;
                if (function.Equals(SqlFunctions.ParseBlock.Name, StringComparison.OrdinalIgnoreCase)) blocks.Add(Block(table["function"]!));
                else if (!TableFunctions.Contains(function))
                    throw new QueryException($"cannot read table function '{function}': a query reads the lake's views, and {string.Join(", ", TableFunctions)}, {SqlFunctions.ParseBlock.Name}", Position(table));
                VisitExpressions(table["function"], ctes);
                break;
            case "EXPRESSION_LIST":
                VisitExpressions(table["values"], ctes);
                break;
            case "PIVOT":
                VisitTable(table["source"]!.AsObject(), ctes, references, narrowing, whereNarrows: false);
                break;
            case "SHOW_REF" when table["query"] is JsonObject query && SyntaxTree.Text(table, "show_type") == "DESCRIBE":
                describing++;
                VisitQuery(query, ctes);
                describing--;
                break;
            case "EMPTY" or null:
                break;
            case var other:
                throw new QueryException($"cannot read a table of type {other}: a query reads the lake's views", Position(table));
        }
    }

    void VisitJoin(JsonObject join, HashSet<string> ctes, List<TableReference> references, Narrowing narrowing, bool whereNarrows)
    {
        var kind = SyntaxTree.Text(join, "join_type") ?? "INNER";
        var nearest = SyntaxTree.Text(join, "ref_type") is "ASOF" or "POSITIONAL"; // what they match depends on all rows of the other side
        var leftWhere = whereNarrows && kind is "INNER" or "LEFT" or "SEMI" or "ANTI" && SyntaxTree.Text(join, "ref_type") != "POSITIONAL";
        var rightWhere = whereNarrows && kind is "INNER" or "RIGHT" && !nearest;
        var start = references.Count;
        VisitTable(join["left"]!.AsObject(), ctes, references, narrowing, whereNarrows && leftWhere);
        var split = references.Count;
        VisitTable(join["right"]!.AsObject(), ctes, references, narrowing, whereNarrows && rightWhere);
        VisitExpressions(join["condition"], ctes);
        if (kind == "INNER" && whereNarrows && !nearest)
            narrowing.On(join["condition"], (join["using_columns"] as JsonArray)?.Select(column => (string)column!).ToArray() ?? [], start, split);
    }

    /// <summary>The block that a call of <c>parse_block</c> names: it is read before the query runs, so that no row can say which.</summary>
    ParsedBlock Block(JsonNode call)
    {
        var position = Position(call.AsObject());
        if (call["children"] is not JsonArray { Count: 1 } arguments) throw new QueryException("parse_block takes one block id, as in parse_block('...') or parse_block($block)", position);
        if (SyntaxTree.Descend(arguments[0]).Any(item => SyntaxTree.Text(item, "class") is "COLUMN_REF" or "SUBQUERY" or "STAR") || context.IsVolatile(arguments[0]!))
            throw new QueryException("parse_block takes a block id that stands in the SQL or is a parameter, as in parse_block($block): it cannot come from a column or a subquery", position);
        var text = context.Evaluate(arguments[0]!, "VARCHAR");
        return Guid.TryParseExact(text, "D", out var id) ? new ParsedBlock(id, position) : throw new QueryException($"expected the id of a block, a UUID, saw {(text is null ? "NULL" : $"'{text}'")}", position);
    }

    QueryException UnknownTable(string? schema, string name, JsonObject table)
    {
        var full = string.IsNullOrEmpty(schema) ? name : $"{schema}.{name}";
        var nearest = NearestName.Of(full, [.. context.TableNames]);
        return new QueryException($"there is no view '{full}'{(nearest is null ? "" : $": did you mean '{nearest}'?")} (views: {string.Join(", ", context.ViewNames)})", Position(table));
    }

    static int? Position(JsonObject node) => node["query_location"] is JsonValue value && value.TryGetValue<ulong>(out var at) && at < int.MaxValue ? (int)at : null;
}
