using System.Globalization;
using System.Text.Json.Nodes;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;

namespace Legion.Notebook;

/// <summary>All lines of a log that a query asked for, without its limit, as a log cell reads them: page by page, as of when they were first asked for.</summary>
sealed class LogPages(Lake lake, Guid process, LogQuery query, string snapshot)
{
    const int MostLines = 1000;

    /// <summary>The condition of a query for log lines; its parameters are those of <see cref="Parameters"/>.</summary>
    public const string Condition = """
        process_id = $process AND severity >= $least AND severity < $most
        AND ($grep = '' OR contains(lower(message), lower($grep)) OR contains(lower(target), lower($grep)))
        """;

    public const string Order = "time_ns, severity, thread, target, message";

    public static Dictionary<string, object?> Parameters(Guid process, LogQuery query) => new()
    {
        ["process"] = process,
        ["least"] = (int)query.Level,
        ["most"] = query.OnlyThisLevel ? (int)query.Level + 4 : int.MaxValue,
        ["grep"] = query.Grep,
    };

    /// <summary>
    /// To <c>{"lines": {"from": 0, "count": 200, "text": "timeout"}}</c> the answer is <c>{"lines": [[time_ns, level, thread, target, message], ...], "total": 3}</c>:
    /// of those lines that have the text, whatever its case.
    /// </summary>
    public async Task<LiveAnswer> AnswerAsync(CellMessage question, CancellationToken cancel)
    {
        var asked = question.Object("lines");
        var parameters = Parameters(process, query);
        parameters["text"] = asked.Text("text");
        parameters["skip"] = (long)asked.Number("from", 0, int.MaxValue);
        parameters["take"] = (long)asked.Number("count", 1, MostLines);
        using var result = await lake.QueryAsync(
            $"""
            WITH hits AS NOT MATERIALIZED (
              SELECT time_ns, severity, level, thread, target, message FROM log_entries
              WHERE {Condition} AND ($text = '' OR contains(lower(message), lower($text)) OR contains(lower(target), lower($text))))
            SELECT time_ns, level, thread, target, message, (SELECT count(*) FROM hits)
            FROM hits ORDER BY {Order} LIMIT $take OFFSET $skip
            """,
            new QueryOptions { Parameters = parameters, Range = query.Range, Snapshot = snapshot }, cancel);
        using var rows = result.ReadRows(cancel);
        var lines = new JsonArray();
        var total = 0L;
        while (rows.Read())
        {
            total = rows.Int64(5);
            lines.Add(new JsonArray(rows.Int64(0).ToString(CultureInfo.InvariantCulture), rows.Text(1), rows.Text(2), rows.Text(3), rows.Text(4)));
        }
        return new(new JsonObject { ["lines"] = lines, ["total"] = total });
    }
}
