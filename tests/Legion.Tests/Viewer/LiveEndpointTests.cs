using System.Net;
using System.Text.Json;
using Legion.Format;
using Legion.Lakehouse;
using Legion.Tests.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Viewer;

/// <summary>Whoever looks at a process hears when more of it is stored, by a request that waits.</summary>
public sealed class LiveEndpointTests : IAsyncLifetime
{
    readonly TestLake lake = new();
    readonly Recording recording = new();
    ViewerHost host = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    string Address => $"/api/processes/{recording.ProcessId}/live";

    public async ValueTask InitializeAsync()
    {
        await lake.AppendAsync(recording.Batch(recording.Block()));
        host = await ViewerHost.StartAsync(lake.Lake);
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        lake.Dispose();
    }

    [Fact]
    public async Task WhoWaitsIsAnsweredWhenMoreIsStored()
    {
        var (seen, isLive) = await AskAsync(Address);
        Assert.True(isLive);
        Assert.Equal((seen, true), await AskAsync($"{Address}?after=0"));

        var waiting = ((string[])["first", "second"]).Select(_ => AskAsync($"{Address}?after={seen}")).ToArray();
        await lake.AppendAsync(recording.Batch(recording.Block()));
        var answers = await Task.WhenAll(waiting);
        Assert.All(answers, answer => Assert.True(answer.Version > seen && answer.IsLive));
        Assert.Equal(answers[0], await AskAsync(Address));
    }

    [Fact]
    public async Task TheCatalogHearsWhichProcessIsWatched()
    {
        long NowNs() => (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * 100;
        Assert.Empty(await lake.Lake.Store.Catalog.ReadWatchedAsync(lake.Lake.Tenant, NowNs(), Cancellation));
        await AskAsync(Address);
        Assert.Equal([recording.ProcessId], await lake.Lake.Store.Catalog.ReadWatchedAsync(lake.Lake.Tenant, NowNs(), Cancellation));
    }

    [Fact]
    public async Task WhereNothingComesAnyMoreNobodyWaits()
    {
        var (seen, _) = await AskAsync(Address);
        var frozen = await new LakeLinks(lake.Lake).AddAsync($"/process/{recording.ProcessId}/logs", true, null, "ann", cancellation: Cancellation);
        Assert.Equal((seen, false), await AskAsync($"{Address}?after={seen}&link={frozen.LinkId}"));

        var waiting = AskAsync($"{Address}?after={seen}");
        var batch = new BatchWriter();
        batch.Add(recording.Process with { Version = 2, EndNs = recording.Process.StartNs + 1, EndReason = "exit" });
        await lake.AppendAsync(batch);
        Assert.False((await waiting).IsLive);
        Assert.False((await AskAsync($"{Address}?after={(await waiting).Version}")).IsLive);
    }

    [Fact]
    public async Task WhoLooksAtTheListHearsOfProcessesThatComeAndEnd()
    {
        const string List = "/api/processes/live";
        var seen = await VersionAsync(List);
        var waiting = ((string[])["first", "second"]).Select(_ => VersionAsync($"{List}?after={seen}")).ToArray();
        var other = new Recording();
        // What is stored of a process that is known is no other list.
        await lake.AppendAsync(recording.Batch(recording.Block()));
        Assert.Equal(seen, await VersionAsync(List));
        await lake.AppendAsync(other.Batch(other.Block()));
        var answers = await Task.WhenAll(waiting);
        Assert.All(answers, version => Assert.NotEqual(seen, version));
        Assert.Equal(await VersionAsync(List), answers[0]);

        var untilEnd = VersionAsync($"{List}?after={answers[0]}");
        var batch = new BatchWriter();
        batch.Add(other.Process with { Version = 2, EndNs = other.Process.StartNs + 1, EndReason = "exit" });
        await lake.AppendAsync(batch);
        Assert.NotEqual(answers[0], await untilEnd);
    }

    async Task<string> VersionAsync(string address)
    {
        using var json = JsonDocument.Parse(await host.Client.GetStringAsync(address, Cancellation));
        return json.RootElement.GetProperty("version").GetString()!;
    }

    [Theory]
    [InlineData("/api/processes/00000000-0000-0000-0000-000000000001/live", HttpStatusCode.NotFound)]
    [InlineData("/api/processes/nonsense/live", HttpStatusCode.BadRequest)]
    [InlineData("/api/processes/00000000-0000-0000-0000-000000000001/live?after=x", HttpStatusCode.BadRequest)]
    public async Task WhatIsNoProcessIsSaidSo(string address, HttpStatusCode expected) => Assert.Equal(expected, (await host.GetAsync(address)).StatusCode);

    async Task<(long Version, bool IsLive)> AskAsync(string address)
    {
        using var json = JsonDocument.Parse(await host.Client.GetStringAsync(address, Cancellation));
        return (long.Parse(json.RootElement.GetProperty("version").GetString()!, System.Globalization.CultureInfo.InvariantCulture), json.RootElement.GetProperty("live").GetBoolean());
    }
}
