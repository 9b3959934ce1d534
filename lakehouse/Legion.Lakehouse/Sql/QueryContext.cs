using System.Text.Json.Nodes;

namespace Legion.Lakehouse.Sql;

/// <summary>What the analysis of a query asks while it reads the syntax tree: names, constants, and small relations over catalog views.</summary>
sealed class QueryContext(IQueryEngine engine, SqlParser parser, CatalogTables catalog, IReadOnlyDictionary<string, object?> parameters, IEnumerable<string>? savedQueries = null, IEnumerable<string>? ownTables = null, CancellationToken cancellation = default)
{
    static readonly HashSet<string> NoNames = [];

    readonly HashSet<Guid> processIds = catalog.Processes.Select(process => process.ProcessId).ToHashSet();

    static HashSet<string>? volatileFunctions;

    /// <summary>The engine's functions that give another value at each call; <c>now()</c> is none of them, as it stands still within a transaction. Asked for once: that takes 45 ms.</summary>
    HashSet<string> VolatileFunctions => volatileFunctions ??=
        Read("SELECT DISTINCT function_name FROM duckdb_functions() WHERE stability = 'VOLATILE'", []).ToHashSet(StringComparer.OrdinalIgnoreCase)!;

    /// <summary>Names of all views, user-defined event types included.</summary>
    public IReadOnlyList<string> ViewNames { get; } =
    [
        .. Views.All.Select(view => view.Name),
        .. EventTypes(catalog).Select(type => $"{Views.EventsSchema}.{type}"),
    ];

    readonly HashSet<string> ownNames = new(ownTables ?? [], StringComparer.OrdinalIgnoreCase);

    /// <summary>Names that FROM may hold: views, saved queries and the caller's own tables.</summary>
    public IEnumerable<string> TableNames => ViewNames.Concat(savedQueries ?? []).Concat(ownNames);

    /// <summary>Whether the name is that of one of the caller's own tables, which come before views.</summary>
    public bool IsOwnTable(string? schema, string name) => string.IsNullOrEmpty(schema) && ownNames.Contains(name);

    /// <summary>The view of this name, or null.</summary>
    public View? FindView(string? schema, string name)
    {
        if (string.IsNullOrEmpty(schema)) return Views.Find(name);
        if (!schema.Equals(Views.EventsSchema, StringComparison.OrdinalIgnoreCase)) return null;
        var type = EventTypes(catalog).FirstOrDefault(candidate => candidate.Equals(name, StringComparison.OrdinalIgnoreCase));
        return type is null ? null : Views.Events(type);
    }

    /// <summary>The value of an expression without columns, as text (a TIMESTAMP_NS as nanoseconds); null for NULL.</summary>
    /// <exception cref="QueryException">It cannot be evaluated, or a parameter has no value.</exception>
    public string? Evaluate(JsonNode expression, string sqlType)
    {
        var select = parser.Shape("SELECT 1", ("select_list", new JsonArray(expression.DeepClone())));
        var value = $"CAST(({parser.Text(select)}) AS {sqlType})";
        return Read($"SELECT CAST({(sqlType == "TIMESTAMP_NS" ? $"epoch_ns({value})" : value)} AS VARCHAR)", SyntaxTree.Parameters(expression))[0];
    }

    /// <summary>The processes that a catalog view holds where conditions of its own are met.</summary>
    public IReadOnlyList<string?>? RunProcesses(TableReference reference)
    {
        var condition = parser.Shape("SELECT 1 WHERE true AND true")["where_clause"]!.DeepClone();
        condition["children"] = new JsonArray(reference.OwnConditions.Select(own => own.DeepClone()).ToArray());
        var where = reference.OwnConditions.Count == 1 ? reference.OwnConditions[0] : condition;
        return Run(parser.Shape("SELECT process_id FROM processes WHERE true", ("from_table", reference.Node), ("where_clause", where)), NoNames);
    }

    /// <summary>The first column of a relation that reads nothing but catalog views; null where it cannot be run by itself.</summary>
    /// <param name="ctes">Names that the query around it defines: they are not the views of these names.</param>
    public IReadOnlyList<string?>? Run(JsonNode queryNode, IReadOnlySet<string> ctes)
    {
        if (SyntaxTree.Tables(queryNode).Any(table => table.Schema is null && ctes.Contains(table.Name))) return null;
        if (IsVolatile(queryNode)) return null;
        if (SyntaxTree.Tables(queryNode).Any(table => IsOwnTable(table.Schema, table.Name) || FindView(table.Schema, table.Name) is not { Source: ViewSource.Catalog })) return null;
        if (SyntaxTree.Descend(queryNode).Any(item => SyntaxTree.Text(item, "type") == "TABLE_FUNCTION")) return null;
        try
        {
            return Read($"SELECT CAST(COLUMNS(*) AS VARCHAR) FROM ({parser.Text(queryNode)})", SyntaxTree.Parameters(queryNode));
        }
        catch (QueryException)
        {
            return null; // it refers to the query around it; if it is wrong, the query itself says so
        }
    }

    /// <summary>True where an expression or relation may have another value each time it is asked.</summary>
    public bool IsVolatile(JsonNode node) => SyntaxTree.Descend(node).Any(item =>
        item["sample"] is not null || (SyntaxTree.Text(item, "class") == "FUNCTION" && VolatileFunctions.Contains(SyntaxTree.Text(item, "function_name") ?? "")));

    /// <exception cref="NotInLakeException">None of the ids that a query spells out is a process of the lake.</exception>
    public void RequireProcess(IReadOnlyList<string?> texts, IReadOnlyList<Guid> ids)
    {
        var known = ids.Where(processIds.Contains).ToArray();
        if (known.Any(id => texts.Contains(id.ToString()))) return;
        // Ids are text in the views, so that another spelling of one would find nothing.
        if (known.Length > 0) throw new QueryException($"process ids are written as {known[0]}, in lower case and with dashes: '{texts[0]}' finds nothing");
        throw new NotInLakeException($"there is no process '{string.Join("', '", texts)}' in this lake: `legion processes` lists those there are");
    }

    /// <summary>The values of parameters by name.</summary>
    /// <exception cref="QueryException">One has no value.</exception>
    public static IReadOnlyList<EngineParameter> Bind(IEnumerable<string> names, IReadOnlyDictionary<string, object?> parameters)
    {
        var bound = new List<EngineParameter>();
        foreach (var name in names)
        {
            if (!parameters.TryGetValue(name, out var value))
                throw new QueryException($"parameter ${name} has no value{(parameters.Count == 0 ? "" : $" (given: {string.Join(", ", parameters.Keys)})")}");
            bound.Add(new EngineParameter(name, value is Guid id ? id.ToString() : value));
        }
        return bound;
    }

    static IEnumerable<string> EventTypes(CatalogTables catalog) =>
        catalog.Streams.Where(stream => stream.Class == Format.StreamClass.Other).Select(stream => stream.Name).Distinct(StringComparer.Ordinal);

    IReadOnlyList<string?> Read(string sql, IEnumerable<string> names)
    {
        try
        {
            return engine.ReadTexts(sql, Bind(names, parameters), cancellation);
        }
        catch (EngineException error)
        {
            throw SqlParser.Explain(error, sql);
        }
    }
}
