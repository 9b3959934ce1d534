using System.Globalization;
using System.Text.Json.Nodes;

namespace Legion.Lakehouse.Sql;

/// <summary>Finds in the AND-ed conditions of one SELECT what narrows its table references.</summary>
sealed class Narrowing(QueryContext context, List<TableReference> references, IReadOnlySet<string> ctes)
{
    static readonly string[] IdCasts = ["VARCHAR", "UUID"];

    /// <summary>Casts that keep a time to the microsecond; one to DATE or FLOAT makes times equal that lie far apart.</summary>
    static readonly string[] TimeCasts = ["BIGINT", "HUGEINT", "DOUBLE", "TIMESTAMP", "TIMESTAMP_NS"];

    readonly List<(TableReference, TableReference)> equated = [];

    /// <summary>References whose process_id USING made one column of.</summary>
    readonly HashSet<TableReference> united = [];

    /// <summary>The first reference that the condition at hand can see.</summary>
    int scope;

    public void Where(JsonNode? condition)
    {
        scope = 0;
        foreach (var conjunct in Conjuncts(condition)) Visit(conjunct, references.Where(reference => reference.WhereNarrows).ToArray());
    }

    /// <summary>Conditions of an inner join, whose left side begins at <paramref name="start"/> and whose right side at <paramref name="split"/>.</summary>
    public void On(JsonNode? condition, string[] usingColumns, int start, int split)
    {
        scope = start;
        var narrowable = references.Skip(start).Where(reference => reference.WhereNarrows).ToArray();
        foreach (var conjunct in Conjuncts(condition)) Visit(conjunct, narrowable);
        if (!usingColumns.Contains("process_id", StringComparer.OrdinalIgnoreCase)) return;
        var (lefts, rights) = (references[start..split].Where(reference => reference.WhereNarrows), references[split..].Where(reference => reference.WhereNarrows));
        foreach (var left in lefts)
            foreach (var right in rights)
            {
                equated.Add((left, right));
                united.UnionWith([left, right]);
            }
    }

    /// <summary>Carries processes from one reference to those it is equated with; a catalog view with conditions of its own is read for that.</summary>
    public void Equate()
    {
        foreach (var catalogSide in equated.SelectMany(pair => new[] { pair.Item1, pair.Item2 }).Distinct())
        {
            if (catalogSide.View.Source != ViewSource.Catalog || catalogSide.OwnConditions.Count == 0) continue;
            if (context.RunProcesses(catalogSide) is { } ids) catalogSide.Narrow(Parse(ids));
        }
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var (a, b) in equated) changed |= Carry(a, b) | Carry(b, a);
        }
    }

    static bool Carry(TableReference from, TableReference to)
    {
        if (from.Processes is null) return false;
        var before = to.Processes?.Count ?? int.MaxValue;
        to.Narrow(from.Processes);
        return to.Processes!.Count < before;
    }

    void Visit(JsonNode conjunct, TableReference[] narrowable)
    {
        KeepOwn(conjunct, narrowable);
        if (conjunct is not JsonObject node) return;
        switch (SyntaxTree.Text(node, "type"))
        {
            case "COMPARE_EQUAL":
                VisitEqual(node["left"]!, node["right"]!, narrowable);
                VisitEqual(node["right"]!, node["left"]!, narrowable);
                break;
            case "COMPARE_GREATERTHAN" or "COMPARE_GREATERTHANOREQUALTO":
                VisitTime(node["left"]!, node["right"]!, isLower: true, narrowable);
                VisitTime(node["right"]!, node["left"]!, isLower: false, narrowable);
                break;
            case "COMPARE_LESSTHAN" or "COMPARE_LESSTHANOREQUALTO":
                VisitTime(node["left"]!, node["right"]!, isLower: false, narrowable);
                VisitTime(node["right"]!, node["left"]!, isLower: true, narrowable);
                break;
            case "COMPARE_BETWEEN":
                VisitTime(node["input"]!, node["lower"]!, isLower: true, narrowable);
                VisitTime(node["input"]!, node["upper"]!, isLower: false, narrowable);
                break;
            case "COMPARE_IN":
                var children = node["children"]!.AsArray();
                if (ProcessColumn(children[0]!, narrowable) is { } column && children.Skip(1).All(IsConstant))
                    NarrowTo(column, children.Skip(1).Select(child => context.Evaluate(child!, IdType(children[0]!))), named: true);
                break;
            case "SUBQUERY" when SyntaxTree.Text(node, "subquery_type") == "ANY" && SyntaxTree.Text(node, "comparison_type") == "COMPARE_EQUAL":
                if (ProcessColumn(node["child"]!, narrowable) is { } tested) NarrowTo(tested, RunSubquery(node));
                break;
        }
    }

    void VisitEqual(JsonNode side, JsonNode other, TableReference[] narrowable)
    {
        if (ProcessColumn(side, narrowable) is { } reference)
        {
            if (IsConstant(other)) NarrowTo(reference, [context.Evaluate(other, IdType(side))], named: true);
            else if (SyntaxTree.Text(other, "class") == "SUBQUERY" && SyntaxTree.Text(other, "subquery_type") == "SCALAR") NarrowTo(reference, RunSubquery(other.AsObject()));
            else if (ProcessColumn(other, narrowable) is { } equal && equal != reference) equated.Add((reference, equal));
        }
        else
        {
            VisitTime(side, other, isLower: true, narrowable);
            VisitTime(side, other, isLower: false, narrowable);
        }
    }

    void VisitTime(JsonNode side, JsonNode bound, bool isLower, TableReference[] narrowable)
    {
        if (!IsConstant(bound)) return;
        if (Column(side, narrowable, TimeCasts) is not var (reference, column) || reference.View.Source is not (ViewSource.Blocks or ViewSource.Rollups)) return;
        var isNs = reference.View.Find(column) is { Unit: Lakehouse.Column.UtcNs };
        var isTwin = reference.View.Columns.Any(candidate => candidate.TimeTwin is { } twin && twin.Equals(column, StringComparison.OrdinalIgnoreCase));
        if (!isNs && !isTwin) return;
        if (context.Evaluate(bound, isNs ? "DOUBLE" : "TIMESTAMP_NS") is not { } text || !double.TryParse(text, CultureInfo.InvariantCulture, out var ns)) return;
        // A double holds today's nanoseconds to some 256 ns, and the comparison itself may round to a microsecond: widen the bound by more than that.
        const double Slack = 1_000_000;
        var widened = isLower ? ns - Slack : ns + Slack;
        reference.NarrowTime(column.ToLowerInvariant(), isLower, widened >= long.MaxValue ? long.MaxValue : widened <= long.MinValue ? long.MinValue : (long)widened);
    }

    IReadOnlyList<string?>? RunSubquery(JsonObject expression) => context.Run(expression["subquery"]!["node"]!, ctes);

    /// <param name="named">The ids stand in the query itself: one that the lake does not know is a mistake, not an empty answer.</param>
    void NarrowTo(TableReference reference, IEnumerable<string?>? ids, bool named = false)
    {
        if (ids is null) return;
        var texts = ids.ToArray();
        var parsed = Parse(texts).ToArray();
        if (named && reference.View.Source != ViewSource.Catalog && texts.Length > 0) context.RequireProcess(texts, parsed);
        reference.Narrow(parsed);
    }

    static IEnumerable<Guid> Parse(IEnumerable<string?> ids)
    {
        foreach (var id in ids)
            if (Guid.TryParseExact(id, "D", out var parsed)) yield return parsed;
    }

    /// <summary>Keeps a condition with the one reference it names, if it names only that.</summary>
    void KeepOwn(JsonNode conjunct, TableReference[] narrowable)
    {
        var columns = SyntaxTree.Descend(conjunct).Where(item => SyntaxTree.Text(item, "class") == "COLUMN_REF").ToArray();
        if (columns.Length == 0 || SyntaxTree.Descend(conjunct).Any(item => SyntaxTree.Text(item, "class") == "SUBQUERY")) return;
        if (context.IsVolatile(conjunct)) return;
        var owners = columns.Select(column => Column(column, narrowable, [])?.Reference).Distinct().ToArray();
        if (owners is [{ } owner]) owner.OwnConditions.Add(conjunct);
    }

    TableReference? ProcessColumn(JsonNode node, TableReference[] narrowable) =>
        Column(node, narrowable, IdCasts) is var (reference, column) && column.Equals("process_id", StringComparison.OrdinalIgnoreCase) ? reference : null;

    /// <summary>The type by which an id is compared: a UUID may be written in more ways than one.</summary>
    static string IdType(JsonNode side) => SyntaxTree.Descend(side).Any(item => SyntaxTree.Text(item["cast_type"], "id") == "UUID") ? "UUID" : "VARCHAR";

    /// <summary>The reference and column that an expression is, below casts that leave its value what it is. Without a qualifier it is the only one that has the column.</summary>
    (TableReference Reference, string Name)? Column(JsonNode node, TableReference[] narrowable, string[] casts)
    {
        for (; SyntaxTree.Text(node, "class") == "CAST"; node = node["child"]!)
            if (!casts.Contains(SyntaxTree.Text(node["cast_type"], "id"))) return null;
        if (SyntaxTree.Text(node, "class") != "COLUMN_REF") return null;
        var names = node["column_names"]!.AsArray().Select(name => (string)name!).ToArray();
        if (names.Length is 2 or 3)
        {
            var owner = references.FirstOrDefault(reference => reference.Alias.Equals(names[^2], StringComparison.OrdinalIgnoreCase));
            return owner is not null && narrowable.Contains(owner) ? (owner, names[^1]) : null;
        }
        if (names.Length != 1) return null;
        var having = references.Skip(scope).Where(reference => Has(reference.View, names[0])).ToArray();
        // Another table of the query may have it too, but then the engine calls it ambiguous.
        if (having.Length == 1) return narrowable.Contains(having[0]) ? (having[0], names[0]) : null;
        // USING makes one column of several, which share what narrows the first.
        return having.Length > 1 && having.All(united.Contains) && narrowable.Contains(having[0]) && names[0].Equals("process_id", StringComparison.OrdinalIgnoreCase) ? (having[0], names[0]) : null;
    }

    static bool Has(View view, string column) =>
        view.Find(column) is not null || view.Columns.Any(candidate => candidate.TimeTwin is { } twin && twin.Equals(column, StringComparison.OrdinalIgnoreCase));

    static IEnumerable<JsonNode> Conjuncts(JsonNode? condition)
    {
        if (condition is null) yield break;
        if (SyntaxTree.Text(condition, "type") != "CONJUNCTION_AND")
        {
            yield return condition;
            yield break;
        }
        foreach (var child in condition["children"]!.AsArray())
            foreach (var conjunct in Conjuncts(child)) yield return conjunct;
    }

    bool IsConstant(JsonNode? node) => node is not null && !context.IsVolatile(node) &&
        SyntaxTree.Descend(node).All(item => SyntaxTree.Text(item, "class") is not ("COLUMN_REF" or "SUBQUERY" or "WINDOW" or "STAR" or "LAMBDA"));
}
