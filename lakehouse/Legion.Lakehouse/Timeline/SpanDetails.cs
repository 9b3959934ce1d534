using System.Globalization;
using System.Text.Json;

namespace Legion.Lakehouse.Timeline;

/// <summary>Everything known of a span of a thread.</summary>
/// <param name="EndNs">Null: it is open.</param>
/// <param name="DurationNs">Of an open one until the newest time known.</param>
/// <param name="SelfNs">Without the spans below it; null where that is not known yet.</param>
/// <param name="Properties">A JSON object.</param>
/// <param name="Truncated">It was ended by the end of its recording.</param>
public sealed record SpanDetails(
    Guid StreamId, long SpanId, long? ParentId, long Depth, long BeginNs, long? EndNs, long DurationNs, long? SelfNs,
    string Name, string Target, string File, long Line, string Thread, string Properties, bool Truncated)
{
    /// <summary>Writes the JSON object that browsers read.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("stream_id", StreamId);
        json.WriteInt64("span_id", SpanId);
        json.WriteInt64("parent_id", ParentId);
        json.WriteNumber("depth", Depth);
        json.WriteInt64("begin_ns", BeginNs);
        json.WriteInt64("end_ns", EndNs);
        json.WriteInt64("duration_ns", DurationNs);
        json.WriteInt64("self_ns", SelfNs);
        json.WriteString("name", Name);
        json.WriteString("target", Target);
        json.WriteString("file", File);
        json.WriteNumber("line", Line);
        json.WriteString("thread", Thread);
        json.WriteProperties("properties", Properties);
        json.WriteBoolean("truncated", Truncated);
        json.WriteEndObject();
    }
}

/// <summary>Everything known of an async span.</summary>
/// <param name="EndNs">Null: it is open.</param>
/// <param name="DurationNs">Of an open one until the newest time known.</param>
/// <param name="Thread">Where it began.</param>
/// <param name="EndThread">Null: it is open.</param>
/// <param name="Properties">A JSON object.</param>
public sealed record AsyncSpanDetails(
    ulong SpanId, ulong? ParentId, string? TraceId, long BeginNs, long? EndNs, long DurationNs,
    string Name, string Target, string File, long Line, string Thread, string? EndThread, string Properties)
{
    /// <summary>Writes the JSON object that browsers read.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("span_id", SpanId.ToString(CultureInfo.InvariantCulture));
        json.WriteString("parent_id", ParentId?.ToString(CultureInfo.InvariantCulture));
        json.WriteString("trace_id", TraceId);
        json.WriteInt64("begin_ns", BeginNs);
        json.WriteInt64("end_ns", EndNs);
        json.WriteInt64("duration_ns", DurationNs);
        json.WriteString("name", Name);
        json.WriteString("target", Target);
        json.WriteString("file", File);
        json.WriteNumber("line", Line);
        json.WriteString("thread", Thread);
        json.WriteString("end_thread", EndThread);
        json.WriteProperties("properties", Properties);
        json.WriteEndObject();
    }
}
