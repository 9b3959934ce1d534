using System.Globalization;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Store;
using Microsoft.Data.Analysis;

namespace Legion.Notebook;

/// <summary>What to look for in the whole lake.</summary>
public sealed record FindQuery(string Text)
{
    /// <summary>Only what no process had before the first that has this property <c>build</c>; null: all.</summary>
    public string? NeverBefore { get; init; }

    public QueryRange Range { get; init; }

    public long Limit { get; init; } = 200;
}

/// <summary>Reads what is about the lake as a whole.</summary>
sealed class LakeReading(Lake lake)
{
    public async Task<TableView> StatusAsync(CancellationToken cancel)
    {
        var totals = await lake.Store.Catalog.ReadTotalsAsync(lake.Tenant, cancel);
        var (running, newest, views, viewBytes) = (0L, (long?)null, 0L, 0L);
        using (var result = await lake.QueryAsync("SELECT count_if(end_ns IS NULL)::BIGINT, max(last_seen_ns) FROM processes", cancellation: cancel))
        using (var rows = result.ReadRows(cancel))
            while (rows.Read())
                (running, newest) = (rows.Int64(0), rows.IsNull(1) ? null : rows.Int64(1));
        using (var result = await lake.QueryAsync("SELECT count(*)::BIGINT, coalesce(sum(bytes), 0)::BIGINT FROM partitions", cancellation: cancel))
        using (var rows = result.ReadRows(cancel))
            while (rows.Read())
                (views, viewBytes) = (rows.Int64(0), rows.Int64(1));
        (string What, string Value)[] lines =
        [
            ("lake", lake.Store.Location.ToString()),
            ("processes", string.Create(CultureInfo.InvariantCulture, $"{totals.Processes:N0}, {running:N0} of them running")),
            ("newest data", newest is { } ns ? TimeText.Format(ns) : "none"),
            ("streams", totals.Streams.ToString("N0", CultureInfo.InvariantCulture)),
            ("blocks", string.Create(CultureInfo.InvariantCulture, $"{totals.Blocks:N0}, {ReceiptText.Bytes(totals.BlockBytes)}")),
            ("partitions that were looked at", string.Create(CultureInfo.InvariantCulture, $"{views:N0}, {ReceiptText.Bytes(viewBytes)}")),
        ];
        var frame = new DataFrame(new StringDataFrameColumn("what", lines.Select(line => line.What)), new StringDataFrameColumn("value", lines.Select(line => line.Value)));
        return new TableView(frame, new Dictionary<string, CellKind>(), "`#!legion processes` lists the processes, `#!legion schema` the views");
    }

    /// <param name="view">Null: the list of views.</param>
    public async Task<TableView> SchemaAsync(string? view, CancellationToken cancel)
    {
        var none = new Dictionary<string, CellKind>();
        if (view is null)
        {
            var frame = new DataFrame(
                new StringDataFrameColumn("view", Views.All.Select(one => one.Name)),
                new StringDataFrameColumn("columns", Views.All.Select(one => string.Join(", ", one.Columns.Select(column => column.Name)))),
                new StringDataFrameColumn("meaning", Views.All.Select(one => one.Meaning)));
            return new TableView(frame, none, "`#!legion schema VIEW` describes the columns of one");
        }
        if (Views.Find(view) is { } found)
        {
            // A point in time has a timestamp beside it.
            var columns = found.Columns.Select(column => (column.Name, Type: column.SqlType, column.Unit, column.Meaning))
                .Concat(found.Columns.Where(column => column.TimeTwin is not null).Select(column => (Name: column.TimeTwin!, Type: "TIMESTAMP_NS", Unit: "UTC", Meaning: $"{column.Name} as a timestamp."))).ToList();
            var frame = new DataFrame(
                new StringDataFrameColumn("column", columns.Select(column => column.Name)),
                new StringDataFrameColumn("type", columns.Select(column => column.Type)),
                new StringDataFrameColumn("unit", columns.Select(column => column.Unit)),
                new StringDataFrameColumn("meaning", columns.Select(column => column.Meaning)));
            return new TableView(frame, none, found.Meaning);
        }
        var saved = await lake.FindQueryAsync(view, cancel);
        if (saved is null && !view.StartsWith(Views.EventsSchema + ".", StringComparison.OrdinalIgnoreCase))
            throw new NotInLakeException($"there is no view '{view}'{NearestName.Suggestion(view, Views.All.Select(one => one.Name).Concat((await lake.ReadSavedQueriesAsync(cancel)).Select(query => query.Name)))}");
        using var result = await lake.QueryAsync($"SELECT * FROM {view}", new QueryOptions { ColumnsOnly = true }, cancel);
        using var rows = result.ReadRows(cancel);
        var names = new DataFrame(
            new StringDataFrameColumn("column", rows.Columns.Select(column => column.Name)),
            new StringDataFrameColumn("type", rows.Columns.Select(column => column.SqlType)));
        return new TableView(names, none, saved is null ? "a type of events of an application" : $"a saved query: {saved.Sql.ReplaceLineEndings(" ")}");
    }

    public async Task<TableView> FindAsync(FindQuery query, CancellationToken cancel)
    {
        var sinceNs = long.MinValue;
        if (query.NeverBefore is { } build)
        {
            using var first = await lake.QueryAsync("SELECT min(start_ns) FROM processes WHERE property(properties, 'build') = $build",
                new QueryOptions { Parameters = new Dictionary<string, object?> { ["build"] = build } }, cancel);
            using var rows = first.ReadRows(cancel);
            while (rows.Read())
                sinceNs = rows.IsNull(0) ? throw new NotInLakeException($"no process has the property build '{build}'") : rows.Int64(0);
        }
        // Logs are told apart by their texts with holes: a number in a message makes no new kind of it.
        const string Sql = """
            WITH found AS (
                SELECT 'log' AS kind, template AS text, level AS what, process_id, time_ns FROM log_entries WHERE contains(lower(message), lower($text)) OR contains(lower(template), lower($text))
                UNION ALL
                SELECT 'metric', name, unit, process_id, time_ns FROM measures WHERE contains(lower(name), lower($text))
                UNION ALL
                SELECT 'process', exe, coalesce(end_reason, 'running'), process_id, start_ns FROM processes WHERE contains(lower(concat_ws(' ', exe, computer, "user", properties)), lower($text))
            )
            SELECT kind, text, what, count(*) AS count, count(DISTINCT process_id) AS processes, make_timestamp_ns(min(time_ns)) AS first, make_timestamp_ns(max(time_ns)) AS last, arg_max(process_id, time_ns) AS newest_process
            FROM found GROUP BY ALL HAVING min(time_ns) >= $since ORDER BY count DESC, kind, text LIMIT $take
            """;
        var answer = await RowsAsync(Sql, new QueryOptions
        {
            Parameters = new Dictionary<string, object?> { ["text"] = query.Text, ["since"] = sinceNs, ["take"] = query.Limit }, Range = query.Range,
        }, cancel);
        return new TableView(answer.Frame, new Dictionary<string, CellKind>(), ReceiptText.Of(answer.Receipt));
    }

    /// <summary>Rows of a query whose SQL is ours.</summary>
    async Task<SqlAnswer> RowsAsync(string sql, QueryOptions options, CancellationToken cancel)
    {
        using var result = await lake.QueryAsync(sql, options, cancel);
        return new(await DataFrames.FromArrowAsync(result.ReadBatchesAsync(cancel), cancel), result.Receipt);
    }
}
