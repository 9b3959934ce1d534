using System.Diagnostics;
using Legion.Cli;
using Legion.Kernel;

namespace Legion.Tests.Support;

/// <summary>Executes a notebook in the real Jupyter, with the kernel installed beside it.</summary>
static class JupyterRun
{
    public const string Python = "/usr/bin/python3";

    public static async Task SkipWithoutJupyterAsync()
    {
        Assert.SkipUnless(File.Exists(Python), $"found no {Python}");
        var (exitCode, _) = await RunAsync(Path.GetTempPath(), [], "-c", "import nbconvert, jupyter_client");
        Assert.SkipUnless(exitCode == 0, $"found no Jupyter in {Python}");
    }

    /// <summary>Installs the kernel into a folder that is to be <c>JUPYTER_DATA_DIR</c>.</summary>
    public static void InstallKernel(DirectoryInfo folder) => new KernelInstallation
    {
        ProgramFolder = AppContext.BaseDirectory,
        Executable = OperatingSystem.IsWindows() ? "Legion.Cli.exe" : "Legion.Cli",
        JupyterFolder = folder.FullName,
        CopiesFolder = Path.Combine(folder.FullName, "copies"),
        Modules = Notebooks.Modules(),
    }.Install();

    /// <returns>The executed notebook.</returns>
    public static async Task<string> ExecuteAsync(string notebook, DirectoryInfo folder, IReadOnlyDictionary<string, string> environment)
    {
        InstallKernel(folder);
        var (exitCode, log) = await RunAsync(folder.FullName, environment.Append(new("JUPYTER_DATA_DIR", folder.FullName)),
            "-m", "nbconvert", "--to", "notebook", "--execute", "--output-dir", folder.FullName, "--output", "executed.ipynb", notebook);
        Assert.True(exitCode == 0, log);
        return Path.Combine(folder.FullName, "executed.ipynb");
    }

    static async Task<(int ExitCode, string Log)> RunAsync(string folder, IEnumerable<KeyValuePair<string, string>> environment, params IEnumerable<string> arguments)
    {
        var cancel = TestContext.Current.CancellationToken;
        var start = new ProcessStartInfo(Python, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = folder };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var said = (process.StandardOutput.ReadToEndAsync(cancel), process.StandardError.ReadToEndAsync(cancel));
        await process.WaitForExitAsync(cancel);
        return (process.ExitCode, await said.Item1 + await said.Item2);
    }
}
