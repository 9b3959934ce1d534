using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Legion.Kernel;
using Legion.Notebook;
using Legion.Tests.Format;

namespace Legion.Tests.Notebook;

/// <summary>The notebooks that are the manual, on a real recording, with what their cells show.</summary>
public sealed class ManualTests(ArchiveRecording archive, ShopRecording shop) : IClassFixture<ArchiveRecording>, IClassFixture<ShopRecording>, IDisposable
{
    static readonly string Notebooks = Path.Combine(RepositoryTree.Root, "notebooks");

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("legion-manual-");

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    // A cell, and what its text must match. Cells that show something and are not here are an error.
    static readonly Dictionary<string, (string Cell, string Shows)[]> Expected = new()
    {
        ["frame-times"] =
        [
            ("connect", "^lake "),
            ("distribution", "frame: [0-9]+ values, p50 [0-9.]+ [µm]s, p95 [0-9.]+ [µm]s, p99 [0-9.]+ [µm]s; buckets and percentiles within 1 %"),
            ("percentiles", "^p50 [0-9.]+ ms, p99 [0-9.]+ ms, of [0-9]+ frames\n$"),
            ("over-time", "(?s)frame.cpu +ms +avg .*frame.cpu +ms +min .*frame.cpu +ms +max .*in steps of "),
            ("p99", "(?s)frame.cpu +ms +p50 .*frame.cpu +ms +p99 "),
            ("over-budget", "number +ms +begin_ns +end_ns"),
            ("shares", "(?m)^(hitch|step|physics|draw)[^\n]* "),
            ("shares-chart", "bar chart of slow_ms by name: "),
        ],
        ["log-search"] =
        [
            ("connect", "^lake "),
            ("patterns", "(?m)^debug .* packed"),
            ("found", "packed [0-9]+ files"),
            ("tail", "there are earlier lines"),
            ("spans", "(?m)^thread +name +spans +longest_ms"),
            ("everywhere", "(?m)^log .*packed"),
            ("new-texts", "(?m)^kind +text "),
        ],
        ["span-hotspots"] =
        [
            ("connect", "^lake "),
            ("stats", @"(?s)^name +count +total_ns.*\n(compress|pack).* spans; percentiles within 1 %"),
            ("self", @"(?s)^name +self_ms +count\n(compress|hash|enqueue)"),
            ("self-chart", "bar chart of self_ms by name: "),
            ("threads", "(?s)^name +thread .*worker 1"),
            ("graph", @"(?s)^caller +callee .*\(root\) +frame .*calls between"),
            ("below", @"(?s)^caller +callee .*frame +physics .*from 'frame' on"),
            ("left-heavy", @"(?s)^flame chart of .*total +self +count +share +thread +path\n.* worker [12] +pack \.\w+ > compress.*spans merged to [0-9]+ call paths"),
            ("sandwich", @"(?s)around physics: [0-9,]+ spans, total .*callers +frame.*callees +"),
            ("part-stats", "(?s)^name +count .*further rows are left out"),
        ],
        ["custom-events"] =
        [
            ("connect", "^lake "),
            ("schema", "(?m)^Cpu +DOUBLE"),
            ("rows", "(?m)^number +cpu_ms +slowest +time"),
            ("slowest", "(?m)^slowest +frames +mean_ms +p99_ms\n"),
            ("chart", "bar chart of frames by slowest: "),
            ("scatter", "scatter chart of cpu_ms by number: "),
            ("worst", "(?m)^thread +name +depth +ms\n.+"),
        ],
        ["fleet"] =
        [
            ("connect", "^lake "),
            ("fleet", "(?m)Legion.Sample.Archive +1.4.2 +1 +1 +0 "),
            ("chosen", "(?s)^process_id .*Legion.Sample.Archive"),
            ("percentiles", @"(?m)^1\.4\.2 +[0-9]+ +[0-9.]+ +[0-9.]+$"),
            ("chart", "bar chart of p99 by build: 1 points"),
            ("minutes", "(?m)^time +mean +most +processes\n"),
            ("minutes-chart", "line chart of most by time: "),
            ("new", "(?m)^kind +text "),
            ("warnings", "(?m)^template +level +lines +processes$"),
        ],
        ["live"] =
        [
            ("connect", "^lake "),
            ("running", "(?s)^process_id .*Legion.Sample.Archive"),
            ("tail", "there are earlier lines"),
            ("metric", "frame.cpu +ms +avg "),
            ("last", "^most of the last step: [0-9.]+ ms\n$"),
            ("rate", @"(?s)^name +spans +ms\n.*5 rows"),
        ],
        ["async-requests"] =
        [
            ("connect", "^lake "),
            ("routes", @"(?s)^route +requests .*/orders/N +117 .*4 rows"),
            ("routes-chart", "bar chart of p99_ms by route: 4 points"),
            ("failed", @"(?s)^status +requests\n200 +237\n500 +30\n"),
            ("exceptions", @"(?m)^System.InvalidOperationException +\S+ +30 "),
            ("own", @"(?m)^ *[0-9.]+ +[0-9.]+ +[0-9.]+ +117$"),
            ("slowest", @"(?m)^[0-9a-f]{32} +/orders/[0-9]+ "),
            ("trace", @"(?s)^ *at_ms +ms +kind +what .* client .*\n +0 .* server +/orders/[0-9]+ .* client .* server +/stock/[0-9]"),
            ("trace-log", @"(?s)order [0-9]+ is looked up.*order [0-9]+ has [1-4] items for "),
            ("flame", "(?s)^flame chart of .*counters runtime.gc.allocated, .*, [1-9][0-9]* async spans; "),
        ],
        ["memory-and-gc"] =
        [
            ("connect", "^lake "),
            ("all", @"(?s)^metric +unit +kind +samples .*runtime.gc.heap +B +gauge .* metrics; "),
            ("size", @"(?s)process.memory.working_set +B .*runtime.gc.heap +B "),
            ("rate", @"(?m)^second +allocated_mb +paused_ms +collections\n"),
            ("rate-chart", "bar chart of allocated_mb by second: [0-9]+ points"),
            ("collections", @"(?m)^gen2 +[1-9]"),
            ("share", @"(?m)^ *[0-9.]+ +[0-9.]+$"),
            ("suspects", @"(?m)^/report/N +[0-9] "),
            ("correlation", @"(?m)^reports +seconds +mean_mb\n"),
            ("parts", @"(?m)^runtime.gc.heap.gen2 +[0-9.]+$"),
            ("parts-chart", "bar chart of most_mb by name: 5 points"),
        ],
        ["sql-cookbook"] =
        [
            ("connect", "^lake "),
            ("status", "of them running"),
            ("views", "(?m)^spans +.*begin_ns"),
            ("bins", "(?m)^second +lines +warnings"),
            ("percentiles", "(?m)^frame.cpu +ms +[0-9.]+"),
            ("histogram", "(?m)^ *low +high +count"),
            ("properties", "(?m)^1.4.2 +1$"),
            ("explain", "(?s)async_spans +1 processes .*nothing was built or read"),
            ("save", "100 rows, 4 columns"),
            ("saved", "(?m)^name +n\n"),
            ("frames", "(?m)^second +lines\n"),
            ("export", @"^would write .*\.trace\.json$"),
            ("import", @"^would append .*small\.trace\.json, [1-9][0-9]+ bytes, to "),
        ],
    };

    public static IEnumerable<TheoryDataRow<string>> Names => Expected.Keys.Select(name => new TheoryDataRow<string>(name));

    [Theory, MemberData(nameof(Names))]
    public async Task ShowsWhatItSays(string name)
    {
        var executed = Path.Combine(_folder.FullName, "executed.ipynb");
        var result = await NotebookRunner.RunAsync(new NotebookRun
        {
            File = Path.Combine(Notebooks, name + ".ipynb"),
            Magics = LakeVerbs.CreateMagics(),
            Values = Parameters(name),
            ExecutedFile = executed,
        }, cancel: Cancel);
        Assert.True(result.Succeeded, $"cell {result.FailedCell}: {result.Error?.Message}");

        var shown = Cells(executed).Select(cell => (Id: (string)cell["id"]!, Text: string.Concat(cell["outputs"]!.AsArray().Select(Text)))).Where(cell => cell.Text.Length > 0).ToList();
        Assert.Equal(Expected[name].Select(cell => cell.Cell), shown.Select(cell => cell.Id));
        Assert.All(shown.Zip(Expected[name]), cell => Assert.True(Regex.IsMatch(cell.First.Text, cell.Second.Shows), $"{cell.First.Id}: expected {cell.Second.Shows}, saw\n{cell.First.Text}"));
    }

    /// <summary>A fleet has no process of its own.</summary>
    Dictionary<string, string> Parameters(string name)
    {
        SampleRecording recording = name is "async-requests" or "memory-and-gc" ? shop : archive;
        var values = new Dictionary<string, string> { ["lake"] = recording.Lake };
        if (name != "fleet")
            values["process"] = recording.ProcessId.ToString();
        return values;
    }

    [Fact]
    public void EveryNotebookIsTestedAndCommittedWithoutOutputs()
    {
        var files = Directory.EnumerateFiles(Notebooks, "*.ipynb").ToList();
        Assert.Equal(Expected.Keys.Append("getting-started").Order(), files.Select(file => Path.GetFileNameWithoutExtension(file)).Order());
        Assert.All(files.SelectMany(Cells), cell =>
        {
            Assert.Empty(cell["outputs"]!.AsArray());
            Assert.Null(cell["execution_count"]);
        });
    }

    static IEnumerable<JsonNode> Cells(string file) => JsonNode.Parse(File.ReadAllText(file))!["cells"]!.AsArray().Where(cell => (string?)cell!["cell_type"] == "code")!;

    static string Text(JsonNode? output) => Join(output!["text"] ?? output["data"]!["text/plain"]);

    static string Join(JsonNode? text) => text is JsonArray lines ? string.Concat(lines.Select(line => (string?)line)) : (string?)text ?? "";
}
