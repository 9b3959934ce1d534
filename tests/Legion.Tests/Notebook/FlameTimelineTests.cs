using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Legion.Format;
using Legion.Kernel.Cells;
using Legion.Kernel.Display;
using Legion.Notebook;
using Legion.Tests.Kernel;
using Legion.Tests.Support;

namespace Legion.Tests.Notebook;

/// <summary>What a flame cell shows beside the spans, and in which colours.</summary>
public sealed class FlameTimelineTests() : FlameSession(Events, "--viewer http://viewer:7070")
{
    const string Events = """
        start 2026-01-01T00:00:00Z
        main begin 1000 frame
        main begin 1100 <b>physics</b>
        main marker 1200 save slot=2
        main end 1900
        main end 3000
        log 1500 info main started
        log 1600 warn main "<b>slow</b>"
        log 2500 error main lost
        metric 1000 main gc.heap By 10
        metric 2000 main gc.heap By 30
        count 2000 main gc.runs "" 2
        metric 2000 main Queue items 5
        frame 1000 2000 main Game 0
        frame 2000 3000 main Game 1
        """;

    // What stands in the text of the result, and the counters and log entries that its cell has.
    [Theory]
    [InlineData("", "threads main\ncounters frames.Game\n2 spans", "frames.Game|")]
    [InlineData("--counters GC.*", "counters frames.Game, gc.heap, gc.runs\n", "frames.Game gc.heap gc.runs|")]
    [InlineData("--counters queue --logs warn+", "counters frames.Game, Queue\n", "frames.Game Queue|error 1, warn 1")]
    [InlineData("--logs warn", "counters frames.Game\n", "frames.Game|warn 1")]
    [InlineData("--logs TRACE+", "counters frames.Game\n", "frames.Game|error 1, info 1, warn 1")]
    public async Task TheCellHasWhatWasAskedFor(string options, string text, string shown)
    {
        var flame = await FlameAsync(options);
        Assert.Contains(text, flame.ToString());
        foreach (var cell in (string[])[ValueFormatting.Format(flame)[MimeBundle.Cell]!, ((ILiveResult)flame).AskingCell()])
        {
            var timeline = JsonNode.Parse(cell)!["model"]!["timeline"]!;
            var window = timeline["window"]!;
            Assert.Equal(($"{StartNs + 1000}", $"{StartNs + 3000}", options.Contains("--logs")), ((string?)timeline["begin_ns"], (string?)timeline["end_ns"], (bool)timeline["logs"]!));
            Assert.Equal(Names(timeline["counters"]!), Names(timeline["series"]!));
            Assert.Equal(Names(timeline["counters"]!).Order(StringComparer.Ordinal), Names(window["counters"]!["series"]!));
            Assert.Equal(shown, $"{string.Join(' ', Names(timeline["counters"]!))}|{Levels(window["logs"])}");
            var marker = Assert.Single(window["markers"]!["markers"]!.AsArray())!;
            Assert.Equal(("save", $"{StartNs + 1200}", 2), ((string?)marker["name"], (string?)marker["time_ns"], (int)marker["properties"]!["slot"]!));
        }
    }

    [Fact]
    public async Task AnyTimeIsAnsweredInOneMessage()
    {
        var flame = await FlameAsync("--counters gc.heap --logs warn+");
        var answer = await TellAsync(flame, Beside(2000, 3000, "gc.heap", "gc.runs", "nothing"));
        Assert.Equal(["counters", "logs", "markers"], answer.Select(part => part.Key).Order());
        // A step of one nanosecond; of a gauge the nearest sample before comes along.
        Assert.Equal("""[[-1000,10,10,10],[0,30,30,30]]|[[0,2,2,2]]""", string.Join('|', answer["counters"]!["series"]!.AsArray().Select(series => series!["buckets"]!.ToJsonString())));
        Assert.Equal(("error 1", "lost"), (Levels(answer["logs"]), (string?)answer["logs"]!["buckets"]![0]!["message"]));
        Assert.Empty(answer["markers"]!["markers"]!.AsArray());

        var some = await TellAsync(flame, JsonNode.Parse($$$"""{"beside": {"from_ns": "{{{StartNs}}}", "to_ns": "{{{StartNs + 9000}}}", "logs": null, "markers": true}}""")!);
        Assert.Equal(["markers"], some.Select(part => part.Key));
        Assert.Equal("frames.Game Queue gc.heap gc.runs", string.Join(' ', Names((await TellAsync(flame, JsonNode.Parse("""{"series": {}}""")!))["series"]!)));
    }

    [Theory]
    [InlineData("""{"beside": {"from_ns": "5", "to_ns": "5"}}""", "expected from_ns from 0 and to_ns after it, saw 5 and 5")]
    [InlineData("""{"beside": {"from_ns": "-1", "to_ns": "5"}}""", "expected from_ns from 0 and to_ns after it, saw -1 and 5")]
    [InlineData("""{"beside": {"to_ns": "5"}}""", "expected from_ns in what the cell sent")]
    [InlineData("""{"beside": {"from_ns": "1", "to_ns": "5", "counters": ["", "", "", "", "", "", "", "", "", "", "", "", ""]}}""", "expected at most 12 in counters, saw 13")]
    [InlineData("""{"beside": 5}""", "expected beside to be a JSON object, saw Number")]
    public async Task WhatIsNoQuestionIsSaidToBeNone(string question, string problem)
    {
        var flame = await FlameAsync("");
        Assert.Equal(problem, (await Assert.ThrowsAsync<FormatException>(() => TellAsync(flame, JsonNode.Parse(question)!))).Message);
    }

    [Theory]
    [InlineData("", "name", "", "#a3d9a5 #e8a598")]
    [InlineData("--color Duration", "duration", "&color=duration", "#88cdfb #9ac7ff")]
    [InlineData("--color depth --counters gc.heap", "depth", "&counter=frames.Game&counter=gc.heap&color=depth", "#8fb8de #a3d9a5")]
    public async Task ColoursAreThoseOfCellImageAndLink(string options, string color, string link, string fills)
    {
        var flame = await FlameAsync(options);
        Assert.Equal(color, (string?)JsonNode.Parse(((ILiveResult)flame).AskingCell())!["model"]!["color"]);
        Assert.Equal($"http://viewer:7070/process/{Script.ProcessId}/timeline?from={StartNs + 1000}&to={StartNs + 3000}{link}", flame.Link!.AbsoluteUri);
        var image = ValueFormatting.Format(flame)[MimeBundle.Html]!.Split("base64,")[1].Split('"')[0];
        var svg = Encoding.UTF8.GetString(Convert.FromBase64String(image));
        Assert.Equal(fills, string.Join(' ', System.Text.RegularExpressions.Regex.Matches(svg, "<path fill=\"(#[0-9a-f]{6})\"").Select(match => match.Groups[1].Value)));
    }

    [Fact]
    public async Task WhatCodeAsksForIsWhatTheMagicShows()
    {
        var flame = await new NotebookLake(Lake.Lake).FlameAsync(Script.ProcessId, new() { Counters = "q*", Logs = Level.Error, Color = FlameColor.Depth }, Cancel);
        Assert.Equal(["frames.Game", "Queue"], flame.Counters);
        Assert.Null(flame.Link);
        Assert.Equal("error 1", Levels(JsonNode.Parse(((ILiveResult)flame).AskingCell())!["model"]!["timeline"]!["window"]!["logs"]));
    }

    [Fact]
    public async Task AProcessWithoutSpansHasWhatItHas()
    {
        var script = EventScript.Parse("start 2026-01-01T00:00:00Z\nlog 1500 warn main slow\nmetric 2000 main queue items 5");
        await script.DeliverAsync(Lake, () => Task.CompletedTask);
        var shown = await RecordedCell.RunAsync(Session, $"#!legion flame {script.ProcessId} --counters queue --logs warn+");
        Assert.Contains("counters queue\n0 spans as 0 tiles", shown.Text);
        Assert.Contains("there is no thread 'gpu' in this process", (await RecordedCell.RunAsync(Session, $"#!legion flame {script.ProcessId} --threads gpu")).Text);
    }

    /// <summary>However much is measured, said and marked, and whatever stands in it: a cell is as small as one of spans alone.</summary>
    [Fact]
    public async Task MuchBesideTheSpansMakesNoLargeCell()
    {
        using var lake = new TestLake();
        var text = new StringBuilder("start 2026-01-01T00:00:00Z\nmain begin 0 all\n");
        var message = new string('<', 200);
        for (var i = 0; i < 4000; i++)
        {
            text.AppendLine($"main marker {i * 1000L + 1} \"{message}\" text={new string('<', 500)}").AppendLine($"log {i * 1000L + 1} warn main \"{message}{i}\"");
            for (var metric = 0; metric < 8; metric++)
                text.AppendLine($"metric {i * 1000L + 1} main metric{metric} \"\" {i / 7.0 + metric:R}");
        }
        var script = EventScript.Parse(text.AppendLine("main end 4000000").ToString());
        await script.DeliverAsync(lake, () => Task.CompletedTask);
        var flame = await new NotebookLake(lake.Lake).FlameAsync(script.ProcessId, new() { Counters = "metric*", Logs = Level.Trace }, Cancel);

        Assert.Equal(6, flame.Counters.Count);
        Assert.Contains("metric5, and 2 more that match\n", flame.ToString());
        var report = ValueFormatting.Format(flame)[MimeBundle.Cell]!;
        var saved = ((ILiveResult)flame).AskingCell();
        Assert.InRange(report.Length, 50_000, (384 << 10) + 100_000);
        Assert.InRange(saved.Length, 20_000, (128 << 10) + 100_000);
        foreach (var cell in (string[])[report, saved])
        {
            var window = JsonNode.Parse(cell)!["model"]!["timeline"]!["window"]!;
            Assert.Equal(4000, window["logs"]!["buckets"]!.AsArray().Sum(bucket => (int)bucket!["counts"]!["warn"]!));
            Assert.Equal(4000, window["markers"]!["markers"]!.AsArray().Sum(marker => (int)marker!["count"]!));
            Assert.Equal(6, window["counters"]!["series"]!.AsArray().Count);
        }
    }

    static JsonNode Beside(long from, long to, params string[] counters) => new JsonObject
    {
        ["beside"] = new JsonObject
        {
            ["from_ns"] = $"{StartNs + from}", ["to_ns"] = $"{StartNs + to}", ["counters"] = new JsonArray([.. counters.Select(name => (JsonNode)name)]), ["logs"] = true, ["markers"] = true,
        },
    };

    static IEnumerable<string?> Names(JsonNode list) => list.AsArray().Select(item => item is JsonObject ? (string?)item["name"] : (string?)item);

    static string Levels(JsonNode? logs) => logs is null ? "" : string.Join(", ", logs["buckets"]!.AsArray().SelectMany(bucket => bucket!["counts"]!.AsObject()).Select(count => $"{count.Key} {count.Value}").Order(StringComparer.Ordinal));

    static async Task<JsonObject> TellAsync(FlameView flame, JsonNode question)
    {
        var answer = await AskAsync(flame, question);
        Assert.Empty(answer.Buffers);
        return answer.Json;
    }
}
