using System.Net.Http.Json;
using System.Text.Json;
using Legion.Tests.Support;
using Legion.Viewer;

namespace Legion.Tests.Viewer;

/// <summary>What the viewer tells of events that are linked, and of where names are found how often.</summary>
public sealed class SpanLinkTests : IAsyncLifetime
{
    const long Begin = 1767225600000000000; // 2026-01-01, when scripts start

    static readonly EventScript Script = EventScript.Parse("""
        main begin 1000 frame
        main flow 1100 7 asked
        main flow 1150 7 repeated
        main flow 1200 8 lonely
        main end 2000
        worker begin 1500 job
        worker begin 1550 "<b>inner</b>"
        worker flow 1600 7 taken
        worker end 1700
        worker end 1800
        main begin 2500 frame
        main flow 2600 7 answered
        main end 3000
        worker flow 3500 7 "long after"
        main async 100 5 request trace=0af7651916cd43dd8448eb211c80319c
        main async 200 6 query in=5
        worker async 300 4 "later query" in=5
        main await 400 6
        worker await 500 4
        main await 900 5
        """);

    readonly TestLake lake = new();
    ViewerHost host = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;
    static string Process => Script.ProcessId.ToString();

    public async ValueTask InitializeAsync()
    {
        await Script.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
        host = await ViewerHost.StartAsync(lake.Lake);
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        lake.Dispose();
    }

    [Fact]
    public async Task PointsOfAFlowLeadFromSpanToSpan()
    {
        Assert.Equal(["next flow taken 1150-1600 worker: <b>inner</b> 1550+150 1"], await LinksAsync("main", "frame", 1000));
        Assert.Equal(["previous flow repeated 1600-1150 main: frame 1000+1000 0", "next flow answered 1600-2600 main: frame 2500+500 0"], await LinksAsync("worker", "<b>inner</b>", 1550));
        // The last point lies in no span.
        Assert.Equal(["previous flow taken 2600-1600 worker: <b>inner</b> 1550+150 1", "next flow long after 2600-3500 worker: nothing"], await LinksAsync("main", "frame", 2500));
        // Only the innermost span has a point.
        Assert.Empty(await LinksAsync("worker", "job", 1500));
    }

    [Fact]
    public async Task AsyncSpansLeadToWhatTheyAreAPartOfAndToTheFirstOfTheirParts()
    {
        Assert.Equal(["next child 200-200 : query 200+200 0"], await AsyncLinksAsync(5));
        Assert.Equal(["previous parent 300-300 : request 100+800 0"], await AsyncLinksAsync(4));
        Assert.Empty(await AsyncLinksAsync(99));
    }

    [Fact]
    public async Task OfASpanWithManyPointsTheFirstAreTold()
    {
        using var other = new TestLake();
        var script = EventScript.Parse("main begin 1000 busy\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"main flow {1100 + i} {i + 1} out\n")) + "main end 2000\n"
            + string.Concat(Enumerable.Range(0, 40).Select(i => $"worker begin {3000 + 10 * i} job\nworker flow {3001 + 10 * i} {i + 1} in\nworker end {3005 + 10 * i}\n")));
        await script.DeliverAsync(other, beforeLate: () => Task.CompletedTask);
        await using var busy = await ViewerHost.StartAsync(other.Lake);
        var hits = await (await busy.GetAsync($"/api/processes/{script.ProcessId}/find?text=busy")).Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        var hit = hits.GetProperty("hits")[0];
        var links = await (await busy.GetAsync($"/api/processes/{script.ProcessId}/spans/{hit.GetProperty("stream_id")}/{hit.GetProperty("span_id")}/links")).Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal((32, 8), (links.GetProperty("links").GetArrayLength(), links.GetProperty("left_out").GetInt32()));
        Assert.All(links.GetProperty("links").EnumerateArray(), link => Assert.Equal("job", link.GetProperty("span").GetProperty("name").GetString()));
    }

    [Theory]
    [InlineData("FRAME", 0, 6_000, "10", "100 1|250 1")]
    [InlineData("FRAME", 1_001, 6_000, "9", "166 1")]
    [InlineData("quer", 0, 600, "1", "200 1|300 1")]
    [InlineData("e", 0, 60_000, "100", "1 1|2 1|3 1|10 1|15 1|25 1")]
    [InlineData("frame", 4_000, 5_000, "2", "")]
    [InlineData("nothing has this", 0, 6_000, "10", "")]
    public async Task HitsAreCountedOverTheWholeWindow(string text, long from, long to, string stepNs, string expected)
    {
        var density = await JsonAsync($"/api/processes/{Process}/find/density?text={Uri.EscapeDataString(text)}&from_ns={Begin + from}&to_ns={Begin + to}");
        Assert.Equal(stepNs, density.GetProperty("step_ns").GetString());
        Assert.Equal(expected, string.Join('|', density.GetProperty("bins").EnumerateArray().Select(bin => $"{bin[0]} {bin[1]}")));
    }

    [Theory]
    [InlineData("find/density?text=&from_ns=0&to_ns=9", 400)]
    [InlineData("find/density?text=a&from_ns=9&to_ns=0", 400)]
    [InlineData("find/density?text=a", 400)]
    [InlineData("async/x/links", 400)]
    [InlineData("spans/nonsense/1/links", 400)]
    public async Task AskingInVainIsAnswered(string question, int status) => Assert.Equal(status, (int)(await host.GetAsync($"/api/processes/{Process}/{question}")).StatusCode);

    async Task<IEnumerable<string>> LinksAsync(string thread, string name, long begin)
    {
        var streams = await StreamsAsync();
        var hits = (await JsonAsync($"/api/processes/{Process}/find?text={Uri.EscapeDataString(name)}")).GetProperty("hits").EnumerateArray();
        var hit = hits.Single(each => streams[each.GetProperty("stream_id").GetString()!] == thread && long.Parse(each.GetProperty("begin_ns").GetString()!) == Begin + begin);
        return await ToldAsync($"/api/processes/{Process}/spans/{hit.GetProperty("stream_id")}/{hit.GetProperty("span_id")}/links");
    }

    async Task<IEnumerable<string>> AsyncLinksAsync(int id)
    {
        var found = (await JsonAsync($"/api/processes/{Process}/find?text=e")).GetProperty("hits").EnumerateArray().Where(each => each.GetProperty("stream_id").GetString() == "async").ToArray();
        var name = id switch { 5 => "request", 6 => "query", 4 => "later query", _ => null };
        var span = name is null ? "99" : found.Single(each => each.GetProperty("name").GetString() == name).GetProperty("span_id").GetString();
        return await ToldAsync($"/api/processes/{Process}/async/{span}/links");
    }

    async Task<IEnumerable<string>> ToldAsync(string path)
    {
        var streams = await StreamsAsync();
        var told = await JsonAsync(path);
        Assert.Equal(0, told.GetProperty("left_out").GetInt32());
        return told.GetProperty("links").EnumerateArray().Select(link =>
        {
            var span = link.GetProperty("span");
            var of = span.ValueKind == JsonValueKind.Null ? "nothing" : $"{span.GetProperty("name")} {Ns(span, "begin_ns")}+{span.GetProperty("duration_ns")} {span.GetProperty("depth")}";
            var what = string.Join(' ', new[] { link.GetProperty("direction").GetString(), link.GetProperty("kind").GetString(), link.GetProperty("name").GetString() }.Where(word => word != ""));
            return $"{what} {Ns(link, "from_ns")}-{Ns(link, "at_ns")} {streams.GetValueOrDefault(link.GetProperty("stream_id").GetString()!)}: {of}";
        }).ToArray();

        static long Ns(JsonElement of, string name) => long.Parse(of.GetProperty(name).GetString()!) - Begin;
    }

    async Task<Dictionary<string, string>> StreamsAsync() => (await JsonAsync($"/api/processes/{Process}")).GetProperty("streams").EnumerateArray()
        .ToDictionary(stream => stream.GetProperty("stream_id").GetString()!, stream => stream.GetProperty("name").GetString()!);

    async Task<JsonElement> JsonAsync(string path) => await (await host.GetAsync(path)).Content.ReadFromJsonAsync<JsonElement>(Cancellation);
}
