using System.Diagnostics;
using Legion.Cli;
using Legion.Kernel;

namespace Legion.Tests.Support;

/// <summary>Executes a notebook in the real Jupyter, with the kernel installed beside it.</summary>
static class JupyterRun
{
    public const string Python = "/usr/bin/python3";

    public static Task SkipWithoutJupyterAsync() => SkipWithoutAsync("nbconvert, jupyter_client");

    /// <param name="modules">Of Python, separated by commas.</param>
    public static async Task SkipWithoutAsync(string modules)
    {
        Assert.SkipUnless(File.Exists(Python), $"found no {Python}");
        var (exitCode, _) = await RunAsync(Path.GetTempPath(), [], null, "-c", $"import {modules}");
        Assert.SkipUnless(exitCode == 0, $"found no {modules} in {Python}");
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

    /// <param name="to">"notebook" or "html".</param>
    /// <returns>The executed notebook, or the page of it.</returns>
    public static async Task<string> ExecuteAsync(string notebook, DirectoryInfo folder, IReadOnlyDictionary<string, string> environment, string to = "notebook")
    {
        InstallKernel(folder);
        var executed = to == "notebook" ? "executed.ipynb" : $"executed.{to}";
        var (exitCode, log) = await RunAsync(folder.FullName, environment.Append(new("JUPYTER_DATA_DIR", folder.FullName)), null,
            "-m", "nbconvert", "--to", to, "--execute", "--output-dir", folder.FullName, "--output", executed, notebook);
        Assert.True(exitCode == 0, log);
        return Path.Combine(folder.FullName, executed);
    }

    /// <summary>Types lines into the console of Jupyter, each a cell.</summary>
    /// <returns>What it wrote.</returns>
    public static async Task<string> TypeAsync(DirectoryInfo folder, params string[] lines)
    {
        InstallKernel(folder);
        var environment = new[] { "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR" }.Select(name => KeyValuePair.Create(name, folder.FullName));
        var (exitCode, said) = await RunAsync(folder.FullName, environment, string.Join('\n', lines) + "\n", "-m", "jupyter_console", "--kernel", "legion", "--simple-prompt");
        Assert.True(exitCode == 0, said);
        return said;
    }

    /// <param name="input">Null: that of the tests.</param>
    static async Task<(int ExitCode, string Log)> RunAsync(string folder, IEnumerable<KeyValuePair<string, string>> environment, string? input, params IEnumerable<string> arguments)
    {
        var cancel = TestContext.Current.CancellationToken;
        var start = new ProcessStartInfo(Python, arguments) { RedirectStandardInput = input is not null, RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = folder };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), cancel);
            process.StandardInput.Close();
        }
        var said = (process.StandardOutput.ReadToEndAsync(cancel), process.StandardError.ReadToEndAsync(cancel));
        await process.WaitForExitAsync(cancel);
        return (process.ExitCode, await said.Item1 + await said.Item2);
    }
}
