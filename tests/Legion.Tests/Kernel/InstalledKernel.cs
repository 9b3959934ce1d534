using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Legion.Kernel;
using Legion.Tests.Format;
using Legion.Tests.Support;

namespace Legion.Tests.Kernel;

/// <summary>The kernel as Jupyter finds it, and Python's own client to drive it.</summary>
public sealed class InstalledKernel : IDisposable
{
    const string Python = "/usr/bin/python3";

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("legion-installed-");
    readonly Lazy<string> _kernelspec;

    public InstalledKernel() => _kernelspec = new(() => new KernelInstallation
    {
        ProgramFolder = AppContext.BaseDirectory,
        Executable = OperatingSystem.IsWindows() ? "Legion.Cli.exe" : "Legion.Cli",
        JupyterFolder = _folder.FullName,
        CopiesFolder = Path.Combine(_folder.FullName, "copies"),
    }.Install());

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Runs a scenario of front_end.py in a kernel of its own.</summary>
    public async Task<JsonNode> RunAsync(string scenario)
    {
        await JupyterRun.SkipWithoutJupyterAsync();
        Assert.True(Directory.Exists(_kernelspec.Value));
        var cancel = TestContext.Current.CancellationToken;
        var script = Path.Combine(RepositoryTree.Root, "tests", "Legion.Tests", "Kernel", "front_end.py");
        var start = new ProcessStartInfo(Python, ["-I", "-B", script, scenario])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            WorkingDirectory = _folder.FullName,
        };
        start.Environment["JUPYTER_DATA_DIR"] = _folder.FullName;
        using var process = Process.Start(start)!;
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(cancel), process.StandardError.ReadToEndAsync(cancel));
        await process.WaitForExitAsync(cancel);
        Assert.True(process.ExitCode == 0, said[1]);
        return JsonNode.Parse(said[0])!;
    }
}
