using System.Text.Json;
using System.Text.Json.Nodes;
using Legion.Kernel.Cells;
using Legion.Kernel.Display;
using Legion.Lakehouse.Tiles;
using Legion.Notebook;
using Legion.Tests.Kernel;
using Legion.Tests.Support;

namespace Legion.Tests.Notebook;

/// <summary>What a flame cell asks and tells, on a small lake.</summary>
public sealed class FlameCellTests() : FlameSession(Events)
{
    const string Events = """
        start 2026-01-01T00:00:00Z
        main begin 1000000 frame
        main begin 1100000 <b>physics</b>
        main end 1900000
        main end 3000000
        render begin 1000000 draw
        render end 2000000
        log 1500000 warn main slow
        log 2500000 error render lost
        """;

    [Fact]
    public async Task WhatIsSelectedInTheCellIsSelectedInTheNotebook()
    {
        var flame = await FlameAsync("");
        var shown = new TimeRange(StartNs + 1_000_000, StartNs + 3_000_000);
        Assert.Equal((shown, null), (flame.Selection, flame.SelectedSpan));

        var stream = Guid.NewGuid();
        Select(flame, new JsonObject
        {
            ["begin_ns"] = $"{StartNs + 1_100_000}", ["end_ns"] = $"{StartNs + 1_900_000}", ["stream_id"] = stream.ToString(), ["span_id"] = "2", ["name"] = "<b>physics</b>",
        });
        var range = new TimeRange(StartNs + 1_100_000, StartNs + 1_900_000);
        Assert.Equal((range, new SelectedSpan(stream, 2, "<b>physics</b>", range)), (flame.Selection, flame.SelectedSpan));
        Assert.Contains("\nwarn\n", (await RunAsync("#!legion logs @f --in @f.sel -> log\nConsole.WriteLine(\"\\n\" + string.Join(' ', log.Select(line => line.Level)))")) + "\n");
        Assert.Contains("\n<b>physics</b>\n1 rows", await RunAsync("#!legion-sql\nSELECT name FROM spans WHERE process_id = $f AND begin_ns >= $f_begin_ns AND end_ns <= $f_end_ns"));
        Assert.Contains("id\n2\n1rows", (await RunAsync("#!legion-sql\nSELECT $f_span_id AS id")).Replace(" ", ""));

        // What a form shows is the chart, whatever is selected in it.
        Assert.Contains($"\n{shown}\n", flame.ToString());

        Select(flame, new JsonObject { ["begin_ns"] = $"{StartNs}", ["end_ns"] = $"{StartNs + 5}", ["stream_id"] = null, ["span_id"] = null, ["name"] = null });
        Assert.Equal((new TimeRange(StartNs, StartNs + 5), null), (flame.Selection, flame.SelectedSpan));
        Assert.Contains("error: found no variable 'f_span_id' to bind", await RunAsync("#!legion-sql\nSELECT $f_span_id AS id"));
        Select(flame, null);
        Assert.Equal(shown, flame.Selection);
    }

    /// <summary>So that a notebook knows which cells are out of date once something else is selected.</summary>
    [Theory]
    [InlineData("#!legion logs @f --in @f.sel", true)]
    [InlineData("#!legion-sql\nSELECT $f_begin_ns AS at", true)]
    [InlineData("await Task.Run(async () => { await Task.Yield(); return f.BeginNs; })", true)]
    [InlineData("var range = f.Selection;", true)]
    [InlineData("f.SelectedSpan", true)]
    [InlineData("f", false)]
    [InlineData("#!legion logs @f", false)]
    [InlineData("f.Threads", false)]
    public async Task ACellThatUsesWhatIsSelectedIsKnown(string cell, bool reads)
    {
        var flame = await FlameAsync("");
        var result = (await RecordedCell.RunAsync(Session, cell)).Result;
        Assert.Null(result.Error);
        Assert.Equal(reads ? [flame] : [], result.SelectionsRead);
    }

    [Theory]
    [InlineData("[]", "expected an object of a cell, saw Array")]
    [InlineData("""{"begin_ns": 5, "end_ns": "6"}""", "expected begin_ns to be a JSON string, saw Number")]
    [InlineData("""{"begin_ns": "7", "end_ns": "6"}""", "expected a selection that ends after its begin, saw 7 to 6")]
    [InlineData("""{"begin_ns": "5", "end_ns": "6", "span_id": "1", "stream_id": "x", "name": "n"}""", "expected an id as stream_id, saw 'x'")]
    public async Task WhatIsNoSelectionChangesNothing(string selection, string problem)
    {
        var flame = await FlameAsync("");
        Assert.Equal(problem, Assert.Throws<FormatException>(() => Select(flame, JsonNode.Parse(selection))).Message);
        Assert.Equal(StartNs + 1_000_000, flame.BeginNs);
    }

    [Theory]
    [InlineData("", "main, render")]
    [InlineData("--threads RE*", "render")]
    public async Task TilesOfAnyViewAreThoseThatAreSaved(string options, string threads)
    {
        var flame = await FlameAsync(options);
        Assert.Equal(threads, string.Join(", ", flame.Threads));
        var cell = JsonNode.Parse(((ILiveResult)flame).AskingCell())!;
        Assert.Equal(("flame", "comm"), ((string?)cell["module"], (string?)cell["model"]!["source"]!["kind"]));
        var saved = cell["model"]!["source"]!["tiles"]!.AsObject();
        Assert.NotEmpty(saved);

        var answer = await AskAsync(flame, new JsonObject { ["tiles"] = new JsonArray([.. saved.Select(tile => (JsonNode)tile.Key), "7/0/0", "0/0/5"]) });
        Assert.Equal([.. Enumerable.Range(0, saved.Count).Cast<int?>(), null, saved.Count], answer.Json["tiles"]!.AsArray().Select(index => (int?)index));
        Assert.Equal(saved.Select(tile => (string?)tile.Value), answer.Buffers.Take(saved.Count).Select(bytes => Convert.ToBase64String(bytes.Span)));
        Assert.Empty(Tile.Read(answer.Buffers[^1].Span).Rectangles);
        // The finest tile says what the coarsest could not: when the span began, to a microsecond.
        var finest = await AskAsync(flame, new JsonObject { ["tiles"] = new JsonArray($"0/0/{TileGrid.Index(0, StartNs + 1_000_000)}") });
        Assert.Contains(Tile.Read(finest.Buffers[0].Span).Rectangles, rectangle => rectangle.Name == (options == "" ? "frame" : "draw") && rectangle.Lane == 0);
    }

    [Fact]
    public async Task SpansAreFoundAndDescribed()
    {
        var flame = await FlameAsync("");
        var found = (await AskAsync(flame, JsonNode.Parse("""{"find": {"text": "PHYS", "from_ns": null, "limit": 10}}""")!)).Json;
        var hit = Assert.Single(found["hits"]!.AsArray())!;
        Assert.Equal((1, "<b>physics</b>", $"{StartNs + 1_100_000}", "800000"), ((int)found["total"]!, (string?)hit["name"], (string?)hit["begin_ns"], (string?)hit["duration_ns"]));

        var span = (await AskAsync(flame, new JsonObject { ["span"] = new JsonObject { ["stream_id"] = (string?)hit["stream_id"], ["span_id"] = (string?)hit["span_id"] } })).Json["span"]!;
        Assert.Equal(("<b>physics</b>", $"{StartNs + 1_900_000}", "main", 1), ((string?)span["name"], (string?)span["end_ns"], (string?)span["thread"], (int)span["depth"]!));
        var none = await AskAsync(flame, new JsonObject { ["span"] = new JsonObject { ["stream_id"] = Guid.NewGuid().ToString(), ["span_id"] = "1" } });
        Assert.Equal("""{"span":null}""", none.Json.ToJsonString());

        // Of threads that are not shown, nothing is found.
        var part = await FlameAsync("--threads render");
        Assert.Equal("""{"hits":[],"total":0}""", (await AskAsync(part, JsonNode.Parse("""{"find": {"text": "phys", "limit": 10}}""")!)).Json.ToJsonString());
    }

    [Theory]
    [InlineData("", 0, 4_000_000, "frame 1 2000000 1200000|draw 1 1000000 1000000|<b>physics</b> 1 800000 800000")]
    [InlineData("", 0, 2_500_000, "draw 1 1000000 1000000|<b>physics</b> 1 800000 800000")]
    [InlineData("--threads render", 0, 4_000_000, "draw 1 1000000 1000000")]
    [InlineData("--threads render", 2_000_001, 4_000_000, "")]
    public async Task StatisticsAreOfTheThreadsThatAreShown(string options, long from, long to, string expected)
    {
        var asked = new JsonObject { ["statistics"] = new JsonObject { ["from_ns"] = $"{StartNs + from}", ["to_ns"] = $"{StartNs + to}" } };
        var statistics = (await AskAsync(await FlameAsync(options), asked)).Json["statistics"]!;
        var names = statistics["names"]!.AsArray();
        Assert.Equal(expected, string.Join('|', names.Select(name => $"{name!["name"]} {name["count"]} {name["total_ns"]} {name["self_ns"]}")));
        Assert.Equal(names.Count, (int)statistics["spans"]!);
    }

    [Theory]
    [InlineData("""{"tile": 1}""", "expected a question for tiles, span, links, find, density, beside, series, merged or statistics")]
    [InlineData("""{"tiles": [1]}""", "expected texts in tiles, saw Number")]
    [InlineData("""{"tiles": ["0/0/0/0"]}""", "expected a tile as group/level/index, saw '0/0/0/0'")]
    [InlineData("""{"tiles": ["0/-1/0"]}""", "expected a tile as group/level/index, saw '0/-1/0'")]
    [InlineData("""{"statistics": {"from_ns": "5", "to_ns": "5"}}""", "expected from_ns from 0 and to_ns after it, saw 5 and 5")]
    [InlineData("""{"find": {"text": "", "limit": 1}}""", "expected text to find, saw none")]
    [InlineData("""{"density": {"text": "", "from_ns": "0", "to_ns": "1"}}""", "expected text to find, saw none")]
    [InlineData("""{"density": {"text": "x", "from_ns": "2", "to_ns": "1"}}""", "expected from_ns from 0 and to_ns after it, saw 2 and 1")]
    [InlineData("""{"find": {"text": "x", "limit": 1001}}""", "expected limit from 1 to 1000, saw 1001")]
    public async Task WhatIsNoQuestionIsSaidToBeNone(string question, string problem)
    {
        var flame = await FlameAsync("");
        Assert.Equal(problem, (await Assert.ThrowsAsync<FormatException>(() => AskAsync(flame, JsonNode.Parse(question)!))).Message);
    }

    /// <summary>Reports have all tiles; what is saved with a notebook stays below a megabyte however many spans there are.</summary>
    [Fact]
    public async Task ASavedCellIsSmall()
    {
        using var lake = new TestLake();
        var text = new System.Text.StringBuilder("start 2026-01-01T00:00:00Z\n");
        for (var i = 0; i < 120_000; i++)
            text.AppendLine($"thread{i % 12} begin {1_000_000 + i / 12 * 5_000L} \"span number {i % 5_000}\"").AppendLine($"thread{i % 12} end {1_003_000 + i / 12 * 5_000L}");
        var script = EventScript.Parse(text.ToString());
        await script.DeliverAsync(lake, () => Task.CompletedTask);
        var flame = await new NotebookLake(lake.Lake).FlameAsync(script.ProcessId, cancel: Cancel);

        var forms = ValueFormatting.Format(flame);
        var saved = ((ILiveResult)forms.Live!).AskingCell();
        Assert.InRange(saved.Length, 50_000, 700_000);
        Assert.InRange(saved.Length + forms[MimeBundle.Html]!.Length, 50_000, 1_000_000);
        Assert.InRange(forms[MimeBundle.Cell]!.Length, saved.Length + 100_000, (2 << 20) + 100_000);
    }

    async Task<string> RunAsync(string cell) => (await RecordedCell.RunAsync(Session, cell)).Text;

    static void Select(FlameView flame, JsonNode? selection) => ((ILiveResult)flame).Select(JsonSerializer.SerializeToElement(selection));
}
