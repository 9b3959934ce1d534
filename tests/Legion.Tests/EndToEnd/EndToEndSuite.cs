using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Legion.Format;
using Legion.Sdk;
using Legion.Store;
using Legion.Tests.Cli;
using Legion.Tests.Sdk;
using Legion.Tests.Store;
using Recording = Legion.Tests.Store.Recording;

namespace Legion.Tests.EndToEnd;

/// <summary>From a program that records to what people see, through nodes and commands that are programs of their own: the same for every kind of lake.</summary>
[Collection(SdkCollection.Name)]
public abstract class EndToEndSuite
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected abstract Task<LakeUnderTest> NewLakeAsync();

    [Fact]
    public async Task What_a_program_records_is_asked_about_and_looked_at()
    {
        const int Turns = 500;
        using var lake = await NewLakeAsync();
        var nodes = await lake.StartIngestionAsync();
        await using var balancer = new Balancer(nodes.Select(node => node.Url));
        Guid process;
        using (var recording = Telemetry.Start(new TelemetryOptions { Endpoint = balancer.Url, Properties = { ["build"] = "77" }, BlockAge = TimeSpan.FromMilliseconds(50), Spool = null }))
        {
            process = recording.ProcessId;
            for (var turn = 0; turn < Turns; turn++)
            {
                using var outer = Telemetry.Span("outer");
                using (Telemetry.Span("inner")) Telemetry.Metric("turn", turn);
                if (turn % 10 == 0) Telemetry.Log(Level.Warn, $"turn {turn} of {Turns}");
            }
            Assert.True(recording.Flush(TimeSpan.FromSeconds(60)));
        }

        Assert.Equal($"name,spans\ninner,{Turns}\nouter,{Turns}\n", await lake.QueryAsync("SELECT name, count(*) AS spans FROM spans WHERE process_id = $process GROUP BY name ORDER BY name", process));
        Assert.Equal($"n,total\n{Turns},{Turns * (Turns - 1) / 2}\n", await lake.QueryAsync("SELECT count(*) AS n, sum(value)::BIGINT AS total FROM measures WHERE process_id = $process AND name = 'turn'", process));
        Assert.Equal("n,last\n50,turn 490 of 500\n", await lake.QueryAsync("SELECT count(*) AS n, max_by(message, time_ns) AS last FROM log_entries WHERE process_id = $process AND level = 'warn'", process));
        Assert.Equal("n\n0\n", await lake.QueryAsync("SELECT count(*) AS n FROM problems WHERE process_id = $process", process));

        using var viewer = await lake.StartAsync("viewer");
        using var browser = new HttpClient { BaseAddress = viewer.Url };
        var shown = await browser.GetFromJsonAsync<JsonElement>($"/api/processes/{process}", Cancellation);
        Assert.Contains("\"build\"", shown.GetRawText(), StringComparison.Ordinal);
        var manifest = await browser.GetFromJsonAsync<JsonElement>($"/tiles/{process}", Cancellation);
        Assert.NotEqual(JsonValueKind.Undefined, manifest.ValueKind);
        foreach (var node in nodes) node.Dispose();
    }

    [Fact]
    public async Task A_batch_that_comes_to_every_node_at_once_is_stored_once()
    {
        const int Batches = 10, Copies = 3;
        using var lake = await NewLakeAsync();
        var nodes = await lake.StartIngestionAsync();
        var recording = new Recording();
        var blocks = recording.Blocks(Batches);
        var codes = new ConcurrentBag<(Guid Block, string Code)>();
        foreach (var block in blocks)
        {
            var batch = recording.Batch([block]).ToArray();
            await Task.WhenAll(nodes.SelectMany(node => Enumerable.Range(0, Copies).Select(async _ =>
            {
                using var client = new HttpClient { BaseAddress = node.Url };
                foreach (var answer in await PostAsync(client, batch)) codes.Add(answer);
            })));
        }

        foreach (var block in codes.GroupBy(code => code.Block))
        {
            Assert.Equal(1, block.Count(code => code.Code == "stored"));
            Assert.Equal(nodes.Length * Copies - 1, block.Count(code => code.Code == "exists"));
        }
        await lake.AssertStoredOnceAsync(blocks);
        await lake.RunAsync("lake", "verify");
        foreach (var node in nodes) node.Dispose();
    }

    [Fact]
    public async Task Nodes_die_under_uploads_and_nothing_acknowledged_is_lost_or_doubled()
    {
        const int Kills = 4, Uploaders = 3;
        using var lake = await NewLakeAsync();
        var random = new Random(2026);
        var nodes = await lake.StartIngestionAsync();
        var acknowledged = new ConcurrentBag<byte[]>();
        using var end = new CancellationTokenSource();
        var answers = new SemaphoreSlim(0);
        var uploads = Enumerable.Range(0, Uploaders).Select(uploader => Task.Run(async () =>
        {
            var recording = new Recording();
            for (var turn = uploader; !end.IsCancellationRequested; turn++)
            {
                var blocks = recording.Blocks(4);
                var batch = recording.Batch(blocks).ToArray();
                // The same batch again, at the next node, until one answers.
                for (var isStored = false; !isStored; turn++)
                {
                    using var client = new HttpClient { BaseAddress = Volatile.Read(ref nodes[turn % nodes.Length]).Url };
                    try
                    {
                        isStored = (await PostAsync(client, batch)).All(answer => answer.Code is "stored" or "exists");
                    }
                    catch (Exception cause) when (cause is HttpRequestException or IOException)
                    {
                        // The node was killed; another one stands in its place soon.
                    }
                }
                foreach (var block in blocks) acknowledged.Add(block);
                answers.Release();
            }
        }, Cancellation)).ToArray();

        for (var kill = 0; kill < Kills; kill++)
        {
            for (var wait = random.Next(1, 8); wait > 0; wait--) await answers.WaitAsync(Cancellation);
            var node = random.Next(nodes.Length);
            nodes[node].Kill();
            Volatile.Write(ref nodes[node], await lake.StartAsync("ingestion"));
        }
        await end.CancelAsync();
        await Task.WhenAll(uploads);

        await lake.AssertStoredOnceAsync([.. acknowledged]);
        await lake.RunAsync("lake", "verify");
        foreach (var node in nodes) node.Dispose();
    }

    /// <summary>Ingestion files what comes, the viewer's node makes blocks of it: both know only the lake.</summary>
    [Fact]
    public async Task What_exporters_send_to_any_node_is_asked_about()
    {
        using var lake = await NewLakeAsync();
        var nodes = await lake.StartIngestionAsync();
        using var viewer = await lake.StartAsync("viewer");
        for (var turn = 0; turn < 4; turn++)
        {
            var begin = 1_790_000_000_000_000_000 + turn * 1_000_000L;
            using var client = new HttpClient { BaseAddress = nodes[turn % nodes.Length].Url };
            using var request = new StringContent($$$"""
                {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},
                "scopeSpans":[{"scope":{"name":"checkout"},"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b716920333{{{turn}}}",
                "name":"pay","kind":2,"startTimeUnixNano":"{{{begin}}}","endTimeUnixNano":"{{{begin + 500}}}"}]}]}]}
                """, System.Text.Encoding.UTF8, "application/json");
            using var response = await client.PostAsync("/v1/traces", request, Cancellation);
            Assert.Equal("{}", await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Cancellation));
        }

        using var browser = new HttpClient { BaseAddress = viewer.Url, Timeout = TimeSpan.FromSeconds(60) };
        const string Spans = "SELECT count(*) AS n, min(duration_ns) AS duration FROM async_spans WHERE name = 'pay' AND process_id IN (SELECT process_id FROM processes WHERE exe = 'shop')";
        var until = DateTime.UtcNow.AddSeconds(60);
        string rows;
        do
        {
            rows = await lake.RunAsync("query", "--format", "csv", Spans);
        }
        while (rows != "n,duration\n4,500\n" && DateTime.UtcNow < until);
        Assert.Equal("n,duration\n4,500\n", rows);
        Assert.Contains("shop", await browser.GetStringAsync("/api/processes", Cancellation), StringComparison.Ordinal);
        await lake.RunAsync("lake", "verify");
        foreach (var node in nodes) node.Dispose();
    }

    static async Task<(Guid Block, string Code)[]> PostAsync(HttpClient client, byte[] batch)
    {
        using var content = new ByteArrayContent(batch);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(Batch.MediaType);
        using var response = await client.PostAsync("/v1/append", content, Cancellation);
        response.EnsureSuccessStatusCode();
        var answer = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(Cancellation)).RootElement;
        return [.. answer.GetProperty("blocks").EnumerateArray().Select(block => (block.GetProperty("block").GetGuid(), block.GetProperty("code").GetString()!))];
    }
}
