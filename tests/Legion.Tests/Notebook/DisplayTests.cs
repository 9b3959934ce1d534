using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Legion.Kernel.Display;
using Legion.Lakehouse.Tiles;
using Legion.Notebook;
using Legion.Tests.Support;
using Microsoft.Data.Analysis;

namespace Legion.Tests.Notebook;

/// <summary>What results look like, also where the telemetry wants to be more than text.</summary>
public sealed partial class DisplayTests
{
    const string Hostile = """
        start 2026-01-01T00:00:00Z
        "<img/src=x/onerror=alert(1)>" begin 1000000 "</text><script>alert(2)</script>"
        "<img/src=x/onerror=alert(1)>" end 2000000
        log 1000000 error "<img/src=x/onerror=alert(1)>" "<script>alert(3)</script>"
        log 1500000 warn t ordinary
        """;

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TelemetryStaysText()
    {
        using var lake = new TestLake();
        var script = EventScript.Parse(Hostile);
        await script.DeliverAsync(lake, () => Task.CompletedTask);
        var notebook = new NotebookLake(lake.Lake) { Viewer = new Uri("http://127.0.0.1:5000") };
        object[] results =
        [
            await notebook.ProcessesAsync(cancel: Cancel),
            await notebook.LogsAsync(script.ProcessId, cancel: Cancel),
            await notebook.FlameAsync(script.ProcessId, cancel: Cancel),
            await notebook.SqlAsync("SELECT message AS \"<b>\" FROM log_entries", cancel: Cancel),
        ];
        // Charts and tables without a cost of their own: names, texts and units of the program stand in them, too.
        object[] others =
        [
            await notebook.StatsAsync(script.ProcessId, cancel: Cancel), await notebook.GraphAsync(script.ProcessId, cancel: Cancel), await notebook.LogPatternsAsync(script.ProcessId, cancel: Cancel),
            await notebook.FindAsync(new FindQuery("<"), Cancel),
        ];
        foreach (var html in others.Select(other => ValueFormatting.Format(other)[MimeBundle.Html]!))
        {
            Assert.Contains("&lt;", html);
            Assert.Empty(Tags().Matches(html).Select(tag => tag.Groups[1].Value).Except(["table", "thead", "tbody", "tr", "th", "td", "p", "br", "small"]));
        }
        foreach (var result in results)
        {
            var forms = ValueFormatting.Format(result);
            Assert.NotEqual("", forms[MimeBundle.Plain]);
            Assert.Contains("read; plan ", forms[MimeBundle.Plain]);
            Assert.Contains("read; plan ", forms[MimeBundle.Html]);
            Assert.Empty(Tags().Matches(forms[MimeBundle.Html]!).Select(tag => tag.Groups[1].Value).Except(["table", "thead", "tbody", "tr", "th", "td", "p", "img", "a", "br", "small"]));
        }
        var log = ValueFormatting.Format(results[1])[MimeBundle.Html]!;
        Assert.Contains("color:#d6453d\">&lt;script&gt;alert(3)&lt;/script&gt;</td>", log);
        Assert.Contains("color:#b7791f\">ordinary</td>", log);
    }

    [Fact]
    public async Task AFlameChartIsAnImageWhereNoScriptRuns()
    {
        using var lake = new TestLake();
        var script = EventScript.Parse(Hostile);
        await script.DeliverAsync(lake, () => Task.CompletedTask);
        var flame = await new NotebookLake(lake.Lake) { Viewer = new Uri("http://127.0.0.1:5000") }.FlameAsync(script.ProcessId, cancel: Cancel);
        var html = ValueFormatting.Format(flame)[MimeBundle.Html]!;
        var svg = XDocument.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(Regex.Match(html, "base64,([^\"]*)").Groups[1].Value)));
        Assert.Empty(svg.Descendants().Select(element => element.Name.LocalName).Except(["svg", "rect", "path", "text"]));
        Assert.Contains(svg.Descendants(), element => element.Value == "</text><script>alert(2)</script>");
        Assert.Contains(svg.Descendants(), element => element.Value == "<img/src=x/onerror=alert(1)>");

        var link = $"http://127.0.0.1:5000/process/{script.ProcessId}/timeline?from=1767225600001000000&to=1767225600002000000";
        Assert.Equal(link, flame.Link!.AbsoluteUri);
        Assert.Contains($"<a href=\"{link.Replace("&", "&amp;")}\">", html);
        Assert.Equal(link, (string?)JsonNode.Parse(ValueFormatting.Format(flame)[MimeBundle.Cell]!)!["model"]!["link"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(400)]
    public void TheImageKeepsItsLimitHoweverManySpansThereAre(int names)
    {
        const int Lanes = TileGrid.LanesPerGroup, Depths = 40;
        var rectangles = new List<TileRectangle>();
        for (ushort lane = 0; lane < Lanes; lane++)
            for (ushort depth = 0; depth < Depths; depth++)
                for (uint step = 0; step < TileGrid.StepsPerTile; step++)
                    rectangles.Add(new(step + 1, 1000, step, 1, $"\u0001\ud800 span {(step * 31 + depth) % names}", 1, lane, depth, 255));
        var streams = Enumerable.Range(0, Lanes).Select(lane => new TileStream(Guid.NewGuid(), $"lane {lane}", null, Depths)).ToList();
        var manifest = new TileManifest(Guid.NewGuid(), 0, TileGrid.TileNs(0), 0, [new TileGroup(0, "g", streams)]);
        var set = new TileSet(manifest, 0, new Dictionary<string, ReadOnlyMemory<byte>> { ["0/0/0"] = new Tile(0, 0, rectangles).ToBytes() });
        foreach (var range in (TimeRange[])[new(0, TileGrid.TileNs(0)), new(0, 20_000)])
        {
            var svg = FlameImage.Draw(new FlameCell(set, new(default, Async: null)), range, FlameColor.Name);
            Assert.InRange(Encoding.UTF8.GetByteCount(svg), 2000, FlameImage.MostBytes);
            Assert.Equal(Lanes, XDocument.Parse(svg).Descendants().Count(element => element.Attribute("font-weight") is not null));
        }
    }

    [Fact]
    public void ChartsArePlotlyFigures()
    {
        var frame = new DataFrame(
            new Int32DataFrameColumn("<i>n</i>", [1, 2, 3]),
            new DoubleDataFrameColumn("ms", [1.5, double.NaN, null]),
            new StringDataFrameColumn("name", ["<b>a</b>", null!, "c"]),
            new DateTimeDataFrameColumn("time", [new DateTime(2026, 1, 31, 12, 0, 0, DateTimeKind.Utc), null, null]));
        var line = Figure(Chart.Line(frame, "<i>n</i>", "ms", "<script>"));
        Assert.Equal("[1,2,3] [1.5,null,null]", $"{line["data"]![0]!["x"]!.ToJsonString()} {line["data"]![0]!["y"]!.ToJsonString()}");
        Assert.Equal("&lt;script&gt;", (string?)line["layout"]!["title"]!["text"]);
        Assert.Equal("&lt;i&gt;n&lt;/i&gt;", (string?)line["layout"]!["xaxis"]!["title"]!["text"]);
        Assert.Equal(("scatter", "lines"), ((string?)line["data"]![0]!["type"], (string?)line["data"]![0]!["mode"]));

        var bar = Figure(Chart.Bar(frame, "name", "ms"));
        Assert.Equal(("bar", "&lt;b&gt;a&lt;/b&gt;"), ((string?)bar["data"]![0]!["type"], (string?)bar["data"]![0]!["x"]![0]));
        var overTime = Figure(Chart.Line(frame, "time", "ms"));
        Assert.Equal("2026-01-31T12:00:00", (string?)overTime["data"]![0]!["x"]![0]);
        var histogram = Figure(Chart.Histogram(frame, "ms", bins: 20));
        Assert.Equal(("histogram", 20), ((string?)histogram["data"]![0]!["type"], (int)histogram["data"]![0]!["nbinsx"]!));

        Assert.Equal("found no column 'mss'; did you mean 'ms'?", Assert.Throws<ArgumentException>(() => Chart.Line(frame, "name", "mss")).Message);
        Assert.Equal("cannot draw column 'name': expected numbers, saw String", Assert.Throws<ArgumentException>(() => Chart.Histogram(frame, "name")).Message);
    }

    [Fact]
    public void ALongLineKeepsItsPeaks()
    {
        const int Rows = 500_000, Peak = 123_456, Dip = 400_001;
        var frame = new DataFrame(
            new Int32DataFrameColumn("n", Enumerable.Range(0, Rows)),
            new DoubleDataFrameColumn("ms", Enumerable.Range(0, Rows).Select(row => row == Peak ? 99 : row == Dip ? -99 : Math.Sin(row))));
        var trace = Figure(Chart.Line(frame, "n", "ms"))["data"]![0]!;
        var xs = trace["x"]!.AsArray().Select(x => (int)x!).ToList();
        Assert.InRange(xs.Count, 10_000, 20_000);
        Assert.Equal(xs.Order(), xs);
        Assert.Equal(99, (double)trace["y"]![xs.IndexOf(Peak)]!);
        Assert.Equal(-99, (double)trace["y"]![xs.IndexOf(Dip)]!);
    }

    static JsonNode Figure(Chart chart) => JsonNode.Parse(ValueFormatting.Format(chart)[MimeBundle.Plotly]!)!;

    [GeneratedRegex("<([a-zA-Z]+)")]
    private static partial Regex Tags();
}
