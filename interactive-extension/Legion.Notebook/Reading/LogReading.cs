using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;

namespace Legion.Notebook;

/// <summary>Which lines of a log.</summary>
public sealed record LogQuery
{
    public Level Level { get; init; } = Level.Trace;

    /// <summary>Without the levels above.</summary>
    public bool OnlyThisLevel { get; init; }

    /// <summary>A text in message or target; case counts nothing.</summary>
    public string Grep { get; init; } = "";

    /// <summary>The newest lines instead of the first, where there are more than the limit.</summary>
    public bool Tail { get; init; }

    public QueryRange Range { get; init; }

    public long Limit { get; init; } = 200;

    /// <summary>Told while partitions are built.</summary>
    public IProgress<BuildProgress>? Progress { get; init; }
}

/// <summary>Reads the log of a process.</summary>
sealed class LogReading(Lake lake, Guid process, LogQuery query)
{
    public async Task<LogView> LinesAsync(CancellationToken cancel)
    {
        await lake.FindProcessAsync(process, cancel);
        using var result = await lake.QueryAsync(
            $"""
            SELECT time_ns, level, thread, target, message
            FROM log_entries
            WHERE {LogPages.Condition}
            ORDER BY {(query.Tail ? "time_ns DESC, severity, thread, target, message" : LogPages.Order)}
            LIMIT $take
            """, Options(query.Limit + 1L), cancel);
        using var rows = result.ReadRows(cancel);
        var (lines, hasMore) = (new List<LogLine>(), false);
        while (rows.Read())
        {
            hasMore = lines.Count == query.Limit;
            if (hasMore)
                break;
            lines.Add(new(rows.Int64(0), rows.Text(1), rows.Text(2), rows.Text(3), rows.Text(4)));
        }
        if (query.Tail)
            lines.Reverse();
        return new(process, lines, hasMore, query.Tail, new LogPages(lake, process, query, result.Receipt.Snapshot), result.Receipt);
    }

    public async Task<TableView> PatternsAsync(CancellationToken cancel)
    {
        await lake.FindProcessAsync(process, cancel);
        using var result = await lake.QueryAsync(
            $"""
            SELECT level, target, template, count(*) AS count, make_timestamp_ns(min(time_ns)) AS first, make_timestamp_ns(max(time_ns)) AS last, arg_max(message, time_ns) AS newest
            FROM log_entries
            WHERE {LogPages.Condition}
            GROUP BY level, target, template ORDER BY count DESC, target, template
            LIMIT $take
            """, Options(query.Limit), cancel);
        var (frame, _) = await DataFrames.FromArrowAsync(result.ReadBatchesAsync(cancel), limit: null, cancel);
        return new TableView(frame, new Dictionary<string, CellKind>(), ReceiptText.Of(result.Receipt));
    }

    QueryOptions Options(long take) => new()
    {
        Parameters = new Dictionary<string, object?>(LogPages.Parameters(process, query)) { ["take"] = take },
        Range = query.Range,
        Progress = query.Progress,
    };
}
