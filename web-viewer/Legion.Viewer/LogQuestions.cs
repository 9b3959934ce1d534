using System.Globalization;
using System.Text.Json;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.Logs;
using Legion.Lakehouse.Sql;
using Legion.Lakehouse.Timeline;

namespace Legion.Viewer;

/// <summary>Answers about logs, in order of time: page by page, or from any place of the whole list.</summary>
sealed class LogQuestions(Lake lake, ProcessTimeline timeline)
{
    readonly ProcessLogs logs = new(lake);

    const int UsualRows = 200;

    /// <summary>As patient as people are who want to see something move.</summary>
    const int MostCountingMs = 5000;

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
                Write(json, timeNs, rows.Text(1), rows.Text(2), rows.Text(3), rows.Text(4));
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

    /// <summary>Entries from a place of the list on, or around the first at or after a time, and how many there are.</summary>
    public async Task<Answer> RowsAsync(Question question)
    {
        var (process, filter, range, limit) = (question.RouteId("process"), Filter(question), Range(question), question.Limit(UsualRows));
        var first = Place(question, "first") ?? 0;
        long? found = null;
        if (question.Ns("at_ns") is { } atNs)
        {
            found = await logs.FindAsync(process, filter, range, atNs, question.Cancellation);
            first = Math.Max(0, found.Value - limit / 2);
        }
        var page = await logs.ReadAsync(process, filter, range, first, limit, question.Cancellation);
        return Answer.Json(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("total", page.Total);
            json.WriteNumber("read", page.Read);
            json.WriteNumber("lines", page.Lines);
            json.WriteNumber("first", page.First);
            if (found is { } place) json.WriteNumber("found", Math.Min(place, page.Total));
            json.WriteStartArray("rows");
            foreach (var entry in page.Entries) Write(json, entry.TimeNs, entry.Level, entry.Thread, entry.Target, entry.Message);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    /// <summary>
    /// How many entries of which level there are, and when: of what is searched for, whichever levels are shown. What is known is told at once; with <c>for_ms</c>, more is counted
    /// for that long, so that who asks again and again has all, and who goes away has nothing counted for him.
    /// </summary>
    public async Task<Answer> CountsAsync(Question question)
    {
        var time = question.Number("for_ms", MostCountingMs) is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : (TimeSpan?)null;
        var counts = await logs.CountAsync(question.RouteId("process"), Filter(question), Range(question), time, question.Cancellation);
        var bars = counts.Bars();
        return Answer.Json(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("read", counts.Read);
            json.WriteNumber("lines", counts.Lines);
            json.WriteNumber("total", counts.Total);
            json.WriteInt64("known_to_ns", counts.KnownToNs);
            json.WriteNumber("steps", bars.StepsOfTime);
            json.WriteStartObject("levels");
            foreach (var (level, count) in counts.Levels) json.WriteNumber(level, count);
            json.WriteEndObject();
            json.WriteInt64("from_ns", bars.FromNs);
            json.WriteInt64("step_ns", bars.StepNs);
            json.WriteStartArray("bars");
            foreach (var bar in bars.Steps.GroupBy(step => step.Step))
            {
                json.WriteStartObject();
                json.WriteNumber("step", bar.Key);
                json.WriteStartObject("counts");
                foreach (var (_, (level, count)) in bar) json.WriteNumber(level, count);
                json.WriteEndObject();
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    /// <summary>What the entries around a place look like.</summary>
    public async Task<Answer> PatternsAsync(Question question)
    {
        var found = await logs.FindPatternsAsync(question.RouteId("process"), Filter(question), Range(question), Place(question, "first") ?? 0, question.Cancellation);
        return Answer.Json(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("read", found.Read);
            json.WriteNumber("total", found.Total);
            json.WriteInt64("from_ns", found.FromNs);
            json.WriteInt64("to_ns", found.ToNs);
            json.WriteStartArray("patterns");
            foreach (var pattern in found.Patterns)
            {
                json.WriteStartObject();
                json.WriteString("pattern", pattern.Text);
                json.WriteNumber("count", pattern.Count);
                json.WriteString("level", pattern.Level);
                json.WriteString("example", pattern.Example);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    static void Write(Utf8JsonWriter json, long timeNs, string level, string thread, string target, string message)
    {
        json.WriteStartObject();
        json.WriteInt64("time_ns", timeNs);
        json.WriteString("level", level);
        json.WriteString("thread", thread);
        json.WriteString("target", target);
        json.WriteString("message", message);
        json.WriteEndObject();
    }

    static LogFilter Filter(Question question)
    {
        var level = question.Value("min_level")?.ToLowerInvariant() ?? "trace";
        Severity(level);
        return LogFilter.Of(question.Text("search"), level, question.Text("pattern") is { Length: > 0 } pattern ? pattern : null);
    }

    /// <summary>Both ends of the time belong to it.</summary>
    static QueryRange Range(Question question) => new(question.Ns("from_ns"), question.Ns("to_ns") is { } to && to < long.MaxValue ? to + 1 : null);

    static long? Place(Question question, string name) => question.Value(name) is not { } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var place) ? place
        : throw new MalformedQuestionException($"expected {name} as a whole number, saw '{text}'");

    static int Severity(string? level) => level is null ? 0
        : Enum.TryParse<Level>(level, ignoreCase: true, out var parsed) && Enum.IsDefined(parsed) && !char.IsAsciiDigit(level[0]) ? (int)parsed
        : throw new MalformedQuestionException($"expected min_level as one of {string.Join(", ", Enum.GetNames<Level>()).ToLowerInvariant()}, saw '{level}'");
}
