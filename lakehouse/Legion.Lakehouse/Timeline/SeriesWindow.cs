using System.Text.Json;

namespace Legion.Lakehouse.Timeline;

/// <summary>Samples that lie close together.</summary>
/// <param name="At">When the last of them was taken, in steps from the window's begin.</param>
/// <param name="Value">Of a counter the sum of its increments, otherwise the last sample.</param>
public readonly record struct SeriesBucket(double At, double Least, double Greatest, double Value);

/// <summary>A series in a window. The nearest sample of a gauge on either side comes along, so that a line can be drawn across the window's edges.</summary>
public sealed record SeriesBuckets(string Name, string Unit, string Kind, IReadOnlyList<SeriesBucket> Buckets);

/// <summary>Series in a window, in order of name.</summary>
public sealed record SeriesWindow(long StepNs, IReadOnlyList<SeriesBuckets> Series)
{
    /// <summary>Writes the JSON object that browsers read: a bucket is [time, least, greatest, value].</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteInt64("step_ns", StepNs);
        json.WriteStartArray("series");
        foreach (var series in Series)
        {
            json.WriteStartObject();
            json.WriteString("name", series.Name);
            json.WriteString("unit", series.Unit);
            json.WriteString("kind", series.Kind);
            json.WriteStartArray("buckets");
            foreach (var bucket in series.Buckets)
            {
                json.WriteStartArray();
                json.WriteNumberValue(bucket.At);
                json.WriteNumberValue(bucket.Least);
                json.WriteNumberValue(bucket.Greatest);
                json.WriteNumberValue(bucket.Value);
                json.WriteEndArray();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
