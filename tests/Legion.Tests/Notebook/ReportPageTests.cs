using Legion.Cli;
using Legion.Kernel;
using Legion.Tests.Kernel;
using Legion.Tests.Support;

namespace Legion.Tests.Notebook;

/// <summary>A report as somebody opens it who was sent it: from disk, without any server, of a program that says hostile things.</summary>
public sealed class ReportPageTests : IDisposable
{
    const string Hostile = "<img src=x onerror=window.hostile=1>";

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("legion-report-");
    readonly TestLake _lake = new();

    public void Dispose()
    {
        _lake.Dispose();
        _folder.Delete(recursive: true);
    }

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DrawsEverythingOfflineAndRunsNothingOfWhatItShows()
    {
        var chromium = BrowserScript.Chromium();
        var script = EventScript.Parse($$"""
            start 2026-01-01T00:00:00Z
            "{{Hostile}}" begin 1000000 "</script><script>window.hostile=2</script>" <b>k=<svg/onload=window.hostile=4>
            "{{Hostile}}" begin 1100000 inner
            "{{Hostile}}" end 1900000
            "{{Hostile}}" end 3000000
            main begin 1000000 frame
            main marker 2000000 "{{Hostile}}" <b>k=<svg/onload=window.hostile=5>
            main end 3000000
            frame 1000000 2000000 main "{{Hostile}}" 0
            log 1000000 error "{{Hostile}}" "</pre><script>window.hostile=3</script>"
            log 1500000 warn main "{{Hostile}} {x}" 5
            metric 1000000 main "{{Hostile}}" "{{Hostile}}" 1
            metric 2000000 main "{{Hostile}}" "{{Hostile}}" 4
            """);
        await script.DeliverAsync(_lake, () => Task.CompletedTask);
        var notebook = Path.Combine(_folder.FullName, "hostile.ipynb");
        var report = Path.Combine(_folder.FullName, "report.html");
        var id = script.ProcessId;
        await File.WriteAllTextAsync(notebook, NotebookText.Of(
            $"#!legion connect '{_lake.Folder}'",
            $"#!legion flame {id} --color duration --counters * --logs trace+",
            $"#!legion metrics {id}",
            $"#!legion metrics {id} *",
            $"#!legion metrics {id} --heatmap",
            $"#!legion hist inner --process {id}",
            $"#!legion logs {id}",
            $"#!legion logs {id} --patterns",
            $"#!legion stats {id} --by name,thread",
            $"#!legion graph {id}",
            "#!legion find <",
            "#!legion processes",
            $"#!legion sql -> rows\nSELECT name AS \"{Hostile}\", properties FROM spans WHERE process_id = '{id}'",
            $"new DataFrame(new StringDataFrameColumn(\"{Hostile}\", new[] {{ \"{Hostile}\" }}), new Int64DataFrameColumn(\"n\", new[] {{ 1L }})).PlotBar(\"{Hostile}\", \"n\", \"{Hostile}\")"), Cancel);
        var result = await NotebookRunner.RunAsync(new NotebookRun { File = notebook, Magics = Notebooks.Magics(), Modules = Notebooks.Modules(), ReportFile = report }, cancel: Cancel);
        Assert.True(result.Succeeded, $"cell {result.FailedCell}: {result.Error?.Message}");

        await BrowserScript.RunAsync("report", folder => new { report, cells = new { flame = 1, plotly = 4, table = 4, graph = 1, metrics = 1 }, chromium, output = folder });
    }
}
