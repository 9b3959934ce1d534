using System.Text.Json.Nodes;

namespace Legion.Lakehouse.Sql;

/// <summary>
/// One mention of a view in a FROM clause, and what conditions on it were found.
/// Null processes: nothing narrows them.
/// </summary>
sealed class TableReference(View view, string alias, JsonObject node, bool whereNarrows)
{
    public View View { get; } = view;
    public string Alias { get; } = alias;
    public JsonObject Node { get; } = node;

    /// <summary>False on the side of an outer join that may be missing: a WHERE sees its nulls too.</summary>
    public bool WhereNarrows { get; } = whereNarrows;

    public HashSet<Guid>? Processes { get; private set; }
    public long FromNs { get; private set; } = long.MinValue;
    public long ToNs { get; private set; } = long.MaxValue;

    /// <summary>No row that begins later is needed; of a view whose rows last.</summary>
    public long BeginToNs { get; private set; } = long.MaxValue;

    /// <summary>Conditions that name no other table, as syntax trees: with them a catalog view can be read by itself.</summary>
    public List<JsonNode> OwnConditions { get; } = [];

    public void Narrow(IEnumerable<Guid> processes)
    {
        if (Processes is null) Processes = [.. processes];
        else Processes.IntersectWith(processes);
    }

    /// <summary>Narrows by a comparison of a time column: only what is sure to hold for whole slots counts.</summary>
    public void NarrowTime(string column, bool isLower, long ns)
    {
        var (lower, upper) = View.Lasts ? (column is "begin_ns" or "begin_time" or "end_ns" or "end_time", column is "end_ns" or "end_time")
            : View.Name == "problems" ? (false, false)
            : (column is "time_ns" or "time", column is "time_ns" or "time");
        if (!isLower && View.Lasts && column is ("begin_ns" or "begin_time")) BeginToNs = Math.Min(BeginToNs, ns);
        if (isLower && lower) FromNs = Math.Max(FromNs, ns);
        if (!isLower && upper) ToNs = Math.Min(ToNs, ns);
    }
}
