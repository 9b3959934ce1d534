using System.Buffers;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// What an activity carries, as arguments of its span: <c>kind</c> unless it is internal, <c>status</c> and <c>status_description</c> where set,
/// its tags by their names, and <c>events</c> and <c>links</c> as JSON.
/// </summary>
static class ActivityArguments
{
    public static void Gather(Activity activity, ref GatheredProperties into)
    {
        if (Kind(activity.Kind) is { } kind) into.Add("kind", kind);
        if (activity.Status != ActivityStatusCode.Unset) into.Add("status", activity.Status == ActivityStatusCode.Ok ? "ok" : "error");
        if (activity.StatusDescription is { } description) into.Add("status_description", description);
        foreach (ref readonly var tag in activity.EnumerateTagObjects()) into.Add(tag.Key, HostValue.Of(tag.Value));
        if (Events(activity) is { } events) into.Add("events", events);
        if (Links(activity) is { } links) into.Add("links", links);
    }

    static string? Kind(ActivityKind kind) => kind switch
    {
        ActivityKind.Server => "server",
        ActivityKind.Client => "client",
        ActivityKind.Producer => "producer",
        ActivityKind.Consumer => "consumer",
        _ => null,
    };

    /// <summary>An array of objects with <c>name</c>, <c>time_ns</c> (UTC) and <c>tags</c>; null for none.</summary>
    static string? Events(Activity activity)
    {
        var events = activity.EnumerateEvents();
        if (!events.MoveNext()) return null;
        var json = new JsonText();
        do
        {
            ref readonly var current = ref events.Current;
            json.Writer.WriteStartObject();
            json.Writer.WriteString("name", current.Name);
            json.Writer.WriteNumber("time_ns", (current.Timestamp.UtcDateTime - DateTime.UnixEpoch).Ticks * 100);
            json.Writer.WriteStartObject("tags");
            foreach (ref readonly var tag in current.EnumerateTagObjects()) json.Write(tag.Key, HostValue.Of(tag.Value));
            json.Writer.WriteEndObject();
            json.Writer.WriteEndObject();
        }
        while (events.MoveNext());
        return json.Finish();
    }

    /// <summary>An array of objects with <c>trace_id</c> and <c>span_id</c>, as the spans have them, and <c>tags</c>; null for none.</summary>
    static string? Links(Activity activity)
    {
        var links = activity.EnumerateLinks();
        if (!links.MoveNext()) return null;
        var json = new JsonText();
        do
        {
            ref readonly var current = ref links.Current;
            json.Writer.WriteStartObject();
            json.Writer.WriteString("trace_id", current.Context.TraceId.ToHexString());
            json.Writer.WriteNumber("span_id", ActivityIds.Number(current.Context.SpanId));
            json.Writer.WriteStartObject("tags");
            foreach (ref readonly var tag in current.EnumerateTagObjects()) json.Write(tag.Key, HostValue.Of(tag.Value));
            json.Writer.WriteEndObject();
            json.Writer.WriteEndObject();
        }
        while (links.MoveNext());
        return json.Finish();
    }

    /// <summary>A JSON array that is being written.</summary>
    sealed class JsonText
    {
        readonly ArrayBufferWriter<byte> bytes = new();

        public JsonText()
        {
            Writer = new Utf8JsonWriter(bytes);
            Writer.WriteStartArray();
        }

        public Utf8JsonWriter Writer { get; }

        public void Write(string key, Value value)
        {
            switch (value.Tag)
            {
                case ValueTag.Bool: Writer.WriteBoolean(key, value.AsBool); break;
                case ValueTag.I64: Writer.WriteNumber(key, value.AsI64); break;
                case ValueTag.U64: Writer.WriteNumber(key, value.AsU64); break;
                case ValueTag.F64 when double.IsFinite(value.AsF64): Writer.WriteNumber(key, value.AsF64); break;
                case ValueTag.Null: Writer.WriteNull(key); break;
                default: Writer.WriteString(key, value.ToString()); break;
            }
        }

        public string Finish()
        {
            Writer.WriteEndArray();
            Writer.Dispose();
            return Encoding.UTF8.GetString(bytes.WrittenSpan);
        }
    }
}
