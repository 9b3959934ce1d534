using Legion.Kernel.Cells;
using Legion.Notebook;
using Legion.Tests.Kernel;
using Legion.Tests.Support;

namespace Legion.Tests.Notebook;

/// <summary>The verbs in a session, on a small lake.</summary>
public sealed class LakeVerbTests : IAsyncLifetime
{
    const string Events = """
        start 2026-01-01T00:00:00Z
        main begin 1000000 frame
        main begin 1100000 <b>physics</b>
        main end 1900000
        main end 3000000
        render begin 1000000 draw
        render end 2000000
        log 1000000 info main "started {x}" x=1
        log 1500000 warn main "<script>slow</script>" 
        log 2500000 error render "lost" 
        log 9000000 debug render "later" 
        """;

    readonly TestLake _lake = new();
    readonly EventScript _script = EventScript.Parse(Events);
    readonly Session _session = new(LakeVerbs.CreateMagics());

    public async ValueTask InitializeAsync()
    {
        await _script.DeliverAsync(_lake, () => Task.CompletedTask);
        Assert.Equal($"display: lake {_lake.Folder}", (await RunAsync($"#!legion connect {_lake.Folder} -> l")).Text);
        await _session.SetVariableAsync("process", _script.ProcessId, typeof(Guid));
    }

    public ValueTask DisposeAsync()
    {
        _session.Dispose();
        _lake.Dispose();
        return ValueTask.CompletedTask;
    }

    Task<RecordedCell> RunAsync(string cell) => RecordedCell.RunAsync(_session, cell);

    // A cell, and what stands in its text; DIR is the lake's folder and ID the process.
    [Theory]
    [InlineData("#!legion connect /nowhere/at/all", "error: cannot open lake '/nowhere/at/all': no such folder")]
    [InlineData("#!legion connect s3://bucket/x", "error: cannot open lake 's3://bucket/x': a lake on S3 needs a catalog")]
    [InlineData("#!legion connect DIR --viewer ftp://x", "error: --viewer takes an address such as")]
    [InlineData("#!legion processes", "script  ")]
    [InlineData("#!legion processes --search nothing", "0 rows; 0 bytes read")]
    [InlineData("#!legion processes --last never", "error: --last takes a duration such as 15m or 24h, not 'never'")]
    [InlineData("#!legion sql 'SELECT name FROM spans WHERE process_id = $process ORDER BY begin_ns, depth DESC LIMIT 1'", ": name\n")]
    [InlineData("#!legion-sql --name df\nSELECT count(*) AS n FROM spans WHERE process_id = $process\n", ": n\n3\n1 rows, 1 columns; ")]
    [InlineData("#!legion sql --to 2026-01-01T00:00:00.001050Z\nSELECT count(*) AS n FROM spans WHERE process_id = $process", ": n\n2\n")]
    [InlineData("#!legion sql\nSELECT * FROM log_entrys", "log_entries")]
    [InlineData("#!legion sql\nSELECT * FROM spans", "error: spans is read per process")]
    [InlineData("#!legion sql\nSELECT * FROM spans WHERE process_id = '6f0f6f4e-3c0e-7000-8000-000000000001'", "error: there is no process '6f0f6f4e-3c0e-7000-8000-000000000001' in this lake")]
    [InlineData("#!legion sql", "error: expected a statement")]
    [InlineData("var list = new List<int>();\n#!legion sql\nSELECT $list", "error: cannot bind $list: SQL has no value for a List`1")]
    [InlineData("#!legion sql\nSELECT $proces", "error: found no variable 'proces' to bind; did you mean 'process'?")]
    [InlineData("#!legion logs @process", "00:00:00.001000  info   main    ")]
    [InlineData("#!legion logs ID --level warn+ --limit 1", "there are later lines")]
    [InlineData("#!legion logs @process --level wran", "error: unknown level 'wran'; did you mean 'warn'?")]
    [InlineData("#!legion logs 6f0f6f4e-3c0e-7000-8000-000000000001", "error: there is no process '6f0f6f4e-3c0e-7000-8000-000000000001' in this lake")]
    [InlineData("#!legion logs yesterday", "error: 'yesterday' is no process")]
    [InlineData("#!legion logs @process --from yesterday", "error: cannot read 'yesterday' as a time")]
    [InlineData("#!legion logs @process --from now --to now-1h", "error: --to is not after --from")]
    [InlineData("#!legion flame @process --in @process", "error: 'process' is no selection")]
    [InlineData("#!legion flame @process --in @l --from now", "error: --in names a time range, and so do --from and --to")]
    [InlineData("#!legion flame @process", "threads main, render\n3 spans as ")]
    [InlineData("#!legion flame @process --threads RE*", "threads render\n3 spans as ")]
    [InlineData("#!legion flame @process --threads gpu", "error: there is no thread 'gpu' in this process: it has main, render")]
    public async Task Answers(string cell, string text) =>
        Assert.Contains(text, (await RunAsync(cell.Replace("DIR", _lake.Folder).Replace("ID", _script.ProcessId.ToString()))).Text);

    // The place in the cell, from 1, and the line with its caret.
    [Theory]
    [InlineData("var a = 1;\n#!legion sql\nSELECT a,\n  nope(1)\nFROM processes", 3, 8, "SELECT a,\n       ^")]
    [InlineData("#!legion sql -> df\nSELECT 1\nFROM FROM x", 3, 6, "FROM FROM x\n     ^")]
    [InlineData("#!legion sql 'SELECT exee FROM processes'", 1, 22, "#!legion sql 'SELECT exee FROM processes'\n                     ^")]
    [InlineData("#!legion-sql\nSELECT\n  $nobody", 3, 3, "  $nobody\n  ^")]
    public async Task PointsIntoTheSql(string cell, int line, int column, string shown)
    {
        var error = (await RunAsync(cell)).Result.Error;
        Assert.NotNull(error);
        Assert.Equal((line, column), (error.Line, error.Column));
        Assert.Contains(shown, string.Join('\n', error.Traceback));
    }

    // Code after a magic that kept its result: its type is the compiler's.
    [Theory]
    [InlineData("#!legion sql 'SELECT 42 AS x' -> df\ndf.Columns.GetInt32Column(\"x\")[0]", "result: 42")]
    [InlineData("#!legion processes -> p\np.Count + p.Selection.Exe + p[0].Duration", "result: 1script00:00:00")]
    [InlineData("#!legion logs @process --level warn -> log\nlog[0].Message + log.Count + log.HasMore", "result: <script>slow</script>1False")]
    [InlineData("#!legion logs @process --grep LATER --name log\nlog.Selection.BeginNs", "result: 1767225600009000000")]
    [InlineData("#!legion flame @process -> f\n(f.EndNs - f.BeginNs, f.Link is null, f.Process == process)", "result: ( 2000000, True, True )")]
    [InlineData("var range = new TimeRange(1767225600001400000, 1767225600001500000);\n#!legion logs @process --in @range -> log\nlog.Count + log[0].Level", "result: 1warn")]
    [InlineData("#!legion sql \"SELECT 1767225600001400000 AS begin_ns, 1767225600002500000 AS end_ns\" -> df\nvar row = df.Rows[0];\n#!legion logs @process --in @row -> log\nstring.Join(' ', log.Select(line => line.Level))", "result: warn error")]
    [InlineData("#!legion flame @process --from 2026-01-01T00:00:00.0015Z --to 2026-01-01T00:00:00.0025Z -> f\n#!legion logs @process --in @f.sel -> log\nlog.Count + log[0].Level", "result: 1warn")]
    [InlineData("var range = new { Begin = new DateTime(2026, 1, 1).AddMilliseconds(2.5), End = new DateTime(2026, 1, 1).AddMilliseconds(9) };\n#!legion sql \"SELECT message FROM log_entries ORDER BY time_ns\" --in @range -> df\ndf[0, 0].ToString() + df[1, 0]", "result: lostlater")]
    [InlineData("(await l.SqlAsync(\"SELECT 7 AS seven\")).Frame[0, 0]", "result: 7")]
    [InlineData("(await l.FlameAsync((await l.ProcessesAsync()).Selection)).Threads.Count", "result: 2")]
    [InlineData("(await l.LogsAsync(process, new() { Limit = 2 })).Last().Thread", "result: main")]
    public async Task ResultsHaveTheirTypes(string cell, string last) => Assert.StartsWith(last, (await RunAsync(cell)).Text.Split("\n").Last(line => line.StartsWith("result:") || line.StartsWith("error:")));
}
