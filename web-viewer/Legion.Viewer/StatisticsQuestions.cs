using System.Globalization;
using System.Text.Json;
using Legion.Lakehouse;

namespace Legion.Viewer;

/// <summary>Answers about the spans of a time: how many of each name there are, and how long they took.</summary>
sealed class StatisticsQuestions(SpanSelections selections)
{
    /// <summary>Those of most time: more than anybody reads.</summary>
    const int MostNames = 200;

    static readonly (string Name, double Share)[] percentiles = [("p50_ns", 0.5), ("p90_ns", 0.9), ("p99_ns", 0.99), ("p999_ns", 0.999)];

    public async Task<Answer> WindowAsync(Question question)
    {
        var (processId, window) = (question.RouteId("process"), question.Window());
        var all = await selections.ReadAsync(processId, window.FromNs, window.ToNs, cancellation: question.Cancellation);
        return Answer.Json(json =>
        {
            json.WriteStartObject();
            json.WriteString("from_ns", window.FromNs.ToString(CultureInfo.InvariantCulture));
            json.WriteString("to_ns", window.ToNs.ToString(CultureInfo.InvariantCulture));
            json.WriteNumber("spans", all.Sum(spans => spans.Count));
            json.WriteNumber("names_left_out", Math.Max(0, all.Count - MostNames));
            json.WriteStartArray("names");
            foreach (var spans in all.Take(MostNames)) Write(json, spans);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    /// <summary>Durations are numbers of nanoseconds: none is as long as a time since 1970.</summary>
    static void Write(Utf8JsonWriter json, SelectedSpans spans)
    {
        json.WriteStartObject();
        json.WriteString("name", spans.Name);
        json.WriteNumber("count", spans.Count);
        json.WriteNumber("total_ns", spans.TotalNs);
        json.WriteNumber("self_ns", spans.SelfNs);
        json.WriteNumber("min_ns", spans.MinNs);
        json.WriteNumber("max_ns", spans.MaxNs);
        foreach (var (name, share) in percentiles) json.WriteNumber(name, Math.Round(spans.PercentileNs(share)));
        json.WriteStartArray("buckets");
        foreach (var (lowNs, highNs, count) in spans.Buckets())
        {
            json.WriteStartArray();
            json.WriteNumberValue(Math.Round(lowNs, 2));
            json.WriteNumberValue(Math.Round(highNs, 2));
            json.WriteNumberValue(count);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
