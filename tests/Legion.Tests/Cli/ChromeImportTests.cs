using System.IO.Compression;
using Legion.Lakehouse.Export;
using Legion.Lakehouse.Import.Chrome;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Cli;

/// <summary>Traces of other tools, and this program's own export, as processes of a lake.</summary>
public sealed class ChromeImportTests : IDisposable
{
    const string Spans = "SELECT thread, name, depth, begin_ns - (SELECT min(begin_ns) FROM spans WHERE process_id = $process) AS at, duration_ns AS ns, properties FROM spans WHERE process_id = $process ORDER BY thread, begin_ns, depth";

    readonly TestLake lake = new();
    readonly string file = Path.GetTempFileName();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string> Traces => new()
    {
        {
            "begins and ends nest, in whatever order they come, and an end's arguments are added",
            """[{"ph":"E","pid":1,"tid":1,"ts":9,"args":{"b":2}},{"ph":"B","pid":1,"tid":1,"ts":1,"name":"outer","args":{"a":1}},{"ph":"B","pid":1,"tid":1,"ts":2,"name":"inner"},{"ph":"E","pid":1,"tid":1,"ts":3.5}]""",
            """
            thread 1,outer,0,0,8000,{"a":1,"b":2}
            thread 1,inner,1,1000,1500,{}
            """
        },
        {
            "complete events nest by their times",
            """[{"ph":"X","pid":1,"tid":1,"ts":2,"dur":3,"name":"child"},{"ph":"X","pid":1,"tid":1,"ts":1,"dur":10,"name":"parent"},{"ph":"X","pid":1,"tid":1,"ts":5,"dur":0,"name":"next"}]""",
            """
            thread 1,parent,0,0,10000,{}
            thread 1,child,1,1000,3000,{}
            thread 1,next,1,4000,0,{}
            """
        },
        {
            "what overlaps lies in a further row, what was rounded does not",
            """[{"ph":"X","pid":1,"tid":1,"ts":0,"dur":10,"name":"a"},{"ph":"X","pid":1,"tid":1,"ts":8,"dur":2.9,"name":"rounded"},{"ph":"X","pid":1,"tid":1,"ts":5,"dur":10,"name":"overlaps"}]""",
            """
            thread 1,a,0,0,10000,{}
            thread 1,rounded,1,8000,2000,{}
            thread 1 (2),overlaps,0,5000,10000,{}
            """
        },
        {
            "what has not ended is open, threads have names, ids may be texts",
            """{"displayTimeUnit":"ms","traceEvents":[{"ph":"B","pid":"p","tid":"t","ts":"1","name":"open"},{"ph":"M","pid":"p","tid":"t","name":"thread_name","args":{"name":"render"}},{"ph":"X","pid":"p","tid":"t","ts":2,"dur":1,"name":"within"}],"more":{"x":[1]}}""",
            """
            render,open,0,0,,{}
            render,within,1,1000,1000,{}
            """
        },
        {
            "an array may lack its end",
            """[{"ph":"X","pid":1,"tid":1,"ts":1,"dur":1,"name":"a","args":{"list":[1,2],"text":"x","no":null}},""",
            """
            thread 1,a,0,0,1000,{"list":"[1,2]","no":null,"text":"x"}
            """
        },
    };

    public void Dispose()
    {
        lake.Dispose();
        File.Delete(file);
    }

    [Theory]
    [MemberData(nameof(Traces))]
    public async Task SpansAreAsTheTraceHasThem(string what, string trace, string spans)
    {
        await File.WriteAllTextAsync(file, trace, Cancellation);
        var process = await ImportAsync();
        Assert.Equal(what + "\nthread,name,depth,at,ns,properties\n" + spans + "\n", what + "\n" + await lake.CsvAsync(Spans, Of(process)));
        Assert.Equal("n\n0\n", await lake.CsvAsync("SELECT count(*) AS n FROM problems WHERE process_id = $process", Of(process)));
    }

    [Fact]
    public async Task CountersFlowsAsyncSpansAndInstantsAreInTheirViews()
    {
        await File.WriteAllTextAsync(file, """
            {"traceEvents":[
            {"ph":"C","pid":7,"tid":1,"ts":1,"name":"memory","args":{"bytes":12}},
            {"ph":"C","pid":7,"tid":1,"ts":2,"name":"pets","args":{"cats":1,"dogs":2.5,"note":"x"}},
            {"ph":"b","pid":7,"tid":1,"ts":3,"cat":"net","id":"0x1","name":"request","args":{"url":"/"}},
            {"ph":"b","pid":7,"tid":1,"ts":4,"cat":"net","id":"0x1","name":"dns"},
            {"ph":"e","pid":7,"tid":2,"ts":5,"cat":"net","id":"0x1","name":"dns"},
            {"ph":"e","pid":7,"tid":2,"ts":9,"cat":"net","id":"0x1","name":"request","args":{"status":200}},
            {"ph":"i","pid":7,"tid":1,"ts":6,"name":"vsync","s":"t"},
            {"ph":"i","pid":7,"tid":1,"ts":7,"name":"slow {frame}","args":{"level":"warn","ms":33}},
            {"ph":"s","pid":7,"tid":1,"ts":3,"id":4,"name":"send"},{"ph":"f","pid":7,"tid":2,"ts":5,"id":4,"name":"send"},
            {"ph":"M","pid":7,"name":"process_name","args":{"name":"browser"}}]}
            """, Cancellation);
        var process = await ImportAsync();
        Assert.Equal("exe,pid,ns\nbrowser,7,8000\n", await lake.CsvAsync("SELECT exe, property(properties, 'pid') AS pid, end_ns - start_ns AS ns FROM processes"));
        Assert.Equal("name,unit,value\nmemory,bytes,12\npets.cats,,1\npets.dogs,,2.5\n", await lake.CsvAsync("SELECT name, unit, value FROM measures WHERE process_id = $process ORDER BY name", Of(process)));
        Assert.Equal("name,target,duration_ns,properties,has_parent\nrequest,net,6000,{\"status\":200,\"url\":\"/\"},False\ndns,net,1000,{},True\n",
            await lake.CsvAsync("SELECT name, target, duration_ns, properties, parent_id IS NOT NULL AS has_parent FROM async_spans WHERE process_id = $process ORDER BY begin_ns", Of(process)));
        Assert.Equal("thread,name\nthread 1,vsync\n", await lake.CsvAsync("SELECT thread, name FROM markers WHERE process_id = $process", Of(process)));
        Assert.Equal("level,message,properties\nwarn,slow {frame},{\"ms\":33}\n", await lake.CsvAsync("SELECT level, message, properties FROM log_entries WHERE process_id = $process", Of(process)));
        Assert.Equal("thread,name,flow_id\nthread 1,send,1\nthread 2,send,1\n", await lake.CsvAsync("SELECT thread, name, flow_id FROM flows WHERE process_id = $process ORDER BY time_ns", Of(process)));
    }

    [Theory]
    [InlineData("""[{"ph":"X","pid":1,"tid":1,"ts":1,"dur":1,"name":"a"},{"ph":"X","pid":1,"tid":1,"name":"b"},{"ph":"O","pid":1,"tid":1,"ts":1},{"ph":"E","pid":1,"tid":1,"ts":0.5},7]""",
        "2 events could not be read, the first because: event 2: expected an event of phase X with a time, saw none; nothing here corresponds to 1 of ends of spans that did not begin, 1 of phase O")]
    [InlineData("""[{"ph":"X","pid":1,"tid":1,"ts":1,"dur":1,"name":"a"},{"ph":"X","pid":1,""", "byte 53: expected the end of an event, saw the end of the file")]
    public async Task WhatCannotBeTakenIsSaid(string trace, string said)
    {
        await File.WriteAllTextAsync(file, trace, Cancellation);
        Assert.Equal(said, await new ChromeImport(lake.Store, TimeProvider.System, new Redaction()).AppendAsync(file, Cancellation));
        Assert.Equal("name\na\n", await lake.CsvAsync("SELECT name FROM spans WHERE process_id IN (SELECT process_id FROM processes)"));
    }

    [Theory]
    [InlineData("""{"displayTimeUnit":"ns"}""")]
    [InlineData("""{"traceEvents":7}""")]
    [InlineData("7")]
    [InlineData("")]
    public async Task AnotherFileIsRefused(string text)
    {
        await File.WriteAllTextAsync(file, text, Cancellation);
        var refusal = await Assert.ThrowsAsync<InvalidDataException>(() => new ChromeImport(lake.Store, TimeProvider.System, new Redaction()).AppendAsync(file, Cancellation));
        Assert.Contains("expected", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>Compressed, twice, and in blocks of which there are several.</summary>
    [Fact]
    public async Task TheSameFileTwiceIsThereOnce()
    {
        const int Events = 60_000;
        await using (var output = new StreamWriter(new GZipStream(File.Create(file), CompressionLevel.Fastest)))
        {
            await output.WriteAsync('[');
            for (var i = 0; i < Events; i++) await output.WriteLineAsync($$"""{"args":{"i":{{i}} },"ph":"X","pid":1,"tid":{{i % 3}},"ts":{{i}}.25,"dur":0.5,"name":"n{{i % 7}}"},""");
        }
        var first = await ImportAsync();
        Assert.Equal(first, await ImportAsync());
        File.SetLastWriteTimeUtc(file, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal(first, await ImportAsync());
        Assert.Equal($"n,i,blocks\n{Events},{Events},True\n", await lake.CsvAsync("SELECT count(*) AS n, count(DISTINCT property(properties, 'i')) AS i, (SELECT count(*) FROM blocks) > 3 AS blocks FROM spans WHERE process_id = $process", Of(first)));
    }

    /// <summary>What is exported and imported again has the same rows.</summary>
    [Theory]
    [InlineData("SELECT thread, name, target, file, line, depth, begin_ns, duration_ns, self_ns, properties FROM spans WHERE process_id = $process ORDER BY ALL")]
    [InlineData("SELECT name, begin_ns, duration_ns, properties FROM async_spans WHERE process_id = $process ORDER BY ALL")]
    [InlineData("SELECT thread, time_ns, level, message, properties FROM log_entries WHERE process_id = $process ORDER BY ALL")]
    [InlineData("SELECT thread, time_ns, name, properties FROM markers WHERE process_id = $process ORDER BY ALL")]
    [InlineData("SELECT thread, time_ns, name, unit, value FROM measures WHERE process_id = $process ORDER BY ALL")]
    [InlineData("SELECT start_ns FROM processes WHERE process_id = $process")]
    public async Task AnExportComesBackAsItWas(string sql)
    {
        using var original = new TestLake();
        await ExportTests.Script.DeliverAsync(original, beforeLate: () => Task.CompletedTask);
        await using (var output = File.Create(file))
        {
            using var trace = new ChromeTrace(await ExportedProcess.FindAsync(original.Lake, ExportTests.Script.ProcessId, default, Cancellation), output);
            await trace.WriteAsync(Cancellation);
        }
        var process = await ImportAsync();
        Assert.Equal(await original.CsvAsync(sql, Of(ExportTests.Script.ProcessId)), await lake.CsvAsync(sql, Of(process)));
    }

    async Task<Guid> ImportAsync()
    {
        var import = new ChromeImport(lake.Store, TimeProvider.System, new Redaction());
        Assert.Null(await import.AppendAsync(file, Cancellation));
        return Assert.Single(import.Imported.Processes);
    }

    static QueryOptions Of(Guid process) => new() { Parameters = new Dictionary<string, object?> { ["process"] = process } };
}
