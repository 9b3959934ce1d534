using System.Diagnostics;
using System.Text.Json.Nodes;
using Legion.Kernel;
using Xunit;

namespace Legion.Tests.Kernel;

/// <summary>The installed kernel under the real Jupyter.</summary>
public sealed class JupyterTests : IDisposable
{
    const string Python = "/usr/bin/python3";

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("legion-jupyter-");

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task ANotebookRunsCellByCell()
    {
        await SkipWithoutJupyterAsync();
        var spec = new KernelInstallation
        {
            ProgramFolder = Path.GetDirectoryName(CommandLine())!,
            Executable = Path.GetFileName(CommandLine()),
            JupyterFolder = _folder.FullName,
            CopiesFolder = Path.Combine(_folder.FullName, "copies"),
        }.Install();
        Assert.DoesNotContain(Path.GetDirectoryName(CommandLine())!, File.ReadAllText(Path.Combine(spec, "kernel.json")));

        var notebook = Path.Combine(_folder.FullName, "test.ipynb");
        File.WriteAllText(notebook, NotebookText.Of(
            "var n = 20;\nn + 1",
            "#!legion help sql\nConsole.WriteLine($\"n is {n}\");",
            "DataFrame.LoadCsvFromString(\"a,b\\n<x>,2\\n\")",
            "await Task.Delay(1);\ndisplay(\"<b>é</b>\", \"text/html\");",
            "display(\"\"\"{\"data\":[{\"type\":\"bar\",\"y\":[1,2],\"name\":\"</script>\"}]}\"\"\", \"application/vnd.plotly.v1+json\");"));
        var (exitCode, log) = await RunAsync(Python, "-m", "nbconvert", "--to", "notebook", "--execute", "--output", "out.ipynb", notebook);
        Assert.True(exitCode == 0, log);

        var cells = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder.FullName, "out.ipynb")))!["cells"]!.AsArray();
        Assert.Equal("21", Form(cells[0], 0, "text/plain"));
        Assert.StartsWith("#!legion sql", Form(cells[1], 0, "text/plain"));
        Assert.Equal("n is 20\n", Join(cells[1]!["outputs"]![1]!["text"]));
        Assert.Contains("<td style=\"text-align:left\">&lt;x&gt;</td>", Form(cells[2], 0, "text/html"));
        Assert.Equal("<b>é</b>", Form(cells[3], 0, "text/html"));
        var chart = Form(cells[4], 0, "text/html");
        Assert.Contains("<td>&lt;/script&gt;</td><td>bar</td><td>2</td>", chart);
        Assert.Matches("kernelspecs/legion/\" \\+ \"plotly-[0-9a-f]{16}\\.js\"", chart);
        Assert.Equal(1, chart.Split("</script>").Length - 1);
        for (var i = 0; i < cells.Count; i++)
            Assert.Equal(i + 1, cells[i]!["execution_count"]!.GetValue<int>());
    }

    static string CommandLine()
    {
        // Beside the tests' own output: .../bin/Legion.Tests/CONFIGURATION/.
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var name = OperatingSystem.IsWindows() ? "Legion.Cli.exe" : "Legion.Cli";
        return Path.Combine(output.Parent!.Parent!.FullName, "Legion.Cli", output.Name, name);
    }

    async Task SkipWithoutJupyterAsync()
    {
        Assert.SkipUnless(File.Exists(Python), $"found no {Python}");
        var (exitCode, _) = await RunAsync(Python, "-c", "import nbconvert, jupyter_client");
        Assert.SkipUnless(exitCode == 0, $"found no Jupyter in {Python}");
    }

    async Task<(int ExitCode, string Log)> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = _folder.FullName };
        start.Environment["JUPYTER_DATA_DIR"] = _folder.FullName;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Cancel);
        var errors = process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return (process.ExitCode, await output + await errors);
    }

    static string Form(JsonNode? cell, int output, string mimeType) => Join(cell!["outputs"]![output]!["data"]![mimeType]);

    static string Join(JsonNode? text) => text is JsonArray lines ? string.Concat(lines.Select(line => line!.GetValue<string>())) : text!.GetValue<string>();
}
