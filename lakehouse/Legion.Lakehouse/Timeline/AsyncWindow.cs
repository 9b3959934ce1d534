using System.Globalization;
using System.Text.Json;

namespace Legion.Lakehouse.Timeline;

/// <summary>An async span, or short ones that begin close together, in its lane.</summary>
/// <param name="Id">Of the longest, where there are several.</param>
/// <param name="EndNs">Of an open one the newest time known.</param>
/// <param name="DurationNs">Of the longest, where there are several.</param>
/// <param name="Count">How many they are.</param>
public sealed record PlacedAsyncSpan(ulong Id, string Name, long BeginNs, long EndNs, long DurationNs, long Count, int Lane);

/// <summary>Async spans that overlap a window, in order of begin, the longest first.</summary>
/// <param name="Lanes">How many they take.</param>
public sealed record AsyncWindow(IReadOnlyList<PlacedAsyncSpan> Spans, int Lanes)
{
    /// <summary>Writes the JSON object that browsers read.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("spans");
        foreach (var span in Spans)
        {
            json.WriteStartObject();
            json.WriteString("span_id", span.Id.ToString(CultureInfo.InvariantCulture));
            json.WriteString("name", span.Name);
            json.WriteInt64("begin_ns", span.BeginNs);
            json.WriteInt64("end_ns", span.EndNs);
            json.WriteInt64("duration_ns", span.DurationNs);
            json.WriteNumber("count", span.Count);
            json.WriteNumber("lane", span.Lane);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNumber("lanes", Lanes);
        json.WriteEndObject();
    }
}
