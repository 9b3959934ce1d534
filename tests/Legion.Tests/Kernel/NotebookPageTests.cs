using Legion.Format;
using Legion.Tests.Support;

namespace Legion.Tests.Kernel;

/// <summary>The kernel under the real Jupyter Notebook, in a real browser: what a live cell shows, asks and tells.</summary>
public sealed class NotebookPageTests : IDisposable
{
    const string Hostile = "<img src=x onerror=window.hostile=1>";

    const long StartNs = 1767225600_000_000_000;

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("legion-page-");
    readonly TestLake _lake = new();

    public void Dispose()
    {
        _lake.Dispose();
        _folder.Delete(recursive: true);
    }

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AFlameCellAsksTheKernelAndTellsItWhatIsSelected()
    {
        await JupyterRun.SkipWithoutJupyterAsync();
        var chromium = BrowserScript.Chromium();
        var script = EventScript.Parse(Frames());
        await script.DeliverAsync(_lake, () => Task.CompletedTask);
        var notebook = await WriteAsync("flow",
            $"#!legion flame {script.ProcessId} -> f",
            "#!legion-sql --name inside\nSELECT name, end_ns - begin_ns AS ns FROM spans WHERE process_id = $f AND begin_ns >= $f_begin_ns AND end_ns <= $f_end_ns ORDER BY begin_ns, depth",
            "System.Threading.Thread.Sleep(System.Threading.Timeout.Infinite);");

        await using var jupyter = await JupyterServer.StartAsync(_folder);
        await BrowserScript.RunAsync("notebook", folder => new
        {
            address = jupyter.Url.GetLeftPart(UriPartial.Authority),
            token = jupyter.Token,
            notebook,
            untrusted = Path.Combine(_folder.FullName, "untrusted.ipynb"),
            chromium,
            output = folder,
        });
        Assert.InRange(new FileInfo(notebook).Length, 10_000, 1_000_000);
    }

    [Fact]
    public async Task ListsAreReadPageByPageAndWhatIsSelectedCounts()
    {
        await JupyterRun.SkipWithoutJupyterAsync();
        var chromium = BrowserScript.Chromium();
        const int Lines = 3000;
        var script = EventScript.Parse("start 2026-01-01T00:00:00Z\n" + string.Concat(Enumerable.Range(0, Lines).Select(line => $"log {1_000_000L * (line + 1)} {(line % 10 == 0 ? "warn" : "info")} main \"line {line}\"\n")));
        var newer = EventScript.Parse("start 2026-01-02T00:00:00Z\nlog 1000000 info main other\n");
        await script.DeliverAsync(_lake, () => Task.CompletedTask);
        await newer.DeliverAsync(_lake, () => Task.CompletedTask);
        await NameAsync(script.ProcessId, Hostile);
        var notebook = await WriteAsync("lists",
            "#!legion processes -> p",
            "#!legion logs @p --limit 5 -> log",
            "Console.WriteLine($\"{p.Selection.ProcessId} {log.Selection.BeginNs} {log.Selection.EndNs}\");");

        await using var jupyter = await JupyterServer.StartAsync(_folder);
        await BrowserScript.RunAsync("notebookLists", folder => new
        {
            address = jupyter.Url.GetLeftPart(UriPartial.Authority),
            token = jupyter.Token,
            notebook,
            process = script.ProcessId,
            lines = Lines,
            hostile = Hostile,
            chromium,
            output = folder,
        });
    }

    /// <returns>The notebook's file; its first cell connects the lake.</returns>
    async Task<string> WriteAsync(string name, params string[] cells)
    {
        var file = Path.Combine(_folder.FullName, $"{name}.ipynb");
        await File.WriteAllTextAsync(file, NotebookText.Of([$"#!legion connect {_lake.Folder}", .. cells]), Cancel);
        return file;
    }

    async Task NameAsync(Guid process, string exe)
    {
        var named = new BatchWriter();
        named.Add(new ProcessRecord
        {
            ProcessId = process, Version = 2, Exe = exe, User = exe, Computer = "desk", Os = "Linux", StartNs = StartNs, EndNs = StartNs + 3_000_000_000, LastSeenNs = StartNs + 3_000_000_000,
            EndReason = "exit", Properties = [new Property(exe, exe)],
        });
        await _lake.AppendAsync(named);
    }

    /// <summary>Two seconds of frames; in one of them, within a part of it, something that only the finest tiles show.</summary>
    static string Frames()
    {
        var text = new System.Text.StringBuilder("start 2026-01-01T00:00:00Z\nmain begin 1000 session\n");
        for (var frame = 0; frame < 120; frame++)
        {
            var begin = 1_000_000 + frame * 16_000_000L;
            text.AppendLine($"main begin {begin} frame");
            for (var part = 0; part < 40; part++)
            {
                var at = begin + 10_000 + part * 200_000L;
                text.AppendLine($"main begin {at} {(part % 2 == 0 ? "update" : "draw")}");
                if (frame == 70 && part == 20)
                    text.AppendLine($"main begin {at + 10_000} \"needle {Hostile}\"").AppendLine($"main begin {at + 12_000} eye").AppendLine($"main end {at + 15_000}").AppendLine($"main end {at + 30_000}");
                text.AppendLine($"main end {at + 150_000}");
            }
            text.AppendLine($"main end {begin + 9_000_000}");
        }
        return text.AppendLine("main end 1999000000").ToString();
    }
}
