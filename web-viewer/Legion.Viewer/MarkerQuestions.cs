using Legion.Lakehouse;
using Legion.Lakehouse.Sql;

namespace Legion.Viewer;

/// <summary>Answers about markers: those of a window.</summary>
sealed class MarkerQuestions(Lake lake)
{
    /// <summary>A window is a few screens wide, so that a bucket is as wide as a mark that a pointer can hit.</summary>
    const int Buckets = 600;

    /// <summary>All of the first marker come from one row: markers of one time are ordered by everything that is shown of them.</summary>
    const string Sql = """
        WITH numbered AS (
          SELECT time_ns, thread, name, properties, (time_ns - $from) // $step AS bucket FROM markers WHERE process_id = $process
        ), ranked AS (
          SELECT *, count(*) OVER (PARTITION BY bucket) AS markers, row_number() OVER (PARTITION BY bucket ORDER BY time_ns, name, thread, properties) AS place FROM numbered
        )
        SELECT time_ns, left(name, 200), thread, properties, markers FROM ranked WHERE place = 1 ORDER BY bucket
        """;

    /// <summary>The first marker of each bucket that has any, and how many it has.</summary>
    public async Task<Answer> WindowAsync(Question question)
    {
        var processId = question.RouteId("process");
        await lake.FindProcessAsync(processId, question.Cancellation);
        var window = TimeWindow.Of(question);
        using var result = await lake.QueryAsync(Sql, new QueryOptions
        {
            Parameters = new Dictionary<string, object?> { ["process"] = processId, ["from"] = window.FromNs, ["step"] = window.StepNs(Buckets) },
            Range = new QueryRange(window.FromNs, window.ToNs),
        }, question.Cancellation);
        using var rows = result.ReadRows(question.Cancellation);
        return Answer.Json(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("markers");
            while (rows.Read())
            {
                json.WriteStartObject();
                json.WriteInt64("time_ns", rows.Int64(0));
                json.WriteString("name", rows.Text(1));
                json.WriteString("thread", rows.Text(2));
                json.WriteProperties("properties", rows.Text(3));
                json.WriteNumber("count", rows.Int64(4));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }
}
