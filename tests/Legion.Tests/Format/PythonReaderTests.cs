using System.Text.Encodings.Web;
using System.Text.Json;
using Legion.Format;

namespace Legion.Tests.Format;

/// <summary>A reader and a client that were written in Python from FORMAT.md alone agree with this library.</summary>
public class PythonReaderTests
{
    public static TheoryData<string> BlockFiles => [.. GoldenFiles.Blocks, .. GoldenFiles.ColumnBlocks, GoldenFiles.CompressedBlock];

    [Theory, MemberData(nameof(BlockFiles))]
    public void BlocksReadAlike(string name)
    {
        var schema = GoldenFiles.SchemaOf(name);
        var lines = Read("wellknown.schema", "user.schema", name);
        AssertSameBlock(Block.Read(GoldenFiles.Read(name)), schema, Assert.Single(lines));
    }

    [Fact]
    public void BatchesReadAlike()
    {
        var lines = Read("all.legion").ToDictionary(line => line.GetProperty("block").GetGuid());
        Assert.Equal(GoldenFiles.Blocks.Length, lines.Count);
        foreach (var name in GoldenFiles.Blocks)
        {
            var block = Block.Read(GoldenFiles.Read(name));
            AssertSameBlock(block, GoldenFiles.SchemaOf(name), lines[block.Header.BlockId]);
        }
    }

    [Fact]
    public void FirstFilesReadAlike()
    {
        foreach (var name in GoldenFiles.FirstBlocks)
        {
            var (exitCode, lines) = PythonReader.Run("legion_reader.py", [.. new[] { "wellknown.schema", "user.schema", name }.Select(file => Path.Combine(GoldenFiles.FirstFolder, file))]);
            Assert.Equal(0, exitCode);
            AssertSameBlock(Block.Read(GoldenFiles.ReadFirst(name)), GoldenFiles.FirstSchema(name), Assert.Single(lines));
        }
    }

    /// <summary>Every field of every event, as the reader prints it.</summary>
    [Fact]
    public void ColumnsReadAsRowsDo()
    {
        string[] printed = [.. WellKnown.Schema.Types.Select(type => "--events=" + type.Name), "--events=" + GoldenUserType.Name, "wellknown.schema", "user.schema"];
        foreach (var name in GoldenFiles.Blocks)
        {
            var columns = Read([.. printed, name.Replace(".block", ".columns.block")]);
            Assert.Equal(Read([.. printed, name]).Select(Compact), columns.Select(Compact));
        }
    }

    [Fact]
    public void SpansReadAlike()
    {
        var (exitCode, lines) = PythonReader.Run("legion_spans.py", Golden("wellknown.schema", "spans-0.lz4.block", "spans-1.block", "spans-2.block"));
        Assert.Equal(0, exitCode);
        Assert.Equal(GoldenSpans.MainRows, Spans(lines));
    }

    [Fact]
    public void LogsReadAlike()
    {
        var logs = PythonReader.Events(Read("--events=legion.log", "wellknown.schema", "logs.block"));
        Assert.Equal(
            [
                "9 spawned {id} at {x:F2} by {who,10:x} {{really}} [7,1.5,\"<b>bob</b>\"] {\"player\":\"ada\",\"score\":17}",
                "21 größer als {n}: 🎮 [18446744073709551615] null",
                "14 spawned {id} at {x:F2} by {who,10:x} {{really}} [null,true,\"cafe\"] null",
                "5  [] {\"player\":\"ada\",\"score\":17}",
            ],
            logs.Select(log => $"{log.GetProperty("severity")} {Text(log.GetProperty("template"))} {Compact(log.GetProperty("arguments"))} {Compact(log.GetProperty("properties"))}"));
    }

    [Fact]
    public void MetricsReadAlike()
    {
        var metrics = PythonReader.Events(Read("--events=legion.metric", "wellknown.schema", "metrics.block"));
        Assert.Equal([("entities", 250.0, "count"), ("heap", -0.1, "bytes"), ("heap", 1e300, null)],
            metrics.Select(metric => (Text(metric.GetProperty("site")), metric.GetProperty("value").GetDouble(), metric.GetProperty("unit").GetString())));
    }

    [Fact]
    public void MomentsReadAlike()
    {
        var moments = PythonReader.Events(Read("--events=legion.async_end_dynamic", "--events=legion.flow", "--events=legion.marker", "wellknown.schema", "moments.block"));
        Assert.Equal(
            [
                "10600 119 load  ", "10700 119   ", "10700  load  {}", "10800   größer {\"level\":3}",
                "11900 1234605616436508552 load download trees {\"url\":\"trees.bin\",\"bytes\":12}",
            ],
            moments.Select(moment => $"{moment.GetProperty("tick")} {Any(moment, "id")} {Text(moment.GetProperty("site"))} {Any(moment, "name")} {Any(moment, "arguments")}"));

        static string Any(JsonElement moment, string field) => moment.TryGetProperty(field, out var value) ? value.ValueKind == JsonValueKind.String ? value.GetString()! : Compact(value) : "";
    }

    [Fact]
    public void CountsAndFramesReadAlike()
    {
        var counts = PythonReader.Events(Read("--events=legion.count", "wellknown.schema", "counts.block"));
        Assert.Equal([(1.0, "{\"status\":200}"), (2.5, "{\"status\":404}")], counts.Select(count => (count.GetProperty("value").GetDouble(), Compact(count.GetProperty("properties")))));
        var frames = PythonReader.Events(Read("--events=legion.frame", "wellknown.schema", "frames.block"));
        Assert.Equal([("frame", 1_000, 2_000, 0), ("frame", 2_000, 2_950, 1)],
            frames.Select(frame => (Text(frame.GetProperty("site")), frame.GetProperty("begin_tick").GetInt32(), frame.GetProperty("tick").GetInt32(), frame.GetProperty("number").GetInt32())));
    }

    /// <summary>The type has a field of every type that a field can have.</summary>
    [Fact]
    public void FieldsOfEveryTypeReadAlike()
    {
        var first = PythonReader.Events(Read("--events=Everything", "user.schema", "user.block")).First();
        const string expected = """
            {"tick":6000,"u8":200,"u16":60000,"u32":4000000000,"u64":18446744073709551615,"i8":-2,"i16":-3,"i32":-2147483648,"i64":-9223372036854775808,
             "f32":0.5,"f64":3.141592653589793,"bool":true,"delta":-70,"state":1,"text":"ümlaut","raw":"0001feff","digest":"deadbeef",
             "samples":[1,-1],"labels":["one","zwölf"],"values":["five",2.5],"more":{"key":"five"},"site":["draw","Game.Renderer","Renderer.cs",40],
             "template":["took {ms:F2}",["draw","Game.Renderer","Renderer.cs",40]],"thread":"main","set":null,"low_half_of_u32":10240}
            """;
        Assert.Equal(Compact(JsonDocument.Parse(expected).RootElement), Compact(first));
    }

    [Theory, InlineData("logs.block", "content's checksum"), InlineData("all.legion", "item's checksum")]
    public void DamageIsReported(string name, string expected)
    {
        var bytes = GoldenFiles.Read(name);
        bytes[^1] ^= 1;
        var (exitCode, lines) = PythonReader.RunOn(bytes, "legion_reader.py", Golden("wellknown.schema"));
        Assert.Equal(1, exitCode);
        Assert.Contains(expected, Assert.Single(lines, line => line.TryGetProperty("error", out _)).GetProperty("error").GetString());
        Assert.Equal(name == "all.legion" ? GoldenFiles.Blocks.Length - 1 : 0, lines.Count(line => line.TryGetProperty("block", out _)));
    }

    [Fact]
    public void WhatTheClientWritesIsReadHere()
    {
        var folder = Directory.CreateTempSubdirectory("legion-").FullName;
        var path = Path.Combine(folder, "client.legion");
        Assert.Equal(0, PythonReader.Run("legion_client.py", "--write", path).ExitCode);
        var items = Batch.Read(File.ReadAllBytes(path));
        var schema = Schema.Read(items.Single(item => item.Kind == BatchItemKind.Schema).Bytes.Span);
        var blocks = items.Where(item => item.Kind == BatchItemKind.Block).Select(item => Block.Read(item.Bytes.Span)).ToArray();
        var (_, lines) = PythonReader.Run("legion_spans.py", path);
        Directory.Delete(folder, recursive: true);

        Assert.Equal("a client in Python", ProcessRecord.Read(items.Single(item => item.Kind == BatchItemKind.Process).Bytes.Span).Exe);
        Assert.Equal([StreamClass.Trace, StreamClass.Log], items.Where(item => item.Kind == BatchItemKind.Stream).Select(item => StreamRecord.Read(item.Bytes.Span).Class));
        Assert.Equal(8, schema.Types[schema.IndexOf(WellKnown.SpanBegin)].Find("tick")!.Offset);
        const long start = GoldenScene.UtcOffsetNs;
        SpanRow[] expected =
        [
            new(1, 0, 1, start + 2_000, start + 3_000, "draw"),
            new(3, 0, 1, start + 3_001, start + 4_000, "draw"),
            new(0, null, 0, start + 1_000, start + 5_000, "frame"),
        ];
        Assert.Equal(expected, SpanRow.Read(schema, blocks.Where(block => block.Header.Class == StreamClass.Trace)));
        Assert.Equal(expected, Spans(lines));
        Assert.Equal([12L, -1L], Logs(blocks.Single(block => block.Header.Class == StreamClass.Log), schema));
    }

    static void AssertSameBlock(Block block, Schema schema, JsonElement line)
    {
        var header = block.Header;
        Assert.Equal(header.BlockId, line.GetProperty("block").GetGuid());
        Assert.Equal(header.StreamId, line.GetProperty("stream").GetGuid());
        Assert.Equal(header.ProcessId, line.GetProperty("process").GetGuid());
        Assert.Equal((int)header.Class, line.GetProperty("stream_class").GetInt32());
        Assert.Equal((header.Sequence, header.FirstOrdinal, header.NextOrdinal, header.Events),
            (line.GetProperty("sequence").GetUInt64(), line.GetProperty("ordinals")[0].GetUInt64(), line.GetProperty("ordinals")[1].GetUInt64(), line.GetProperty("events").GetUInt32()));
        Assert.Equal((header.BeginNs, header.EndNs), (line.GetProperty("begin_ns").GetInt64(), line.GetProperty("end_ns").GetInt64()));
        var counts = new Dictionary<string, int>();
        var events = block.ReadEvents(schema);
        while (events.Next()) counts[events.Current.Type.Name] = counts.GetValueOrDefault(events.Current.Type.Name) + 1;
        Assert.Equal(counts, line.GetProperty("types").EnumerateObject().ToDictionary(type => type.Name, type => type.Value.GetInt32()));
    }

    static IEnumerable<SpanRow> Spans(IEnumerable<JsonElement> lines) =>
        from line in lines
        let span = line.GetProperty("span")
        select new SpanRow(span.GetProperty("id").GetUInt64(), span.GetProperty("parent").Deserialize<ulong?>(), span.GetProperty("depth").GetInt32(),
            span.GetProperty("begin_ns").GetInt64(), span.GetProperty("end_ns").Deserialize<long?>(), span.GetProperty("name").GetString());

    static List<long> Logs(Block block, Schema schema)
    {
        var numbers = new List<long>();
        var events = block.ReadEvents(schema);
        while (events.Next()) numbers.Add(events.Current.Type.Find("arguments")!.ReadValues(events.Current.Body)[0].AsI64);
        return numbers;
    }

    /// <summary>Name of a site or text of a template, the first of what is printed of either.</summary>
    static string? Text(JsonElement row) => row.ValueKind == JsonValueKind.Null ? null : row[0].GetString();

    static string Compact(JsonElement element) => JsonSerializer.Serialize(element, new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    static IReadOnlyList<JsonElement> Read(params string[] arguments)
    {
        var (exitCode, lines) = PythonReader.Run("legion_reader.py", Golden(arguments));
        Assert.Equal(0, exitCode);
        return lines;
    }

    /// <summary>The arguments with the golden files among them as paths.</summary>
    static string[] Golden(params string[] arguments) => [.. arguments.Select(argument => argument.StartsWith("--", StringComparison.Ordinal) ? argument : Path.Combine(GoldenFiles.Folder, argument))];
}
