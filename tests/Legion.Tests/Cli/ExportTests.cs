using System.Text.Json;
using Legion.Lakehouse.Export;
using Legion.Cli.Generate;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Cli;

public sealed class ExportTests
{
    /// <summary>One of each kind of event that other tools know.</summary>
    internal static EventScript Script { get; } = EventScript.Parse("""
        main begin 1000 outer
        main begin 2000 inner key=value
        main end 5000
        main async 6000 7 request
        main marker 7000 here
        main end 20500
        main begin 30000 open
        worker begin 100 other
        worker end 200
        worker await 9000 7 done=1
        log 1500 warn main "hello {x}" 5
        metric 1600 worker load percent 12.5
        """);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_trace_has_every_event_of_the_process()
    {
        using var lake = new TestLake();
        await Script.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
        var trace = (await TraceAsync(lake, Script.ProcessId)).RootElement;
        var events = trace.GetProperty("traceEvents").EnumerateArray().ToArray();
        var threads = events.Where(one => Text(one, "name") == "thread_name").ToDictionary(one => one.GetProperty("tid").GetInt32(), one => Text(one.GetProperty("args"), "name"));

        Assert.Equal(
        [
            "B open main 30", "C load worker 1.6", "X inner main 2 3", "X other worker 0.1 0.1", "X outer main 1 19.5",
            "b request main 6 id 7", "e request worker 9 id 7", "i hello 5 main 1.5", "i here main 7",
        ], events.Where(one => Text(one, "ph") != "M").Select(Line).Order(StringComparer.Ordinal));
        Assert.Equal("1767225600000000000", Text(trace.GetProperty("otherData"), "start_ns"));
        var args = events.Single(one => Text(one, "name") == "inner").GetProperty("args");
        Assert.Equal("value", Text(args.GetProperty("properties"), "key"));
        Assert.Equal(12.5, events.Single(one => Text(one, "ph") == "C").GetProperty("args").GetProperty("percent").GetDouble());
        Assert.Equal("warn", Text(events.Single(one => Text(one, "name") == "hello 5").GetProperty("args"), "level"));

        string Line(JsonElement one) => string.Join(' ', new[]
        {
            Text(one, "ph"), Text(one, "name"), threads[one.GetProperty("tid").GetInt32()], Microseconds(one.GetProperty("ts")),
            one.TryGetProperty("dur", out var duration) ? Microseconds(duration) : null, one.TryGetProperty("id", out var id) ? $"id {id.GetString()}" : null,
        }.OfType<string>());
    }

    /// <summary>Over slots and midnight, with threads whose spans cross both.</summary>
    [Fact]
    public async Task Of_many_spans_few_bytes_and_the_open_ones_alone_are_kept()
    {
        using var lake = new TestLake();
        var load = new GeneratedLoad { Spans = 20_000, Threads = 3, Depth = 6, Seed = 7, BlockBytes = 4096, Start = new(2026, 1, 1, 23, 59, 59, 900, TimeSpan.Zero) };
        var processes = await LoadGenerator.GenerateAsync(load, async batch => await new BlockAppend(lake.Store, TimeProvider.System).AppendAsync(Tenant.Default, Batch.Read(batch), Cancellation), Cancellation);
        var options = new QueryOptions { Parameters = new Dictionary<string, object?> { ["process"] = processes[0] } };
        var expected = await lake.CsvAsync("SELECT name, count(*) AS n, sum(duration_ns) AS ns FROM spans WHERE process_id = $process GROUP BY ALL ORDER BY ALL", options);
        Assert.True((await lake.Store.Catalog.ReadPartitionsAsync(Tenant.Default, "spans", processes, Cancellation)).Count > 1);

        var exported = await ExportedProcess.FindAsync(lake.Lake, processes[0], default, Cancellation);
        using var traced = new BoundedWrites();
        using (var trace = new ChromeTrace(exported, traced)) await trace.WriteAsync(Cancellation);
        using var profiled = new BoundedWrites();
        int kept;
        using (var profile = new SpeedscopeFile(exported, profiled))
        {
            await profile.WriteAsync(Cancellation);
            kept = profile.MostOpen;
        }

        var spans = JsonDocument.Parse(traced.ToArray()).RootElement.GetProperty("traceEvents").EnumerateArray().Where(one => Text(one, "ph") == "X")
            .Select(one => (Name: Text(one, "name"), Ns: (long)(one.GetProperty("dur").GetDecimal() * 1000)));
        Assert.Equal(expected, Csv(spans));
        Assert.Equal(expected, Csv(Intervals(JsonDocument.Parse(profiled.ToArray()).RootElement)));
        Assert.InRange(kept, 1, load.Depth);
        Assert.InRange(Math.Max(traced.Largest, profiled.Largest), 1, 80 << 10);
    }

    [Fact]
    public async Task The_command_writes_a_file_and_says_what_it_cannot()
    {
        using var lake = new TestLake();
        await Script.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
        var file = Path.Combine(lake.Folder, "out");

        Assert.Equal((0, ""), await RunAsync($"{Script.ProcessId}", "--to", "csv", "--out", file, "--view", "log_entries"));
        Assert.Contains("hello 5", await File.ReadAllTextAsync(file, Cancellation), StringComparison.Ordinal);
        Assert.Equal((0, ""), await RunAsync($"{Script.ProcessId}", "--to", "parquet", "--out", file));
        Assert.Equal("PAR1"u8.ToArray(), (await File.ReadAllBytesAsync(file, Cancellation))[^4..]);
        Assert.Equal((0, ""), await RunAsync($"{Script.ProcessId}", "--to", "perfetto", "--out", file));
        Assert.Equal((3, $"legion: there is no process '{Guid.Empty}' in this lake: `legion processes` lists those there are\n"), await RunAsync($"{Guid.Empty}", "--to", "speedscope", "--out", file + "2"));
        Assert.Equal(2, (await RunAsync("x", "--to", "csv", "--out", file)).Code);
        Assert.Equal(1, (await RunAsync($"{Script.ProcessId}", "--to", "csv", "--view", "nonsense", "--out", file + "3")).Code);
        Assert.Equal([file], Directory.EnumerateFiles(lake.Folder, "out*")); // nothing half-written

        async Task<(int Code, string Error)> RunAsync(params string[] arguments)
        {
            var outcome = await LegionProgram.RunAsync(["export", .. arguments, "--lake", lake.Folder]);
            return (outcome.ExitCode, outcome.Error);
        }
    }

    static async Task<JsonDocument> TraceAsync(TestLake lake, Guid process)
    {
        using var output = new MemoryStream();
        using (var trace = new ChromeTrace(await ExportedProcess.FindAsync(lake.Lake, process, default, Cancellation), output)) await trace.WriteAsync(Cancellation);
        return JsonDocument.Parse(output.ToArray());
    }

    /// <summary>Begins and ends by speedscope's rules: times never fall, and what ends is what began last.</summary>
    static IEnumerable<(string Name, long Ns)> Intervals(JsonElement root)
    {
        var frames = root.GetProperty("shared").GetProperty("frames").EnumerateArray().Select(frame => Text(frame, "name")).ToArray();
        foreach (var profile in root.GetProperty("profiles").EnumerateArray())
        {
            var (open, last) = (new Stack<(int Frame, long At)>(), 0L);
            foreach (var one in profile.GetProperty("events").EnumerateArray())
            {
                var (frame, at) = (one.GetProperty("frame").GetInt32(), one.GetProperty("at").GetInt64());
                Assert.True(at >= last);
                last = at;
                if (Text(one, "type") == "O")
                {
                    open.Push((frame, at));
                    continue;
                }
                var begun = open.Pop();
                Assert.Equal(begun.Frame, frame);
                yield return (frames[frame], at - begun.At);
            }
            Assert.Empty(open);
            Assert.Equal(last, profile.GetProperty("endValue").GetInt64());
        }
    }

    static string Csv(IEnumerable<(string Name, long Ns)> spans) =>
        "name,n,ns\n" + string.Concat(spans.GroupBy(span => span.Name).OrderBy(name => name.Key, StringComparer.Ordinal).Select(name => $"{name.Key},{name.Count()},{name.Sum(span => span.Ns)}\n"));

    static string Microseconds(JsonElement number) => number.GetDecimal().ToString("0.###", System.Globalization.CultureInfo.InvariantCulture);

    static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    /// <summary>Keeps what is written, and the most that came at once.</summary>
    sealed class BoundedWrites : MemoryStream
    {
        public int Largest { get; private set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Largest = Math.Max(Largest, buffer.Length);
            base.Write(buffer.ToArray(), 0, buffer.Length); // that of spans calls this one
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }
    }
}
