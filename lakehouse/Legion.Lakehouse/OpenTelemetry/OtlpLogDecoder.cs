using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse.OpenTelemetry;

/// <summary>Turns blocks of OpenTelemetry's logs into rows of <c>log_entries</c>.</summary>
sealed class OtlpLogDecoder(RowBuffer rows)
{
    /// <summary>What .NET calls the text with its holes, among a log's attributes.</summary>
    const string Template = "{OriginalFormat}";

    readonly TextColumn processIds = rows.Text("process_id"), streamIds = rows.Text("stream_id"), threads = rows.Text("thread");
    readonly ColumnBuffer<long> times = rows.Get<long>("time_ns");
    readonly TextColumn levels = rows.Text("level"), targets = rows.Text("target"), messages = rows.Text("message");
    readonly TextColumn templates = rows.Text("template"), arguments = rows.Text("arguments"), files = rows.Text("file"), properties = rows.Text("properties");
    readonly ColumnBuffer<int> severities = rows.Get<int>("severity"), lines = rows.Get<int>("line");
    readonly AttributeJson json = new();

    /// <inheritdoc cref="LogDecoder.IsWanted"/>
    public Func<int, bool>? IsWanted { get; init; }

    /// <exception cref="InvalidDataException">The block is damaged.</exception>
    public void Add(Block block, string processId, string streamId)
    {
        var request = OtlpBlock.Request<LogRequest>(block, ExportSignal.Logs);
        var number = 0;
        foreach (var scope in request.ResourceLogs.SelectMany(resource => resource.ScopeLogs))
            foreach (var record in scope.LogRecords)
            {
                if (IsWanted?.Invoke(number++) == false) continue;
                var severity = SeverityOf(record);
                var code = new CodePlace(record.Attributes);
                processIds.Add(processId);
                streamIds.Add(streamId);
                threads.Add(code.Thread);
                times.Add(ResourceExport.TimeOf(record, block.Header.EndNs));
                levels.Add(LogDecoder.LevelOf(severity));
                severities.Add(severity);
                targets.Add(scope.Scope?.Name ?? "");
                messages.Add(AttributeJson.ValueOf(record.Body) is { Tag: not ValueTag.Null } body ? Redaction.TextOf(body) : "");
                templates.Add(AttributeJson.Text(record.Attributes, Template) ?? "");
                arguments.Add(PropertyJson.Empty);
                files.Add(code.File);
                lines.Add(code.Line);
                properties.Add(Properties(record));
            }
    }

    /// <inheritdoc cref="LogDecoder.ReadPoints"/>
    public static void ReadPoints(Block block, Action<long, int> take)
    {
        foreach (var record in OtlpBlock.Request<LogRequest>(block, ExportSignal.Logs).ResourceLogs.SelectMany(resource => resource.ScopeLogs).SelectMany(scope => scope.LogRecords))
            take(ResourceExport.TimeOf(record, block.Header.EndNs), SeverityOf(record));
    }

    string Properties(LogRecord record) => json.Of(record.Attributes.Where(attribute => attribute.Key != Template),
        new Property("trace_id", OtlpBlock.TraceText(record.TraceId)),
        new Property("span_id", OtlpBlock.SpanNumber(record.SpanId) is { } number ? Value.Of(number) : Value.Null),
        new Property("event_name", record.EventName.Length > 0 ? record.EventName : null),
        new Property("severity_text", record.SeverityText.Length > 0 ? record.SeverityText : null));

    /// <summary>The number, or where there is none what the text means to most.</summary>
    static int SeverityOf(LogRecord record) => record.SeverityNumber is >= 1 and <= 24 ? record.SeverityNumber : record.SeverityText.ToUpperInvariant() switch
    {
        "TRACE" => (int)Level.Trace,
        "DEBUG" => (int)Level.Debug,
        "INFO" or "INFORMATION" => (int)Level.Info,
        "WARN" or "WARNING" => (int)Level.Warn,
        "ERROR" => (int)Level.Error,
        "FATAL" or "CRITICAL" => (int)Level.Fatal,
        _ => 0,
    };
}
