using Legion.Format;
using Legion.Lakehouse;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Store;

/// <summary>What a sweep takes and leaves, over every pair of object store and catalog.</summary>
public abstract class LakeSweepContract : IAsyncLifetime
{
    static readonly TimeSpan Grace = new SweepOptions().Grace;

    readonly Recording recording = new();
    private protected ManualClock Clock { get; } = new();

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected LakeStore Lake { get; private set; } = null!;

    private protected abstract Task<LakeStore> OpenAsync();

    public async ValueTask InitializeAsync() => Lake = await OpenAsync();

    public abstract ValueTask DisposeAsync();

    [Fact]
    public async Task WhatIsNamedStaysAndAnOrphanGoesAfterTheGrace()
    {
        var blocks = recording.Blocks(3);
        await AppendAsync(blocks);
        var orphan = StoreNames.BlocksObject(new BlocksObjectName(20_000, Tenant.Default, StreamClass.Trace, recording.ProcessId, Guid.CreateVersion7(Clock.GetUtcNow())));
        await Lake.Objects.PutAsync(orphan, [new byte[] { 1, 2, 3 }], Cancellation);
        await Lake.Objects.PutAsync("blocks/of/somebody/else", [new byte[] { 1 }], Cancellation);

        Clock.Advance(Grace - TimeSpan.FromSeconds(1));
        Assert.Equal((3, 0, 1), Counts(await SweepAsync()));
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((3, 1, 1), Counts(await SweepAsync(dryRun: true)));
        var totals = await SweepAsync();
        Assert.Equal((3, 1, 1), Counts(totals));
        Assert.Equal(3, totals.ObjectBytes);
        Assert.Equal((2, 0, 1), Counts(await SweepAsync()));

        foreach (var row in await Lake.Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation))
            await Lake.Objects.ReadAsync(row.ObjectKey, row.ObjectOffset, row.Bytes, Cancellation);
        await Assert.ThrowsAsync<FileNotFoundException>(() => Lake.Objects.ReadAsync(orphan, 0, 1, Cancellation));
    }

    /// <summary>Between its payload and its row an upload sleeps for longer than the grace.</summary>
    [Fact]
    public async Task AnUploadThatWasPausedPastTheGraceIsSentAgain()
    {
        var blocks = recording.Blocks(2);
        var paused = CatalogHooks.Around(Lake.Catalog, nameof(ICatalog.InsertBlocksAsync), async insert =>
        {
            Clock.Advance(Grace);
            Assert.Equal(1, (await SweepAsync()).Objects);
            await insert();
        });
        var append = new BlockAppend(Lake.Objects, paused, Clock);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => append.AppendAsync(Tenant.Default, recording.Items(blocks), Cancellation));
        Assert.Empty(await Lake.Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation));

        await AppendAsync(blocks);
        var rows = await Lake.Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation);
        Assert.Equal(blocks, await Task.WhenAll(rows.Select(row => Lake.Objects.ReadAsync(row.ObjectKey, row.ObjectOffset, row.Bytes, Cancellation))));
    }

    [Fact]
    public async Task APageOfAReportStaysAsLongAsItIsNamed()
    {
        ReportReader any = _ => new ReportContent("any", []);
        var reports = new LakeReports(new Lake(Lake, Tenant.Default, Clock));
        var report = await reports.PublishAsync("<p>kept</p>"u8.ToArray(), null, null, "ann", any, Cancellation);
        var orphan = StoreNames.ReportObject(new ReportObjectName(20_000, Tenant.Default, Guid.CreateVersion7(Clock.GetUtcNow())));
        await Lake.Objects.PutAsync(orphan, [new byte[] { 1, 2, 3 }], Cancellation);
        Clock.Advance(Grace);
        var totals = await SweepAsync();
        Assert.Equal((1, 3), (totals.Objects, totals.ObjectBytes));
        Assert.Equal("<p>kept</p>"u8.ToArray(), (await reports.ReadAsync(report, Cancellation)).ToArray());
        Assert.False(await Lake.Objects.HasAsync(orphan, Cancellation));

        // Between the page and its row somebody sleeps for longer than the grace.
        var paused = CatalogHooks.Around(Lake.Catalog, nameof(ICatalog.AddReportAsync), async add =>
        {
            Clock.Advance(Grace);
            Assert.Equal(1, (await SweepAsync()).Objects);
            await add();
        });
        var slow = new LakeReports(new Lake(new LakeStore(Lake.Location, Lake.Objects, paused), Tenant.Default, Clock));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => slow.PublishAsync("<p>late</p>"u8.ToArray(), null, null, "ann", any, Cancellation));
        Assert.Equal([report], await reports.ListAsync("", Cancellation));
        await reports.RemoveAsync(report.ReportId, Cancellation);
        Assert.False(await Lake.Objects.HasAsync(report.ObjectKey, Cancellation));
    }

    [Fact]
    public async Task AnObjectAllOfWhoseBlocksLostGoes()
    {
        var blocks = recording.Blocks(2);
        var raced = CatalogHooks.Around(Lake.Catalog, nameof(ICatalog.InsertBlocksAsync), async insert =>
        {
            await AppendAsync(blocks);
            await insert();
        });
        var answer = await new BlockAppend(Lake.Objects, raced, Clock).AppendAsync(Tenant.Default, recording.Items(blocks), Cancellation);
        Assert.All(answer.Blocks, block => Assert.Equal(BlockCode.Exists, block.Code));
        Assert.Equal(2, (await Lake.Catalog.ReadTotalsAsync(Tenant.Default, Cancellation)).Objects);

        Clock.Advance(Grace);
        Assert.Equal(1, (await SweepAsync()).Objects);
        Assert.Equal(1, (await Lake.Catalog.ReadTotalsAsync(Tenant.Default, Cancellation)).Objects);
    }

    [Fact]
    public async Task ARequestThatNobodyNamedGoesAndOneThatWaitsStays()
    {
        await FileAsync(Lake.Catalog);
        var named = Assert.Single(await Lake.Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation)).ObjectKey;
        var orphan = StoreNames.ArrivalObject(20_000, Tenant.Default, Guid.CreateVersion7(Clock.GetUtcNow()));
        await Lake.Objects.PutAsync(orphan, [new byte[] { 1, 2, 3 }], Cancellation);
        Clock.Advance(Grace - TimeSpan.FromSeconds(1));
        Assert.Equal((2, 0, 0), Counts(await SweepAsync()));
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((2, 1, 0), Counts(await SweepAsync(dryRun: true)));
        Assert.Equal((2, 1, 0), Counts(await SweepAsync()));
        Assert.Equal((1, 0, 0), Counts(await SweepAsync()));
        await Lake.Objects.ReadAsync(named, 0, 2, Cancellation);
    }

    /// <summary>Between its object and its row a request sleeps for longer than the grace.</summary>
    [Fact]
    public async Task ARequestThatWasPausedPastTheGraceIsSentAgain()
    {
        var paused = CatalogHooks.Around(Lake.Catalog, nameof(ICatalog.AddArrivalAsync), async add =>
        {
            Clock.Advance(Grace);
            Assert.Equal(1, (await SweepAsync()).Objects);
            await add();
        });
        await Assert.ThrowsAsync<StoreUnavailableException>(() => FileAsync(paused));
        Assert.Empty(await Lake.Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation));
        await FileAsync(Lake.Catalog);
        Assert.Single(await Lake.Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation));
    }

    [Fact]
    public async Task OfAViewsFilesThoseThatAPartitionOrALeaseNamesStay()
    {
        await AppendAsync(recording.Blocks(1)); // a partition is published for a process that there is
        var (named, leased, left) = (await PutViewAsync(slot: 0), await PutViewAsync(slot: 1), await PutViewAsync(slot: 2));
        var superseded = await PutViewAsync(slot: 0);
        Clock.Advance(Grace / 2);
        var row = new PartitionRow
        {
            View = "spans", ProcessId = recording.ProcessId, Slot = 0, SchemaVersion = 1, Generation = 1, Rows = 1, Bytes = 1, BuiltVersion = 1, BuiltAtNs = NowNs, Path = named,
        };
        await Lake.Catalog.PublishPartitionAsync(Tenant.Default, row, 0, Cancellation);
        await Lake.Catalog.LeaseAsync(Tenant.Default, "query", [leased], long.MaxValue, Cancellation);
        Clock.Advance(Grace / 2);

        // The file of slot 0 that is no longer named may be in the hands of a query that began before it was replaced.
        Assert.Equal(1, (await SweepAsync()).ViewFiles);
        Clock.Advance(Grace / 2);
        Assert.Equal(1, (await SweepAsync()).ViewFiles);
        foreach (var gone in (string[])[left, superseded]) await Assert.ThrowsAsync<FileNotFoundException>(() => Lake.Objects.LocalFileAsync(gone, Cancellation));
        foreach (var there in (string[])[named, leased]) await Lake.Objects.LocalFileAsync(there, Cancellation);
    }

    [Fact]
    public async Task MoreObjectsThanAreLookedUpAtATimeAreSwept()
    {
        const int Orphans = 1_050;
        await Parallel.ForAsync(0, Orphans, Cancellation, async (i, cancellation) => await Lake.Objects.PutAsync(
            StoreNames.BlocksObject(new BlocksObjectName(20_000, Tenant.Default, StreamClass.Trace, recording.ProcessId, Guid.CreateVersion7(Clock.GetUtcNow()))), [new byte[1]], cancellation));
        Clock.Advance(Grace);
        Assert.Equal(Orphans, (await SweepAsync(dryRun: true)).Objects);
    }

    private protected Task<SweepTotals> SweepAsync(bool dryRun = false) => new LakeSweep(Lake, Clock).RunAsync(new SweepOptions { DryRun = dryRun }, null, Cancellation);

    long NowNs => (Clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    static (long Seen, long Objects, long Unknown) Counts(SweepTotals totals) => (totals.Seen, totals.Objects, totals.Unknown);

    async Task AppendAsync(byte[][] blocks)
    {
        var answer = await new BlockAppend(Lake, Clock).AppendAsync(Tenant.Default, recording.Items(blocks), Cancellation);
        Assert.All(answer.Blocks, block => Assert.Equal(BlockCode.Stored, block.Code));
    }

    Task FileAsync(ICatalog catalog) => new ArrivalAppend(new LakeStore(Lake.Location, Lake.Objects, catalog), Clock, null)
        .AppendAsync(Tenant.Default, ExportSignal.Logs, ArrivalRow.Protobuf, isGzip: false, new byte[2], Cancellation);

    async Task<string> PutViewAsync(int slot)
    {
        var key = StoreNames.ViewFile("spans", 1, Tenant.Default, 20_000, recording.ProcessId, slot, Guid.CreateVersion7(Clock.GetUtcNow()));
        await Lake.Objects.PutAsync(key, [new byte[1]], Cancellation);
        return key;
    }
}

/// <summary>In a folder with SQLite.</summary>
public sealed class FolderLakeSweepTests : LakeSweepContract
{
    readonly TemporaryLake lake = new();

    private protected override Task<LakeStore> OpenAsync() => Task.FromResult(lake.Store);

    public override ValueTask DisposeAsync()
    {
        lake.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task WhatKilledProgramsLeftGoesAndWhatLivingOnesWriteStays()
    {
        var dead = Directory.CreateDirectory(Path.Combine(lake.Folder, StoreNames.TemporaryFolder, "dead"));
        var @lock = Path.Combine(dead.FullName, "lock");
        await File.WriteAllTextAsync(@lock, "", Cancellation);
        File.SetLastWriteTimeUtc(@lock, DateTime.UtcNow.AddDays(-2));
        await File.WriteAllTextAsync(Path.Combine(dead.FullName, "half a file"), "half", Cancellation);
        var unlocked = Path.Combine(lake.Folder, StoreNames.TemporaryFolder, "unlocked");
        await File.WriteAllTextAsync(unlocked, "half", Cancellation);
        var own = Lake.Objects.NewTemporaryFile();
        await File.WriteAllTextAsync(own, "whole", Cancellation);

        Assert.Equal(1, (await SweepAsync()).TemporaryFiles);
        Assert.False(dead.Exists && Directory.Exists(dead.FullName));
        File.SetLastWriteTimeUtc(unlocked, DateTime.UtcNow.AddDays(-2));
        Assert.Equal(1, (await SweepAsync()).TemporaryFiles);
        Assert.True(await Lake.Objects.PutFileAsync("views/own", own, Cancellation));
    }
}

/// <summary>On S3 with MySQL.</summary>
public sealed class RemoteLakeSweepTests(S3Gateway gateway, MariaDbServer database) : LakeSweepContract
{
    private protected override async Task<LakeStore> OpenAsync()
    {
        var (location, address) = (await gateway.NewLocationAsync(), await database.CreateDatabaseAsync());
        return new LakeStore(LakeLocation.Parse("s3://lakes/" + location.Prefix, address.ToString()), S3Gateway.Open(location), MySqlCatalog.Open(address));
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
