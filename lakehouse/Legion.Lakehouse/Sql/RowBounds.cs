using System.Globalization;

namespace Legion.Lakehouse.Sql;

/// <summary>
/// Between which times of its own a row must lie to be read, both inclusive, nanoseconds UTC. As a plain comparison with constants
/// it is what the engine skips row groups by, so that of those that lie outside nothing has to be there.
/// </summary>
/// <param name="Column">The view's time column; null: nothing is skipped.</param>
readonly record struct RowBounds(string? Column, long FromNs, long ToNs)
{
    /// <summary>All rows may be read.</summary>
    public static RowBounds None => new(null, long.MinValue, long.MaxValue);

    public static RowBounds Of(ViewNeed need, QueryRange range)
    {
        var view = need.View;
        // Whether such a row answers depends on rows elsewhere.
        if (view.TimeColumn is not { } column || view.EndedBy is not null) return None;
        // What lasts answers as long as it has not ended: its begin may lie however early.
        var from = view.TimeColumn == "begin_ns" ? long.MinValue : Math.Max(need.FromNs, range.FromNs ?? long.MinValue);
        var to = Math.Min(view.Lasts ? Math.Min(need.ToNs, need.BeginToNs) : need.ToNs, range.ToNs is { } exclusive and > long.MinValue ? exclusive - 1 : long.MaxValue);
        return from == long.MinValue && to == long.MaxValue ? None : new RowBounds(column, from, to);
    }

    /// <summary>The condition, with its WHERE; empty where every row may answer.</summary>
    public string Where
    {
        get
        {
            if (Column is null) return "";
            var conditions = new List<string>();
            if (FromNs > long.MinValue) conditions.Add(string.Create(CultureInfo.InvariantCulture, $"{Column} >= {FromNs}"));
            if (ToNs < long.MaxValue) conditions.Add(ToNs == long.MinValue ? "false" : string.Create(CultureInfo.InvariantCulture, $"{Column} <= {ToNs}"));
            return " WHERE " + string.Join(" AND ", conditions);
        }
    }
}
