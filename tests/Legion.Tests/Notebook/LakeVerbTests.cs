using DuckDB.NET.Data;
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
        metric 1000000 main queue items 1
        metric 1500000 main queue items 3
        metric 2500000 main queue items 8
        metric 2500000 main load percent 50
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
    [InlineData("#!legion flame @process --color depth --counters QUE* --logs warn+", "threads main, render\ncounters queue\n3 spans as ")]
    [InlineData("#!legion flame @process --counters *", "counters load, queue\n")]
    [InlineData("#!legion flame @process --counters quee", "error: there is no counter 'quee' in this process; did you mean 'queue'? (counters: load, queue)")]
    [InlineData("#!legion flame @process --threads gpu --counters queue", "error: there is no thread 'gpu' in this process: it has main, render")]
    [InlineData("#!legion flame @process --mode timeline", "threads main, render\n3 spans as ")]
    [InlineData("#!legion flame @process --mode left-heavy", "3 spans merged to 3 call paths\n3 spans as ")]
    [InlineData("#!legion flame @process --mode Sandwich", "around ")]
    [InlineData("#!legion flame @process --mode sandwich --function fram", "error: there is no span 'fram' in what is shown; did you mean 'frame'?")]
    [InlineData("#!legion flame @process --function frame", "error: --function is the middle of a sandwich: add --mode sandwich")]
    [InlineData("#!legion flame @process --mode icicle", "error: --mode takes timeline, left-heavy or sandwich, not 'icicle'")]
    [InlineData("#!legion flame @process --color pink", "error: --color takes name, duration or depth, not 'pink'")]
    [InlineData("#!legion flame @process --logs wran", "error: unknown level 'wran'; did you mean 'warn'?")]
    [InlineData("#!legion status", "1 of them running")]
    [InlineData("#!legion schema", "log_entries ")]
    [InlineData("#!legion schema spans", "begin_time ")]
    [InlineData("#!legion schema spanz", "error: there is no view 'spanz'; did you mean 'spans'?")]
    [InlineData("#!legion processes --where \"exe = 'script'\"", "script  ")]
    [InlineData("#!legion processes --where \"exe = 'x'\"", "0 rows; ")]
    [InlineData("#!legion processes --where \"exee = 'x'\"", "Referenced column \"exee\" not found")]
    [InlineData("#!legion processes --where \"exe = 'x' -- or so\"", "0 rows; ")]
    [InlineData("#!legion processes --tree --lake DIR", "script  ")]
    [InlineData("#!legion processes --lake /nowhere/at/all", "error: cannot open lake '/nowhere/at/all'")]
    [InlineData("#!legion sql --process ID\nSELECT count(*) AS n FROM spans WHERE process_id = $process", ": n\n3\n")]
    [InlineData("#!legion sql --limit 2\nSELECT range AS i FROM range(5)", "2 rows, 1 columns; there are further rows: raise the limit")]
    [InlineData("#!legion sql --limit 5\nSELECT range AS i FROM range(5)", "5 rows, 1 columns; 0 bytes read")]
    [InlineData("#!legion sql --explain\nSELECT * FROM async_spans WHERE process_id = $process", "nothing was built or read")]
    [InlineData("#!legion sql --save 1x 'SELECT 1 AS one'", "error: cannot save a query as '1x'")]
    [InlineData("#!legion sql --save one 'SELECT 1 AS one'\n#!legion sql --with one,ones 'SELECT one FROM one'", "error: there is no saved query 'ones'; did you mean 'one'? (--save NAME saves one)")]
    [InlineData("#!legion sql --save one 'SELECT 1 AS one'\n#!legion sql --save two 'SELECT 2 AS two'\n#!legion sql --with one,TWO 'SELECT one + two AS three FROM one, two'", ": three\n    3\n")]
    [InlineData("#!legion sql --save one 'SELECT 41 AS one'\n#!legion sql 'SELECT one + 1 AS two FROM one'", ": two\n 42\n")]
    [InlineData("#!legion sql --last 1h 'SELECT count(*) AS n FROM log_entries'", ": n\n0\n")]
    [InlineData("#!legion sql --last 1h --from now 'SELECT 1'", "error: --last names a time range, and so do --from, --to and --in")]
    [InlineData("#!legion sql --live soon 'SELECT 1'", "error: --live takes a duration from 500ms on, such as 5s, not 'soon'")]
    [InlineData("#!legion logs @process --tail --limit 1", "later\nthere are earlier lines")]
    [InlineData("#!legion logs @process --patterns", "started {x}")]
    [InlineData("#!legion logs @process --explain", "nothing was built or read")]
    [InlineData("#!legion flame @process --explain", "nothing was built or read")]
    [InlineData("#!legion metrics @process", "queue ")]
    [InlineData("#!legion metrics @process queue --agg max,p50", "queue   items      max ")]
    [InlineData("#!legion metrics @process queue --heatmap", "heatmap of queue: 3 samples from 1 to 8 items")]
    [InlineData("#!legion metrics @process --heatmap", "error: a heatmap shows one metric; there are 2 here: load, queue")]
    [InlineData("#!legion metrics @process que*", "queue ")]
    [InlineData("#!legion metrics @process quene", "error: there is no metric 'quene' in this time of this process; did you mean 'queue'? (metrics: load, queue)")]
    [InlineData("#!legion metrics @process queue --agg p101", "error: 'p101' is no aggregate: expected avg, min, max, sum, count, rate, last, or a percentile such as p99")]
    [InlineData("#!legion metrics @process --last 1h", "error: there is no metric in this time of this process")]
    [InlineData("#!legion graph @process", "(root)  draw")]
    [InlineData("#!legion graph @process --root frame", "frame   <b>physics</b>")]
    [InlineData("#!legion graph @process --root fram", "error: there is no span 'fram' in this process; did you mean 'frame'?")]
    [InlineData("#!legion stats @process", "3 spans; percentiles within 1 %")]
    [InlineData("#!legion stats @process --by name,thread", "frame           main ")]
    [InlineData("#!legion stats @process --by size", "error: --by takes name or name,thread, not 'size'")]
    [InlineData("#!legion stats @process --to 2026-01-01T00:00:00.002500Z", "2 spans; percentiles within 1 %")]
    [InlineData("#!legion hist frame --process @process", "frame: 1 values, p50 ")]
    [InlineData("#!legion hist queue --process @process", "queue: 3 values, p50 3.")]
    [InlineData("#!legion hist frame", "error: expected --process PROCESS: whose spans or metric to look at")]
    [InlineData("#!legion hist fram --process @process", "error: there is neither a span nor a metric 'fram' in this time of this process; did you mean 'frame'?")]
    [InlineData("#!legion find started", "log   started {x}")]
    [InlineData("#!legion find que", "metric  queue")]
    [InlineData("#!legion find x --never-before 7", "error: no process has the property build '7'")]
    [InlineData("#!legion share @process", "error: no viewer is known: name it")]
    [InlineData("#!legion import /nowhere.json", "error: cannot import '/nowhere.json': no such file")]
    [InlineData("#!legion import /nowhere.json --dry-run", "error: cannot import '/nowhere.json': no such file")]
    [InlineData("#!legion export @process", "error: expected --to perfetto, speedscope, parquet, csv: what to write")]
    [InlineData("#!legion export @process --to perfeto", "error: unknown tool 'perfeto'; did you mean 'perfetto'?")]
    [InlineData("#!legion export @process --to csv --view spanz --out DIR/x.csv", "error: there is no view 'spanz': did you mean 'spans'?")]
    [InlineData("#!legion export @process --to csv --out DIR/nowhere/x.csv", "error: Could not find a part of the path")]
    [InlineData("#!legion sql 'SELECT 1 AS a' -> rows\n#!legion export @rows --to perfetto", "error: a DataFrame is written as csv or parquet, not as perfetto, which is of a process")]
    [InlineData("#!legion compare a b", "error: 'compare' is a verb of a later version")]
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

    // What is offered at the |, among other things; and what is known of the word there.
    [Theory]
    [InlineData("#!legion logs |", "@process ID --level")]
    [InlineData("#!legion logs ID|", "ID")]
    [InlineData("#!legion metrics @process |", "queue load --agg")]
    [InlineData("#!legion metrics @process q|", "queue")]
    [InlineData("#!legion flame @process --counters |", "queue load")]
    [InlineData("#!legion flame @process --color |", "name duration depth")]
    [InlineData("#!legion flame @process --mode |", "timeline left-heavy sandwich")]
    [InlineData("#!legion flame @process --mode sandwich --function |", "frame draw <b>physics</b>")]
    [InlineData("#!legion graph @process --root |", "frame draw <b>physics</b>")]
    [InlineData("#!legion hist --process @process |", "frame draw")]
    [InlineData("#!legion hist --process @process fr|", "frame")]
    [InlineData("#!legion schema sp|", "spans span_stats")]
    [InlineData("#!legion export @process --view log|", "log_entries log_rollups")]
    [InlineData("#!legion sql\nSELECT beg| FROM spans", "begin_ns begin_time")]
    [InlineData("#!legion sql\nSELECT perc|", "percentile")]
    [InlineData("#!legion-sql\nSELECT name FROM sp|", "spans span_stats")]
    [InlineData("#!legion-sql\nSELECT $pro|", "$process")]
    public async Task CompletesWithTheLake(string marked, string offers)
    {
        marked = marked.Replace("ID", _script.ProcessId.ToString());
        var cursor = marked.IndexOf('|');
        var found = await _session.CompleteAsync(marked.Remove(cursor, 1), cursor, TestContext.Current.CancellationToken);
        Assert.Superset(offers.Replace("ID", _script.ProcessId.ToString()).Split(' ').ToHashSet(), found.Items.Select(item => item.Text).ToHashSet());
        Assert.Equal(marked[found.Start..cursor].Length, cursor - found.Start);
    }

    [Theory]
    [InlineData("#!legion fla|me @process", "#!legion flame PROCESS")]
    [InlineData("#!legion sql\nSELECT begin|_ns FROM spans", "spans.begin_ns BIGINT (ns UTC): ")]
    [InlineData("#!legion sql\nSELECT * FROM sp|ans", "spans: ")]
    [InlineData("#!legion sql\nSELECT percen|tile(1, 0.5)", "percentile(value, p) gives ")]
    [InlineData("#!legion sql\nSELECT no|thing", null)]
    public async Task TellsWhatItKnows(string marked, string? text)
    {
        var cursor = marked.IndexOf('|');
        var known = await _session.InspectAsync(marked.Remove(cursor, 1), cursor, TestContext.Current.CancellationToken);
        if (text is null) Assert.Null(known);
        else Assert.Contains(text, known);
    }

    /// <summary>A DataFrame is a table by its variable's name, before a view of that name, and after a saved query.</summary>
    [Theory]
    [InlineData("#!legion sql 'SELECT 1 AS a UNION ALL SELECT 2' -> mine\n#!legion sql 'SELECT sum(a)::INTEGER AS s FROM Mine'", ": s\n3\n")]
    [InlineData("#!legion sql 'SELECT 1 AS a' -> spans\n#!legion sql 'SELECT a FROM spans'", ": a\n1\n")]
    [InlineData("#!legion sql --save both 'SELECT 5 AS a'\n#!legion sql 'SELECT 1 AS a' -> both\n#!legion sql 'SELECT a FROM both'", ": a\n5\n")]
    [InlineData("var none = new DataFrame();\n#!legion sql 'SELECT * FROM none'", "error: cannot read 'none': cannot read a DataFrame without columns in SQL")]
    [InlineData("#!legion sql 'SELECT 1 AS a' -> mine\n#!legion sql 'SELECT a FROM mime'", "did you mean 'mine'?")]
    [InlineData("#!legion stats @process -> s\n#!legion sql 'SELECT name FROM s ORDER BY total_ns DESC LIMIT 1'", ": name\nframe\n")]
    [InlineData("#!legion sql 'SELECT n.message, m.level FROM log_entries n JOIN mine m USING (message)'", "error: there is no view 'mine'")]
    public async Task FramesAreTables(string cell, string text) => Assert.Contains(text, (await RunAsync(cell)).Text);

    [Fact]
    public async Task EveryTypeOfAFrameIsReadInSql()
    {
        await RunAsync("""
            var all = new DataFrame(
                new BooleanDataFrameColumn("flag", new bool?[] { true, null }), new SByteDataFrameColumn("i8", new sbyte?[] { -8, null }), new ByteDataFrameColumn("u8", new byte?[] { 8, null }),
                new Int16DataFrameColumn("i16", new short?[] { -16, null }), new UInt16DataFrameColumn("u16", new ushort?[] { 16, null }), new Int32DataFrameColumn("i32", new int?[] { -32, null }),
                new UInt32DataFrameColumn("u32", new uint?[] { 32, null }), new Int64DataFrameColumn("i64", new long?[] { long.MinValue, null }), new UInt64DataFrameColumn("u64", new ulong?[] { ulong.MaxValue, null }),
                new SingleDataFrameColumn("f32", new float?[] { 0.5f, null }), new DoubleDataFrameColumn("f64", new double?[] { 0.25, null }), new DecimalDataFrameColumn("dec", new decimal?[] { 1.25m, null }),
                new DateTimeDataFrameColumn("time", new DateTime?[] { new DateTime(2026, 1, 2, 3, 4, 5).AddTicks(1234567), null }), new StringDataFrameColumn("text", new string?[] { "é<x>", null }));
            """);
        const string Rows = "string.Join(\"|\", back.Rows[0].Select(v => Convert.ToString(v, System.Globalization.CultureInfo.InvariantCulture)))";
        var cell = await RunAsync("#!legion sql 'SELECT * FROM \"all\"' -> back\n" + Rows + " + back.Columns.All(c => c[1] is null) + back[\"time\"][0].Equals(all[\"time\"][0])");
        Assert.EndsWith("result: True|-8|8|-16|16|-32|32|-9223372036854775808|18446744073709551615|0.5|0.25|1.25|01/02/2026 03:04:05|é<x>TrueTrue", cell.Text.TrimEnd());
    }

    [Fact]
    public async Task FilesGoOutAndComeBack()
    {
        var file = Path.Combine(_lake.Folder, "x.trace.json");
        Assert.StartsWith($"display: {file}, ", (await RunAsync($"#!legion export @process --to perfetto --out '{file}'")).Text);
        var imported = (await RunAsync($"#!legion import '{file}' -> i\n#!legion stats @i")).Text;
        Assert.Contains("blocks stored", imported);
        Assert.Contains("3 spans; ", imported);
        Assert.Contains("blocks there already", (await RunAsync($"#!legion import '{file}'")).Text);
        var csv = Path.Combine(_lake.Folder, "x.csv");
        await RunAsync($"#!legion sql 'SELECT 1 AS a, 0.5 AS b' -> rows\n#!legion export @rows --to csv --out '{csv}'");
        Assert.Equal("a,b\n1,0.5\n", (await File.ReadAllTextAsync(csv, TestContext.Current.CancellationToken)).ReplaceLineEndings("\n"));
        var parquet = Path.Combine(_lake.Folder, "x.parquet");
        await RunAsync($"#!legion sql -> rows\nSELECT 1 AS a, true AS b, 'é' AS c, NULL::DOUBLE AS d\n#!legion export @rows --to parquet --out '{parquet}'");
        using var engine = new DuckDBConnection("DataSource=:memory:");
        engine.Open();
        using var command = engine.CreateCommand();
        command.CommandText = $"SELECT rows::VARCHAR || typeof(d) FROM read_parquet('{parquet}') AS rows";
        Assert.Equal("{'a': 1, 'b': true, 'c': é, 'd': NULL}DOUBLE", command.ExecuteScalar());
    }

    /// <summary>Each answer takes the place of the one before, until it is interrupted, which is no failure.</summary>
    [Fact]
    public async Task ALiveCellGoesOnUntilItIsInterrupted()
    {
        using var stop = new CancellationTokenSource();
        var outputs = new List<DisplayOutput>();
        var result = await _session.ExecuteAsync("#!legion sql --live 500ms 'SELECT 7 AS seven' -> s", output =>
        {
            if (output is not DisplayOutput display) return;
            outputs.Add(display);
            if (outputs.Count == 3) stop.Cancel();
        }, stop.Token);
        Assert.Null(result.Error);
        Assert.Equal([false, true, true], outputs.Select(output => output.IsUpdate));
        Assert.Single(outputs.Select(output => output.DisplayId).Distinct());
        Assert.Equal("result: 7", (await RunAsync("s[0, 0]")).Text.TrimEnd());
    }

    /// <summary>Nobody could stop it there.</summary>
    [Fact]
    public async Task ALiveCellThatNobodySitsBeforeAsksOnce()
    {
        using var session = new Session(LakeVerbs.CreateMagics(), isInteractive: false);
        Assert.Equal("display: seven\n    7\n1 rows, 1 columns; 0 bytes read", (await RecordedCell.RunAsync(session, $"#!legion sql --lake '{_lake.Folder}' --live 500ms 'SELECT 7 AS seven'")).Text.Split("; plan")[0]);
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
