using System.Globalization;
using System.Text.Json;

namespace Legion.Lakehouse.Timeline;

/// <summary>The spans that end in a window, by name.</summary>
/// <param name="Names">Those of most time first.</param>
public sealed record StatisticsWindow(TimeWindow Window, IReadOnlyList<SelectedSpans> Names)
{
    /// <summary>More than anybody reads.</summary>
    const int MostNames = 200;

    static readonly (string Name, double Share)[] percentiles = [("p50_ns", 0.5), ("p90_ns", 0.9), ("p99_ns", 0.99), ("p999_ns", 0.999)];

    /// <summary>Writes the JSON object that browsers read. Durations are numbers of nanoseconds: none is as long as a time since 1970.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("from_ns", Window.FromNs.ToString(CultureInfo.InvariantCulture));
        json.WriteString("to_ns", Window.ToNs.ToString(CultureInfo.InvariantCulture));
        json.WriteNumber("spans", Names.Sum(spans => spans.Count));
        json.WriteNumber("names_left_out", Math.Max(0, Names.Count - MostNames));
        json.WriteStartArray("names");
        foreach (var spans in Names.Take(MostNames)) Write(json, spans);
        json.WriteEndArray();
        json.WriteEndObject();
    }

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
