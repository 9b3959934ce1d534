using System.Globalization;
using System.Text.Json;
using Legion.Lakehouse.Sql;

namespace Legion.Lakehouse.Export;

/// <summary>
/// Writes a process in the JSON trace event format of Chrome, which Perfetto opens, too. Events may come in any order there, so that rows are written as they are read and none is kept.
/// Times are microseconds since the process's start: since 1970 they would lose their nanoseconds in a browser's numbers.
/// </summary>
/// <remarks>https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU</remarks>
sealed class ChromeTrace(ExportedProcess exported, Stream output) : IDisposable
{
    const int FlushBytes = 64 << 10;

    /// <summary>There is one process in the file; the lake's own id stands in its name.</summary>
    const int ProcessNumber = 1;

    readonly Utf8JsonWriter json = new(output);

    public async Task WriteAsync(CancellationToken cancellation)
    {
        var process = exported.Process;
        json.WriteStartObject();
        json.WriteString("displayTimeUnit", "ns");
        json.WriteStartObject("otherData");
        json.WriteString("process_id", process.ProcessId);
        json.WriteString("exe", process.Exe);
        json.WriteString("start_ns", process.StartNs.ToString(CultureInfo.InvariantCulture));
        json.WriteEndObject();
        json.WriteStartArray("traceEvents");
        Name("process_name", 0, $"{process.Exe} {process.ProcessId}");
        foreach (var stream in exported.Streams) Name("thread_name", exported.ThreadOf(stream.StreamId.ToString()), stream.Name);
        await exported.ReadAsync("SELECT stream_id, begin_ns, duration_ns, name, target, file, line, properties FROM spans WHERE process_id = $process", Span, cancellation);
        await exported.ReadAsync("SELECT begin_stream_id, stream_id, begin_ns, end_ns, span_id, name, target, properties, trace_id FROM async_spans WHERE process_id = $process", AsyncSpan, cancellation);
        await exported.ReadAsync("SELECT stream_id, time_ns, message, level, target, properties, thread FROM log_entries WHERE process_id = $process", Log, cancellation);
        await exported.ReadAsync("SELECT stream_id, time_ns, name, NULL, NULL, properties, thread FROM markers WHERE process_id = $process", Log, cancellation);
        await exported.ReadAsync("SELECT stream_id, time_ns, name, unit, value, thread FROM measures WHERE process_id = $process", Measure, cancellation);
        json.WriteEndArray();
        json.WriteEndObject();
        await json.FlushAsync(cancellation);
    }

    public void Dispose() => json.Dispose();

    /// <summary>A span that has not ended has a begin and nothing else, which viewers draw to the end.</summary>
    void Span(ResultRows row)
    {
        Begin(row.IsNull(2) ? "B" : "X", exported.ThreadOf(row.Text(0)), row.Int64(1), TextOf(row, 3), TextOf(row, 4));
        if (!row.IsNull(2)) json.WriteNumber("dur", row.Int64(2) / 1000m);
        json.WriteStartObject("args");
        if (TextOf(row, 5) is { Length: > 0 } file)
        {
            json.WriteString("file", file);
            json.WriteNumber("line", row.Int64(6));
        }
        Properties(row, 7);
        json.WriteEndObject();
        End();
    }

    void AsyncSpan(ResultRows row)
    {
        var id = row.UInt64(4).ToString("x", CultureInfo.InvariantCulture);
        var (name, target) = (TextOf(row, 5), TextOf(row, 6));
        Begin("b", exported.ThreadOf(TextOf(row, 0)), row.Int64(2), name, target);
        json.WriteString("id", id);
        json.WriteStartObject("args");
        if (!row.IsNull(8)) json.WriteString("trace_id", row.Text(8));
        Properties(row, 7);
        json.WriteEndObject();
        End();
        if (row.IsNull(3)) return;
        Begin("e", exported.ThreadOf(TextOf(row, 1)), row.Int64(3), name, target);
        json.WriteString("id", id);
        End();
    }

    void Log(ResultRows row)
    {
        Begin("i", exported.ThreadOf(row.Text(0), TextOf(row, 6)), row.Int64(1), TextOf(row, 2), TextOf(row, 4));
        json.WriteString("s", "t"); // of its thread
        json.WriteStartObject("args");
        if (!row.IsNull(3)) json.WriteString("level", row.Text(3));
        Properties(row, 5);
        json.WriteEndObject();
        End();
    }

    void Measure(ResultRows row)
    {
        if (row.IsNull(4) || !double.IsFinite(row.Float64(4))) return; // no number of JSON
        Begin("C", exported.ThreadOf(row.Text(0), TextOf(row, 5)), row.Int64(1), TextOf(row, 2), "");
        json.WriteStartObject("args");
        json.WriteNumber(TextOf(row, 3) is { Length: > 0 } unit ? unit : "value", row.Float64(4));
        json.WriteEndObject();
        End();
    }

    void Name(string what, int thread, string name)
    {
        json.WriteStartObject();
        json.WriteString("ph", "M");
        json.WriteString("name", what);
        json.WriteNumber("pid", ProcessNumber);
        json.WriteNumber("tid", thread);
        json.WriteStartObject("args");
        json.WriteString("name", name);
        json.WriteEndObject();
        End();
    }

    void Begin(string phase, int thread, long ns, string name, string category)
    {
        json.WriteStartObject();
        json.WriteString("ph", phase);
        json.WriteString("name", name);
        json.WriteString("cat", category.Length > 0 ? category : "legion"); // async events without one are not shown
        json.WriteNumber("pid", ProcessNumber);
        json.WriteNumber("tid", thread);
        json.WriteNumber("ts", (ns - exported.Process.StartNs) / 1000m);
    }

    void End()
    {
        json.WriteEndObject();
        if (json.BytesPending >= FlushBytes) json.Flush();
    }

    /// <summary>Properties beside what else is in <c>args</c>, under a name of their own.</summary>
    void Properties(ResultRows row, int column)
    {
        if (TextOf(row, column) is not { Length: > 2 } properties) return;
        json.WritePropertyName("properties");
        json.WriteRawValue(properties);
    }

    static string TextOf(ResultRows row, int column) => row.IsNull(column) ? "" : row.Text(column);
}
