using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse.OpenTelemetry;

/// <summary>
/// The spans, log records and points of a block as JSON objects: <c>message</c> is the message as OpenTelemetry's own JSON has it (ids in hexadecimal digits),
/// beside it stand the <c>scope</c>'s name and of a point its <c>metric</c> and <c>unit</c>.
/// </summary>
static class MessageJson
{
    static readonly JsonSerializerOptions Text = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Fields that are ids: bytes, which JSON of protobuf writes as base64 and that of OpenTelemetry does not.</summary>
    static readonly HashSet<string> Ids = ["traceId", "spanId", "parentSpanId"];

    /// <exception cref="InvalidDataException">The block holds no request of its class.</exception>
    public static IReadOnlyList<ParsedEvent> Events(Block block)
    {
        var events = new List<ParsedEvent>();
        if (block.Events.IsEmpty) return events;
        switch (OtlpBlock.SignalOf(block))
        {
            case ExportSignal.Traces:
                foreach (var scope in OtlpBlock.Request<TraceRequest>(block, ExportSignal.Traces).ResourceSpans.SelectMany(resource => resource.ScopeSpans))
                    foreach (var span in scope.Spans) Add("span", ResourceExport.TimeOf(span, block.Header.EndNs).BeginNs, span, scope.Scope, null);
                break;
            case ExportSignal.Logs:
                foreach (var scope in OtlpBlock.Request<LogRequest>(block, ExportSignal.Logs).ResourceLogs.SelectMany(resource => resource.ScopeLogs))
                    foreach (var record in scope.LogRecords) Add("log_record", ResourceExport.TimeOf(record, block.Header.EndNs), record, scope.Scope, null);
                break;
            default:
                foreach (var scope in OtlpBlock.Request<MetricRequest>(block, ExportSignal.Metrics).ResourceMetrics.SelectMany(resource => resource.ScopeMetrics))
                    foreach (var metric in scope.Metrics) AddPoints(metric, scope.Scope);
                break;
        }
        return events;

        void AddPoints(Metric metric, Scope? scope)
        {
            foreach (var point in metric.Gauge?.DataPoints ?? []) Add("gauge", Time(point.TimeUnixNano), point, scope, metric);
            foreach (var point in metric.Sum?.DataPoints ?? []) Add("sum", Time(point.TimeUnixNano), point, scope, metric);
            foreach (var point in metric.Histogram?.DataPoints ?? []) Add("histogram", Time(point.TimeUnixNano), point, scope, metric);
            foreach (var point in metric.ExponentialHistogram?.DataPoints ?? []) Add("exponential_histogram", Time(point.TimeUnixNano), point, scope, metric);
            foreach (var point in metric.Summary?.DataPoints ?? []) Add("summary", Time(point.TimeUnixNano), point, scope, metric);
        }

        long Time(ulong unixNs) => ResourceExport.TimeOf(unixNs, block.Header.EndNs);

        void Add(string type, long timeNs, IMessage message, Scope? scope, Metric? metric)
        {
            var fields = new JsonObject { ["message"] = Sorted("", JsonNode.Parse(JsonFormatter.Default.Format(message))) };
            if (metric is not null) fields["metric"] = metric.Name;
            fields["scope"] = scope?.Name ?? "";
            if (metric is not null) fields["unit"] = metric.Unit;
            events.Add(new ParsedEvent(block.Header.FirstOrdinal + (ulong)events.Count, timeNs, type, fields.ToJsonString(Text), message.CalculateSize()));
        }
    }

    static JsonNode? Sorted(string name, JsonNode? node) => node switch
    {
        JsonObject item => new JsonObject(item.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => KeyValuePair.Create(field.Key, Sorted(field.Key, field.Value)))),
        JsonArray list => new JsonArray([.. list.Select(item => Sorted("", item))]),
        JsonValue value when Ids.Contains(name) => Convert.ToHexStringLower(value.GetValue<string>() is { } text ? Convert.FromBase64String(text) : []),
        _ => node?.DeepClone(),
    };
}
