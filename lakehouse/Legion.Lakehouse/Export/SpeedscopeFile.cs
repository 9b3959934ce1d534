using System.Text.Json;
using Legion.Format;
using Legion.Lakehouse.Sql;

namespace Legion.Lakehouse.Export;

/// <summary>
/// Writes the spans of a process for speedscope: a profile a thread, of begins and ends in order of time. Rows come in order of their begin, a slot after the other,
/// and only those that are open at the time are kept, which is the depth of the stack. Times are nanoseconds since the process's start.
/// </summary>
/// <remarks>https://www.speedscope.app/file-format-schema.json</remarks>
sealed class SpeedscopeFile(ExportedProcess exported, Stream output) : IDisposable
{
    const int FlushBytes = 64 << 10;

    readonly Utf8JsonWriter json = new(output);
    readonly Dictionary<(string Name, string File, long Line), int> frames = [];
    readonly Stack<(int Frame, long EndNs)> open = [];
    long lastNs;

    /// <summary>Most rows that were kept at a time.</summary>
    public int MostOpen { get; private set; }

    public async Task WriteAsync(CancellationToken cancellation)
    {
        json.WriteStartObject();
        json.WriteString("$schema", "https://www.speedscope.app/file-format-schema.json");
        json.WriteString("name", $"{exported.Process.Exe} {exported.Process.ProcessId}");
        json.WriteString("exporter", "legion");
        json.WriteStartArray("profiles");
        var slots = await exported.SlotsAsync(cancellation);
        foreach (var stream in exported.Streams.Where(stream => stream.Class == StreamClass.Trace))
        {
            var own = slots.Where(slot => slot.Blocks.Any(block => block.StreamId == stream.StreamId)).ToArray();
            if (own.Length == 0) continue;
            json.WriteStartObject();
            json.WriteString("type", "evented");
            json.WriteString("name", stream.Name);
            json.WriteString("unit", "nanoseconds");
            json.WriteNumber("startValue", 0);
            json.WriteStartArray("events");
            lastNs = 0;
            for (var i = 0; i < own.Length; i++)
            {
                var (from, to) = (i == 0 ? long.MinValue : own[i].FirstNs, i + 1 < own.Length ? own[i + 1].FirstNs : long.MaxValue);
                await exported.ReadAsync("""
                    SELECT begin_ns, end_ns, name, file, line FROM spans
                    WHERE process_id = $process AND stream_id = $stream AND begin_ns >= $from AND begin_ns < $to ORDER BY begin_ns, span_id
                    """, Span, cancellation, ("stream", stream.StreamId), ("from", from), ("to", to));
            }
            Close(long.MaxValue);
            json.WriteEndArray();
            json.WriteNumber("endValue", lastNs);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        // Behind the profiles, as they say which frames there are.
        json.WriteStartObject("shared");
        json.WriteStartArray("frames");
        foreach (var ((name, file, line), _) in frames.OrderBy(frame => frame.Value))
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            if (file.Length > 0)
            {
                json.WriteString("file", file);
                json.WriteNumber("line", line);
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        await json.FlushAsync(cancellation);
    }

    public void Dispose() => json.Dispose();

    /// <summary>What has not ended ends with the last that is known.</summary>
    void Span(ResultRows row)
    {
        var begin = Math.Max(lastNs, row.Int64(0) - exported.Process.StartNs);
        Close(begin);
        var end = row.IsNull(1) ? long.MaxValue : Math.Max(begin, row.Int64(1) - exported.Process.StartNs);
        var key = (row.Text(2), row.IsNull(3) ? "" : row.Text(3), row.IsNull(4) ? 0 : row.Int64(4));
        if (!frames.TryGetValue(key, out var frame)) frames.Add(key, frame = frames.Count);
        Event("O", frame, begin);
        // A child does not outlast its parent: what the clock says otherwise, the format forbids.
        open.Push((frame, open.TryPeek(out var parent) ? Math.Min(end, parent.EndNs) : end));
        MostOpen = Math.Max(MostOpen, open.Count);
    }

    /// <summary>Writes the ends up to a time, the innermost first.</summary>
    void Close(long untilNs)
    {
        while (open.TryPeek(out var span) && span.EndNs <= untilNs)
        {
            open.Pop();
            Event("C", span.Frame, span.EndNs == long.MaxValue ? lastNs : Math.Max(lastNs, span.EndNs));
        }
    }

    void Event(string type, int frame, long ns)
    {
        lastNs = ns;
        json.WriteStartObject();
        json.WriteString("type", type);
        json.WriteNumber("frame", frame);
        json.WriteNumber("at", ns);
        json.WriteEndObject();
        if (json.BytesPending >= FlushBytes) json.Flush();
    }
}
