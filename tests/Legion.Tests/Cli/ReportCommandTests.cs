using System.Text.Json;
using Legion.Tests.Kernel;
using Legion.Tests.Support;

namespace Legion.Tests.Cli;

public sealed class ReportCommandTests : IDisposable
{
    readonly TestLake lake = new();
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("legion-reports-");

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        lake.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task ANotebookIsPublishedIntoALakeAndThroughAService()
    {
        var notebook = Path.Combine(folder.FullName, "found.ipynb");
        await File.WriteAllTextAsync(notebook, NotebookText.Of(NotebookText.Markdown("# What was found"), NotebookText.Code("6 * 7")), Cancellation);
        var first = JsonDocument.Parse(await SaidAsync("publish", notebook, "--json", "--days", "3", "--lake", lake.Folder)).RootElement;
        Assert.Equal("What was found", first.GetProperty("title").GetString());

        var key = (await LegionProgram.RunAsync("keys", "create", "--role", "read", "--lake", lake.Folder)).Output.Trim();
        using var service = await ServedLake.StartAsync(lake.Folder, "--auth");
        var url = service.Url.GetLeftPart(UriPartial.Authority);
        var page = Path.Combine(folder.FullName, "page.html");
        await File.WriteAllBytesAsync(page, TestReport.Bytes("# Page", TestReport.Chart), Cancellation);
        var second = (await SaidAsync([("LEGION_API_KEY", key)], "publish", page, "--title", "Sent <b>", "--url", url)).Trim();
        Assert.StartsWith(url + "/report/", second, StringComparison.Ordinal);
        var id = second[(second.LastIndexOf('/') + 1)..];

        var listed = await SaidAsync("list", "--lake", lake.Folder);
        Assert.Matches($@"^{id}  \S+ +[\d,]+  key \w+  Sent <b>\n{first.GetProperty("report").GetString()}  \S+ +[\d,]+  user \S+  What was found\n$", listed);
        var named = JsonDocument.Parse(await SaidAsync([("LEGION_API_KEY", key)], "list", "--json", "--search", "found", "--url", url)).RootElement;
        Assert.Equal(first.GetProperty("report").GetString(), Assert.Single(named.EnumerateArray()).GetProperty("report").GetString());

        // The other one is of somebody else.
        var refused = await LegionProgram.RunAsync([("LEGION_API_KEY", key)], "report", "remove", first.GetProperty("report").GetString()!, "--url", url);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("the one that published the report", refused.Error, StringComparison.Ordinal);
        await SaidAsync([("LEGION_API_KEY", key)], "remove", id, "--url", url);
        await SaidAsync("remove", first.GetProperty("report").GetString()!, "--lake", lake.Folder);
        Assert.Equal("", await SaidAsync("list", "--lake", lake.Folder));
        Assert.Equal(3, (await LegionProgram.RunAsync("report", "remove", id, "--lake", lake.Folder)).ExitCode);
    }

    [Theory]
    [InlineData(3, "no such file", "publish", "missing.html")]
    [InlineData(1, "it has no policy", "publish", "page.html")]
    [InlineData(2, "expected at least 1", "publish", "page.html", "--days", "0")]
    [InlineData(3, "there is no report '222222222222'", "remove", "222222222222")]
    public async Task WhatCannotBePublishedIsSaid(int exitCode, string says, params string[] arguments)
    {
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "page.html"), "<p>page</p>", Cancellation);
        var outcome = await LegionProgram.RunAsync(["report", .. arguments.Select(argument => argument.EndsWith(".html", StringComparison.Ordinal) ? Path.Combine(folder.FullName, argument) : argument), "--lake", lake.Folder]);
        Assert.Equal(exitCode, outcome.ExitCode);
        Assert.Contains(says, outcome.Error, StringComparison.Ordinal);
    }

    static Task<string> SaidAsync(params string[] arguments) => SaidAsync([], arguments);

    static async Task<string> SaidAsync((string, string)[] environment, params string[] arguments)
    {
        var outcome = await LegionProgram.RunAsync(environment, ["report", .. arguments]);
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        return outcome.Output;
    }
}
