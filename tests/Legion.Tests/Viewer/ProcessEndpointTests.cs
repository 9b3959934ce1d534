using System.Net.Http.Json;
using System.Text.Json;
using Legion.Format;
using Legion.Tests.Support;

namespace Legion.Tests.Viewer;

/// <summary>What the page of a process asks: what it is, what its streams have stored, what of it is missing, and what it sent along.</summary>
public sealed class ProcessEndpointTests : IAsyncLifetime
{
    const string Hostile = "<img src=x onerror=alert(1)>";
    const long BeginNs = 1767225600_000_000_000; // 2026-01-01, when scripts start

    /// <summary>A gap of memory and one on purpose, a block that never comes, one that is damaged, and a file that has another hash than it says.</summary>
    static readonly EventScript script = EventScript.Parse($"""
        main begin 1000 outer
        main gap 2000 3000 40 0 memory
        main gap 3000 3500 7 0 memory
        main gap 4000 5000 500 0 sampled
        main end 6000
        main cut
        main begin 10000 lost
        main end 11000
        main cut never
        main begin 20000 last
        main end 21000
        worker begin 100 a
        worker end 200
        worker cut damaged
        worker begin 500 b
        worker end 600
        chunk 700 1 0 he|llo image/png "{Hostile}"
        chunk 800 1 1 he|llo image/png "{Hostile}"
        chunk 900 2 0 ab#other text/plain half
        """);

    readonly TestLake lake = new();
    ViewerHost host = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await script.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
        host = await ViewerHost.StartAsync(lake.Lake);
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        lake.Dispose();
    }

    [Fact]
    public async Task WhatStreamsHaveStoredIsSummedUp()
    {
        var streams = (await JsonAsync("")).GetProperty("streams").EnumerateArray().ToArray();
        // Each gap begins a block.
        Assert.Equal(["main trace 5 4 1000-21000", "worker trace 2 4 100-600", "attachments other 1 3 700-900"], streams.Select(stream => string.Join(' ',
            Of(stream, "name"), Of(stream, "class"), Of(stream, "blocks"), Of(stream, "events"), $"{Offset(stream, "begin_ns")}-{Offset(stream, "end_ns")}")));
        var stored = await lake.Store.Catalog.ReadBlocksAsync(Legion.Store.Tenant.Default, [script.ProcessId], Cancellation);
        foreach (var stream in streams)
        {
            var blocks = stored.Where(block => block.StreamId.ToString() == Of(stream, "stream_id")).ToArray();
            Assert.Equal((blocks.Sum(block => (long)block.Bytes), blocks.Sum(block => (long)block.RawBytes)), (long.Parse(Of(stream, "bytes")!), long.Parse(Of(stream, "raw_bytes")!)));
        }
    }

    [Fact]
    public async Task WhatIsMissingIsToldByKindAndOneByOne()
    {
        var health = await JsonAsync("/health");
        Assert.Equal(
        [
            "damaged error  x1 events 2",
            "attachment error  x1 events 1",
            "lost error  x1 events 2",
            "gap warn memory x2 events 47",
            "gap info sampled x1 events 500",
        ], health.GetProperty("kinds").EnumerateArray().Select(kind => $"{Of(kind, "kind")} {Of(kind, "severity")} {Of(kind, "reason")} x{kind.GetProperty("count").GetInt64()} events {Of(kind, "events")}"));
        // Dropped, left out and never come: 40 + 7 + 500 + 2.
        Assert.Equal("549", Of(health, "lost_events"));
        var memory = health.GetProperty("kinds").EnumerateArray().Single(kind => Of(kind, "reason") == "memory");
        Assert.Equal((2000L, 3500L), (Offset(memory, "begin_ns"), Offset(memory, "end_ns")));
        var problems = health.GetProperty("problems").EnumerateArray().ToArray();
        Assert.Equal(["damaged", "attachment", "lost", "gap", "gap"], problems.Select(problem => Of(problem, "kind")));
        Assert.Equal(Of((await JsonAsync("")).GetProperty("streams")[0], "stream_id"), Of(problems[2], "stream_id"));
        Assert.Contains("expected sequence 4 after", Of(problems[2], "detail"));
    }

    [Fact]
    public async Task FilesThatWereSentAlongAreListed()
    {
        var answer = await JsonAsync("/attachments");
        Assert.Equal([$"{Hostile} image/png 5 True 700", "half text/plain 2 False 900"], answer.GetProperty("attachments").EnumerateArray().Select(file =>
            $"{Of(file, "name")} {Of(file, "media_type")} {Of(file, "bytes")} {file.GetProperty("complete").GetBoolean()} {Offset(file, "time_ns")}"));
        Assert.Equal(2, answer.GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task AProcessIsToldWithItsParentAndItsChildren()
    {
        var (child, orphan) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var batch = new BatchWriter();
        batch.Add(new ProcessRecord { ProcessId = child, ParentProcessId = script.ProcessId, Version = 1, Exe = Hostile, Cpu = "Ryzen", Runtime = ".NET 10", StartNs = BeginNs, LastSeenNs = BeginNs });
        batch.Add(new ProcessRecord { ProcessId = orphan, ParentProcessId = Guid.CreateVersion7(), Version = 1, Exe = "orphan", StartNs = BeginNs, LastSeenNs = BeginNs });
        await lake.AppendAsync(batch);
        static IEnumerable<string?> Exes(JsonElement process, string of) => process.GetProperty(of).EnumerateArray().Select(one => Of(one, "exe"));

        var process = await JsonAsync("");
        Assert.Empty(Exes(process, "parent"));
        Assert.Equal([Hostile], Exes(process, "children"));
        var born = await JsonAsync("", child);
        Assert.Equal(["script"], Exes(born, "parent"));
        Assert.Empty(Exes(born, "children"));
        Assert.Equal(("Ryzen", ".NET 10", "0"), (Of(born, "cpu"), Of(born, "runtime"), Of(born, "version")));
        Assert.Empty(Exes(await JsonAsync("", orphan), "parent"));
    }

    [Fact]
    public async Task AFrozenLinkShowsWhatWasStoredThen()
    {
        string[] pages = ["", "/health", "/attachments"];
        var link = await lake.Lake.FindVersionAsync(script.ProcessId, Cancellation);
        var frozen = new Legion.Store.LinkRow(Legion.Store.LinkRow.NewId(), script.ProcessId, $"/process/{script.ProcessId}", link, 1, "ann", null);
        Assert.True(await lake.Store.Catalog.AddLinkAsync(Legion.Store.Tenant.Default, frozen, Cancellation));
        var before = new List<string>();
        foreach (var page in pages) before.Add(Told(await JsonAsync(page)));

        var late = new BatchWriter();
        late.AddBlock(script.BlocksOf("main").Single(block => block.Delivery == Delivery.Never).Bytes);
        await lake.AppendAsync(late);
        var after = new List<string>();
        foreach (var page in pages) after.Add(Told(await JsonAsync(page)));
        var shown = new List<string>();
        foreach (var page in pages) shown.Add(Told(await JsonAsync($"{page}?link={frozen.LinkId}")));
        Assert.Equal(before, shown);
        Assert.NotEqual(before[0], after[0]);
        Assert.NotEqual(before[1], after[1]);

        // Of the process itself a link shows what is known now.
        static string Told(JsonElement answer) => answer.TryGetProperty("streams", out var streams) ? streams.GetRawText() : answer.GetRawText();
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/attachments")]
    [InlineData("")]
    public async Task AProcessThatIsNotThereIsMissing(string page)
    {
        Assert.Equal(404, (int)(await host.GetAsync($"/api/processes/{Guid.Empty}{page}")).StatusCode);
        Assert.Equal(400, (int)(await host.GetAsync($"/api/processes/nobody{page}")).StatusCode);
    }

    static string? Of(JsonElement element, string name) => element.GetProperty(name).GetString();

    static long Offset(JsonElement element, string name) => long.Parse(Of(element, name)!) - BeginNs;

    async Task<JsonElement> JsonAsync(string page, Guid? process = null)
    {
        var answer = await host.GetAsync($"/api/processes/{process ?? script.ProcessId}{page}");
        Assert.Equal(200, (int)answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
    }
}
