using System.Text.Json;

namespace Legion.Lakehouse.Timeline;

/// <summary>The first marker of a bucket.</summary>
/// <param name="Properties">A JSON object.</param>
/// <param name="Count">How many there are in its bucket.</param>
public sealed record TimelineMarker(long TimeNs, string Name, string Thread, string Properties, long Count);

/// <summary>Markers in a window, in order of time.</summary>
public sealed record MarkerWindow(IReadOnlyList<TimelineMarker> Markers)
{
    /// <summary>Writes the JSON object that browsers read.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("markers");
        foreach (var marker in Markers)
        {
            json.WriteStartObject();
            json.WriteInt64("time_ns", marker.TimeNs);
            json.WriteString("name", marker.Name);
            json.WriteString("thread", marker.Thread);
            json.WriteProperties("properties", marker.Properties);
            json.WriteNumber("count", marker.Count);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
