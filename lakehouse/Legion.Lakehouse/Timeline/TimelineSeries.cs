using System.Text.Json;

namespace Legion.Lakehouse.Timeline;

/// <summary>A metric of a process, or the durations of a series of its frames.</summary>
/// <param name="Unit">Of the newest sample, as its kind.</param>
/// <param name="Kind">gauge, count or total; of frames frame.</param>
/// <param name="IsUsual">Measured of every program, by its runtime or its system.</param>
public sealed record TimelineSeries(string Name, string Unit, string Kind, long Samples, bool IsUsual)
{
    /// <summary>Kind of a series of frames.</summary>
    public const string OfFrames = "frame";

    public bool IsOfFrames => Kind == OfFrames;

    /// <summary>Writes the JSON array that browsers read.</summary>
    public static void WriteTo(Utf8JsonWriter json, IEnumerable<TimelineSeries> all)
    {
        json.WriteStartArray();
        foreach (var series in all)
        {
            json.WriteStartObject();
            json.WriteString("name", series.Name);
            json.WriteString("unit", series.Unit);
            json.WriteString("kind", series.Kind);
            json.WriteNumber("samples", series.Samples);
            json.WriteBoolean("usual", series.IsUsual);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
