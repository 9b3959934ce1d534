using Google.Protobuf.Collections;
using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse.OpenTelemetry;

/// <summary>Turns blocks of OpenTelemetry's traces into rows of <c>async_spans</c>, whose properties are named as those of activities that the SDK records.</summary>
sealed class OtlpSpanDecoder(RowBuffer rows)
{
    readonly TextColumn processIds = rows.Text("process_id"), streamIds = rows.Text("stream_id"), beginStreamIds = rows.Text("begin_stream_id");
    readonly TextColumn threads = rows.Text("thread"), endThreads = rows.Text("end_thread"), traceIds = rows.Text("trace_id");
    readonly ColumnBuffer<ulong> spanIds = rows.Get<ulong>("span_id"), parentIds = rows.Get<ulong>("parent_id");
    readonly ColumnBuffer<long> begins = rows.Get<long>("begin_ns"), ends = rows.Get<long>("end_ns"), durations = rows.Get<long>("duration_ns");
    readonly TextColumn names = rows.Text("name"), targets = rows.Text("target"), files = rows.Text("file"), properties = rows.Text("properties");
    readonly ColumnBuffer<int> lines = rows.Get<int>("line");
    readonly AttributeJson json = new();

    /// <exception cref="InvalidDataException">The block is damaged.</exception>
    public void Add(Block block, string processId, string streamId)
    {
        var request = OtlpBlock.Request<TraceRequest>(block, ExportSignal.Traces);
        foreach (var scope in request.ResourceSpans.SelectMany(resource => resource.ScopeSpans))
            foreach (var span in scope.Spans)
            {
                var (beginNs, endNs) = ResourceExport.TimeOf(span, block.Header.EndNs);
                var code = new CodePlace(span.Attributes);
                processIds.Add(processId);
                streamIds.Add(streamId);
                beginStreamIds.Add(streamId);
                threads.Add(code.Thread);
                endThreads.Add(code.Thread);
                if (OtlpBlock.TraceText(span.TraceId) is { } traceId) traceIds.Add(traceId);
                else traceIds.AddNull();
                Add(spanIds, OtlpBlock.SpanNumber(span.SpanId));
                Add(parentIds, OtlpBlock.SpanNumber(span.ParentSpanId));
                begins.Add(beginNs);
                ends.Add(endNs);
                durations.Add(endNs - beginNs);
                names.Add(span.Name);
                targets.Add(scope.Scope?.Name ?? "");
                files.Add(code.File);
                lines.Add(code.Line);
                properties.Add(Properties(span));
            }
    }

    string Properties(TraceSpan span)
    {
        // Before the attributes' own text is begun, as these are texts of their own.
        var (events, links) = (Events(span.Events), Links(span.Links));
        return json.Of(span.Attributes,
            new Property("kind", Kind(span.Kind)),
            new Property("status", span.Status?.Code switch { 1 => "ok", 2 => "error", _ => null }),
            new Property("status_description", NotEmpty(span.Status?.Message)),
            new Property("trace_state", NotEmpty(span.TraceState)),
            new Property("events", events),
            new Property("links", links));
    }

    string? Events(RepeatedField<SpanEvent> events) => events.Count == 0 ? null : json.Write(writer =>
    {
        writer.WriteStartArray();
        foreach (var one in events)
        {
            writer.WriteStartObject();
            writer.WriteString("name", one.Name);
            writer.WriteNumber("time_ns", ResourceExport.TimeOf(one.TimeUnixNano, 0));
            writer.WritePropertyName("tags");
            AttributeJson.WriteObject(writer, one.Attributes);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    });

    string? Links(RepeatedField<SpanLink> links) => links.Count == 0 ? null : json.Write(writer =>
    {
        writer.WriteStartArray();
        foreach (var link in links)
        {
            writer.WriteStartObject();
            writer.WriteString("trace_id", OtlpBlock.TraceText(link.TraceId));
            if (OtlpBlock.SpanNumber(link.SpanId) is { } number) writer.WriteNumber("span_id", number);
            else writer.WriteNull("span_id");
            writer.WritePropertyName("tags");
            AttributeJson.WriteObject(writer, link.Attributes);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    });

    static string? Kind(int kind) => kind switch
    {
        2 => "server",
        3 => "client",
        4 => "producer",
        5 => "consumer",
        _ => null,
    };

    static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    static void Add(ColumnBuffer<ulong> column, ulong? value)
    {
        if (value is { } some) column.Add(some);
        else column.AddNull();
    }
}
