using System.Security.Cryptography;
using System.Text;
using Legion.Cli;
using Legion.Kernel;
using Legion.Store;
using Legion.Tests.Cli;
using Legion.Tests.Kernel;
using Legion.Tests.Support;

namespace Legion.Tests.Notebook;

/// <summary>A report as somebody opens it who was sent it, from disk, without any server, or who finds it in the viewer; of a program that says hostile things.</summary>
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

    [Fact]
    public async Task IsDrawnInAFrameOfTheViewerAndRunsNothingElse()
    {
        var chromium = BrowserScript.Chromium();
        var script = EventScript.Parse($$"""
            start 2026-01-01T00:00:00Z
            main begin 1000000 "{{Hostile}}"
            main begin 1100000 inner
            main end 1900000
            main end 3000000
            """);
        await script.DeliverAsync(_lake, () => Task.CompletedTask);
        var key = await LegionProgram.RunAsync("keys", "create", "--role", "read", "--lake", _lake.Folder);
        using var service = await ServedLake.StartAsync(_lake.Folder, "--auth");
        var address = service.Url.GetLeftPart(UriPartial.Authority);
        var notebook = Path.Combine(_folder.FullName, "shared.ipynb");
        var file = Path.Combine(_folder.FullName, "shared.html");
        await File.WriteAllTextAsync(notebook, NotebookText.Of(
            NotebookText.Markdown("# What was found"),
            NotebookText.Code($"#!legion connect '{_lake.Folder}' --viewer {address}"),
            NotebookText.Code($"#!legion flame {script.ProcessId}"),
            NotebookText.Code($"#!legion hist inner --process {script.ProcessId}")), Cancel);
        var result = await NotebookRunner.RunAsync(new NotebookRun { File = notebook, Magics = Notebooks.Magics(), Modules = Notebooks.Modules(), ReportFile = file }, cancel: Cancel);
        Assert.True(result.Succeeded, $"cell {result.FailedCell}: {result.Error?.Message}");
        var published = await LegionProgram.RunAsync("report", "publish", file, "--lake", _lake.Folder);
        Assert.True(published.ExitCode == 0, published.Error);

        // Not even a page that came into the store in another way runs more than its row names.
        var whole = await File.ReadAllTextAsync(file, Cancel);
        var smuggled = Encoding.UTF8.GetBytes(whole.Replace("</main>",
            "<script>top.hostile = 1; document.title = 'smuggled'</script><script type=\"module\">document.title = 'smuggled'</script><img src=\"/api/leak\" onerror=\"top.hostile = 1\"><iframe src=\"/api/leak\"></iframe><link rel=stylesheet href=\"/api/leak\"></main>", StringComparison.Ordinal));
        var honest = Assert.Single(await _lake.Store.Catalog.ReadReportsAsync(Tenant.Default, Cancel));
        var tampered = honest with
        {
            ReportId = ReportRow.NewId(),
            Title = Hostile,
            ObjectKey = StoreNames.ReportObject(new ReportObjectName(20_000, Tenant.Default, Guid.CreateVersion7())),
            Bytes = smuggled.Length,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(smuggled)),
        };
        Assert.True(await _lake.Store.Objects.PutAsync(tampered.ObjectKey, [smuggled], Cancel));
        Assert.Equal(ReportOutcome.Added, await _lake.Store.Catalog.AddReportAsync(Tenant.Default, tampered, [], Cancel));

        await BrowserScript.RunAsync("publishedReport", folder => new
        {
            address,
            process = script.ProcessId,
            path = published.Output.Trim(),
            tampered = ReportRow.Path + tampered.ReportId,
            title = Hostile,
            key = key.Output.Trim(),
            chromium,
            output = folder,
        });
    }
}
