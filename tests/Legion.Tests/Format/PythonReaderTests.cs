using System.Diagnostics;
using System.Text.Json;
using Legion.Format;

namespace Legion.Tests.Format;

/// <summary>A reader and a client that were written in Python from FORMAT.md alone agree with this library.</summary>
public class PythonReaderTests
{
    const string Python = "/usr/bin/python3";

    static readonly string Readers = Path.Combine(RepositoryTree.Root, "tests", "readers");

    public static TheoryData<string> BlockFiles => [.. GoldenFiles.Blocks, GoldenFiles.CompressedBlock];

    [Theory, MemberData(nameof(BlockFiles))]
    public void BlocksReadAlike(string name)
    {
        var schema = name == "user.block" ? GoldenUserType.Schema : WellKnown.Schema;
        var lines = Read([], "wellknown.schema", "user.schema", name);
        AssertSameBlock(Block.Read(GoldenFiles.Read(name)), schema, Assert.Single(lines));
    }

    [Fact]
    public void BatchesReadAlike()
    {
        var lines = Read([], "all.legion").ToDictionary(line => line.GetProperty("block").GetGuid());
        Assert.Equal(GoldenFiles.Blocks.Length, lines.Count);
        foreach (var name in GoldenFiles.Blocks)
        {
            var block = Block.Read(GoldenFiles.Read(name));
            AssertSameBlock(block, name == "user.block" ? GoldenUserType.Schema : WellKnown.Schema, lines[block.Header.BlockId]);
        }
    }

    [Fact]
    public void SpansReadAlike()
    {
        var lines = Read(["--spans"], "wellknown.schema", "spans-0.lz4.block", "spans-1.block", "spans-2.block");
        Assert.Equal(GoldenSpans.MainRows, Spans(lines));
    }

    [Fact]
    public void LogsReadAlike()
    {
        var texts = Read(["--logs"], "wellknown.schema", "logs.block").Where(line => line.TryGetProperty("log", out _)).Select(line => line.GetProperty("log").GetProperty("text").GetString());
        Assert.Equal(["spawned 7 at 1.50 by <b>bob</b> {really}", "größer als 18446744073709551615: 🎮", "spawned  at True by       cafe {really}", null], texts);
    }

    [Fact]
    public void MetricsReadAlike()
    {
        var metrics = Read(["--metrics"], "wellknown.schema", "metrics.block").Where(line => line.TryGetProperty("metric", out _)).Select(line => line.GetProperty("metric"));
        Assert.Equal([("entities", 250.0, "count"), ("heap", -0.1, "bytes"), ("heap", 1e300, null)],
            metrics.Select(metric => (metric.GetProperty("name").GetString(), metric.GetProperty("value").GetDouble(), metric.GetProperty("unit").GetString())));
    }

    [Fact]
    public void DamageIsReported()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("legion-").FullName, "damaged.block");
        var bytes = GoldenFiles.Read("logs.block");
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
        var (exitCode, lines) = Run("legion_reader.py", Path.Combine(GoldenFiles.Folder, "wellknown.schema"), path);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        Assert.Equal(1, exitCode);
        Assert.Contains("checksum", Assert.Single(lines).GetProperty("error").GetString());
    }

    [Fact]
    public void WhatTheClientWritesIsReadHere()
    {
        var folder = Directory.CreateTempSubdirectory("legion-").FullName;
        var path = Path.Combine(folder, "client.legion");
        Assert.Equal(0, Run("legion_client.py", "--write", path).ExitCode);
        var items = Batch.Read(File.ReadAllBytes(path));
        var schema = Schema.Read(items.Single(item => item.Kind == BatchItemKind.Schema).Bytes.Span);
        var blocks = items.Where(item => item.Kind == BatchItemKind.Block).Select(item => Block.Read(item.Bytes.Span)).ToArray();
        var (_, lines) = Run("legion_reader.py", "--spans", path);
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
        Assert.Equal(header.Class.ToString(), line.GetProperty("class").GetString(), ignoreCase: true);
        Assert.Equal((header.Sequence, header.FirstOrdinal, header.NextOrdinal, header.Events),
            (line.GetProperty("sequence").GetUInt64(), line.GetProperty("first_ordinal").GetUInt64(), line.GetProperty("next_ordinal").GetUInt64(), line.GetProperty("events").GetUInt32()));
        Assert.Equal((header.BeginNs, header.EndNs), (line.GetProperty("begin_ns").GetInt64(), line.GetProperty("end_ns").GetInt64()));
        var counts = new Dictionary<string, int>();
        var events = block.ReadEvents(schema);
        while (events.Next()) counts[events.Current.Type.Name] = counts.GetValueOrDefault(events.Current.Type.Name) + 1;
        Assert.Equal(counts, line.GetProperty("types").EnumerateObject().ToDictionary(type => type.Name, type => type.Value.GetInt32()));
    }

    static IEnumerable<SpanRow> Spans(IEnumerable<JsonElement> lines) =>
        from line in lines
        where line.TryGetProperty("span", out _)
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

    static IReadOnlyList<JsonElement> Read(string[] options, params string[] files)
    {
        var (exitCode, lines) = Run("legion_reader.py", [.. options, .. files.Select(file => Path.Combine(GoldenFiles.Folder, file))]);
        Assert.Equal(0, exitCode);
        return lines;
    }

    static (int ExitCode, IReadOnlyList<JsonElement> Lines) Run(string script, params string[] arguments)
    {
        Assert.SkipUnless(File.Exists(Python), $"{Python} is missing");
        var start = new ProcessStartInfo(Python, [Path.Combine(Readers, script), .. arguments]) { RedirectStandardOutput = true };
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        using var process = Process.Start(start)!;
        var lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        process.WaitForExit();
        return (process.ExitCode, lines);
    }
}
