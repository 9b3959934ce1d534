using System.Text.Json;

namespace Legion.Lakehouse.Timeline;

/// <summary>A span of a thread, or an async one.</summary>
/// <param name="StreamId">Of async spans the word <see cref="ProcessSpans.AsyncStream"/>.</param>
/// <param name="SpanId">A decimal number.</param>
/// <param name="DurationNs">Of an open one until the newest time known.</param>
/// <param name="Depth">Of async ones 0.</param>
public sealed record FoundSpan(string StreamId, string SpanId, string Name, long BeginNs, long DurationNs, long Depth)
{
    internal void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("stream_id", StreamId);
        json.WriteString("span_id", SpanId);
        json.WriteString("name", Name);
        json.WriteInt64("begin_ns", BeginNs);
        json.WriteInt64("duration_ns", DurationNs);
        json.WriteNumber("depth", Depth);
        json.WriteEndObject();
    }
}

/// <summary>Spans by name, in order of begin.</summary>
/// <param name="Total">All that match, of which <paramref name="Hits"/> may be the first.</param>
public sealed record FoundSpans(IReadOnlyList<FoundSpan> Hits, long Total)
{
    /// <summary>Writes the JSON object that browsers read.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("hits");
        foreach (var hit in Hits) hit.WriteTo(json);
        json.WriteEndArray();
        json.WriteNumber("total", Total);
        json.WriteEndObject();
    }
}
