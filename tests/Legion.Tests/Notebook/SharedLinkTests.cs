using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Legion.Format;
using Legion.Kernel.Cells;
using Legion.Lakehouse;
using Legion.Notebook;
using Legion.Store;
using Legion.Tests.Kernel;
using Legion.Tests.Support;
using Legion.Tests.Viewer;

namespace Legion.Tests.Notebook;

/// <summary>A link from a notebook into the viewer and from there into another notebook, which all show the same rows.</summary>
public sealed partial class SharedLinkTests : IAsyncLifetime
{
    static readonly EventScript script = EventScript.Parse("""
        start 2026-01-01T00:00:00Z
        main begin 1000 frame
        main end 3000
        main cut
        main begin 4000 later
        main end 9000
        log 1000 info main first
        log 2000 info main second
        log 3000 info main third
        log cut
        log 2500 info main late
        """);

    readonly TestLake lake = new();
    readonly Session sender = new(LakeVerbs.CreateMagics()), receiver = new(LakeVerbs.CreateMagics());
    ViewerHost host = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await lake.AppendAsync(script.Records());
        await AppendAsync(first: true);
        host = await ViewerHost.StartAsync(lake.Lake);
        foreach (var session in (Session[])[sender, receiver])
            await RunAsync(session, $"#!legion connect {lake.Folder} --viewer {host.Client.BaseAddress}");
        await sender.SetVariableAsync("process", script.ProcessId, typeof(Guid));
    }

    public async ValueTask DisposeAsync()
    {
        sender.Dispose();
        receiver.Dispose();
        await host.DisposeAsync();
        lake.Dispose();
    }

    [Fact]
    public async Task AFrozenLinkShowsTheSameRowsEverywhere()
    {
        await RunAsync(sender, "#!legion logs @process --from 2026-01-01T00:00:00.000001500Z --to 2026-01-01T00:00:00.000003500Z -> l");
        // Blocks that come between the look and the link are not in it.
        await AppendAsync(first: false);
        var shared = await RunAsync(sender, "#!legion share @l --freeze --ttl 30d -> link");
        Assert.Matches(@"/l/\w{12} \(frozen; opens until \d{4}-\d\d-\d\d \d\d:\d\d UTC\)", shared);
        Assert.True(sender.TryGetVariable("link", out var found));
        var link = (Link)found!;
        Assert.True(link.IsFrozen && link.Expires > DateTime.UtcNow.AddDays(29));

        // A colleague's browser opens the short address, and asks for what its page shows.
        var opened = await host.Client.GetFromJsonAsync<JsonElement>($"/api{link.Address.AbsolutePath.Replace("/l/", "/links/", StringComparison.Ordinal)}", Cancellation);
        Assert.Equal(link.Page.PathAndQuery, opened.GetProperty("address").GetString());
        var time = PageTime().Match(link.Page.Query);
        var logs = await host.Client.GetFromJsonAsync<JsonElement>($"/api/processes/{script.ProcessId}/logs?from_ns={time.Groups[1]}&to_ns={time.Groups[2]}&link={link.Address.Segments[^1]}", Cancellation);
        Assert.Equal(["second", "third"], logs.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("message").GetString()));

        // And from there to a notebook, by the short address or by that of the page.
        foreach (var address in (string[])[link.Address.AbsoluteUri, link.Address.AbsolutePath, $"{link.Page}&link={link.Address.Segments[^1]}"])
        {
            Assert.Equal(["second", "third"], Messages().Matches(await RunAsync(receiver, $"#!legion logs {address}")).Select(match => match.Value));
            Assert.Contains(": n\n1\n", await RunAsync(receiver, $"#!legion sql --process {address} 'SELECT count(*) AS n FROM spans WHERE process_id = $process'"));
        }
        Assert.Equal(["second", "late", "third"], Messages().Matches(await RunAsync(receiver, $"#!legion logs {link.Page}")).Select(match => match.Value));

        // What it shows can be frozen again, as it is there.
        await RunAsync(receiver, $"#!legion logs {link.Address} -> again");
        await RunAsync(receiver, "#!legion share @again --freeze -> second");
        Assert.True(receiver.TryGetVariable("second", out var other));
        Assert.Equal(["second", "third"], Messages().Matches(await RunAsync(sender, $"#!legion logs {((Link)other!).Address}")).Select(match => match.Value));
    }

    [Fact]
    public async Task AFrozenFlameChartAndItsCellAskForWhatWasThere()
    {
        var before = await RunAsync(sender, "#!legion flame @process -> f");
        var link = Assert.IsType<Link>(await ResultAsync(sender, "#!legion share @f --freeze"));
        await AppendAsync(first: false);
        var frozen = await RunAsync(receiver, $"#!legion flame {link.Address}");
        Assert.Equal(("1 spans", "2 spans", "1 spans"), (Spans().Match(before).Value, Spans().Match(await RunAsync(receiver, $"#!legion flame {script.ProcessId}")).Value, Spans().Match(frozen).Value));
        // The time of the chart, which the later span would make longer.
        Assert.Equal(before.Split('\n')[0], frozen.Split('\n')[0]);
    }

    [Theory]
    [InlineData("#!legion logs /l/222222222222", "error: there is no link '222222222222' in this lake")]
    [InlineData("#!legion logs http://viewer/l/nonsense", "error: there is no link 'nonsense' in this lake")]
    [InlineData("#!legion logs http://viewer/elsewhere", "error: 'http://viewer/elsewhere' is no process: expected an id as `#!legion processes` lists them, an address of the viewer, or a variable that holds a process")]
    [InlineData("#!legion logs http://viewer/process/6f0f6f4e-3c0e-7000-8000-000000000001/logs", "error: there is no process '6f0f6f4e-3c0e-7000-8000-000000000001' in this lake")]
    [InlineData("#!legion share @process --ttl soon", "error: --ttl takes a duration such as 30d or 12h, not 'soon'")]
    [InlineData("#!legion share @process --ttl 4000d", "error: expected a link to open for a time up to 3660 days, saw 4000")]
    [InlineData("#!legion share 6f0f6f4e-3c0e-7000-8000-000000000001", "error: there is no process '6f0f6f4e-3c0e-7000-8000-000000000001' in this lake")]
    public async Task WhatIsNoLinkIsSaidInASentence(string cell, string expected) => Assert.Contains(expected, (await RecordedCell.RunAsync(sender, cell)).Text);

    [Fact]
    public async Task ALinkThatExpiredOrWasErasedSaysSo()
    {
        var expired = new LinkRow(LinkRow.NewId(), script.ProcessId, $"/process/{script.ProcessId}/logs", null, 1, "ann", 2);
        Assert.True(await lake.Store.Catalog.AddLinkAsync(Tenant.Default, expired, Cancellation));
        Assert.Contains($"error: the link '{expired.LinkId}' expired on 1970-01-01 00:00 UTC", (await RecordedCell.RunAsync(receiver, $"#!legion logs /l/{expired.LinkId}")).Text);
        var link = Assert.IsType<Link>(await ResultAsync(sender, "#!legion share @process"));
        var erasure = new LakeErasure(lake.Store, Tenant.Default, TimeProvider.System);
        await erasure.RunAsync(await erasure.BeginAsync(script.ProcessId, Cancellation), null, Cancellation);
        Assert.Contains("is gone: it was erased, or the time for which it is kept is over", (await RecordedCell.RunAsync(receiver, $"#!legion logs {link.Address}")).Text);
    }

    async Task AppendAsync(bool first)
    {
        var batch = new BatchWriter();
        foreach (var stream in (string[])["main", "log"])
            foreach (var block in first ? script.BlocksOf(stream).Take(1) : script.BlocksOf(stream).Skip(1)) batch.AddBlock(block.Bytes);
        await lake.AppendAsync(batch);
    }

    static async Task<string> RunAsync(Session session, string cell)
    {
        var run = await RecordedCell.RunAsync(session, cell);
        Assert.True(run.Result.Error is null, run.Text);
        return run.Text;
    }

    static async Task<object?> ResultAsync(Session session, string cell)
    {
        await RunAsync(session, $"{cell} -> result");
        Assert.True(session.TryGetVariable("result", out var result));
        return result;
    }

    [GeneratedRegex("first|second|third|late(?!r)")]
    private static partial Regex Messages();

    [GeneratedRegex(@"\b\d+ spans\b")]
    private static partial Regex Spans();

    [GeneratedRegex(@"from=(\d+)&to=(\d+)")]
    private static partial Regex PageTime();
}
