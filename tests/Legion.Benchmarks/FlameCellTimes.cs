using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Legion.Benchmarks;

/// <summary>A flame cell of a large process in a real Jupyter Notebook, in a real browser: how long until it is drawn, and what the saved notebook weighs.</summary>
/// <remarks>Needs Jupyter Notebook, Chromium and the viewer's npm packages. The kernel is the installed one.</remarks>
sealed class FlameCellTimes : IDisposable
{
    const int Runs = 10;

    readonly Process _server;
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("legion-bench-");
    readonly string _address;
    readonly string _token = Guid.NewGuid().ToString("N");

    FlameCellTimes(string python)
    {
        var port = FreePort();
        _address = $"http://127.0.0.1:{port}";
        var start = new ProcessStartInfo(python,
        [
            "-m", "notebook", "--no-browser", "--allow-root", "--ip=127.0.0.1", $"--port={port}", "--NotebookApp.port_retries=0", $"--NotebookApp.token={_token}", $"--notebook-dir={_folder.FullName}",
        ])
        { RedirectStandardError = true };
        _server = Process.Start(start)!;
        while (_server.StandardError.ReadLine() is { } line)
            if (line.Contains("is running at", StringComparison.Ordinal))
                break;
        _ = _server.StandardError.ReadToEndAsync();
    }

    public static IEnumerable<BenchmarkRow> Run(string root, string python, string chromium, BenchmarkSize size)
    {
        using var lake = new GeneratedLake(size.Spans, threads: 8, size.Folder);
        using var times = new FlameCellTimes(python);
        var file = Path.Combine(times._folder.FullName, "flame.ipynb");
        File.WriteAllText(file, Notebook($"#!legion connect {lake.Folder}", $"#!legion flame {lake.ProcessId}"));
        var script = Path.Combine(root, "web-viewer", "app", "tests", "browser", "flameCell.mjs");
        using var answer = JsonDocument.Parse(ProgramOutput.Of("node", [script, chromium, times._address, times._token, file, $"{Runs}"]));
        yield return BenchmarkRow.Of("notebook", $"flame-cell-cold-{size.Spans}-spans", "ms", [answer.RootElement.GetProperty("first").GetDouble()]);
        yield return BenchmarkRow.Of("notebook", $"flame-cell-{size.Spans}-spans", "ms", [.. answer.RootElement.GetProperty("again").EnumerateArray().Select(run => run.GetDouble())], Aim.AtMost, 1000);
        yield return BenchmarkRow.Of("notebook", "saved-notebook", "kB", [new FileInfo(file).Length / 1e3], Aim.AtMost, 1000);
    }

    public void Dispose()
    {
        _server.Kill(entireProcessTree: true);
        _server.WaitForExit();
        _server.Dispose();
        _folder.Delete(recursive: true);
    }

    static string Notebook(params string[] cells) => JsonSerializer.Serialize(new
    {
        nbformat = 4,
        nbformat_minor = 5,
        metadata = new { kernelspec = new { name = "legion", display_name = "Legion", language = "C#" } },
        cells = cells.Select((source, i) => new { cell_type = "code", id = $"cell-{i}", metadata = new { }, execution_count = (int?)null, outputs = Array.Empty<object>(), source }),
    });

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
