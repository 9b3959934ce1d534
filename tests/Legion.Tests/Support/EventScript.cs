using System.Text.RegularExpressions;
using Legion.Format;
using Legion.Lakehouse;

namespace Legion.Tests.Support;

/// <summary>
/// One process's events as text, a line each, times in nanoseconds since its start:
/// <code>
/// start 2026-01-01T00:00:00Z
/// main begin 100 name key=value
/// main end 200
/// main push 100 key=value
/// main pop 100
/// main gap FROM TO EVENTS ENDED reason
/// main async 100 ID name [in=PARENT] [trace=32 HEX DIGITS] key=value
/// worker await 200 ID key=value
/// main flow 100 ID name
/// main marker 100 name key=value
/// main cut [never|late|damaged]
/// log 100 info THREAD "text {x}" ARGUMENTS          (log.other: a second stream of logs)
/// metric 100 THREAD NAME UNIT VALUE
/// count 100 THREAD NAME UNIT INCREMENT
/// frame BEGIN END THREAD NAME NUMBER
/// chunk 100 NUMBER INDEX WHOLE MEDIA-TYPE NAME      (WHOLE: its chunks, separated by |; the hash is that of them all, or of what follows #)
/// event Frame 100 number=1 gpu=2.5
/// event Frame cut
/// </code>
/// Any other first word names a thread; <c>log</c>, <c>metric</c>, <c>frames</c> and <c>attachments</c> are cut like one.
/// </summary>
sealed partial class EventScript
{
    readonly Dictionary<string, StreamScript> streams = [];
    readonly Dictionary<ulong, ScriptAsyncSpan> asyncSpans = [];
    long startNs = TimeText.ParseNs("2026-01-01T00:00:00Z", 0);

    EventScript()
    {
    }

    public Guid ProcessId { get; } = Guid.CreateVersion7();

    /// <summary>Of one stream, named as in the text.</summary>
    public IEnumerable<ScriptBlock> BlocksOf(string stream) => streams[stream].Blocks;

    public IEnumerable<ScriptBlock> Blocks => streams.Values.SelectMany(stream => stream.Blocks);

    public static EventScript Parse(string text)
    {
        var script = new EventScript();
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            if (!line.StartsWith('#')) script.Add(Word().Matches(line).Select(match => match.Groups[1].Success ? match.Groups[1].Value : match.Value).ToArray());
        foreach (var stream in script.streams.Values) stream.Cut(Delivery.Normal);
        return script;
    }

    /// <summary>Everything that a lake must know before it takes the blocks.</summary>
    public BatchWriter Records()
    {
        var batch = new BatchWriter();
        batch.Add(new ProcessRecord { ProcessId = ProcessId, Version = 1, Exe = "script", StartNs = startNs, LastSeenNs = startNs });
        foreach (var stream in streams.Values)
        {
            batch.Add(stream.Record);
            batch.Add(stream.Schema);
        }
        return batch;
    }

    /// <summary>Brings the script into the lake; blocks marked late come last and alone, after <paramref name="beforeLate"/>.</summary>
    public async Task DeliverAsync(TestLake lake, Func<Task> beforeLate)
    {
        var batch = Records();
        foreach (var block in Blocks.Where(block => block.Delivery is Delivery.Normal or Delivery.DamagedOnceStored)) batch.AddBlock(block.Bytes);
        await lake.AppendAsync(batch);
        foreach (var block in Blocks.Where(block => block.Delivery == Delivery.DamagedOnceStored)) await lake.DamageAsync(block.Id);
        foreach (var block in Blocks.Where(block => block.Delivery == Delivery.AfterAllOthers).Reverse())
        {
            await beforeLate();
            var late = new BatchWriter();
            late.AddBlock(block.Bytes);
            await lake.AppendAsync(late);
        }
    }

    void Add(string[] words)
    {
        switch (words[0])
        {
            case "start":
                startNs = TimeText.ParseNs(words[1], 0);
                break;
            case var log when IsLog(log) && char.IsAsciiDigit(words[1][0]):
                Merged(log, StreamClass.Log, WellKnown.Schema).Log(Tick(words[1]), Enum.Parse<Level>(words[2], ignoreCase: true), words[3], words[4], words[5..].Select(StreamScript.ParseValue).ToArray());
                break;
            case "metric" when char.IsAsciiDigit(words[1][0]):
                Merged("metric", StreamClass.Metric, WellKnown.Schema).Metric(Tick(words[1]), words[2], words[3], words[4], Number(words[5]));
                break;
            case "count" when char.IsAsciiDigit(words[1][0]):
                Merged("metric", StreamClass.Metric, WellKnown.Schema).Count(Tick(words[1]), words[2], words[3], words[4], Number(words[5]));
                break;
            case "frame" when char.IsAsciiDigit(words[1][0]):
                Merged("frames", StreamClass.Metric, WellKnown.Schema).Frame(Tick(words[1]), Tick(words[2]), words[3], words[4], Tick(words[5]));
                break;
            case "chunk" when char.IsAsciiDigit(words[1][0]):
                AddChunk(words);
                break;
            case "event" when words[2] == "cut":
                foreach (var version in streams.Where(stream => stream.Key.StartsWith($"{words[1]} ", StringComparison.Ordinal))) version.Value.Cut(Delivery.Normal);
                break;
            case "event":
                AddUserEvent(words[1], Tick(words[2]), Properties(words[3..]));
                break;
            default:
                AddTo(Merged(words[0], words[0] switch { var log when IsLog(log) => StreamClass.Log, "metric" or "frames" => StreamClass.Metric, "attachments" => StreamClass.Other, _ => StreamClass.Trace }, WellKnown.Schema), words[1..]);
                break;
        }
    }

    void AddTo(StreamScript stream, string[] words)
    {
        switch (words[0])
        {
            case "begin": stream.Begin(Tick(words[1]), words[2], Properties(words[3..])); break;
            case "end": stream.End(Tick(words[1])); break;
            case "push": stream.Push(Tick(words[1]), Properties(words[2..])); break;
            case "pop": stream.Pop(Tick(words[1])); break;
            case "async": stream.AsyncBegin(Tick(words[1]), Begun(stream, words), Properties(Arguments(words))); break;
            case "await": stream.AsyncEnd(Tick(words[1]), asyncSpans[Tick(words[2])], Properties(words[3..])); break;
            case "flow": stream.Flow(Tick(words[1]), Tick(words[2]), words[3]); break;
            case "marker": stream.Marker(Tick(words[1]), words[2], Properties(words[3..])); break;
            case "gap": stream.Gap(Tick(words[1]), Tick(words[2]), Tick(words[3]), (int)Tick(words[4]), Enum.Parse<GapReason>(words[5], ignoreCase: true)); break;
            case "cut":
                stream.Cut(words.Length == 1 ? Delivery.Normal : words[1] switch
                {
                    "never" => Delivery.Never,
                    "late" => Delivery.AfterAllOthers,
                    "damaged" => Delivery.DamagedOnceStored,
                    _ => throw new FormatException($"cannot read 'cut {words[1]}'"),
                });
                break;
            default: throw new FormatException($"cannot read '{words[0]}'");
        }
    }

    ScriptAsyncSpan Begun(StreamScript stream, string[] words)
    {
        string? Given(string key) => words.FirstOrDefault(word => word.StartsWith(key, StringComparison.Ordinal))?[key.Length..];
        var trace = Given("trace=") is { } hex ? UInt128.Parse(hex, System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture) : 0;
        var span = new ScriptAsyncSpan(Tick(words[2]), Given("in=") is { } parent ? Tick(parent) : 0, words[3], trace, Tick(words[1]), stream.Record.StreamId);
        asyncSpans.Add(span.Id, span);
        return span;
    }

    void AddChunk(string[] words)
    {
        var parts = words[4].Split('#');
        var chunks = parts[0].Split('|').Select(System.Text.Encoding.UTF8.GetBytes).ToArray();
        var hash = System.Security.Cryptography.SHA256.HashData(parts.Length > 1 ? System.Text.Encoding.UTF8.GetBytes(parts[1]) : [.. chunks.SelectMany(chunk => chunk)]);
        var id = new Guid((int)Tick(words[2]), 0, 0, new byte[8]);
        var index = Tick(words[3]);
        Merged("attachments", StreamClass.Other, WellKnown.Schema).Chunk(Tick(words[1]), id, (uint)index, (uint)chunks.Length, hash, words[5], words[6], chunks[Math.Min((int)index, chunks.Length - 1)]);
    }

    static string[] Arguments(string[] words) => words[4..].Where(word => !word.StartsWith("in=", StringComparison.Ordinal) && !word.StartsWith("trace=", StringComparison.Ordinal)).ToArray();

    /// <summary>Each combination of fields is a version of the type with a schema of its own; versions share the stream's name.</summary>
    void AddUserEvent(string type, ulong tick, Property[] fields)
    {
        var layout = new List<Field> { new("tick", FieldType.Tick, 0, 8) { Attributes = [new("role", FieldRole.Time)] } };
        foreach (var (key, value) in fields)
            layout.Add(new Field(key, value.Tag switch { ValueTag.I64 => FieldType.I64, ValueTag.F64 => FieldType.F64, _ => FieldType.String }, layout.Count * 8, 8));
        var schema = new Schema([new EventType(type, 1, layout.Any(field => field.Type == FieldType.String) ? 0 : layout.Count * 8, layout)]);
        Merged(type, StreamClass.Other, schema, $"{type} {schema.Hash}").UserEvent(tick, fields.Select(field => field.Value).ToArray());
    }

    StreamScript Merged(string name, StreamClass streamClass, Schema schema, string? key = null)
    {
        if (streams.TryGetValue(key ?? name, out var stream)) return stream;
        var record = new StreamRecord { StreamId = Guid.CreateVersion7(), ProcessId = ProcessId, Version = 1, Class = streamClass, Name = name, ThreadId = streamClass == StreamClass.Trace ? 7ul : null };
        streams.Add(key ?? name, stream = new StreamScript(ProcessId, record, schema, startNs));
        return stream;
    }

    static bool IsLog(string stream) => stream == "log" || stream.StartsWith("log.", StringComparison.Ordinal);

    static ulong Tick(string text) => ulong.Parse(text.Replace("_", ""), System.Globalization.CultureInfo.InvariantCulture);

    static double Number(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    static Property[] Properties(string[] words) => words.Select(word => new Property(word[..word.IndexOf('=')], StreamScript.ParseValue(word[(word.IndexOf('=') + 1)..]))).ToArray();

    [GeneratedRegex("\"([^\"]*)\"|[^ ]+")]
    private static partial Regex Word();
}
