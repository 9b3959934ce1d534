using System.Text.Json.Nodes;
using Legion.Tests.Support;
using Xunit;

namespace Legion.Tests.Kernel;

/// <summary>The installed kernel under the real Jupyter.</summary>
public sealed class JupyterTests : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("legion-jupyter-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task ANotebookRunsCellByCell()
    {
        await JupyterRun.SkipWithoutJupyterAsync();
        var notebook = Path.Combine(_folder.FullName, "test.ipynb");
        File.WriteAllText(notebook, NotebookText.Of(
            "var n = 20;\nn + 1",
            "#!legion help sql\nConsole.WriteLine($\"n is {n}\");",
            "DataFrame.LoadCsvFromString(\"a,b\\n<x>,2\\n\")",
            "await Task.Delay(1);\ndisplay(\"<b>é</b>\", \"text/html\");",
            "display(\"\"\"{\"data\":[{\"type\":\"bar\",\"y\":[1,2],\"name\":\"</script>\"}]}\"\"\", \"application/vnd.plotly.v1+json\");"));
        var executed = await JupyterRun.ExecuteAsync(notebook, _folder, new Dictionary<string, string>());
        Assert.DoesNotContain(AppContext.BaseDirectory, File.ReadAllText(Path.Combine(_folder.FullName, "kernels", "legion", "kernel.json")));

        var cells = JsonNode.Parse(File.ReadAllText(executed))!["cells"]!.AsArray();
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

    [Fact]
    public async Task APageOfANotebookHasWhatItsCellsShowed()
    {
        await JupyterRun.SkipWithoutJupyterAsync();
        var notebook = Path.Combine(_folder.FullName, "page.ipynb");
        File.WriteAllText(notebook, NotebookText.Of("DataFrame.LoadCsvFromString(\"word\\nshown\\n\")", "Console.WriteLine(6 * 7);", "#!legion help status"));
        var page = File.ReadAllText(await JupyterRun.ExecuteAsync(notebook, _folder, new Dictionary<string, string>(), "html"));
        Assert.Contains("<td style=\"text-align:left\">shown</td>", page);
        Assert.Contains("<pre>42\n</pre>", page);
        Assert.Contains("shows the lake: how much is in it, and how current it is", page);
    }

    [Fact]
    public async Task TheConsoleShowsResultsMagicsAndErrors()
    {
        await JupyterRun.SkipWithoutAsync("jupyter_console");
        var said = await JupyterRun.TypeAsync(_folder, "var x = 20;", "x * 2", "#!legion help status", "#!legion flam @p", "nope");
        Assert.Contains("Out[2]: 40\n", said);
        Assert.Contains("shows the lake: how much is in it, and how current it is\n", said);
        Assert.Contains("unknown verb 'flam'; did you mean 'flame'?\n#!legion flam @p\n         ^\n", said);
        Assert.Contains("(1,1): CS0103: The name 'nope' does not exist in the current context\nnope\n^\n", said);
    }

    static string Form(JsonNode? cell, int output, string mimeType) => Join(cell!["outputs"]![output]!["data"]![mimeType]);

    static string Join(JsonNode? text) => text is JsonArray lines ? string.Concat(lines.Select(line => line!.GetValue<string>())) : text!.GetValue<string>();
}
