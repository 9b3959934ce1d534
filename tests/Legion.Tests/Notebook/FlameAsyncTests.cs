using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Legion.Kernel.Display;
using Legion.Notebook;
using Legion.Tests.Kernel;
using Legion.Tests.Support;

namespace Legion.Tests.Notebook;

/// <summary>Async spans in a flame cell: a lane below the threads.</summary>
public sealed class FlameAsyncTests() : FlameSession(Events)
{
    const string Events = """
        start 2026-01-01T00:00:00Z
        main begin 1000 frame
        main async 1100 1 "GET /orders" trace=0af7651916cd43dd8448eb211c80319c
        main async 1200 2 <b>query</b> in=1
        main async 1300 18446744073709551615 lost
        main end 3000
        main await 2200 2
        main await 2900 1
        log 5000 info main last
        """;

    const string Placed = "1 GET /orders 1100-2900 lane 0|2 <b>query</b> 1200-2200 lane 1|18446744073709551615 lost 1300-5000 lane 2";

    [Theory]
    [InlineData("", true, "main", Placed)]
    [InlineData("--threads ma*", false, "main", "")]
    [InlineData("--threads ASYNC", true, "", Placed)]
    public async Task TheCellHasThemAsOneMoreThread(string options, bool shown, string threads, string spans)
    {
        var flame = await FlameAsync(options);
        Assert.Equal(threads, string.Join(' ', flame.Threads));
        Assert.Equal(shown, flame.ToString().Contains(", 3 async spans; "));
        foreach (var cell in (string[])[ValueFormatting.Format(flame)[MimeBundle.Cell]!, ((ILiveResult)flame).AskingCell()])
        {
            var timeline = JsonNode.Parse(cell)!["model"]!["timeline"]!;
            Assert.Equal((shown, spans), ((bool)timeline["async"]!, Spans(timeline["window"]!["async"])));
        }
        var image = Encoding.UTF8.GetString(Convert.FromBase64String(ValueFormatting.Format(flame)[MimeBundle.Html]!.Split("base64,")[1].Split('"')[0]));
        Assert.Equal((shown, shown), (image.Contains(">async</text>"), image.Contains("&lt;b&gt;query&lt;/b&gt;")));
    }

    [Fact]
    public async Task AnyTimeIsAnswered()
    {
        var flame = await FlameAsync("");
        var answer = await AskAsync(flame, Beside(2300, 2400, """ "async": true """));
        Assert.Equal(["async"], answer.Json.Select(part => part.Key));
        Assert.Equal("1 GET /orders 1100-2900 lane 0|18446744073709551615 lost 1300-5000 lane 1", Spans(answer.Json["async"]));
        var without = await FlameAsync("--threads main");
        Assert.Empty((await AskAsync(without, Beside(2300, 2400, """ "async": true """))).Json);
        Assert.Equal(0, (int)(await AskAsync(without, JsonNode.Parse("""{"find": {"text": "LOST", "from_ns": null, "limit": 9}}""")!)).Json["total"]!);
        Assert.Empty((await AskAsync(flame, Beside(2300, 2400, """ "async": null """))).Json);
    }

    [Fact]
    public async Task OneIsFoundDescribedAndSelected()
    {
        var flame = await FlameAsync("");
        var found = (await AskAsync(flame, JsonNode.Parse("""{"find": {"text": "LOST", "from_ns": null, "limit": 9}}""")!)).Json;
        Assert.Equal(("async", "18446744073709551615", 1), ((string?)found["hits"]![0]!["stream_id"], (string?)found["hits"]![0]!["span_id"], (int)found["total"]!));
        var span = (await AskAsync(flame, Span("2"))).Json["span"]!;
        Assert.Equal(("<b>query</b>", "1", "1000", "main"), ((string?)span["name"], (string?)span["parent_id"], (string?)span["duration_ns"], (string?)span["thread"]));
        Assert.Null((await AskAsync(flame, Span("7"))).Json["span"]);
        Assert.Equal("expected a decimal number without a sign as span_id, saw '-1'", (await Assert.ThrowsAsync<FormatException>(() => AskAsync(flame, Span("-1")))).Message);

        ((ILiveResult)flame).Select(JsonSerializer.SerializeToElement(JsonNode.Parse($$"""
            {"begin_ns": "{{StartNs + 1300}}", "end_ns": "{{StartNs + 5000}}", "stream_id": "async", "span_id": "18446744073709551615", "name": "lost"}
            """)));
        var range = new TimeRange(StartNs + 1300, StartNs + 5000);
        Assert.Equal((range, null, new SelectedAsyncSpan(ulong.MaxValue, "lost", range)), (flame.Selection, flame.SelectedSpan, flame.SelectedAsyncSpan));
        Assert.Contains("lost", (await RecordedCell.RunAsync(Session, "#!legion-sql\nSELECT name FROM async_spans WHERE process_id = $f AND span_id = $f_span_id")).Text);
    }

    /// <summary>Programs that are instrumented with OpenTelemetry have no others.</summary>
    [Fact]
    public async Task AProcessThatHasNoOthersIsShownWithAllOfItsTime()
    {
        var script = EventScript.Parse("start 2026-01-01T00:00:00Z\nmain async 1500 1 request\nmain await 9500 1");
        await script.DeliverAsync(Lake, () => Task.CompletedTask);
        var flame = await new NotebookLake(Lake.Lake).FlameAsync(script.ProcessId, cancel: Cancel);
        Assert.Equal(new TimeRange(StartNs + 1500, StartNs + 9500), flame.Selection);
        Assert.Matches("\n0 spans as .*, 1 async spans; ", flame.ToString());
    }

    static JsonNode Beside(long from, long to, string wanted) => JsonNode.Parse($$$"""{"beside": {"from_ns": "{{{StartNs + from}}}", "to_ns": "{{{StartNs + to}}}", {{{wanted}}}}}""")!;

    static JsonNode Span(string id) => JsonNode.Parse($$$"""{"span": {"stream_id": "async", "span_id": "{{{id}}}"}}""")!;

    static string Spans(JsonNode? window) => window is null ? "" : string.Join('|', window["spans"]!.AsArray().Select(span =>
        $"{span!["span_id"]} {span["name"]} {Of(span["begin_ns"])}-{Of(span["end_ns"])} lane {span["lane"]}"));

    static long Of(JsonNode? ns) => long.Parse((string)ns!, CultureInfo.InvariantCulture) - StartNs;
}
