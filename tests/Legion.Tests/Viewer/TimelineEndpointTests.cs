using System.Net.Http.Json;
using System.Text.Json;
using Legion.Lakehouse.Tiles;
using Legion.Tests.Support;

namespace Legion.Tests.Viewer;

/// <summary>What lies on the timeline beside the spans of threads: async spans, log entries, metrics.</summary>
public sealed class TimelineEndpointTests : IAsyncLifetime
{
    const string Hostile = "<img src=x onerror=alert(1)>";
    const long BeginNs = 1767225600_000_000_000; // 2026-01-01, when scripts start

    static readonly EventScript Script = EventScript.Parse($"""
        main async 1000 1 "GET /orders" trace=0af7651916cd43dd8448eb211c80319c "<b>key</b>=<i>value</i>"
        main async 2000 18446744073709551615 query in=1
        main async 2500 3 "{Hostile}"
        worker await 8000 18446744073709551615
        worker await 9000 1 status=200
        main async 9000 4 later
        main await 20000 4
        main async 100000 50 short
        main await 100001 50
        main async 100002 51 shorter
        main await 100002 51
        log 1000 info main "first"
        log 1500 error main "{Hostile}"
        log 1500 debug main "same time"
        log 90000 warn main "last"
        metric 500 main process.cpu "%" 10
        metric 1100 main process.cpu "%" 40
        metric 1200 main process.cpu "%" 20
        metric 50000 main process.cpu "%" NaN
        metric 60000 main process.cpu "%" 30
        count 1100 main requests "{"{request}"}" 2
        count 1200 main requests "{"{request}"}" 3
        count 60000 main requests "{"{request}"}" 5
        metric 100 main zone "" 1
        worker marker 1500 "{Hostile}" "<b>key</b>=<i>value</i>"
        main marker 1200 save slot=2
        worker marker 1900 load
        main marker 4000 other
        frame 0 1000 main Game 0
        frame 1000 3000 main Game 1
        """);

    static readonly JsonSerializerOptions relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    readonly TestLake lake = new();
    ViewerHost host = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

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
    public async Task AsyncSpansOfAWindowLieInLanes()
    {
        var answer = await JsonAsync($"async?{Window(0, 50_000)}");
        Assert.Equal(
            ["1 GET /orders 1000-9000 lane 0 x1", "18446744073709551615 query 2000-8000 lane 1 x1", $"3 {Hostile} 2500-100002 lane 2 x1", "4 later 9000-20000 lane 0 x1"],
            answer.GetProperty("spans").EnumerateArray().Select(Text));
        Assert.Equal(3, answer.GetProperty("lanes").GetInt32());
        Assert.Equal([$"3 {Hostile} 2500-100002 lane 0 x1", "4 later 9000-20000 lane 1 x1"], (await JsonAsync($"async?{Window(9_500, 9_600)}")).GetProperty("spans").EnumerateArray().Select(Text));
    }

    [Fact]
    public async Task ShortAsyncSpansOfABucketAreOne()
    {
        // A step of a second: nothing is as long, but what is open.
        var spans = (await JsonAsync($"async?{Window(0, 4_096_000_000_000)}")).GetProperty("spans").EnumerateArray().Select(Text).ToArray();
        Assert.Equal([$"3 {Hostile} 2500-100002 lane 1 x1", "4 later 1000-100002 lane 0 x5"], spans.Order());
    }

    [Fact]
    public async Task TimesOfABrokenClockEndWhereTheGridDoes()
    {
        var script = EventScript.Parse("start 1969-12-31T23:59:59Z\nmain async 0 1 open\nmain async 10 2 long\nmain await 1_500_000_000 2");
        await script.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
        var response = await host.GetAsync($"/api/processes/{script.ProcessId}/async?from_ns=0&to_ns={TileGrid.EndNs - 1}");
        var spans = (await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("spans").EnumerateArray();
        Assert.Equal(["open 0-500000000", "long 0-500000000"], spans.Select(span => $"{Of(span, "name")} {Of(span, "begin_ns")}-{Of(span, "end_ns")}"));
    }

    [Fact]
    public async Task AnAsyncSpanIsDescribed()
    {
        var request = await JsonAsync("async/1");
        Assert.Equal(("GET /orders", "0af7651916cd43dd8448eb211c80319c", "main", "worker", "8000"), (Of(request, "name"), Of(request, "trace_id"), Of(request, "thread"), Of(request, "end_thread"), Of(request, "duration_ns")));
        Assert.Equal(200, request.GetProperty("properties").GetProperty("status").GetInt32());
        Assert.Equal("1", Of(await JsonAsync("async/18446744073709551615"), "parent_id"));
        var open = await JsonAsync("async/3");
        Assert.Equal((null, null, "97502"), (Of(open, "end_ns"), Of(open, "end_thread"), Of(open, "duration_ns")));
        foreach (var (path, status) in new[] { ("async/7", 404), ("async/-1", 400), ("async/18446744073709551616", 400) })
            Assert.Equal(status, (int)(await host.GetAsync($"/api/processes/{Script.ProcessId}/{path}")).StatusCode);
    }

    [Fact]
    public async Task AsyncSpansAreFoundByName()
    {
        var found = await JsonAsync("find?text=QUER");
        var hit = Assert.Single(found.GetProperty("hits").EnumerateArray());
        Assert.Equal(("async", "18446744073709551615", "6000"), (Of(hit, "stream_id"), Id(hit), Of(hit, "duration_ns")));
    }

    [Fact]
    public async Task LogEntriesAreCountedByLevelWithTheFirstOfTheMostSevere()
    {
        var answer = await JsonAsync($"logs/buckets?{Window(0, 600_000)}");
        Assert.Equal("1000", Of(answer, "step_ns"));
        Assert.Equal(
            [$$"""1: {"error":1,"info":1,"debug":1} {{Hostile}} at 1500""", """90: {"warn":1} last at 90000"""],
            answer.GetProperty("buckets").EnumerateArray().Select(bucket => $"{bucket.GetProperty("bucket")}: {bucket.GetProperty("counts").GetRawText()} {Of(bucket, "message")} at {long.Parse(Of(bucket, "time_ns")!) - BeginNs}"));
    }

    [Fact]
    public async Task MarkersAreTheFirstOfTheirBucket()
    {
        // A window of 600 buckets: of the markers that share one, the first is told, and how many there are.
        Assert.Equal(["save of main at 1200 x3 {\"slot\":2}", "other of main at 4000 x1 {}"], Markers(await JsonAsync($"markers?{Window(0, 600_000)}")));
        Assert.Equal(
            ["save of main at 1200 x1 {\"slot\":2}", $"{Hostile} of worker at 1500 x1 {{\"<b>key</b>\":\"<i>value</i>\"}}", "load of worker at 1900 x1 {}"],
            Markers(await JsonAsync($"markers?{Window(1000, 3000)}")));

        static IEnumerable<string> Markers(JsonElement answer) => answer.GetProperty("markers").EnumerateArray().Select(marker =>
            $"{Of(marker, "name")} of {Of(marker, "thread")} at {long.Parse(Of(marker, "time_ns")!) - BeginNs} x{marker.GetProperty("count")} {JsonSerializer.Serialize(marker.GetProperty("properties"), relaxed)}");
    }

    [Fact]
    public async Task MetricsAreListedAndTheirBucketsKnowWhatLiesBesideThem()
    {
        var series = (await JsonAsync("series")).GetProperty("series").EnumerateArray();
        Assert.Equal(
            ["frames.Game s frame 2 True", "process.cpu % gauge 5 True", "requests {request} count 3 False", "zone  gauge 1 False"],
            series.Select(each => $"{Of(each, "name")} {Of(each, "unit")} {Of(each, "kind")} {each.GetProperty("samples")} {each.GetProperty("usual").GetBoolean()}"));

        // A step of one nanosecond: each sample stands alone, and one before and one after.
        var near = await JsonAsync($"series/buckets?name=process.cpu&name=requests&name=missing&{Window(1000, 3000)}");
        Assert.Equal(["process.cpu [[-500,10,10,10],[100,40,40,40],[200,20,20,20],[59000,30,30,30]]", "requests [[100,2,2,2],[200,3,3,3]]"], Buckets(near));
        Assert.Equal(["frames.Game [[0,1E-06,1E-06,1E-06],[2000,2E-06,2E-06,2E-06]]"], Buckets(await JsonAsync($"series/buckets?name=frames.Game&{Window(1000, 3000)}")));
        var far = await JsonAsync($"series/buckets?name=process.cpu&name=requests&{Window(0, 20_000_000)}");
        Assert.Equal(["process.cpu [[0.12,10,40,20],[6,30,30,30]]", "requests [[0.12,2,3,5],[6,5,5,5]]"], Buckets(far));
    }

    [Fact]
    public async Task TheTimelineReachesFromTheFirstEventToTheLast()
    {
        using var client = await host.GetAsync($"/tiles/{Script.ProcessId}");
        var manifest = await client.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal(($"{BeginNs + 100}", $"{BeginNs + 100_002}"), (Of(manifest, "first_ns"), Of(manifest, "last_ns")));
    }

    [Theory]
    [InlineData("async")]
    [InlineData("markers")]
    [InlineData("async?from_ns=5")]
    [InlineData("async?from_ns=5&to_ns=5")]
    [InlineData("async?from_ns=-1&to_ns=5")]
    [InlineData("logs/buckets?from_ns=0&to_ns=9223372036854775807")]
    [InlineData("series/buckets?from_ns=0&to_ns=5")]
    [InlineData("series/buckets?from_ns=0&to_ns=5&name=1&name=2&name=3&name=4&name=5&name=6&name=7&name=8&name=9&name=10&name=11&name=12&name=13")]
    public async Task AWindowIsGivenInFull(string path) =>
        Assert.Equal(400, (int)(await host.GetAsync($"/api/processes/{Script.ProcessId}/{path}")).StatusCode);

    static string Window(long from, long to) => $"from_ns={BeginNs + from}&to_ns={BeginNs + to}";

    static IEnumerable<string> Buckets(JsonElement answer) => answer.GetProperty("series").EnumerateArray().Select(each => $"{Of(each, "name")} {each.GetProperty("buckets").GetRawText()}");

    static string Text(JsonElement span) =>
        $"{Id(span)} {Of(span, "name")} {long.Parse(Of(span, "begin_ns")!) - BeginNs}-{long.Parse(Of(span, "end_ns")!) - BeginNs} lane {span.GetProperty("lane")} x{span.GetProperty("count")}";

    static string? Id(JsonElement span) => Of(span, "span_id");

    static string? Of(JsonElement element, string property) => element.GetProperty(property).GetString();

    async Task<JsonElement> JsonAsync(string path)
    {
        var response = await host.GetAsync($"/api/processes/{Script.ProcessId}/{path}");
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(Cancellation)}");
        return await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
    }
}
