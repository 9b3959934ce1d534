namespace Legion.Lakehouse.Sql;

/// <summary>Which columns of a view's files a query reads.</summary>
static class StoredColumns
{
    /// <summary>The columns that files store for what SQL shows: by default those of the same names, and of a time's twin the nanoseconds.</summary>
    /// <param name="shown">Names that occur in the query; null: any column may be read.</param>
    /// <returns>Null where every column may be read.</returns>
    public static IReadOnlySet<string>? Of(View view, IReadOnlyList<EventColumn> eventColumns, IReadOnlySet<string>? shown, QueryRange range, RowBounds bounds)
    {
        if (shown is null) return null;
        // The engine keeps a first column where a query names none, such as for a count.
        var stored = new HashSet<string> { view.Columns[0].Name };
        if (view.TimeColumn is { } time && (bounds.Column is not null || range != default)) stored.Add(time);
        foreach (var column in view.Columns.Where(column => shown.Contains(column.Name) || column.TimeTwin is { } twin && shown.Contains(twin))) stored.Add(column.Name);
        foreach (var column in eventColumns.Where(column => shown.Contains(column.Name))) stored.UnionWith(column.Stored.Select(one => one.Name));
        if (range.FromNs is not null && view.Find("end_ns") is not null) stored.Add("end_ns");
        if (view.EndedBy is { } key) stored.UnionWith(["process_id", "end_ns", key]);
        return stored;
    }
}
