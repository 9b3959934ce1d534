using System.Globalization;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Timeline;

namespace Legion.Viewer;

/// <summary>Answers about logs: page by page, in order of time.</summary>
sealed class LogQuestions(Lake lake, ProcessTimeline timeline)
{
    const int UsualRows = 200;

    /// <summary>Rows that agree in all of these look the same, so that it doesn't matter which of them a page ends with.</summary>
    const string Sql = """
        SELECT time_ns, level, thread, target, CASE WHEN length(message) > 10000 THEN left(message, 10000) || '…' ELSE message END
        FROM log_entries
        WHERE process_id = $process AND severity >= $severity
          AND ($search = '' OR contains(lower(message), lower($search)) OR contains(lower(target), lower($search)))
        ORDER BY time_ns, severity, thread, target, message
        LIMIT $take OFFSET $skip
        """;

    /// <summary>Where a page ended: the time of its last row, and how many rows of that time were given by then.</summary>
    readonly record struct Cursor(long TimeNs, int Rows)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{TimeNs}-{Rows}");

        public static Cursor? Read(string? text)
        {
            if (text is null) return null;
            var dash = text.LastIndexOf('-');
            return dash > 0 && long.TryParse(text.AsSpan(0, dash), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var timeNs)
                && int.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var rows)
                ? new Cursor(timeNs, rows)
                : throw new MalformedQuestionException($"expected after as the next of a page before, saw '{text}'");
        }
    }

    /// <summary>Both ends of the time belong to it.</summary>
    public async Task<Answer> ListAsync(Question question)
    {
        var processId = question.RouteId("process");
        await lake.FindProcessAsync(processId, question.Cancellation);
        var (fromNs, toNs) = (question.Ns("from_ns"), question.Ns("to_ns"));
        var limit = question.Limit(UsualRows);
        var after = Cursor.Read(question.Value("after"));
        using var result = await lake.QueryAsync(Sql, new QueryOptions
        {
            Parameters = new Dictionary<string, object?>
            {
                ["process"] = processId,
                ["severity"] = Severity(question.Value("min_level")),
                ["search"] = question.Text("search"),
                ["take"] = limit + 1,
                ["skip"] = after?.Rows ?? 0,
            },
            Range = new QueryRange(after?.TimeNs ?? fromNs, toNs < long.MaxValue ? toNs + 1 : null),
        }, question.Cancellation);
        using var rows = result.ReadRows(question.Cancellation);
        return Answer.Json(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("rows");
            Cursor? next = null;
            var last = after ?? default;
            for (var count = 0; rows.Read(); count++)
            {
                if (count == limit)
                {
                    next = last;
                    break;
                }
                var timeNs = rows.Int64(0);
                last = new Cursor(timeNs, last.Rows > 0 && timeNs == last.TimeNs ? last.Rows + 1 : 1);
                json.WriteStartObject();
                json.WriteInt64("time_ns", timeNs);
                json.WriteString("level", rows.Text(1));
                json.WriteString("thread", rows.Text(2));
                json.WriteString("target", rows.Text(3));
                json.WriteString("message", rows.Text(4));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteString("next", next?.ToString());
            json.WriteString("last", last.Rows > 0 ? last.ToString() : null);
            json.WriteEndObject();
        });
    }

    /// <summary>Log entries counted by bucket and level.</summary>
    public async Task<Answer> BucketsAsync(Question question) =>
        Answer.Json((await timeline.LogsAsync(question.RouteId("process"), question.Window(), cancellation: question.Cancellation)).WriteTo);

    static int Severity(string? level) => level is null ? 0
        : Enum.TryParse<Level>(level, ignoreCase: true, out var parsed) && Enum.IsDefined(parsed) && !char.IsAsciiDigit(level[0]) ? (int)parsed
        : throw new MalformedQuestionException($"expected min_level as one of {string.Join(", ", Enum.GetNames<Level>()).ToLowerInvariant()}, saw '{level}'");
}
