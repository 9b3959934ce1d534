using System.Text.RegularExpressions;

namespace Legion.Lakehouse.Sql;

/// <summary>Which columns of a view's files a query reads.</summary>
static class StoredColumns
{
    /// <summary>The columns that files store for what SQL shows: those of the same names, of a time's twin the nanoseconds, and of what is computed all that its expression names.</summary>
    /// <param name="shown">Names that occur in the query; null: any column may be read.</param>
    /// <returns>Null where every column may be read.</returns>
    public static IReadOnlySet<string>? Of(View view, IReadOnlyList<EventColumn> eventColumns, IReadOnlySet<string>? shown, QueryRange range, RowBounds bounds)
    {
        if (shown is null) return null;
        // The engine keeps a first column where a query names none, such as for a count.
        var stored = new HashSet<string> { view.Stored[0].Name };
        if (view.TimeColumn is { } time && (bounds.Column is not null || range != default)) Add(time);
        if (range.FromNs is not null) Add("end_ns");
        if (view.EndedBy is { } key)
            foreach (var column in (string[])["process_id", "end_ns", key]) Add(column);
        foreach (var column in view.Columns.Where(column => shown.Contains(column.Name) || column.TimeTwin is { } twin && shown.Contains(twin))) Add(column.Name);
        foreach (var column in eventColumns.Where(column => shown.Contains(column.Name))) stored.UnionWith(column.Stored.Select(one => one.Name));
        return stored;

        void Add(string name)
        {
            if (view.Find(name) is not { } column) return;
            if (column.Computed is not { } computed) stored.Add(column.Name);
            else stored.UnionWith(view.Stored.Select(one => one.Name).Where(one => Regex.IsMatch(computed, $@"\b{Regex.Escape(one)}\b")));
        }
    }
}
