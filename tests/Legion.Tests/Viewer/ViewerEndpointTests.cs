using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Legion.Format;
using Legion.Lakehouse.Tiles;
using Legion.Tests.Support;
using Legion.Tests.Tiles;
using Legion.Viewer;

namespace Legion.Tests.Viewer;

public sealed class ViewerEndpointTests : IAsyncLifetime
{
    const string Hostile = "<img src=x onerror=alert(1)>";
    const string Begin = "1767225600000000000"; // 2026-01-01, when scripts start

    static readonly EventScript Script = EventScript.Parse($"""
        main begin 1000 "{Hostile}" "<b>key</b>=<i>value</i>" big=9007199254740993 small=7
        main begin 2000 inner
        main end 5000
        main begin 6000 Inner
        main end 9000
        main end 20000
        worker begin 3000 "open span"
        log 1000 info main "{Hostile}"
        log 4000 warn main "four a"
        log 4000 warn main "four b"
        log 4000 error main "four c"
        log 7000 debug worker "seven"
        """);

    readonly TestLake lake = new();
    ViewerHost host = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;
    static string Process => Script.ProcessId.ToString();

    public async ValueTask InitializeAsync()
    {
        await Script.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
        var named = new BatchWriter();
        named.Add(new ProcessRecord
        {
            ProcessId = Script.ProcessId, Version = 2, Exe = Hostile, User = "ada", StartNs = long.Parse(Begin), LastSeenNs = long.Parse(Begin) + 30_000,
            Properties = [new Property(Hostile, Hostile), new Property("session", long.MaxValue)],
        });
        await lake.AppendAsync(named);
        host = await ViewerHost.StartAsync(lake.Lake);
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        lake.Dispose();
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/process/anything/timeline")]
    [InlineData("/process/anything/metrics")]
    [InlineData("/process/anything/graph")]
    [InlineData("/reports")]
    [InlineData("/api/reports")]
    [InlineData("/api/processes")]
    [InlineData("/api/processes/nonsense")]
    [InlineData("/assets/missing.js")]
    public async Task EverythingKeepsToThePagePolicy(string path)
    {
        var headers = (await host.GetAsync(path)).Headers;
        Assert.Equal(
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html; frame-ancestors 'none'",
            Assert.Single(headers.GetValues("Content-Security-Policy")));
        Assert.Equal("nosniff", Assert.Single(headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-referrer", Assert.Single(headers.GetValues("Referrer-Policy")));
        Assert.False(headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task PagesLoadTheirAssetsForGood()
    {
        var page = await host.GetAsync($"/process/{Process}/logs?q=a");
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        Assert.True(page.Headers.CacheControl?.NoCache);
        var names = ViewerAssets.Names.Where(name => name.StartsWith("assets/", StringComparison.Ordinal)).ToArray();
        Assert.Contains(names, name => name.EndsWith(".js", StringComparison.Ordinal));
        var html = await page.Content.ReadAsStringAsync(Cancellation);
        // What few pages need is named by a script of all of them.
        var namedBy = html + string.Concat(names.Where(name => name.EndsWith(".js", StringComparison.Ordinal)).Select(name => Encoding.UTF8.GetString(ViewerAssets.Read(name).ToArray())));
        foreach (var name in names)
        {
            Assert.Contains("/" + Path.GetFileName(name), namedBy);
            var asset = await host.GetAsync("/" + name);
            Assert.Equal(ViewerAssets.Read(name).ToArray(), await asset.Content.ReadAsByteArrayAsync(Cancellation));
            Assert.Contains("immutable", asset.Headers.CacheControl?.ToString());
        }
        using var again = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { IfNoneMatch = { page.Headers.ETag! } } };
        Assert.Equal(HttpStatusCode.NotModified, (await host.Client.SendAsync(again, Cancellation)).StatusCode);
        Assert.Contains("render", await (await host.GetAsync("/cells/flame.js")).Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task StatisticsAreOfTheSpansThatEndInATime()
    {
        var begin = long.Parse(Begin);
        // The outermost span ends at 20,000 and the open one never.
        var some = await StatisticsAsync(0, 9_001);
        Assert.Equal((2, 0), (some.GetProperty("spans").GetInt32(), some.GetProperty("names_left_out").GetInt32()));
        Assert.Equal(["Inner 1 3000 3000 3000-3000 3000 3000", "inner 1 3000 3000 3000-3000 3000 3000"], some.GetProperty("names").EnumerateArray().Select(Row));
        var all = await StatisticsAsync(0, 30_000);
        Assert.Equal($"{Hostile} 1 19000 13000 19000-19000 19000 19000", Row(all.GetProperty("names")[0]));
        Assert.All(all.GetProperty("names").EnumerateArray(), name =>
        {
            var bucket = Assert.Single(name.GetProperty("buckets").EnumerateArray());
            Assert.InRange(name.GetProperty("max_ns").GetInt64(), bucket[0].GetDouble() * 0.99, bucket[1].GetDouble() * 1.01);
            Assert.Equal(1, bucket[2].GetInt32());
        });
        Assert.Equal(0, (await StatisticsAsync(25_000, 30_000)).GetProperty("spans").GetInt32());

        static string Row(JsonElement name) => string.Join(' ', name.GetProperty("name").GetString(), name.GetProperty("count"), name.GetProperty("total_ns"), name.GetProperty("self_ns"),
            $"{name.GetProperty("min_ns")}-{name.GetProperty("max_ns")}", name.GetProperty("p50_ns"), name.GetProperty("p999_ns"));

        async Task<JsonElement> StatisticsAsync(long from, long to) =>
            await (await host.GetAsync($"/api/processes/{Process}/statistics?from_ns={begin + from}&to_ns={begin + to}")).Content.ReadFromJsonAsync<JsonElement>(Cancellation);
    }

    [Fact]
    public async Task DurationsAreOfTheSpansOfOneName()
    {
        var begin = long.Parse(Begin);
        var heat = await (await host.GetAsync($"/api/processes/{Process}/durations?from_ns={begin}&to_ns={begin + 30_000}&name={Uri.EscapeDataString(Hostile)}")).Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal(Hostile, heat.GetProperty("name").GetString());
        var cell = Assert.Single(heat.GetProperty("cells").EnumerateArray());
        var bucket = heat.GetProperty("buckets")[cell[1].GetInt32()];
        Assert.InRange(19_000, bucket[0].GetDouble() * 0.99, bucket[1].GetDouble() * 1.01);
        Assert.Equal(1, cell[2].GetInt64());
        var edges = heat.GetProperty("edges_ns").EnumerateArray().Select(edge => long.Parse(edge.GetString()!)).ToArray();
        Assert.True(edges[cell[0].GetInt32()] < edges[cell[0].GetInt32() + 1]);
    }

    [Fact]
    public async Task TheGraphIsOfTheSpansOfATime()
    {
        var begin = long.Parse(Begin);
        var drawn = await GraphAsync("", 0, 30_000);
        var names = drawn.GetProperty("functions").EnumerateArray().Select(function => function[0].GetString()).ToList();
        Assert.Equal(names.Count, drawn.GetProperty("points").GetArrayLength());
        Assert.Equal([$"{Hostile} Inner 1 3000", $"{Hostile} inner 1 3000"], drawn.GetProperty("calls").EnumerateArray().Select(call => $"{names[call[0].GetInt32()]} {names[call[1].GetInt32()]} {call[2]} {call[3]}").Order(StringComparer.Ordinal));
        var list = await GraphAsync("/functions", 0, 30_000);
        Assert.Equal(names, list.GetProperty("functions").EnumerateArray().Select(function => function[0].GetString()));
        var around = await GraphAsync("/calls", 0, 30_000, "&function=" + Uri.EscapeDataString(Hostile));
        Assert.Equal((Hostile, 2), (around.GetProperty("middle")[0].GetString(), around.GetProperty("callees").GetArrayLength()));
        Assert.Equal(JsonValueKind.Null, Assert.Single(around.GetProperty("callers").EnumerateArray())[0].ValueKind);
        // Of a part, spans count with what of them lies in it.
        Assert.Equal("1000", (await GraphAsync("/calls", 1_000, 2_000, "&function=" + Uri.EscapeDataString(Hostile))).GetProperty("middle")[2].ToString());

        async Task<JsonElement> GraphAsync(string what, long from, long to, string more = "") =>
            await (await host.GetAsync($"/api/processes/{Process}/graph{what}?from_ns={begin + from}&to_ns={begin + to}{more}")).Content.ReadFromJsonAsync<JsonElement>(Cancellation);
    }

    [Theory]
    [InlineData("/api/processes/nonsense", 400)]
    [InlineData("/api/processes/00000000-0000-0000-0000-000000000001", 404)]
    [InlineData("/api/processes/00000000-0000-0000-0000-000000000001/logs", 404)]
    [InlineData("/api/processes/00000000-0000-0000-0000-000000000001/find?text=a", 404)]
    [InlineData("/api/processes/00000000-0000-0000-0000-000000000001/spans/00000000-0000-0000-0000-000000000001/0", 404)]
    [InlineData("/api/processes/{process}/spans/00000000-0000-0000-0000-000000000001/0", 404)]
    [InlineData("/api/processes/{process}/spans/nonsense/0", 400)]
    [InlineData("/api/processes/{process}/spans/00000000-0000-0000-0000-000000000001/-1", 400)]
    [InlineData("/api/processes/{process}/logs?limit=1001", 400)]
    [InlineData("/api/processes/{process}/logs?limit=0", 400)]
    [InlineData("/api/processes/{process}/logs?from_ns=1e9", 400)]
    [InlineData("/api/processes/{process}/logs?min_level=loud", 400)]
    [InlineData("/api/processes/{process}/logs?min_level=9", 400)]
    [InlineData("/api/processes/{process}/logs?after=x-1", 400)]
    [InlineData("/api/processes/{process}/logs?search=a&search=b", 400)]
    [InlineData("/api/processes/{process}/find", 400)]
    [InlineData("/api/processes/{process}/merged?from_ns=0&to_ns=9", 400)]
    [InlineData("/api/processes/{process}/merged?from_ns=0&to_ns=9&mode=timeline", 400)]
    [InlineData("/api/processes/{process}/merged?from_ns=9&to_ns=0&mode=left-heavy", 400)]
    [InlineData("/api/processes/00000000-0000-0000-0000-000000000001/merged?from_ns=0&to_ns=9&mode=sandwich", 404)]
    [InlineData("/api/processes/{process}/graph", 400)]
    [InlineData("/api/processes/{process}/graph/calls?from_ns=9&to_ns=0", 400)]
    [InlineData("/api/processes/{process}/graph/calls?from_ns=0&to_ns=9&function=a&function=b", 400)]
    [InlineData("/api/processes/nonsense/graph/functions?from_ns=0&to_ns=9", 400)]
    [InlineData("/api/processes/00000000-0000-0000-0000-000000000001/graph?from_ns=0&to_ns=9", 404)]
    [InlineData("/api/processes/00000000-0000-0000-0000-000000000001/graph/functions?from_ns=0&to_ns=9", 404)]
    [InlineData("/api/processes/00000000-0000-0000-0000-000000000001/graph/calls?from_ns=0&to_ns=9", 404)]
    [InlineData("/api/processes/{process}/statistics", 400)]
    [InlineData("/api/processes/00000000-0000-0000-0000-000000000001/statistics?from_ns=0&to_ns=9", 404)]
    [InlineData("/api/processes/{process}/durations?from_ns=0&to_ns=9", 400)]
    [InlineData("/api/processes/{process}/durations?name=a", 400)]
    [InlineData("/api/processes/00000000-0000-0000-0000-000000000001/durations?from_ns=0&to_ns=9&name=a", 404)]
    [InlineData("/tiles/nonsense", 400)]
    [InlineData("/tiles/00000000-0000-0000-0000-000000000001", 404)]
    [InlineData("/tiles/00000000-0000-0000-0000-000000000001?patience_ms=1", 404)]
    [InlineData("/tiles/{process}?patience_ms=x", 400)]
    [InlineData("/tiles/{process}?patience_ms=20001", 400)]
    [InlineData("/tiles/{process}?patience_ms=1&from_ns=5", 400)]
    [InlineData("/tiles/{process}?patience_ms=1&from_ns=5&to_ns=4", 400)]
    [InlineData("/tiles/00000000-0000-0000-0000-000000000001/0/0/0", 404)]
    [InlineData("/tiles/{process}/9/0/0", 404)]
    [InlineData("/tiles/{process}/0/20/0", 404)]
    [InlineData("/tiles/{process}/0/21/0", 400)]
    [InlineData("/tiles/{process}/0/0/9223372036854775807", 404)]
    [InlineData("/tiles/{process}/0/0/-1", 400)]
    [InlineData("/assets/missing.js", 404)]
    [InlineData("/assets/..%2findex.html", 404)]
    public async Task AskingInVainGivesOneSentence(string path, int status)
    {
        var response = await host.GetAsync(path.Replace("{process}", Process));
        Assert.Equal(status, (int)response.StatusCode);
        var error = await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal("error", Assert.Single(error.EnumerateObject()).Name);
        Assert.DoesNotContain("   at ", error.GetProperty("error").GetString());
    }

    [Fact]
    public async Task AFailureTellsNothingOfTheServer()
    {
        await JsonAsync($"/api/processes/{Process}/find?text=a");
        foreach (var file in Directory.EnumerateFiles(lake.Folder, "*.parquet", SearchOption.AllDirectories)) File.WriteAllText(file, "broken");
        var response = await host.GetAsync($"/api/processes/{Process}/find?text=a");
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("""{"error":"this could not be answered; the server\u0027s log says why"}""", await response.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task AProcessIsToldAsItIs()
    {
        var listed = Assert.Single((await JsonAsync("/api/processes?search=ONERROR")).GetProperty("processes").EnumerateArray());
        var process = await JsonAsync($"/api/processes/{Process}");
        foreach (var one in new[] { listed, process })
        {
            Assert.Equal(Process, one.GetProperty("process_id").GetString());
            Assert.Equal(Hostile, one.GetProperty("exe").GetString());
            Assert.Equal(Begin, one.GetProperty("start_ns").GetString());
            Assert.Equal(JsonValueKind.Null, one.GetProperty("end_ns").ValueKind);
            Assert.Equal(Hostile, one.GetProperty("properties").GetProperty(Hostile).GetString());
            Assert.Equal("9223372036854775807", one.GetProperty("properties").GetProperty("session").GetString());
        }
        Assert.Empty((await JsonAsync("/api/processes?search=nobody")).GetProperty("processes").EnumerateArray());
        Assert.Equal(["main", "worker", "log"], process.GetProperty("streams").EnumerateArray().Select(stream => stream.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task LogsComePageByPageEachRowOnce()
    {
        var seen = new List<string>();
        string? after = null;
        do
        {
            var page = await JsonAsync($"/api/processes/{Process}/logs?limit=2{(after is null ? "" : "&after=" + after)}");
            seen.AddRange(page.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("message").GetString()!));
            after = page.GetProperty("next").GetString();
        }
        while (after is not null);
        Assert.Equal([Hostile, "four a", "four b", "four c", "seven"], seen);
    }

    [Theory]
    [InlineData("min_level=warn", 3)]
    [InlineData("search=FOUR%20B", 1)]
    [InlineData("search=%25", 0)]
    [InlineData("from_ns=1767225600000004000&to_ns=1767225600000004000", 3)]
    [InlineData("from_ns=1767225600000004001", 1)]
    [InlineData("to_ns=1767225600000000999", 0)]
    [InlineData("to_ns=9223372036854775807", 5)]
    public async Task LogsAreNarrowed(string query, int rows) =>
        Assert.Equal(rows, (await JsonAsync($"/api/processes/{Process}/logs?{query}")).GetProperty("rows").GetArrayLength());

    [Fact]
    public async Task ASpanIsFoundByNameAndDescribed()
    {
        var found = await JsonAsync($"/api/processes/{Process}/find?text=INNER&limit=1");
        Assert.Equal(2, found.GetProperty("total").GetInt64());
        var hit = Assert.Single(found.GetProperty("hits").EnumerateArray());
        Assert.Equal(("inner", "3000", 1), (hit.GetProperty("name").GetString(), hit.GetProperty("duration_ns").GetString(), hit.GetProperty("depth").GetInt32()));
        var span = await JsonAsync($"/api/processes/{Process}/spans/{hit.GetProperty("stream_id").GetString()}/{hit.GetProperty("span_id").GetString()}");
        Assert.Equal(hit.GetProperty("begin_ns").GetString(), span.GetProperty("begin_ns").GetString());
        var parent = await JsonAsync($"/api/processes/{Process}/spans/{span.GetProperty("stream_id").GetString()}/{span.GetProperty("parent_id").GetString()}");
        Assert.Equal((Hostile, "19000", "13000"), (parent.GetProperty("name").GetString(), parent.GetProperty("duration_ns").GetString(), parent.GetProperty("self_ns").GetString()));
        Assert.Equal("<i>value</i>", parent.GetProperty("properties").GetProperty("<b>key</b>").GetString());
        Assert.Equal("9007199254740993", parent.GetProperty("properties").GetProperty("big").GetString());
        Assert.Equal(7, parent.GetProperty("properties").GetProperty("small").GetInt32());
        Assert.Equal(JsonValueKind.Null, parent.GetProperty("parent_id").ValueKind);
    }

    [Theory]
    [InlineData("from_ns=1767225600000002000", 2)]
    [InlineData("from_ns=1767225600000002001", 1)]
    [InlineData("to_ns=1767225600000006000", 1)]
    [InlineData("to_ns=1767225600000006001", 2)]
    public async Task SpansAreFoundByTheirBegin(string query, int total) =>
        Assert.Equal(total, (await JsonAsync($"/api/processes/{Process}/find?text=inner&{query}")).GetProperty("total").GetInt64());

    [Fact]
    public async Task AnOpenSpanIsAsLongAsIsKnown()
    {
        var hit = Assert.Single((await JsonAsync($"/api/processes/{Process}/find?text=open")).GetProperty("hits").EnumerateArray());
        Assert.Equal("17000", hit.GetProperty("duration_ns").GetString());
        var span = await JsonAsync($"/api/processes/{Process}/spans/{hit.GetProperty("stream_id").GetString()}/{hit.GetProperty("span_id").GetString()}");
        Assert.Equal(("17000", JsonValueKind.Null, JsonValueKind.Null), (span.GetProperty("duration_ns").GetString(), span.GetProperty("end_ns").ValueKind, span.GetProperty("self_ns").ValueKind));
    }

    [Fact]
    public async Task ATileIsKeptForGoodUnderItsGenerationOnly()
    {
        var manifest = await JsonAsync($"/tiles/{Process}");
        var group = Assert.Single(manifest.GetProperty("groups").EnumerateArray());
        Assert.Equal(["7", "7"], group.GetProperty("streams").EnumerateArray().Select(stream => stream.GetProperty("thread_id").GetString()));
        var path = $"/tiles/{Process}/0/0/{TileGrid.Index(0, long.Parse(manifest.GetProperty("begin_ns").GetString()!))}";
        var kept = await host.GetAsync($"{path}?g={group.GetProperty("g").GetString()}");
        Assert.Equal(Tile.MediaType, kept.Content.Headers.ContentType?.MediaType);
        Assert.Contains("immutable", kept.Headers.CacheControl?.ToString());
        var tile = Tile.Read(await kept.Content.ReadAsByteArrayAsync(Cancellation));
        Assert.Equal([Hostile, "inner", "Inner", "open span"], tile.Rectangles.Select(rectangle => rectangle.Name));
        foreach (var query in new[] { "", "?g=", "?g=other" }) Assert.True((await host.GetAsync(path + query)).Headers.CacheControl?.NoStore);
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    [InlineData("identity")]
    [InlineData("br;q=0")]
    public async Task WhatIsLargeTravelsCompressed(string accepted)
    {
        var script = SpanScene.Random(9, 2, 2_000_000, 300);
        await script.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
        var tiles = new SpanTiles(lake.Lake);
        var manifest = await tiles.ManifestAsync(script.ProcessId, Cancellation);
        var address = new TileAddress(script.ProcessId, 0, 0, TileGrid.Index(0, manifest.BeginNs));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/tiles/{script.ProcessId}/{address.Name}");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);
        var response = await host.Client.SendAsync(request, Cancellation);
        var encoding = response.Content.Headers.ContentEncoding.SingleOrDefault();
        Assert.Equal(accepted is "br" or "gzip" ? accepted : null, encoding);
        var body = await response.Content.ReadAsStreamAsync(Cancellation);
        using var plain = new MemoryStream();
        await (encoding switch { "br" => new BrotliStream(body, CompressionMode.Decompress), "gzip" => new GZipStream(body, CompressionMode.Decompress), _ => body }).CopyToAsync(plain, Cancellation);
        Assert.Equal((await tiles.TileAsync(address, cancellation: Cancellation)).Bytes.ToArray(), plain.ToArray());
        if (encoding is not null) Assert.True(response.Content.Headers.ContentLength < plain.Length);
        Assert.Equal("Accept-Encoding", Assert.Single(response.Headers.Vary));
    }

    async Task<JsonElement> JsonAsync(string path)
    {
        var response = await host.GetAsync(path);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(Cancellation)}");
        return await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
    }
}
