using System.Globalization;
using System.Text.RegularExpressions;
using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse.Sql;

/// <summary>A local file to be read.</summary>
/// <param name="Condition">SQL of which rows are to be read, by the columns that the file stores; null: all.</param>
/// <param name="IsCompacted">Whether it has rows of several slots.</param>
readonly record struct BoundFile(string Path, string? Condition, bool IsCompacted)
{
    /// <summary>A file of which all rows are read.</summary>
    public static BoundFile Whole(string path) => new(path, null, IsCompacted: false);

    public static BoundFile Of(SlotsFile file, string path) => new(path, And(file.Slots is { } slots ? $"{CompactedFile.SlotColumn} IN ({string.Join(", ", slots)})" : null, NotReopened(file.Reopened)), file.IsCompacted);

    public static BoundFile Of(OwnFile file) => new(file.Path, NotReopened(file.Reopened), IsCompacted: false);

    /// <summary>Stored columns that the condition of a file names.</summary>
    public static IEnumerable<string> ColumnsOf(SlotsFile file) => [.. file.Slots is null ? [] : (string[])[CompactedFile.SlotColumn], .. file.Reopened.Count == 0 ? [] : (string[])["stream_id", "duration_ns"]];

    static string? NotReopened(IReadOnlyList<Guid> streams) => streams.Count == 0 ? null : $"NOT (duration_ns IS NULL AND stream_id IN ({string.Join(", ", streams.Select(stream => DuckDb.Quote(stream.ToString())))}))";

    static string? And(string? one, string? other) => one is null ? other : other is null ? one : $"{one} AND {other}";

    public static IReadOnlyList<BoundFile> Whole(IEnumerable<string> paths) => [.. paths.Select(Whole)];
}

/// <summary>The SQL by which a query's engine sees a view: exactly the files of its partitions, times beside their nanoseconds, and the range that was asked for.</summary>
static class ViewBinding
{
    /// <summary>The select list: the columns, then the TIMESTAMP_NS twins of points in time.</summary>
    public static string Select(IEnumerable<Column> columns)
    {
        var list = columns.ToArray();
        return string.Join(", ", list.Select(column => DuckDb.Identifier(column.Name)).Concat(
            list.Where(column => column.TimeTwin is not null).Select(column => $"make_timestamp_ns({column.Name}) AS {column.TimeTwin}")));
    }

    /// <summary>The statement that creates a view over local Parquet files; without any it is an empty table of the right types.</summary>
    /// <param name="files">Those of the slots that the query asks for.</param>
    /// <param name="endFiles">For a view whose rows end elsewhere, those of further slots that may hold their ends.</param>
    /// <param name="bounds">Rows of files that lie outside are not read.</param>
    /// <param name="hidden">Values of properties whose rows are left out.</param>
    /// <param name="global">What files of many processes add; null: nothing.</param>
    /// <param name="process">The one whose rows the files have, so that the engine need not look for its id in each row; null: several.</param>
    public static string Create(View view, IReadOnlyList<BoundFile> files, IReadOnlyList<BoundFile> endFiles, IReadOnlyList<EventColumn> eventColumns, RowBounds bounds, QueryRange range, IReadOnlyList<Property> hidden, BoundGlobal? global = null, Guid? process = null)
    {
        var stored = view.Stored.Concat(eventColumns.SelectMany(column => column.Stored)).ToArray();
        var source = Source(stored, files, bounds.Where, process);
        if (global is { Files.Count: > 0 }) source = $"SELECT * FROM ({source}) UNION ALL BY NAME SELECT * FROM ({Source(stored, global.Files, With(bounds, global.Without))})";
        // In the file of one slot no row without an end has one, for whoever wrote it saw both.
        if (view.EndedBy is { } key && (files.Count + endFiles.Count > 1 || files.Any(file => file.IsCompacted)))
            source = $"""
                SELECT * FROM ({source}) AS own WHERE own.end_ns IS NOT NULL
                UNION ALL BY NAME SELECT * FROM ({source}) AS own WHERE own.end_ns IS NULL AND NOT EXISTS (
                    SELECT 1 FROM ({Source(stored, [.. files, .. endFiles], "", process)}) AS ended
                    WHERE ended.end_ns IS NOT NULL AND ended.process_id = own.process_id AND ended.{key} = own.{key})
                """;
        if (view.Packed.Count > 0)
            source = $"SELECT {string.Join(", ", view.Columns.Select(column => column.Computed is null ? DuckDb.Identifier(column.Name) : $"{column.Computed} AS {DuckDb.Identifier(column.Name)}"))} FROM ({source})";
        var select = string.Join(", ", new[] { Select(view.Columns) }.Concat(eventColumns.Select(column => $"{column.Expression} AS {DuckDb.Identifier(column.Name)}")));
        var name = view.EventType is { } type ? $"{Views.EventsSchema}.{DuckDb.Identifier(type)}" : view.Name;
        var shown = $"SELECT {select} FROM ({source}){Where(view, range)}";
        if (Hides(view, eventColumns, hidden) is { Length: > 0 } hides) shown = $"SELECT * FROM ({shown}) WHERE NOT ({hides})";
        return $"CREATE VIEW {name} AS {shown}";
    }

    /// <summary>The statement that creates a view of sums: those that files have, and those of rows that are summed up for it.</summary>
    /// <param name="files">Of rows of single processes.</param>
    /// <param name="global">What files of many processes add.</param>
    public static string CreateRollups(GlobalView view, IReadOnlyList<BoundFile> files, BoundGlobal? global, RowBounds bounds, QueryRange range, IReadOnlyList<Property> hidden)
    {
        var rows = Source(view.Rows.Stored, files, "");
        if (global is { Files.Count: > 0 }) rows = $"SELECT * FROM ({rows}) UNION ALL BY NAME SELECT * FROM ({Source(view.Rows.Stored, global.Files, GlobalFiles.WithoutCondition(global.Without))})";
        if (Hides(view.Rows, [], hidden) is { Length: > 0 } hides) rows = $"SELECT * FROM ({rows}) WHERE NOT ({hides})";
        var sums = files.Count + (global?.Files.Count ?? 0) == 0 ? Source(view.Rollups.Stored, Array.Empty<string>(), "") : Rollup.Select(view, rows, Rollup.Steps);
        if (global is { Rollups.Count: > 0 }) sums = $"{sums} UNION ALL BY NAME SELECT * FROM ({Source(view.Rollups.Stored, global.Rollups, With(bounds, global.Without))})";
        return $"CREATE VIEW {view.Rollups.Name} AS SELECT {Select(view.Rollups.Columns)} FROM ({sums}){Where(view.Rollups, range)}";
    }

    static string With(RowBounds bounds, IReadOnlyCollection<Guid> without) =>
        without.Count == 0 ? bounds.Where : $"{(bounds.Where.Length == 0 ? " WHERE" : bounds.Where + " AND")} process_id NOT IN ({GlobalFiles.Ids(without)})";

    /// <summary>
    /// A condition that is true of rows that have one of the values: in a JSON column under the property's name, or in an event's own column of that name;
    /// of OpenTelemetry's also deeper in a column of JSON, or of text that may be JSON, however deep that is text in text.
    /// </summary>
    static string Hides(View view, IReadOnlyList<EventColumn> eventColumns, IReadOnlyList<Property> hidden)
    {
        var conditions = new List<string>();
        foreach (var (property, value) in hidden)
        {
            var path = DuckDb.Quote($"$.\"{property.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"");
            var text = DuckDb.Quote(Redaction.TextOf(value));
            foreach (var json in view.Columns.Where(column => column.Name is "properties" or "arguments")) conditions.Add($"coalesce(({json.Name} ->> {path}) = {text}, false)");
            foreach (var own in eventColumns.Where(column => column.Field == property)) conditions.Add($"coalesce(CAST({DuckDb.Identifier(own.Name)} AS VARCHAR) = {text}, false)");
            if (!view.HoldsOpenTelemetry) continue;
            // Without its backslashes, text in text is as it was before it became that.
            var (name, wanted) = (WithoutBackslashes(property), WithoutBackslashes(Redaction.TextOf(value)));
            var pattern = DuckDb.Quote($"\"{name}\":(\\[([^]]*,)?)?(\"{wanted}\"|{wanted})[],}}]");
            foreach (var json in view.Columns.Where(column => column.Name is "properties" or "message")) conditions.Add($"coalesce(regexp_matches(replace({json.Name}, '\\', ''), {pattern}), false)");
        }
        return string.Join(" OR ", conditions);

        static string WithoutBackslashes(string text) => Regex.Escape(PropertyJson.Of(new[] { text })[2..^2].Replace("\\", ""));
    }

    /// <summary>The rows of files, with exactly these columns; without any file, none.</summary>
    /// <param name="where">With its WHERE; empty for all rows.</param>
    public static string Source(IReadOnlyList<Column> stored, IReadOnlyList<string> files, string where) => Source(stored, BoundFile.Whole(files), where);

    static string Source(IReadOnlyList<Column> stored, IReadOnlyList<BoundFile> files, string where, Guid? process = null)
    {
        var columns = process is { } id ? $"* REPLACE ({DuckDb.Quote(id.ToString())} AS process_id)" : "*";
        var sources = new List<string>();
        string[] whole = [.. files.Where(file => file.Condition is null).Select(file => DuckDb.Quote(file.Path))];
        if (whole.Length > 0) sources.Add($"SELECT {columns} FROM read_parquet([{string.Join(", ", whole)}], union_by_name = true, hive_partitioning = false){where}");
        foreach (var (path, condition, _) in files)
            if (condition is not null) sources.Add($"SELECT {columns} FROM (SELECT * FROM read_parquet({DuckDb.Quote(path)}, hive_partitioning = false) WHERE {condition}){where}");
        sources.Add($"SELECT {string.Join(", ", stored.Select(column => $"NULL::{column.SqlType} AS {DuckDb.Identifier(column.Name)}"))} WHERE false");
        return string.Join(" UNION ALL BY NAME ", sources);
    }

    /// <summary>Points lie within [from, to); what lasts overlaps it.</summary>
    static string Where(View view, QueryRange range)
    {
        var lasts = view.TimeColumn == "begin_ns"; // problems too, although they lie where they were found
        var conditions = new List<string>();
        var invariant = CultureInfo.InvariantCulture;
        if (range.FromNs is { } from) conditions.Add(lasts ? string.Create(invariant, $"(end_ns IS NULL OR end_ns >= {from})") : string.Create(invariant, $"{view.TimeColumn} >= {from}"));
        if (range.ToNs is { } to) conditions.Add(string.Create(invariant, $"{view.TimeColumn} < {to}"));
        return conditions.Count == 0 ? "" : " WHERE " + string.Join(" AND ", conditions);
    }
}

/// <summary>The time that a query asks for, nanoseconds UTC, end exclusive; null for all.</summary>
public readonly record struct QueryRange(long? FromNs, long? ToNs);

/// <summary>A column of a user-defined event type as SQL shows it, united from what partitions store.</summary>
public sealed record EventColumn(string Name, string Field, string SqlType, string Expression, IReadOnlyList<Column> Stored)
{
    static readonly FieldType[] Signed = [FieldType.U8, FieldType.U16, FieldType.U32, FieldType.I8, FieldType.I16, FieldType.I32, FieldType.I64, FieldType.Tick, FieldType.TickDelta];
    static readonly FieldType[] Unsigned = [FieldType.U8, FieldType.U16, FieldType.U32, FieldType.U64];
    static readonly FieldType[] Floating = [FieldType.U8, FieldType.U16, FieldType.U32, FieldType.I8, FieldType.I16, FieldType.I32, FieldType.F32, FieldType.F64];

    /// <summary>
    /// The columns of a type over all versions given, in order of first appearance. Numbers of one name widen to one column where
    /// that loses nothing; otherwise the type that came first has the name and others are <c>name__type</c>.
    /// </summary>
    public static IReadOnlyList<EventColumn> Unite(string typeName, IEnumerable<Schema> schemas)
    {
        var columns = new List<EventColumn>();
        var fields = schemas.SelectMany(schema => schema.Types).Where(type => type.Name == typeName).SelectMany(FieldColumns.Of);
        foreach (var versions in fields.GroupBy(field => field.Name))
        {
            var types = versions.Select(field => field.Type).ToHashSet();
            var stored = versions.Select(field => new Column(FieldColumns.StoredName(field), FieldColumns.TypeOf(field), "", "")).DistinctBy(column => column.Name).ToArray();
            var name = NameOf(versions.Key);
            var wide = stored.Length == 1 ? stored[0].SqlType
                : types.All(Signed.Contains) ? "BIGINT"
                : types.All(Unsigned.Contains) ? "UBIGINT"
                : types.All(Floating.Contains) ? "DOUBLE"
                : null;
            if (wide is not null)
            {
                columns.Add(new EventColumn(name, versions.Key, wide, $"coalesce({string.Join(", ", stored.Select(column => $"{DuckDb.Identifier(column.Name)}::{wide}"))})", stored));
                continue;
            }
            for (var i = 0; i < stored.Length; i++)
                columns.Add(new EventColumn(i == 0 ? name : $"{name}__{stored[i].SqlType.ToLowerInvariant()}", versions.Key, stored[i].SqlType, DuckDb.Identifier(stored[i].Name), [stored[i]]));
        }
        return columns;
    }

    /// <summary>A field named like a base column keeps its name with an underscore behind it.</summary>
    static string NameOf(string field) =>
        Views.EventColumns.Any(column => column.Name.Equals(field, StringComparison.OrdinalIgnoreCase) || string.Equals(column.TimeTwin, field, StringComparison.OrdinalIgnoreCase)) ? field + "_" : field;
}
