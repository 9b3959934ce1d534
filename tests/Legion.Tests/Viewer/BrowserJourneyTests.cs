using System.Text.Json;
using Legion.Format;
using Legion.Kernel.Cells;
using Legion.Notebook;
using Legion.Tests.Cli;
using Legion.Tests.Format;
using Legion.Tests.Kernel;
using Legion.Tests.Support;

namespace Legion.Tests.Viewer;

/// <summary>The viewer as <c>legion serve</c> gives it to a real browser.</summary>
public sealed class BrowserJourneyTests(ITestOutputHelper output)
{
    const string Hostile = "<img src=x onerror=window.hostile=1>";
    const int LargeSpans = 200_000;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SomebodyLooksAround()
    {
        var chromium = BrowserScript.Chromium();
        using var lake = new TestLake();
        var script = await FillAsync(lake);
        var large = await LegionProgram.RunAsync("generate", "--spans", LargeSpans.ToString(), "--lake", lake.Folder);
        Assert.Equal(0, large.ExitCode);
        using var service = await ServedLake.StartAsync(lake.Folder);
        var said = await BrowserScript.RunAsync("journey", folder => new
        {
            address = service.Url.GetLeftPart(UriPartial.Authority),
            process = script.ProcessId,
            large = large.Output.Trim(),
            hostile = Hostile,
            chromium,
            output = folder,
        });
        output.WriteLine($"first view of {LargeSpans} spans: {said}");
    }

    [Fact]
    public async Task ALinkLeadsThroughTheSignInFormWhereKeysAreNeeded()
    {
        var chromium = BrowserScript.Chromium();
        using var lake = new TestLake();
        var script = await FillAsync(lake);
        var key = await LegionProgram.RunAsync("keys", "create", "--role", "read", "--lake", lake.Folder);
        Assert.Equal(0, key.ExitCode);
        using var service = await ServedLake.StartAsync(lake.Folder, "--auth");
        await BrowserScript.RunAsync("signIn", folder => new
        {
            address = service.Url.GetLeftPart(UriPartial.Authority),
            path = $"/process/{script.ProcessId}/logs?q=inside",
            key = key.Output.Trim(),
            expected = "inside two",
            chromium,
            output = folder,
        });
    }

    [Fact]
    public async Task AFrozenLinkGoesFromANotebookThroughABrowserIntoAnother()
    {
        var chromium = BrowserScript.Chromium();
        using var lake = new TestLake();
        var script = EventScript.Parse($"log 1000 info main first\nlog 2000 info main \"{Hostile}\"\nlog 9000 info main last\nlog cut\nlog 5000 info main late");
        await lake.AppendAsync(script.Records());
        await AppendAsync(script.Blocks.First());
        var key = await LegionProgram.RunAsync("keys", "create", "--role", "read", "--lake", lake.Folder);
        using var service = await ServedLake.StartAsync(lake.Folder, "--auth");
        var address = service.Url.GetLeftPart(UriPartial.Authority);
        using Session sender = new(LakeVerbs.CreateMagics()), receiver = new(LakeVerbs.CreateMagics());
        foreach (var session in (Session[])[sender, receiver]) Assert.Null((await RecordedCell.RunAsync(session, $"#!legion connect {lake.Folder} --viewer {address}")).Result.Error);
        Assert.Null((await RecordedCell.RunAsync(sender, $"#!legion logs {script.ProcessId} -> l\n#!legion share @l --freeze -> link")).Result.Error);
        Assert.True(sender.TryGetVariable("link", out var link));
        await AppendAsync(script.Blocks.Last());

        var said = JsonDocument.Parse(await BrowserScript.RunAsync("sharedLink", folder => new { address, link = ((Link)link!).Address, key = key.Output.Trim(), chromium, output = folder })).RootElement;
        Assert.Equal(["first", Hostile, "last"], said.GetProperty("rows").EnumerateArray().Select(row => row.GetString()));
        Assert.Null((await RecordedCell.RunAsync(receiver, said.GetProperty("snippet").GetString() + " -> logs")).Result.Error);
        Assert.True(receiver.TryGetVariable("logs", out var logs));
        Assert.Equal(["first", Hostile, "last"], ((LogView)logs!).Select(line => line.Message));

        async Task AppendAsync(ScriptBlock block)
        {
            var batch = new BatchWriter();
            batch.AddBlock(block.Bytes);
            await lake.AppendAsync(batch);
        }
    }

    [Fact]
    public async Task OtherNamesOfThisMachineAreTurnedAway()
    {
        using var lake = new TestLake();
        using var service = await ServedLake.StartAsync(lake.Folder, "--role", "viewer");
        using var client = new HttpClient();
        foreach (var (host, status) in new[] { ("localhost", 200), ("rebound.example", 400) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(service.Url, "/api/processes")) { Headers = { Host = host } };
            Assert.Equal(status, (int)(await client.SendAsync(request, Cancellation)).StatusCode);
        }
        Assert.Equal(404, (int)(await client.GetAsync(new Uri(service.Url, "/v1/health"), Cancellation)).StatusCode);
    }

    /// <summary>A second of frames, one of them slow and with logs in it, hostile text wherever text can stand.</summary>
    static async Task<EventScript> FillAsync(TestLake lake)
    {
        var text = new System.Text.StringBuilder("main begin 1000 session\n");
        for (var frame = 0; frame < 60; frame++)
        {
            var begin = 1_000_000 + frame * 16_000_000L;
            var end = begin + (frame == 30 ? 15_000_000 : 9_000_000);
            text.AppendLine($"main begin {begin} \"{(frame == 30 ? "slow frame" : "frame")}\"");
            for (var part = 0; part < 40; part++) text.AppendLine($"main begin {begin + 10_000 + part * 200_000L} {(part % 2 == 0 ? "update" : "draw")}").AppendLine($"main end {begin + 10_000 + part * 200_000L + 150_000}");
            text.AppendLine($"main end {end}");
            // One request a frame, with a call in it; it ends on another thread, some frames later.
            text.AppendLine($"main async {begin} {3 * frame + 1} \"GET /orders\" trace=0af7651916cd43dd8448eb211c80319c").AppendLine($"main async {begin + 2_000_000} {3 * frame + 2} query in={3 * frame + 1}");
            text.AppendLine($"\"worker <b>\" await {begin + 6_000_000} {3 * frame + 2} rows=7");
            text.AppendLine($"\"worker <b>\" await {begin + 20_000_000 + frame % 3 * 10_000_000L} {3 * frame + 1} status=200");
            text.AppendLine($"metric {begin} main process.cpu % {30 + frame}").AppendLine($"count {end} main \"requests <b>\" \"{{request}}\" 1");
            text.AppendLine($"\"worker <b>\" begin {begin} job").AppendLine($"\"worker <b>\" end {begin + 5_000_000}");
        }
        text.AppendLine($"main begin 962000000 \"{Hostile}\" \"{Hostile}\"").AppendLine("main end 963000000").AppendLine("main end 964000000");
        text.AppendLine("log 1000 info main \"before\"").AppendLine("log 482000000 info main \"inside one\"").AppendLine($"log 483000000 warn main \"{Hostile}\"")
            .AppendLine("log 484000000 error main \"inside two\"").AppendLine("log 900000000 info main \"after\"");
        var script = EventScript.Parse(text.ToString());
        await script.DeliverAsync(lake, beforeLate: () => Task.CompletedTask);
        var named = new BatchWriter();
        const long StartNs = 1767225600_000_000_000;
        named.Add(new ProcessRecord
        {
            ProcessId = script.ProcessId, Version = 2, Exe = Hostile, User = Hostile, Computer = "desk", Os = "Linux", StartNs = StartNs, EndNs = StartNs + 1_000_000_000, LastSeenNs = StartNs + 1_000_000_000,
            EndReason = "exit", Properties = [new Property(Hostile, Hostile)],
        });
        await lake.AppendAsync(named);
        return script;
    }
}
