using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Legion.Kernel.Cells;
using Legion.Kernel.Display;
using Legion.Notebook;
using Legion.Tests.Kernel;
using Legion.Tests.Support;

namespace Legion.Tests.Notebook;

/// <summary>The metrics of a process to choose from: what the verb gives, and what its cell asks and tells.</summary>
public sealed class MetricExplorerTests() : FlameSession(Events, "--viewer http://viewer:7070")
{
    const string Events = """
        start 2026-01-01T00:00:00Z
        metric 1000 main queue items 3
        metric 2000 main queue items 8
        metric 2500 main queue items NaN
        count 2000 main calls {call} 2
        count 4000 main calls {call} 5
        metric 1000 main runtime.gc.heap By 10
        metric 5000 main runtime.gc.heap By 30
        metric 1000 main "<b>load</b>" "<i>%</i>" 50
        metric 1000 main a "" 1
        frame 1000 2000 main Game 0
        frame 2000 3000 main Game 1
        """;

    async Task<MetricExplorer> ExploreAsync(string options = "")
    {
        var cell = await RecordedCell.RunAsync(Session, $"#!legion metrics {Script.ProcessId} {options} -> m");
        Assert.Null(cell.Result.Error);
        Assert.True(Session.TryGetVariable("m", out var explorer));
        return (MetricExplorer)explorer!;
    }

    // Options, and what each series has in that time, the program's own first: samples, least, greatest, last and sum. A frame counts that lies in a part of it.
    [Theory]
    [InlineData("", "<b>load</b> 1 50 50 50 50|a 1 1 1 1 1|calls 2 2 5 5 7|queue 3 3 8 8 11|frames.Game 2 1E-06 1E-06 1E-06 2E-06|runtime.gc.heap 2 10 30 30 40")]
    [InlineData("--from 2026-01-01T00:00:00.0000018Z --to 2026-01-01T00:00:00.000003Z", "calls 1 2 2 2 2|queue 2 8 8 8 8|frames.Game 2 1E-06 1E-06 1E-06 2E-06")]
    public async Task EverySeriesHasItsValuesOfTheTime(string options, string expected)
    {
        var explorer = await ExploreAsync(options);
        Assert.Equal(expected, string.Join('|', explorer.Select(one => FormattableString.Invariant($"{one.Series.Name} {one.Series.Samples} {one.Least} {one.Greatest} {one.Last} {one.Sum}"))));
        Assert.Equal(explorer.Count, explorer.ToDataFrame().Rows.Count);
        Assert.Equal([.. explorer.Select(one => one.Series.Name).Take(4)], explorer.Names);
        Assert.Contains($"\n{explorer.Count} metrics; ", explorer.ToString());
    }

    [Theory]
    [InlineData("queue")]
    [InlineData("--agg max")]
    [InlineData("--by thread")]
    public async Task WhoNamesAChartGetsOne(string options)
    {
        await RecordedCell.RunAsync(Session, $"#!legion metrics {Script.ProcessId} {options} -> m");
        Assert.True(Session.TryGetVariable("m", out var chart));
        Assert.IsType<Series>(chart);
    }

    [Fact]
    public async Task ACellHasTheFirstSeriesAndTheValuesOfAll()
    {
        var explorer = await ExploreAsync();
        foreach (var (kind, cell) in new[] { ("embedded", ValueFormatting.Format(explorer)[MimeBundle.Cell]!), ("comm", ((ILiveResult)explorer).AskingCell()) })
        {
            var parsed = JsonNode.Parse(cell)!;
            var (model, timeline) = (parsed["model"]!, parsed["model"]!["timeline"]!);
            Assert.Equal(("metrics", kind, Script.ProcessId.ToString()), ((string?)parsed["module"], (string?)model["source"]!["kind"], (string?)model["process"]));
            Assert.Equal($"{StartNs}", (string?)model["bounds"]!["begin_ns"]);
            Assert.Equal(((string?)model["view"]!["begin_ns"], (string?)model["view"]!["end_ns"]), ((string?)timeline["begin_ns"], (string?)timeline["end_ns"]));
            Assert.Equal(explorer.Names, timeline["counters"]!.AsArray().Select(name => (string)name!));
            Assert.Equal(explorer.Select(one => one.Series.Name), timeline["series"]!.AsArray().Select(series => (string)series!["name"]!));
            var values = timeline["window"]!["counters"]!["series"]!.AsArray();
            Assert.Equal(explorer.Select(one => one.Series.Name), values.Select(series => (string)series!["name"]!));
            Assert.Equal(7, values.Single(series => (string?)series!["name"] == "calls")!["buckets"]!.AsArray().Sum(bucket => (double)bucket![3]!));
        }
    }

    [Fact]
    public async Task AnyTimeIsAnsweredInTheViewersForms()
    {
        var explorer = await ExploreAsync();
        var series = (await AskAsync(explorer, """{"series": {}}"""))["series"]!.AsArray();
        Assert.Equal(6, series.Count);
        Assert.Equal(("{call}", "count", 2, false), series.Where(one => (string?)one!["name"] == "calls").Select(one => ((string?)one!["unit"], (string?)one["kind"], (int)one["samples"]!, (bool)one["usual"]!)).Single());
        var window = (await AskAsync(explorer, $$$"""{"beside": {"from_ns": "{{{StartNs + 1500}}}", "to_ns": "{{{StartNs + 3500}}}", "counters": ["queue", "calls", "nothing"]}}"""))["counters"]!;
        // A step of one nanosecond; of a gauge the nearest sample before comes along.
        Assert.Equal("calls [[500,2,2,2]]|queue [[-500,3,3,3],[500,8,8,8]]", string.Join('|', window["series"]!.AsArray().Select(one => $"{one!["name"]} {one["buckets"]!.ToJsonString()}")));
    }

    [Theory]
    [InlineData("""{"beside": {"from_ns": "5", "to_ns": "5", "counters": ["a"]}}""", "expected from_ns from 0 and to_ns after it, saw 5 and 5")]
    [InlineData("""{"beside": {"from_ns": "1", "to_ns": "5"}}""", "expected counters in what the cell sent")]
    [InlineData("""{"beside": {"from_ns": "1", "to_ns": "5", "counters": []}}""", "expected counters to ask for, saw none")]
    [InlineData("""{"beside": {"from_ns": "1", "to_ns": "5", "counters": ["", "", "", "", "", "", "", "", "", "", "", "", ""]}}""", "expected at most 12 in counters, saw 13")]
    [InlineData("""{"tiles": []}""", "expected a question for beside or series")]
    [InlineData("5", "expected an object of a cell, saw Number")]
    public async Task WhatIsNoQuestionIsSaidToBeNone(string question, string problem)
    {
        var explorer = await ExploreAsync();
        Assert.Equal(problem, (await Assert.ThrowsAsync<FormatException>(() => AskAsync(explorer, question))).Message);
    }

    [Fact]
    public async Task WhatIsSelectedInTheCellIsThereForCode()
    {
        var explorer = await ExploreAsync("--from 2026-01-01T00:00:00Z --to 2026-01-01T00:00:00.000010Z");
        Assert.Equal(new TimeRange(StartNs, StartNs + 9999), explorer.Selection);
        Select(explorer, $$"""{"begin_ns": "{{StartNs + 1500}}", "end_ns": "{{StartNs + 2200}}", "names": ["queue", "a&b"]}""");
        Assert.Equal((new TimeRange(StartNs + 1500, StartNs + 2200), "queue a&b"), (explorer.Selection, string.Join(' ', explorer.Names)));
        Assert.Equal($"http://viewer:7070/process/{Script.ProcessId}/metrics?from={StartNs + 1500}&to={StartNs + 2200}&series=queue&series=a%26b", explorer.Link!.AbsoluteUri);
        Assert.Contains(": n\n2\n", (await RecordedCell.RunAsync(Session, $"#!legion sql --in @m.sel --process @m\nSELECT count(*) AS n FROM measures WHERE process_id = $process AND time_ns BETWEEN $m_begin_ns AND $m_end_ns")).Text);
        Assert.Null((await RecordedCell.RunAsync(Session, "#!legion share @m -> link")).Result.Error);
        Assert.True(Session.TryGetVariable("link", out var link));
        Assert.Equal(explorer.Link, ((Link)link!).Page);

        Select(explorer, """{"begin_ns": null, "end_ns": null, "names": ["a"]}""");
        Assert.Equal((StartNs, "a"), (explorer.BeginNs, Assert.Single(explorer.Names)));
        Assert.Equal("expected a selection that ends after its begin, saw 7 to 5", Assert.Throws<FormatException>(() => Select(explorer, """{"begin_ns": "7", "end_ns": "5", "names": []}""")).Message);
        Select(explorer, "null");
        Assert.Equal(4, explorer.Names.Count);
    }

    [Fact]
    public async Task WithoutScriptsItIsAnImageAndATableInWhichTextStaysText()
    {
        var html = ValueFormatting.Format(await ExploreAsync())[MimeBundle.Html]!;
        Assert.Contains("<td style=\"text-align:left\">&lt;b&gt;load&lt;/b&gt;</td><td style=\"text-align:left\">&lt;i&gt;%&lt;/i&gt;</td>", html);
        Assert.DoesNotContain("<b>", html);
        Assert.Contains($"<a href=\"http://viewer:7070/process/{Script.ProcessId}/metrics?from=", html);
        var svg = Picture(html);
        Assert.Empty(svg.Descendants().Select(element => element.Name.LocalName).Except(["svg", "rect", "path", "text"]));
        var titles = svg.Descendants().Where(element => element.Attribute("font-weight") is not null).Select(element => element.Value);
        Assert.Equal(["50 to 50 <i>%</i>: <b>load</b>", "1 to 1 : a", "0 to 5 {call}, sums of steps: calls", "3 to 8 items: queue"], titles);
    }

    [Fact]
    public async Task AProcessThatMeasuredNothingHasNone()
    {
        var script = EventScript.Parse("start 2026-01-01T00:00:00Z\nlog 1500 warn main slow");
        await script.DeliverAsync(Lake, () => Task.CompletedTask);
        Assert.Contains("there is no metric in this time of this process", (await RecordedCell.RunAsync(Session, $"#!legion metrics {script.ProcessId}")).Text);
    }

    /// <summary>However much is measured, and whatever it is called: the cell of a notebook and of a report have their limits.</summary>
    [Fact]
    public async Task MuchThatIsMeasuredMakesNoLargeCell()
    {
        using var lake = new TestLake();
        var text = new StringBuilder("start 2026-01-01T00:00:00Z\n");
        for (var metric = 0; metric < 1100; metric++)
            text.AppendLine($"metric 1000 main \"{metric:D4}{new string('<', 300)}\" \"{new string('&', 100)}\" 1");
        for (var i = 0; i < 3000; i++)
            for (var metric = 0; metric < 14; metric++)
                text.AppendLine(FormattableString.Invariant($"metric {i * 1000L + 1} main !{metric:D2} \"\" {i / 7.0 + metric:R}"));
        var script = EventScript.Parse(text.ToString());
        await script.DeliverAsync(lake, () => Task.CompletedTask);
        var explorer = await new NotebookLake(lake.Lake).MetricExplorerAsync(script.ProcessId, cancel: Cancel);

        Assert.Equal(1000, explorer.Count);
        Assert.Contains("1,000 metrics, and more that are not listed; ", explorer.ToString());
        var forms = ValueFormatting.Format(explorer);
        Assert.InRange(forms[MimeBundle.Cell]!.Length, 50_000, (384 << 10) + (64 << 10) + 4_000);
        Assert.InRange(((ILiveResult)explorer).AskingCell().Length, 30_000, (96 << 10) + (64 << 10) + 4_000);
        Assert.InRange(forms[MimeBundle.Html]!.Length, 10_000, 200_000);
        Assert.Equal(4, Picture(forms[MimeBundle.Html]!).Descendants().Count(element => element.Attribute("font-weight") is not null));
        Assert.Superset(explorer.Names.ToHashSet(), JsonNode.Parse(((ILiveResult)explorer).AskingCell())!["model"]!["timeline"]!["window"]!["counters"]!["series"]!.AsArray().Select(series => (string)series!["name"]!).ToHashSet());
    }

    static XDocument Picture(string html) => XDocument.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(Regex.Match(html, "base64,([^\"]*)").Groups[1].Value)));

    static void Select(MetricExplorer explorer, string selection) => ((ILiveResult)explorer).Select(JsonDocument.Parse(selection).RootElement);

    static async Task<JsonObject> AskAsync(MetricExplorer explorer, string question)
    {
        var answer = await ((ILiveResult)explorer).AnswerAsync(JsonDocument.Parse(question).RootElement, Cancel);
        Assert.Empty(answer.Buffers);
        return JsonNode.Parse(answer.Json.ToJsonString())!.AsObject();
    }
}
