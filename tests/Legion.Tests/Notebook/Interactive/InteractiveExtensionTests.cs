extern alias outline;

using Legion.Lakehouse;
using Legion.Notebook;
using Legion.Notebook.Grammar;
using Legion.Tests.Support;
using Microsoft.Data.Analysis;
using outline::Microsoft.DotNet.Interactive.Directives;

namespace Legion.Tests.Notebook.Interactive;

/// <summary>The magics under .NET Interactive, of which there is an outline here, on a small lake.</summary>
public sealed class InteractiveExtensionTests : IAsyncLifetime
{
    const string Events = """
        start 2026-01-01T00:00:00Z
        main begin 1000000 frame
        main begin 1100000 physics
        main end 1900000
        main end 3000000
        log 1500000 warn main "slow"
        metric 1000000 main queue items 1
        metric 2500000 main queue items 8
        metric 2500000 main load percent 50
        """;

    readonly TestLake _lake = new();
    readonly EventScript _script = EventScript.Parse(Events);
    OutlinedHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        await _script.DeliverAsync(_lake, () => Task.CompletedTask);
        _host = await OutlinedHost.CreateAsync();
        Assert.Equal($"lake {_lake.Folder}", Assert.Single(await _host.RunAsync($"#!legion connect {_lake.Folder} -> lake"))["text/plain"]);
    }

    public ValueTask DisposeAsync()
    {
        _lake.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public void EveryVerbAndOptionIsDeclared()
    {
        var directives = _host.Root.KernelInfo.SupportedDirectives;
        Assert.Equal(["#!csharp", "#!legion-sql", "#!legion"], directives.Select(directive => directive.Name));
        var legion = directives.OfType<KernelActionDirective>().Single();
        Assert.Equal(Verbs.All.Select(verb => (verb.Name, (string?)verb.Summary)), legion.Subcommands.Select(verb => (verb.Name, verb.Description)));
        foreach (var (verb, declared) in Verbs.All.Zip(legion.Subcommands))
        {
            AssertOptions(verb, declared);
            Assert.Equal(verb.Arguments.Take(1).Select(argument => argument.Name), declared.Parameters.Where(parameter => parameter.AllowImplicitName).Select(parameter => parameter.Name));
        }
        AssertOptions(Verbs.Sql, directives.OfType<KernelSpecifierDirective>().Single(directive => directive.KernelName == "legion-sql"));
    }

    [Fact]
    public async Task LoadedTwiceItIsThereOnce()
    {
        await _host.LoadAsync();
        Assert.Equal(["#!csharp", "#!legion-sql", "#!legion"], _host.Root.KernelInfo.SupportedDirectives.Select(directive => directive.Name));
        Assert.Equal("1", Assert.Single(await _host.RunAsync("#!legion processes -> again\nagain.Count"), forms => !forms["text/plain"].Contains("process_id"))["text/plain"]);
    }

    [Fact]
    public async Task OfTheUsersNamesItTakesOne() =>
        Assert.Equal(
            ["error CS0103: The name 'Magics' does not exist in the current context", "error CS0103: The name 'SqlKernel' does not exist in the current context"],
            [
                .. new[] { await _host.FailAsync("Magics"), await _host.FailAsync("SqlKernel") }.Select(error => error[(error.IndexOf(": ", StringComparison.Ordinal) + 2)..]),
            ]);

    [Fact]
    public async Task MagicsAndCodeOfACellRunInTurnWithTheSameVariables()
    {
        var shown = await _host.RunAsync($$"""
            #!legion processes --last 9999d -> processes
            processes.Selection.ProcessId
            #!legion flame @processes --name f
            var (begin, name) = (f.Begin, "physics");
            #!legion sql -> spans
            SELECT name, duration_ns FROM spans
              WHERE process_id = $processes AND name = $name
            #!legion stats @processes --limit 1
            spans.Rows.Count
            """);
        Assert.Equal(6, shown.Count);
        Assert.Contains(_script.ProcessId.ToString(), shown[0]["text/html"]);
        Assert.Equal(_script.ProcessId.ToString(), shown[1]["text/plain"]);
        Assert.Contains("<img ", shown[2]["text/html"]);
        Assert.Contains("<td style=\"text-align:left\">physics</td>", shown[3]["text/html"]);
        Assert.Contains("frame", shown[4]["text/plain"]);
        Assert.Equal("1", shown[5]["text/plain"]);
        Assert.True(_host.CSharp.TryGetValue<DataFrame>("spans", out var frame));
        Assert.Equal(800_000L, frame!["duration_ns"][0]);
        Assert.All(shown, forms => Assert.DoesNotContain(DisplayFormatters.LiveCell, forms.Keys));
    }

    [Fact]
    public async Task SeveralWordsOfALineAreAllRead()
    {
        await _host.RunAsync("#!legion processes -> p");
        var chart = Assert.Single(await _host.RunAsync("#!legion metrics @p queue load --agg=max"));
        Assert.Contains("queue", chart["application/vnd.plotly.v1+json"]);
        Assert.Contains("load", chart["application/vnd.plotly.v1+json"]);
    }

    [Fact]
    public async Task ACellOfSqlReadsVariablesAndSetsOne()
    {
        await _host.RunAsync("#!legion processes -> p\nvar least = 1_000_000L;");
        var shown = Assert.Single(await _host.RunAsync("#!legion-sql --name df --limit 5\nSELECT name FROM spans\nWHERE process_id = $p AND duration_ns > $least"));
        Assert.Contains("<td style=\"text-align:left\">frame</td>", shown["text/html"]);
        Assert.Equal("1", Assert.Single(await _host.RunAsync("df.Rows.Count"))["text/plain"]);
        // As a front end sends it whose cells have a language.
        Assert.Contains("frame", Assert.Single(await _host.RunAsync("SELECT name FROM df", "legion-sql"))["text/plain"]);
    }

    [Fact]
    public async Task ADataFrameIsShownAsInOurKernel()
    {
        await _host.RunAsync("#!legion sql \"SELECT message FROM log_entries\" -> df");
        Assert.True(_host.CSharp.TryGetValue<DataFrame>("df", out var frame));
        var shown = Assert.Single(await _host.RunAsync("df"));
        Assert.Equal((DataFrameTable.Html(frame!), DataFrameTable.Text(frame!)), (shown["text/html"], shown["text/plain"]));
    }

    [Theory]
    [InlineData("#!legion flam @x", "unknown verb 'flam'; did you mean 'flame'?\n#!legion flam @x\n         ^\nusage: #!legion connect|")]
    [InlineData("#!legion flame", "expected PROCESS: a process id, @variable, or a link\n#!legion flame\n               ^\nusage: #!legion flame PROCESS")]
    [InlineData("#!legion logs @sume --tail", "found no variable 'sume'; did you mean 'some'?\n#!legion logs @sume --tail\n              ^\nusage: #!legion logs PROCESS")]
    [InlineData("#!legion processes --lst 24h", "unknown option '--lst'; did you mean '--last'?\n#!legion processes --lst 24h\n                   ^\nusage: #!legion processes")]
    [InlineData("#!legion", "expected a verb: connect, ")]
    [InlineData("#!legion sql\nSELECT 1,\n  nam FROM log_entries", "\n  nam FROM log_entries\n  ^")]
    [InlineData("#!legion-sql\nSELECT nam FROM log_entries", "\nSELECT nam FROM log_entries\n       ^")]
    public async Task AnErrorIsThatOfOurKernelAndEndsTheCell(string magic, string expected)
    {
        await _host.RunAsync("var some = 1;");
        Assert.Contains(expected, await _host.FailAsync($"var before = 1;\n{magic}\n#!csharp\nvar after = 1;"));
        Assert.True(_host.CSharp.TryGetValue<int>("before", out _));
        Assert.False(_host.CSharp.TryGetValue<int>("after", out _));
    }

    [Fact]
    public async Task CompletionKnowsVerbsOptionsTheLakeAndTheSession()
    {
        await _host.RunAsync("#!legion processes -> p");
        var verbs = await _host.CompleteAsync("#!legion f|");
        Assert.Equal(["flame", "find"], verbs.Texts);
        Assert.Equal((9, 10), (verbs.Start, verbs.End));
        Assert.Contains("--last", (await _host.CompleteAsync("var x = 1;\n#!legion processes --l|")).Texts);
        Assert.Contains("warn+", (await _host.CompleteAsync("#!legion logs @p --level |\nvar x = 1;")).Texts);
        var (metrics, start, end) = await _host.CompleteAsync("#!legion metrics @p |");
        Assert.Contains("queue", metrics);
        Assert.Equal((20, 20), (start, end));
        var views = await _host.CompleteAsync("#!legion-sql\nSELECT * FROM log_e|");
        Assert.Contains("log_entries", views.Texts);
        Assert.Equal((14, 19), (views.Start, views.End));
        Assert.Contains("$p", (await _host.CompleteAsync("#!legion-sql --limit 3\nSELECT *\nFROM spans WHERE process_id = $|")).Texts);
    }

    [Fact]
    public async Task HoverExplainsVerbsAndColumns()
    {
        Assert.Equal(Magics.Describe("#!legion flame", 10), await _host.HoverAsync("1 + 1\n#!legion fl|ame @p"));
        Assert.Contains("duration_ns", await _host.HoverAsync("#!legion-sql\nSELECT dura|tion_ns FROM spans"));
    }

    static void AssertOptions(Verb verb, KernelDirective declared)
    {
        var named = declared.Parameters.Where(parameter => !parameter.AllowImplicitName).ToList();
        Assert.Equal(
            verb.Options.Select(option => ($"--{option.Name}", (string?)option.Summary, option.Value is null)),
            named.Take(verb.Options.Count).Select(parameter => (parameter.Name, parameter.Description, parameter.Flag)));
        Assert.Equal(verb.HasResult ? ["--name", "->"] : [], named.Skip(verb.Options.Count).Select(parameter => parameter.Name));
        // The host's own words for what is missing would come before ours.
        Assert.DoesNotContain(declared.Parameters, parameter => parameter.Required);
    }
}
