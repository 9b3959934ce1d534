using Legion.Format;
using Legion.Lakehouse;
using Legion.Lakehouse.Import;
using Legion.Lakehouse.Sql;
using Legion.Store;
using Legion.Tests.Cli;
using Legion.Tests.Format;
using Legion.Tests.Support;

namespace Legion.Tests.Otlp;

/// <summary>A file as a collector's file exporter writes it, with what the exporters of .NET do not send.</summary>
public sealed class ImportTests : IDisposable
{
    static readonly string Recorded = Path.Combine(RepositoryTree.Root, "tests", "data", "otlp", "collector.json");

    readonly TestLake lake = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => lake.Dispose();

    [Fact]
    public async Task ACollectorsFileIsInTheViews()
    {
        var process = await ImportAsync();
        Assert.Equal($"exe,computer,os,cpu,runtime,start_ns,email\ncheckout,node-7,linux,amd64,go 1.24,1767225600000000000,ada@example.org\n",
            await lake.CsvAsync("SELECT exe, computer, os, cpu, runtime, start_ns, properties->>'user.email' AS email FROM processes"));
        Assert.Equal("""
            name,span_id,parent_id,trace_id,begin_ns,duration_ns,target,file,line,kind,status
            POST /pay,17213210219539181940,17213210219539181939,5b8efff798038103d269b633813fc60c,1767225600000000000,1500000,net/http,/src/pay.go,42,server,error
            no ids,,,,1767225600000000010,0,net/http,,0,,

            """, await lake.CsvAsync("SELECT name, span_id, parent_id, trace_id, begin_ns, duration_ns, target, file, line, properties->>'kind' AS kind, properties->>'status' AS status FROM async_spans WHERE process_id = $process ORDER BY begin_ns", Of(process)));
        Assert.Equal("""
            name,unit,kind,value,properties,buckets
            cpu,1,gauge,0.25,{"core":0},
            cpu,1,gauge,,{},
            drift.count,,total,6,{},{"bounds":[-2,-1,0,2,4,8],"counts":[0,2,1,0,2,1,0]}
            latency.count,,count,4,{},{"bounds":[5,10],"counts":[1,2,1]}
            latency.max,ms,gauge,11,{},
            latency.min,ms,gauge,1,{},
            latency.sum,ms,count,22.5,{},
            open,,total,-3,{},
            requests,{request},count,9007199254740992,{},
            rpc.count,,total,10,{},
            rpc.quantile,s,gauge,0.1,{"quantile":0.5},
            rpc.quantile,s,gauge,0.7,{"quantile":0.99},
            rpc.sum,s,total,1.5,{},

            """, await lake.CsvAsync("SELECT name, unit, kind, value, properties, buckets FROM measures ORDER BY name, time_ns, value"));
        Assert.Equal("""
            time_ns,level,severity,message,properties
            1767225600000000000,error,17,card refused,{"context":{"a":{"deep":true},"password":"hunter2","z":1},"severity_text":"Error","span_id":17213210219539181940,"tags":["a","b"],"trace_id":"5b8efff798038103d269b633813fc60c"}
            1767225600000000002,warn,13,{"amount":12.5,"currency":"EUR"},{"event_name":"payment.retry","severity_text":"WARN"}

            """, await lake.CsvAsync("SELECT time_ns, level, severity, message, properties FROM log_entries ORDER BY time_ns"));
        Assert.Equal("process_id,stream_id,block_id,kind,severity,begin_ns,end_ns,events,bytes,detail,begin_time,end_time\n", await lake.CsvAsync("SELECT * FROM problems"));

        // Streams of a server's blocks have holes by nature.
        using var result = await lake.Lake.QueryAsync("SELECT count(*) FROM log_entries", null, Cancellation);
        Assert.Equal(0, result.Receipt.LostEvents);
    }

    [Theory]
    [InlineData("trace", "span", 1767225600000000000, "message.name", "POST /pay", "message.traceId", "5b8efff798038103d269b633813fc60c")]
    [InlineData("metric", "gauge", null, "metric", "cpu", "unit", "1")]
    [InlineData("log", "log_record", 1767225600000000000, "message.body.stringValue", "card refused", "message.spanId", "eee19b7ec3c1b174")]
    public async Task ABlockShowsTheMessagesAsTheyCame(string streamClass, string type, long? timeNs, string path, string value, string otherPath, string otherValue)
    {
        await ImportAsync();
        var block = (await lake.Store.Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation)).First(block => StoreNames.Class(block.Class) == streamClass);
        var options = new QueryOptions { Parameters = new Dictionary<string, object?> { ["block"] = block.BlockId, ["type"] = type } };
        Assert.Equal($"type,value,other,events\n{type},{value},{otherValue},{block.Events}\n", await lake.CsvAsync(
            $"""
            SELECT type, fields->>'$.{path}' AS value, fields->>'$.{otherPath}' AS other, (SELECT count(*) FROM parse_block($block)) AS events
            FROM parse_block($block) WHERE type = $type AND ({timeNs?.ToString() ?? "NULL"} IS NULL OR time_ns = {timeNs?.ToString() ?? "0"}) ORDER BY ordinal LIMIT 1
            """, options));
    }

    [Fact]
    public async Task TheSameFileAgainIsThereAlreadyAndRebuiltRowsAreTheSame()
    {
        const string Sql = "SELECT * EXCLUDE (stream_id) FROM log_entries ORDER BY time_ns";
        await ImportAsync();
        var first = await lake.CsvAsync(Sql);
        var again = new ExportImport(lake.Store, TimeProvider.System, new Redaction());
        await using var file = File.OpenRead(Recorded);
        Assert.Null(await again.AppendAsync(file, Cancellation));
        Assert.Equal((0, 3), (again.Imported.Count(BlockCode.Stored), again.Imported.Count(BlockCode.Exists)));
        await lake.DropPartitionsAsync();
        Assert.Equal(first, await lake.CsvAsync(Sql));
    }

    [Fact]
    public async Task ARequestThatCannotBeReadCostsItselfAlone()
    {
        var lines = await File.ReadAllLinesAsync(Recorded, Cancellation);
        var text = $"{lines[0]}\n  {{\"resourceLogs\": [{{\"scopeLogs\": 7}}]}} {{\"other\": {{}}}}\n{lines[2]}\n{{\"resource";
        var import = new ExportImport(lake.Store, TimeProvider.System, new Redaction());
        Assert.StartsWith("request 5: expected the end of a JSON object", await import.AppendAsync(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)), Cancellation), StringComparison.Ordinal);
        Assert.Equal(2, import.Imported.Count(BlockCode.Stored));
        import = new ExportImport(lake.Store, TimeProvider.System, new Redaction());
        Assert.Equal("2 requests could not be read, the first because: request 2: scopeLogs: expected StartArray, saw Number at byte 32",
            await import.AppendAsync(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text[..text.LastIndexOf('\n')])), Cancellation));
    }

    [Fact]
    public async Task TheCommandRedactsBeforeAnythingIsStored()
    {
        var run = await LegionProgram.RunAsync("import", Recorded, "--lake", lake.Folder, "--redact", "drop:password;hash:user.email");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var process = Guid.Parse(run.Output.Trim());
        var rows = await lake.CsvAsync("""
            SELECT p.properties->>'user.email' AS one, s.properties->>'user.email' = one AS same, s.properties->>'password' AS gone, (SELECT string_agg(properties) FROM log_entries) NOT LIKE '%hunter2%' AS deep
            FROM processes p JOIN async_spans s USING (process_id) WHERE s.process_id = $process AND s.name LIKE 'POST%'
            """, Of(process));
        Assert.Matches("^one,same,gone,deep\nhmac-sha256:[0-9a-f]{32},True,,True\n$", rows);
        // But for the folder of temporary files, where those that are open lie.
        var files = Directory.EnumerateFiles(lake.Folder).Concat(Directory.EnumerateFiles(Path.Combine(lake.Folder, "blocks"), "*", SearchOption.AllDirectories)).ToArray();
        Assert.True(files.Length >= 4);
        Assert.All((string[])["hunter2", "ada@example.org"], canary => Assert.DoesNotContain(files, file => File.ReadAllBytes(file).AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(canary)) >= 0));

        // The lake keeps the key: another run makes the same of it, and so the same process.
        var again = await LegionProgram.RunAsync([("LEGION_REDACT", "drop:password;hash:user.email")], "import", Recorded, "--lake", lake.Folder, "--json");
        Assert.Contains($"\"processes\":[\"{process}\"]", again.Output, StringComparison.Ordinal);
        Assert.Contains("\"exists\":3", again.Output, StringComparison.Ordinal);
        var wrong = await LegionProgram.RunAsync("import", Recorded, "--lake", lake.Folder, "--redact", "remove:password");
        Assert.Equal((2, "legion: --redact: cannot use 'remove:password' as a rule of redaction: expected drop:NAME,... or hash:NAME,...\n"), (wrong.ExitCode, wrong.Error));
    }

    async Task<Guid> ImportAsync()
    {
        var import = new ExportImport(lake.Store, TimeProvider.System, new Redaction());
        await using var file = File.OpenRead(Recorded);
        Assert.Null(await import.AppendAsync(file, Cancellation));
        Assert.Equal(3, import.Imported.Count(BlockCode.Stored));
        return Assert.Single(import.Imported.Processes);
    }

    static QueryOptions Of(Guid process) => new() { Parameters = new Dictionary<string, object?> { ["process"] = process } };
}
