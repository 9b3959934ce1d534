using System.Text.Json;

namespace Legion.Lakehouse.Timeline;

/// <summary>What an event of a span is linked to.</summary>
/// <param name="IsNext">It follows; otherwise it leads to the span.</param>
/// <param name="Kind"><c>flow</c>: the neighbouring point of a flow. <c>parent</c> or <c>child</c>: an async span that this one is a part of, or the first of its own parts.</param>
/// <param name="Name">Of the flow's point at the other end; empty where there is none.</param>
/// <param name="FromNs">When it is at the span that was asked for.</param>
/// <param name="AtNs">When it is at the other end.</param>
/// <param name="StreamId">Of the other end.</param>
/// <param name="Span">The innermost one there; null where none was open.</param>
public sealed record SpanLink(bool IsNext, string Kind, string Name, long FromNs, long AtNs, string StreamId, FoundSpan? Span);

/// <summary>The links of a span, in order of their own moments.</summary>
/// <param name="LeftOut">How many points of flows the span has beyond those whose links are here.</param>
public sealed record SpanLinks(IReadOnlyList<SpanLink> Links, long LeftOut)
{
    /// <summary>Writes the JSON object that browsers read.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("links");
        foreach (var link in Links)
        {
            json.WriteStartObject();
            json.WriteString("direction", link.IsNext ? "next" : "previous");
            json.WriteString("kind", link.Kind);
            json.WriteString("name", link.Name);
            json.WriteInt64("from_ns", link.FromNs);
            json.WriteInt64("at_ns", link.AtNs);
            json.WriteString("stream_id", link.StreamId);
            json.WritePropertyName("span");
            if (link.Span is { } span) span.WriteTo(json);
            else json.WriteNullValue();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNumber("left_out", LeftOut);
        json.WriteEndObject();
    }
}
