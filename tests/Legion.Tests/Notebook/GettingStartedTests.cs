using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Legion.Kernel;
using Legion.Kernel.Display;
using Legion.Lakehouse;
using Legion.Notebook;
using Legion.Tests.Format;
using Legion.Tests.Support;

namespace Legion.Tests.Notebook;

/// <summary>notebooks/getting-started.ipynb on a real recording: in our own runner, and under Jupyter.</summary>
public sealed partial class GettingStartedTests(ArchiveRecording recording) : IClassFixture<ArchiveRecording>, IDisposable
{
    const string Plain = "text/plain";

    static readonly string File = Path.Combine(RepositoryTree.Root, "notebooks", "getting-started.ipynb");

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("legion-started-");

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void IsCommittedWithoutOutputs()
    {
        var notebook = JsonNode.Parse(System.IO.File.ReadAllText(File))!;
        Assert.Equal(("legion", "C#"), ((string?)notebook["metadata"]!["kernelspec"]!["name"], (string?)notebook["metadata"]!["kernelspec"]!["language"]));
        Assert.All(notebook["cells"]!.AsArray().Where(cell => (string?)cell!["cell_type"] == "code"), cell =>
        {
            Assert.Empty(cell!["outputs"]!.AsArray());
            Assert.Null(cell["execution_count"]);
        });
    }

    [Fact]
    public async Task RunsWithoutJupyter()
    {
        var executed = Path.Combine(_folder.FullName, "executed.ipynb");
        var report = Path.Combine(_folder.FullName, "report.html");
        var result = await NotebookRunner.RunAsync(new NotebookRun
        {
            File = File,
            Magics = LakeVerbs.CreateMagics(),
            Values = new Dictionary<string, string> { ["lake"] = recording.Lake, ["process"] = recording.ProcessId.ToString() },
            ExecutedFile = executed,
            ReportFile = report,
            Modules = CellModules.PlotlyOnly.With("flame", "export function render({model, el}) { el.textContent = model.get('view').begin_ns; }"),
        }, cancel: Cancel);
        Assert.True(result.Succeeded, $"cell {result.FailedCell}: {result.Error?.Message}");

        var cells = Cells(executed);
        var flame = await AssertCellsAsync(cells);
        var model = cells["flame"]["outputs"]![0]!["data"]!["application/vnd.legion.cell+json"]!;
        Assert.Equal("flame", (string?)model["module"]);
        Assert.Equal(recording.ProcessId.ToString(), (string?)model["model"]!["manifest"]!["process"]);
        Assert.Equal((flame.BeginNs.ToString(), flame.EndNs.ToString()), ((string?)model["model"]!["view"]!["begin_ns"], (string?)model["model"]!["view"]!["end_ns"]));
        Assert.Equal(420, (int?)model["model"]!["height"]);
        Assert.Matches("^[0-9,]+ spans as [0-9]+ tiles of .* read; plan .*; level [0-9]+; newest data ", (string?)model["note"]);
        Assert.InRange(model.ToJsonString().Length, 1000, (2 << 20) + 100_000);
        foreach (var id in (string[])["frame-times", "part-times"])
            Assert.Equal("object", cells[id]["outputs"]![0]!["data"]!["application/vnd.plotly.v1+json"]!.GetValueKind().ToString().ToLowerInvariant());

        var page = await System.IO.File.ReadAllTextAsync(report, Cancel);
        Assert.Equal((1, 2), (Regex.Count(page, "<div class=\"live\" data-module=\"flame\""), Regex.Count(page, "<div class=\"live\" data-module=\"plotly\"")));
    }

    /// <summary>Without a lake set it is the one of LEGION_LAKE, and the process the newest of the sample.</summary>
    [Fact]
    public async Task RunsUnderJupyter()
    {
        await JupyterRun.SkipWithoutJupyterAsync();
        var executed = await JupyterRun.ExecuteAsync(File, _folder, new Dictionary<string, string> { ["LEGION_LAKE"] = recording.Lake });
        var cells = Cells(executed);
        await AssertCellsAsync(cells);
        Assert.Matches("kernelspecs/legion/\" \\+ \"flame-[0-9a-f]{16}\\.js\"", Text(cells["flame"], 0, "text/html"));
        Assert.Equal(["text/html", "text/plain"], cells["flame"]["outputs"]![0]!["data"]!.AsObject().Select(form => form.Key).Order());
        foreach (var id in (string[])["frame-times", "part-times"])
            Assert.Matches("kernelspecs/legion/\" \\+ \"plotly-[0-9a-f]{16}\\.js\"", Text(cells[id], 0, "text/html"));
    }

    /// <summary>What every cell shows, held against the lake itself.</summary>
    /// <returns>The range that the flame chart shows.</returns>
    async Task<TimeRange> AssertCellsAsync(IReadOnlyDictionary<string, JsonNode> cells)
    {
        var lake = new NotebookLake(Lake.Open(recording.Lake));
        var process = recording.ProcessId.ToString();
        var frames = (await lake.SqlAsync($"SELECT Number, Cpu FROM events.FrameStats WHERE process_id = '{process}'", cancel: Cancel)).Frame;
        var worst = (await lake.SqlAsync($"SELECT begin_ns, end_ns, properties->>'number' FROM spans WHERE process_id = '{process}' AND name = 'frame' ORDER BY duration_ns DESC LIMIT 1", cancel: Cancel)).Frame;
        var range = new TimeRange((long)worst[0, 0], (long)worst[0, 1]);
        Assert.InRange(frames.Rows.Count, 10, 200);

        Assert.Empty(cells["parameters"]["outputs"]!.AsArray());
        Assert.Equal($"lake {recording.Lake}", Text(cells["connect"], 0, Plain));
        Assert.Matches($"^process_id .*\n{process}  Legion.Sample.Archive  .* exit .*\n1 row; ", Text(cells["processes"], 0, Plain));
        Assert.Equal(process, Text(cells["process"], 0, Plain));

        Assert.StartsWith("number  ", Text(cells["frames"], 0, Plain));
        Assert.Contains($"\n{frames.Rows.Count} rows, 4 columns; the first 20 are shown; ", Text(cells["frames"], 0, Plain));
        Assert.Contains("newest data 20", Text(cells["frames"], 0, "text/html"));
        Assert.Equal($"Processor time of each frame (ms)\nline chart of cpu_ms by number: {frames.Rows.Count} points", Text(cells["frame-times"], 0, Plain));

        Assert.Matches($"^ *number .*\n +{worst[0, 2]} ", Text(cells["slowest"], 0, Plain));
        Assert.Contains("\n5 rows, 4 columns; ", Text(cells["slowest"], 0, Plain));
        Assert.StartsWith($"frame {worst[0, 2]} took ", Join(cells["worst"]["outputs"]![0]!["text"]));
        Assert.EndsWith($" ms, {range}\n", Join(cells["worst"]["outputs"]![0]!["text"]));

        Assert.StartsWith($"flame chart of {process}\n{range}\nthreads ", Text(cells["flame"], 0, Plain));
        Assert.Contains("frame loop", Text(cells["flame"], 0, Plain));
        Assert.Matches(@"^http://localhost:9020/l/\w{12} \(frozen; opens until 20\d\d-\d\d-\d\d \d\d:\d\d UTC\)$", Text(cells["share"], 0, Plain));
        var image = Image().Match(Text(cells["flame"], 0, "text/html"));
        Assert.InRange(image.Groups[1].Length, 500, 200_000);
        Assert.Contains(">frame<", System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(image.Groups[1].Value)));

        Assert.Matches("(?m)^name +spans +self_ms\n(.*\n)*(step +8 )", Text(cells["parts"], 0, Plain));
        Assert.StartsWith("Self time within the worst frame (ms)\nbar chart of self_ms by name: ", Text(cells["part-times"], 0, Plain));
        Assert.Empty(cells["around"]["outputs"]!.AsArray());
        Assert.StartsWith("time (UTC) ", Text(cells["log"], 0, Plain));
        Assert.Matches("[0-9]+ rows?; .* read; plan ", Text(cells["log"], 0, Plain));
        Assert.DoesNotContain(" debug ", Text(cells["log"], 0, Plain));

        Assert.Equal(["parameters", "connect", "processes", "process", "frames", "frame-times", "slowest", "worst", "flame", "parts", "part-times", "around", "log", "share"], cells.Keys);
        Assert.Equal(Enumerable.Range(1, cells.Count), cells.Values.Select(cell => (int)cell["execution_count"]!));
        return range;
    }

    /// <summary>Cells of code by their ids, in order.</summary>
    static Dictionary<string, JsonNode> Cells(string file) => JsonNode.Parse(System.IO.File.ReadAllText(file))!["cells"]!.AsArray()
        .Where(cell => (string?)cell!["cell_type"] == "code").ToDictionary(cell => (string)cell!["id"]!, cell => cell!);

    static string Text(JsonNode cell, int output, string mimeType) => Join(cell["outputs"]![output]!["data"]![mimeType]);

    static string Join(JsonNode? text) => text is JsonArray lines ? string.Concat(lines.Select(line => (string?)line)) : (string)text!;

    [GeneratedRegex("<img [^>]*src=\"data:image/svg\\+xml;base64,([^\"]*)\"")]
    private static partial Regex Image();
}
