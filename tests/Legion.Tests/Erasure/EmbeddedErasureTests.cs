using Legion.Format;
using Legion.Lakehouse;
using Legion.Sdk;
using Legion.Store;
using Legion.Tests.Sdk;
using Legion.Tests.Support;

namespace Legion.Tests.Erasure;

[Collection(SdkCollection.Name)]
public sealed class EmbeddedErasureTests : ErasureContract
{
    readonly string folder = Directory.CreateTempSubdirectory("legion-erasure-").FullName;

    [Fact]
    public async Task A_process_goes_whole_and_what_comes_later_of_it_is_not_kept()
    {
        var (own, other) = (ErasureScene.Own(), ErasureScene.Shared(rounds: 2));
        var late = own.Blocks[^1];
        await AppendAsync(ErasureScene.Batch(own, own.Blocks.Except([late])));
        await AppendAsync(ErasureScene.Batch(other));
        var lake = new Lake(Store);
        var before = await RowsAsync(lake, other.Process!.ProcessId);
        await RowsAsync(lake, own.Process!.ProcessId);
        await Store.Catalog.LeaseAsync(Tenant.Default, "a query", ["views/x"], long.MaxValue, Cancellation);

        var id = await Erasure.BeginAsync(own.Process.ProcessId, Cancellation);
        await Assert.ThrowsAsync<NotInLakeException>(() => lake.FindProcessAsync(own.Process.ProcessId, Cancellation));
        foreach (var view in (string[])["processes", "streams", "blocks", "partitions"])
            Assert.DoesNotContain(own.Process.ProcessId.ToString(), string.Join('\n', await RowsAsync(lake, $"SELECT process_id FROM {view}")), StringComparison.Ordinal);

        var receipt = await Erasure.RunAsync(id, null, Cancellation);
        Assert.Equal((1L, own.Blocks.Count - 1L), (receipt!.Statement.Processes, receipt.Statement.Blocks));
        Assert.Equal(before, await RowsAsync(lake, other.Process.ProcessId));
        await AssertOnlyNamedObjectsAsync();

        var answer = await AnswerAsync(ErasureScene.Batch(own, [late]));
        Assert.Equal((BlockCode.Exists, BlockAnswer.Erased, false), (answer.Blocks[0].Code, answer.Blocks[0].Reason, answer.IsMissingSomething));
        Assert.Empty(await Store.Catalog.ReadProcessesAsync(Tenant.Default, [own.Process.ProcessId], Cancellation));
    }

    [Fact]
    public async Task What_comes_late_is_not_seen_until_it_was_searched()
    {
        var shared = ErasureScene.Shared(rounds: 6);
        var lake = new Lake(Store);
        await AppendAsync(ErasureScene.Batch(shared));
        var processId = shared.Process!.ProcessId;
        var before = Kept(await RowsAsync(lake, processId));
        await Erasure.RunAsync(await Erasure.BeginAsync(processId, Cancellation), null, Cancellation);

        // Another recording of the time before, of which half came before its erasure.
        var second = ErasureScene.Shared(rounds: 6);
        var early = second.Blocks.Where((_, i) => i % 2 == 0).ToArray();
        await AppendAsync(ErasureScene.Batch(second, early));
        await Erasure.RunAsync(await Erasure.BeginAsync(ErasureScene.Property, ErasureScene.Canary, Cancellation), null, Cancellation);
        await AppendAsync(ErasureScene.Batch(second, second.Blocks.Except(early)));
        Assert.Equal(early.Length, (await Store.Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation)).Count);
        Assert.NotEmpty(await Store.Catalog.FindErasingTenantsAsync(Cancellation));

        Assert.Equal(0, await Erasure.RunAllAsync(Cancellation));
        Assert.Equal(second.Blocks.Count, (await Store.Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation)).Count);
        var after = await RowsAsync(lake, second.Process!.ProcessId);
        Assert.Equal(before.Select(rows => (rows.Key, rows.Value.Length)), after.Select(rows => (rows.Key, rows.Value.Length)));
        Assert.DoesNotContain(after.Values.SelectMany(rows => rows), IsGone);
        Assert.Equal(0, await CanariesAsync());
        Assert.Empty(await Store.Catalog.FindErasingTenantsAsync(Cancellation));

        // A process of that time that has the value itself is not taken at all, and a new one is.
        var own = ErasureScene.Own();
        var old = own.Process! with { LastSeenNs = second.Process.StartNs };
        var batch = new BatchWriter();
        batch.Add(old);
        Assert.False((await AnswerAsync(batch)).IsMissingSomething);
        Assert.Empty(await Store.Catalog.ReadProcessesAsync(Tenant.Default, [old.ProcessId], Cancellation));
        var fresh = ErasureScene.Own();
        await AppendAsync(ErasureScene.Batch(fresh));
        Assert.NotEmpty(await RowsAsync(lake, $"SELECT name FROM spans WHERE process_id = '{fresh.Process!.ProcessId}'"));
    }

    [Fact]
    public async Task WhatIsKilledBetweenItsStepsIsFinishedByTheNext()
    {
        var (shared, own) = (ErasureScene.Shared(rounds: 3), ErasureScene.Own());
        await AppendAsync(ErasureScene.Batch(shared));
        await AppendAsync(ErasureScene.Batch(own));
        await FileAsync("stored");
        await WorkAsync();
        await FileAsync("waiting");
        var lake = new Lake(Store);
        var kept = Kept(await RowsAsync(lake, shared.Process!.ProcessId));
        var exporter = (await Store.Catalog.ReadProcessesAsync(Tenant.Default, null, Cancellation)).Single(process => process.Exe == "shop").ProcessId;
        var exported = Kept(await ExportedRowsAsync(lake, exporter));
        var (kills, receipt) = (0, (ErasureReceipt?)null);
        while (receipt is null)
        {
            // Each comes one change further than the one before, and later than that one's claim holds.
            var program = new LakeErasure(new KilledStore(Store, kills + 1).Store, Tenant.Default, new LaterClock(TimeSpan.FromMinutes(11 * kills)));
            try
            {
                var known = await Store.Catalog.ReadErasuresAsync(Tenant.Default, Cancellation);
                var id = known.Count > 0 ? known[0].ErasureId : await program.BeginAsync(ErasureScene.Property, ErasureScene.Canary, Cancellation);
                receipt = await program.RunAsync(id, null, Cancellation);
                Assert.NotNull(receipt);
            }
            catch (StoreUnavailableException)
            {
                kills++;
            }
        }
        Assert.True(kills >= 20, $"expected the erasure to be killed at twenty of its changes or more, saw {kills}");
        AssertSame(kept, await RowsAsync(lake, shared.Process.ProcessId));
        AssertSame(exported, await ExportedRowsAsync(lake, exporter));
        Assert.Equal(3, (await Store.Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation)).Count);
        Assert.Empty(await Store.Catalog.ReadProcessesAsync(Tenant.Default, [own.Process!.ProcessId], Cancellation));
        Assert.True(await Erasure.VerifyAsync(receipt, Cancellation));
        // What a killed one had put, and had not named yet, is swept.
        await new LakeSweep(Store, new LaterClock(TimeSpan.FromDays(30))).RunAsync(new SweepOptions(), null, Cancellation);
        await AssertOnlyNamedObjectsAsync();
        Assert.Equal(0, await CanariesAsync());
        Assert.Equal(0, await CanariesInFilesAsync());
        await WorkAsync();
        await Erasure.RunAllAsync(Cancellation);
        Assert.All(await ExportedRowsAsync(lake, exporter), rows => Assert.Equal(2 * exported[rows.Key].Length, rows.Value.Length));
    }

    /// <summary>An erasure begins when another program has read requests and not yet stored what it made of them.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WhatSomebodyMakesBlocksOfIsWaitedFor(bool ofProcess)
    {
        await FileAsync("stored");
        await WorkAsync();
        var lake = new Lake(Store);
        var exporter = (await Store.Catalog.ReadProcessesAsync(Tenant.Default, null, Cancellation)).Single(process => process.Exe == "shop").ProcessId;
        var exported = Kept(await ExportedRowsAsync(lake, exporter));
        await FileAsync("waiting");

        var (waits, isWaiting) = (0, new TaskCompletionSource());
        var waiting = new LakeErasure(new LakeStore(Store.Location, Store.Objects, CatalogHooks.Around(Store.Catalog, nameof(ICatalog.ReplaceArrivalAsync), async replace =>
        {
            await replace();
            if (++waits == 6) isWaiting.TrySetResult(); // a second time of at least one of them
        })), Tenant.Default, TimeProvider.System);
        Task<ErasureReceipt?>? running = null;
        var worker = new ArrivalWork(new LakeStore(Store.Location, Store.Objects, CatalogHooks.Around(Store.Catalog, nameof(ICatalog.AddResourceAsync), async add =>
        {
            if (running is null)
            {
                var id = ofProcess ? await waiting.BeginAsync(exporter, Cancellation) : await waiting.BeginAsync(ErasureScene.Property, ErasureScene.Canary, Cancellation);
                running = Task.Run(() => waiting.RunAsync(id, null, Cancellation));
                await isWaiting.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
            }
            await add();
        })), TimeProvider.System, new Redaction());
        Assert.Equal(4, await worker.WorkAsync(Cancellation));
        Assert.NotNull(await running!);

        Assert.Empty(await Store.Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation));
        await AssertOnlyNamedObjectsAsync();
        if (ofProcess)
        {
            Assert.Equal(["deep", "own"], (await Store.Catalog.ReadProcessesAsync(Tenant.Default, null, Cancellation)).Select(process => process.Exe).Order());
            await FileAsync("later");
            await WorkAsync();
            var later = (await Store.Catalog.ReadProcessesAsync(Tenant.Default, null, Cancellation)).Single(process => process.Exe == "shop").ProcessId;
            Assert.All(await ExportedRowsAsync(lake, later), rows => Assert.All(rows.Value, row => Assert.DoesNotContain("waiting", row, StringComparison.Ordinal)));
            return;
        }
        Assert.All(await ExportedRowsAsync(lake, exporter), rows => Assert.Equal((2 * exported[rows.Key].Length, 0), (rows.Value.Length, rows.Value.Count(IsGone))));
        Assert.Equal(0, await CanariesAsync());
        Assert.Equal(0, await CanariesInFilesAsync());
    }

    [Fact]
    public async Task OfAProcessThatIsErasedNothingIsLeftInRequestsThatWait()
    {
        await FileAsync("stored");
        await WorkAsync();
        await FileAsync("waiting");
        var exporter = (await Store.Catalog.ReadProcessesAsync(Tenant.Default, null, Cancellation)).Single(process => process.Exe == "shop").ProcessId;
        var receipt = await Erasure.RunAsync(await Erasure.BeginAsync(exporter, Cancellation), null, Cancellation);
        Assert.Equal((1L, 6L, 0L), (receipt!.Statement.Processes, receipt.Statement.Blocks, receipt.Statement.UnreadableBlocks));
        Assert.Single(await Store.Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation));
        await WorkAsync();
        Assert.Equal(["deep", "own"], (await Store.Catalog.ReadProcessesAsync(Tenant.Default, null, Cancellation)).Select(process => process.Exe).Order());
        await AssertOnlyNamedObjectsAsync();
    }

    private protected override int Rounds => 40;

    private protected override Task<LakeStore> OpenAsync() => Task.FromResult(LakeStore.OpenOrCreate(LakeLocation.Parse(folder)));

    private protected override Task<IEnumerable<string>> FilesAsync() =>
        Task.FromResult(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "lock"));

    public override ValueTask DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    sealed class LaterClock(TimeSpan later) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + later;
    }
}
