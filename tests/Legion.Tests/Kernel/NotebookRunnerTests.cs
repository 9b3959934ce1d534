using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Legion.Kernel;
using Legion.Kernel.Display;
using Legion.Notebook.Grammar;
using Xunit;

namespace Legion.Tests.Kernel;

public sealed partial class NotebookRunnerTests : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("legion-notebook-");

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task ValuesAreSetAfterTheCellThatDeclaresThem()
    {
        var (result, executed, _) = await RunAsync(
            NotebookText.Of(NotebookText.Code("var n = 1; var s = \"a\";", "parameters"), NotebookText.Code("n + s + t")),
            new() { ["n"] = "41", ["s"] = "b", ["t"] = "c" });
        Assert.True(result.Succeeded);
        Assert.Equal("41bc", executed["cells"]![1]!["outputs"]![0]!["data"]!["text/plain"]!.GetValue<string>());
    }

    [Fact]
    public async Task WithoutSuchACellValuesAreTextFromTheBeginning()
    {
        var (result, executed, _) = await RunAsync(NotebookText.Of("n + n"), new() { ["n"] = "4" });
        Assert.True(result.Succeeded);
        Assert.Equal("44", executed["cells"]![0]!["outputs"]![0]!["data"]!["text/plain"]!.GetValue<string>());
    }

    [Fact]
    public async Task AValueThatDoesNotFitIsRefused()
    {
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => RunAsync(
            NotebookText.Of(NotebookText.Code("var n = 1;", "parameters")), new() { ["n"] = "many" }));
        Assert.Equal("cannot set 'n' to 'many': expected Int32", error.Message);
    }

    [Fact]
    public async Task TheFirstErrorStopsTheRun()
    {
        var (result, executed, report) = await RunAsync(NotebookText.Of(
            NotebookText.Markdown("# T"), NotebookText.Code("1"), NotebookText.Code("nope"), NotebookText.Code("Console.Write(\"never\");")));
        Assert.Equal((2, 3), (result.CellsRun, result.FailedCell));
        Assert.Equal("CompilationError", result.Error?.Name);
        Assert.Equal("error", executed["cells"]![2]!["outputs"]![0]!["output_type"]!.GetValue<string>());
        Assert.Empty(executed["cells"]![3]!["outputs"]!.AsArray());
        Assert.Contains("<pre class=\"error\">(1,1): CS0103", report);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[1")]
    [InlineData("{\"nbformat\": 3, \"cells\": []}")]
    public async Task WhatIsNoNotebookIsRefused(string text) =>
        await Assert.ThrowsAsync<InvalidDataException>(() => RunAsync(text));

    [Fact]
    public async Task AReportRunsExactlyItsOwnScripts()
    {
        var modules = _folder.CreateSubdirectory("modules");
        File.WriteAllText(Path.Combine(modules.FullName, "flame.js"), "const r = ({model, el}) => { el.textContent = model.get(\"text\") + \"</script>\"; };\nexport { r as render };\n");
        const string Flame = "display(\"\"\"{\"module\":\"flame\",\"model\":{\"text\":\"</script><b>\"}}\"\"\", \"application/vnd.legion.cell+json\");";
        var (_, _, report) = await RunAsync(
            NotebookText.Of(
                NotebookText.Markdown("# Frames <script>alert(1)</script>\n\n## <img src=x onerror=alert(2)> Second\n\n[link](javascript:alert(3)) [page](data:text/html,x) ![out](https://example.com/a.png) ![in](data:image/png;base64,AAAA)"),
                NotebookText.Code(Flame),
                NotebookText.Code(Flame),
                NotebookText.Code("display(\"<p onclick='alert(4)'>hi</p><script>alert(5)</script>\", \"text/html\");"),
                NotebookText.Code("Console.WriteLine(\"</pre><script>alert(6)</script>\");")),
            modules: CellModules.FromFolder(modules.FullName));

        Assert.Equal(2, report.Split("class=\"live\" data-module=\"flame\"").Length - 1);
        var scripts = ScriptPattern().Matches(report).Select(match => match.Groups[1].Value).ToList();
        var script = Assert.Single(scripts);
        Assert.Contains("await r({ model:", script);
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)));
        Assert.Contains($"content=\"default-src 'none'; script-src 'sha256-{hash}'; style-src 'unsafe-inline'; img-src data:;", report);

        // Two data blocks and the module; nothing else begins or ends a script.
        Assert.Equal(3, report.Split("<script").Length - 1);
        Assert.Equal(3, report.Split("</script").Length - 1);
        Assert.DoesNotContain("onclick", report.Replace("onclick=&#39;", ""));
        Assert.DoesNotContain("<img src=\"x\"", report);
        Assert.DoesNotContain("href=\"javascript", report);
        Assert.DoesNotContain("href=\"data", report);
        Assert.DoesNotContain("src=\"http", report);
        Assert.Contains("src=\"data:image/png;base64,AAAA\"", report);
        Assert.Equal(2, report.Split("A script was removed here").Length - 1);
        Assert.Contains("<li class=\"level2\"><a href=\"#section-2\">Second</a></li>", report);
    }

    [Fact]
    public async Task AReportWithoutLiveCellsRunsNoScript()
    {
        var (_, _, report) = await RunAsync(NotebookText.Of("1 + 1"));
        Assert.Contains("script-src 'none'", report);
        Assert.DoesNotContain("<script", report);
        Assert.Contains("<details><summary><code>1 + 1</code></summary>", report);
        Assert.Contains("<pre>2</pre>", report);
    }

    [Fact]
    public async Task AChartBringsPlotlyOnce()
    {
        const string Chart = "display(\"\"\"{\"data\":[{\"type\":\"bar\",\"y\":[1,2]}]}\"\"\", \"application/vnd.plotly.v1+json\");";
        var (_, _, report) = await RunAsync(NotebookText.Of(Chart, Chart));
        Assert.Single(ScriptPattern().Matches(report));
        Assert.Equal(2, report.Split("class=\"live\" data-module=\"plotly\"").Length - 1);
    }

    [Theory]
    [InlineData("import x from 'y'; export function render() {}", "imports another")]
    [InlineData("export function draw() {}", "exports no 'render'")]
    public async Task AModuleThatCannotBeInlinedIsNamed(string source, string problem)
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "flame.js"), source);
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => RunAsync(
            NotebookText.Of("display(\"\"\"{\"module\":\"flame\"}\"\"\", \"application/vnd.legion.cell+json\");"),
            modules: CellModules.FromFolder(_folder.FullName)));
        Assert.Contains($"'flame' into a page: it {problem}", error.Message);
    }

    async Task<(NotebookRunResult Result, JsonNode Executed, string Report)> RunAsync(
        string notebook, Dictionary<string, string>? values = null, CellModules? modules = null)
    {
        var file = Path.Combine(_folder.FullName, "test.ipynb");
        await File.WriteAllTextAsync(file, notebook, Cancel);
        var run = new NotebookRun
        {
            File = file,
            Magics = new Magics(),
            Values = values ?? [],
            ExecutedFile = Path.Combine(_folder.FullName, "executed.ipynb"),
            ReportFile = Path.Combine(_folder.FullName, "report.html"),
            Modules = modules ?? CellModules.PlotlyOnly,
        };
        var result = await NotebookRunner.RunAsync(run, cancel: Cancel);
        return (result, JsonNode.Parse(await File.ReadAllTextAsync(run.ExecutedFile, Cancel))!, await File.ReadAllTextAsync(run.ReportFile, Cancel));
    }

    [GeneratedRegex("<script type=\"module\">(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex ScriptPattern();
}
