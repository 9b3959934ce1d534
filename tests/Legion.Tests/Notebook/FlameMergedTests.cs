using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Legion.Kernel.Cells;
using Legion.Kernel.Display;
using Legion.Notebook;

namespace Legion.Tests.Notebook;

/// <summary>Flame charts in the modes that merge spans: what they say, carry, ask and tell.</summary>
public sealed class FlameMergedTests() : FlameSession(Events, "--viewer http://127.0.0.1:9/")
{
    const string Hostile = "<img src=x onerror=alert(1)>";

    const string Events = $"""
        start 2026-01-01T00:00:00Z
        main begin 1000000 frame
        main begin 1100000 "{Hostile}"
        main end 1900000
        main begin 2000000 draw
        main end 2100000
        main end 3000000
        main begin 3000000 frame
        main begin 3000000 draw
        main end 3500000
        main end 4000000
        render begin 1000000 draw
        render end 2000000
        """;

    [Theory]
    [InlineData("--mode left-heavy", "1.6 ms 2 100.0 % main frame|800 µs 1 26.7 % main frame > " + Hostile + "|600 µs 2 20.0 % main frame > draw|1 ms 1 100.0 % render draw|6 spans merged to 4 call paths")]
    [InlineData("--mode left-heavy --threads ren*", "1 ms 1 100.0 % render draw|1 spans merged to 1 call paths")]
    [InlineData("--mode left-heavy --from 2026-01-01T00:00:00.0015Z --to 2026-01-01T00:00:00.002Z --threads main", "400 µs 1 80.0 % main frame > " + Hostile)]
    [InlineData("--mode sandwich --function draw", "around draw: 3 spans, total 1.6 ms, self 1.6 ms|600 µs 2 37.5 % callers frame|6 spans merged to 4 call paths")]
    [InlineData("--mode sandwich", "around frame: 2 spans, total 3 ms, self 1.6 ms|800 µs 1 26.7 % callees " + Hostile + "|600 µs 2 20.0 % callees draw")]
    public async Task TheTextSaysTheHeaviestPaths(string options, string expected)
    {
        var text = string.Join('\n', (await FlameAsync(options)).ToString().Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
        Assert.All(expected.Split('|'), line => Assert.Contains(line, text));
    }

    [Fact]
    public async Task AReportCarriesTheMergedSpans()
    {
        var flame = await FlameAsync("--mode sandwich --function draw");
        Assert.Equal((FlameMode.Sandwich, "draw"), (flame.Mode, flame.Function));
        Assert.EndsWith("&mode=sandwich&function=draw", flame.Link!.Query);
        var forms = ValueFormatting.Format(flame);
        var model = JsonNode.Parse(forms[MimeBundle.Cell]!)!["model"]!;
        Assert.Equal(("sandwich", "draw"), ((string?)model["mode"], (string?)model["function"]));
        Assert.Equal(["main", "render"], model["merged"]!["left_heavy"]!["trees"]!.AsArray().Select(tree => (string?)tree!["title"]));
        var sandwiches = model["merged"]!["sandwiches"]!.AsArray();
        Assert.Equal(["draw", "frame", Hostile], sandwiches.Select(each => (string?)each!["names"]![(int)each["middle"]![0]!]));
        // What was asked of the kernel is what the report has.
        var asked = new JsonObject { ["merged"] = new JsonObject { ["from_ns"] = $"{flame.BeginNs}", ["to_ns"] = $"{flame.EndNs + 1}", ["mode"] = "left-heavy" } };
        Assert.Equal(model["merged"]!["left_heavy"]!.ToJsonString(), (await AskAsync(flame, asked)).Json["merged"]!.ToJsonString());
        // Laid out by time, a cell has none of it.
        Assert.Null(JsonNode.Parse(ValueFormatting.Format(await FlameAsync(""))[MimeBundle.Cell]!)!["model"]!["merged"]);
    }

    [Theory]
    [InlineData("--mode left-heavy", "main: 3 ms")]
    [InlineData("--mode sandwich --function frame", "frame: 2 spans, total 3 ms, self 1.6 ms")]
    public async Task ThePictureShowsWhatIsMerged(string options, string title)
    {
        var html = ValueFormatting.Format(await FlameAsync(options))[MimeBundle.Html]!;
        var svg = Encoding.UTF8.GetString(Convert.FromBase64String(html.Split("base64,")[1].Split('"')[0]));
        Assert.Contains(title, svg);
        Assert.Contains("6 spans, 4 call paths<", svg);
        Assert.Contains("&lt;img src=x onerror=alert(1)&gt;", svg);
        Assert.DoesNotContain("<img", svg);
    }

    [Fact]
    public async Task AMergedFrameThatIsSelectedIsNoSpan()
    {
        var flame = await FlameAsync("--mode left-heavy");
        var stream = Guid.NewGuid();
        var (begin, end) = (StartNs + 1_000_000, StartNs + 3_000_000);
        Select(flame, new JsonObject
        {
            ["begin_ns"] = $"{begin}", ["end_ns"] = $"{end}", ["stream_id"] = stream.ToString(), ["span_id"] = null, ["name"] = "draw", ["path"] = new JsonArray("frame", "draw"),
        });
        Assert.Equal((new TimeRange(begin, end), null), (flame.Selection, flame.SelectedSpan));
        Assert.Equal(("draw", "frame > draw", stream), (flame.SelectedPath!.Name, flame.SelectedPath.ToString(), flame.SelectedPath.StreamId));
        Select(flame, new JsonObject { ["begin_ns"] = $"{begin}", ["end_ns"] = $"{end}", ["stream_id"] = null, ["span_id"] = null, ["name"] = null });
        Assert.Null(flame.SelectedPath);
    }

    [Theory]
    [InlineData("""{"from_ns": "5", "to_ns": "5", "mode": "sandwich"}""", "expected from_ns from 0 and to_ns after it, saw 5 and 5")]
    [InlineData("""{"from_ns": "5", "to_ns": "6", "mode": "timeline"}""", "expected left-heavy or sandwich as mode, saw 'timeline'")]
    [InlineData("""{"from_ns": "5", "to_ns": "6"}""", "expected mode in what the cell sent")]
    public async Task WhatIsNoQuestionIsSaidToBeNone(string question, string problem)
    {
        var flame = await FlameAsync("");
        Assert.Equal(problem, (await Assert.ThrowsAsync<FormatException>(() => AskAsync(flame, new JsonObject { ["merged"] = JsonNode.Parse(question) }))).Message);
    }

    static void Select(FlameView flame, JsonNode? selection) => ((ILiveResult)flame).Select(JsonSerializer.SerializeToElement(selection));
}
