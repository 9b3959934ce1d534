using System.Text.Json;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;

namespace Legion.Viewer;

/// <summary>Answers about the metrics of a process and the durations of its frames: which there are, and their values over time.</summary>
sealed class SeriesQuestions(Lake lake)
{
    readonly SeriesPyramid pyramid = new(lake);

    /// <summary>A window is a few screens wide, so that a bucket is two pixels or less.</summary>
    const int Buckets = 2000;

    const int MostSeries = 1000;
    const int MostNames = 12;

    /// <summary>How far beside the window the samples may lie between which a line crosses it.</summary>
    const long BesideNs = 60_000_000_000;

    /// <summary>How long its frames took is a metric of each series of frames.</summary>
    const string FramePrefix = "frames.";

    const string Samples = $"""
        (SELECT time_ns, name, unit, value, kind FROM measures WHERE process_id = $process
         UNION ALL SELECT end_ns, '{FramePrefix}' || name, 's', duration_ns / 1e9, 'frame' FROM frames WHERE process_id = $process)
        """;

    const string ListSql = $"""
        SELECT name, arg_max(unit, time_ns), arg_max(kind, time_ns), count(*) FROM {Samples} GROUP BY name
        ORDER BY bool_or(kind = 'frame') DESC, name LIMIT $most
        """;

    /// <summary>Names of what is measured of every program, by its runtime and its system, and of frames.</summary>
    static readonly string[] UsualPrefixes = ["process.", "system.", "dotnet.", "runtime.", FramePrefix];

    public async Task<Answer> ListAsync(Question question)
    {
        var processId = question.RouteId("process");
        await lake.FindProcessAsync(processId, question.Cancellation);
        using var result = await lake.QueryAsync(ListSql, new QueryOptions
        {
            Parameters = new Dictionary<string, object?> { ["process"] = processId, ["most"] = MostSeries },
        }, question.Cancellation);
        using var rows = result.ReadRows(question.Cancellation);
        return Answer.Json(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("series");
            while (rows.Read())
            {
                json.WriteStartObject();
                WriteSeries(json, rows);
                json.WriteNumber("samples", rows.Int64(3));
                json.WriteBoolean("usual", UsualPrefixes.Any(prefix => rows.Text(0).StartsWith(prefix, StringComparison.Ordinal)));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    /// <summary>
    /// Samples by bucket. Times are counted in steps from the window's begin: where the last sample of the bucket lies.
    /// The nearest sample of a gauge on either side of the window comes along, so that a line can be drawn across its edges.
    /// </summary>
    public async Task<Answer> BucketsAsync(Question question)
    {
        var processId = question.RouteId("process");
        await lake.FindProcessAsync(processId, question.Cancellation);
        var window = TimeWindow.Of(question);
        var names = question.Values("name");
        if (names.Count is 0 or > MostNames) throw new MalformedQuestionException($"expected from 1 to {MostNames} names, saw {names.Count}");
        // Frames are far fewer than samples.
        if (!names.Any(name => name.StartsWith(FramePrefix, StringComparison.Ordinal))
            && await pyramid.ReadMeasuresAsync(processId, Math.Max(0, window.FromNs - BesideNs), window.ToNs + BesideNs, Buckets, question.Cancellation) is (var gridStepNs, var items))
            return Answer.Json(json => WriteSeries(json, window, gridStepNs, items.Where(item => names.Contains(item.Name))));
        var stepNs = window.StepNs(Buckets);
        var parameters = new Dictionary<string, object?> { ["process"] = processId, ["from"] = window.FromNs, ["to"] = window.ToNs, ["step"] = stepNs };
        for (var i = 0; i < names.Count; i++) parameters[$"name{i}"] = names[i];
        var sql = $"""
            SELECT name, arg_max(unit, time_ns), arg_max(kind, time_ns), min(value), max(value), sum(value), arg_max(value, time_ns), arg_min(value, time_ns),
              CASE WHEN time_ns < $from THEN -1 WHEN time_ns >= $to THEN {Buckets} ELSE (time_ns - $from) // $step END AS bucket,
              (max(time_ns) - $from) / $step, (min(time_ns) - $from) / $step
            FROM {Samples} WHERE isfinite(value) AND name IN ({string.Join(", ", names.Select((_, i) => $"$name{i}"))})
            GROUP BY name, bucket ORDER BY name, bucket
            """;
        using var result = await lake.QueryAsync(sql, new QueryOptions
        {
            Parameters = parameters,
            Range = new QueryRange(Math.Max(0, window.FromNs - BesideNs), window.ToNs + BesideNs),
        }, question.Cancellation);
        using var rows = result.ReadRows(question.Cancellation);
        return Answer.Json(json =>
        {
            json.WriteStartObject();
            json.WriteInt64("step_ns", stepNs);
            json.WriteStartArray("series");
            string? name = null;
            while (rows.Read())
            {
                if (rows.Text(0) != name)
                {
                    if (name is not null) WriteSeriesEnd(json);
                    name = rows.Text(0);
                    json.WriteStartObject();
                    WriteSeries(json, rows);
                    json.WriteStartArray("buckets");
                }
                WriteBucket(json, rows);
            }
            if (name is not null) WriteSeriesEnd(json);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    /// <summary>
    /// As of the samples themselves, but that steps are those of the tiles' grid. One that lies across an edge of the window is in it as a whole,
    /// and of what lies beside it the nearest.
    /// </summary>
    static void WriteSeries(Utf8JsonWriter json, TimeWindow window, long stepNs, IEnumerable<MeasureItem> items)
    {
        json.WriteStartObject();
        json.WriteInt64("step_ns", stepNs);
        json.WriteStartArray("series");
        foreach (var series in items.GroupBy(item => item.Name).OrderBy(series => series.Key, StringComparer.Ordinal))
        {
            MeasureItem[] steps = [.. series.OrderBy(item => item.FirstNs)];
            var isCount = steps[^1].Kind == "count";
            var first = Array.FindIndex(steps, item => item.LastNs >= window.FromNs);
            var last = Array.FindLastIndex(steps, item => item.FirstNs < window.ToNs);
            if (first < 0) first = steps.Length;
            if (!isCount) (first, last) = (Math.Max(first - 1, 0), Math.Min(last + 1, steps.Length - 1));
            json.WriteStartObject();
            json.WriteString("name", series.Key);
            json.WriteString("unit", steps[^1].Unit);
            json.WriteString("kind", steps[^1].Kind);
            json.WriteStartArray("buckets");
            for (var i = first; i <= last; i++)
            {
                var isAfter = steps[i].FirstNs >= window.ToNs;
                json.WriteStartArray();
                json.WriteNumberValue((double)((isAfter ? steps[i].FirstNs : steps[i].LastNs) - window.FromNs) / stepNs);
                json.WriteNumberValue(steps[i].Least);
                json.WriteNumberValue(steps[i].Greatest);
                json.WriteNumberValue(isCount ? steps[i].Sum : isAfter ? steps[i].First : steps[i].Last);
                json.WriteEndArray();
            }
            WriteSeriesEnd(json);
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>A bucket as [time, least, greatest, value]: the value of a gauge is its last, of a counter the sum of its increments.</summary>
    static void WriteBucket(Utf8JsonWriter json, ResultRows rows)
    {
        var isCount = rows.Text(2) == "count";
        var isAfter = rows.Int64(8) == Buckets;
        if (isCount && (isAfter || rows.Int64(8) < 0)) return; // the sum of what lies beside the window says nothing of it
        json.WriteStartArray();
        json.WriteNumberValue(rows.Float64(isAfter ? 10 : 9));
        json.WriteNumberValue(rows.Float64(3));
        json.WriteNumberValue(rows.Float64(4));
        json.WriteNumberValue(rows.Float64(isCount ? 5 : isAfter ? 7 : 6));
        json.WriteEndArray();
    }

    static void WriteSeriesEnd(Utf8JsonWriter json)
    {
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void WriteSeries(Utf8JsonWriter json, ResultRows rows)
    {
        json.WriteString("name", rows.Text(0));
        json.WriteString("unit", rows.Text(1));
        json.WriteString("kind", rows.Text(2));
    }
}
