using Legion.Format;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>Turns blocks of log streams into rows of <c>log_entries</c>.</summary>
sealed class LogDecoder(RowBuffer rows)
{
    readonly TextColumn processIds = rows.Text("process_id"), streamIds = rows.Text("stream_id"), threads = rows.Text("thread");
    readonly ColumnBuffer<long> times = rows.Get<long>("time_ns");
    readonly TextColumn levels = rows.Text("level"), targets = rows.Text("target"), messages = rows.Text("message");
    readonly TextColumn templates = rows.Text("template"), arguments = rows.Text("arguments"), files = rows.Text("file"), properties = rows.Text("properties");
    readonly ColumnBuffer<int> severities = rows.Get<int>("severity"), lines = rows.Get<int>("line");
    readonly Dictionary<string, MessageTemplate> parsed = new(StringComparer.Ordinal);

    /// <summary>Of a block's entries, counted from 0, those that become rows; null: all.</summary>
    public Func<int, bool>? IsWanted { get; init; }

    public void Add(Block block, Schema schema, string processId, string streamId)
    {
        var index = TypeIn(schema);
        if (index < 0) return;
        var number = 0;
        var layout = new PointLayout(schema.Types[index]);
        var severityField = layout.Type.Find("severity");
        var templateField = layout.Type.Find("template") is { Type: FieldType.TemplateReference } field ? field : null;
        var argumentsField = layout.Type.Find("arguments") is { Type: FieldType.Values } values ? values : null;
        var reader = block.ReadEvents(schema);
        while (reader.Next())
        {
            var record = reader.Current;
            if (record.TypeIndex != index || IsWanted?.Invoke(number++) == false) continue;
            var template = templateField is null ? null : block.Dependencies.Template(templateField.ReadReference(record.Body));
            var severity = SeverityOf(severityField, record.Body);
            var given = argumentsField?.ReadValues(record.Body) ?? [];
            var text = template?.Text ?? "";
            if (!parsed.TryGetValue(text, out var message)) parsed.Add(text, message = new MessageTemplate(text));

            processIds.Add(processId);
            streamIds.Add(streamId);
            threads.Add(layout.Thread(block, record.Body));
            times.Add(layout.TimeNs(block, record.Body));
            levels.Add(LevelOf(severity));
            severities.Add(severity);
            targets.Add(template?.Site.Target ?? "");
            messages.Add(message.Render(given));
            templates.Add(text);
            arguments.Add(given.Length == 0 ? PropertyJson.Empty : PropertyJson.Of(message.Name(given)));
            files.Add(template?.Site.File ?? "");
            lines.Add(template?.Site.Line ?? 0);
            properties.Add(layout.Properties(block, record.Body));
        }
    }

    /// <summary>Gives time and severity of each entry of a block, in the order of its rows, without making its texts.</summary>
    public static void ReadPoints(Block block, Schema schema, Action<long, int> take)
    {
        var index = TypeIn(schema);
        if (index < 0) return;
        var layout = new PointLayout(schema.Types[index]);
        var severityField = layout.Type.Find("severity");
        var reader = block.ReadEvents(schema);
        while (reader.Next())
        {
            var record = reader.Current;
            if (record.TypeIndex == index) take(layout.TimeNs(block, record.Body), SeverityOf(severityField, record.Body));
        }
    }

    static int TypeIn(Schema schema) => Array.FindIndex(schema.Types.ToArray(), type => type.Name == WellKnown.Log);

    static int SeverityOf(Field? field, ReadOnlySpan<byte> body) => (int)Math.Clamp(field?.ReadU64(body) ?? 0, 0, 24);

    /// <summary>The name of the range of OpenTelemetry's SeverityNumber; 0 (unspecified) counts as info.</summary>
    internal static string LevelOf(int severity) => severity switch
    {
        0 => "info",
        < (int)Level.Debug => "trace",
        < (int)Level.Info => "debug",
        < (int)Level.Warn => "info",
        < (int)Level.Error => "warn",
        < (int)Level.Fatal => "error",
        _ => "fatal",
    };
}
