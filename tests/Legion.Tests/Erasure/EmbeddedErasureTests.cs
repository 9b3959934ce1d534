using Legion.Format;
using Legion.Lakehouse;
using Legion.Sdk;
using Legion.Store;
using Legion.Tests.Sdk;

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
        var lake = new Lake(Store);
        var kept = Kept(await RowsAsync(lake, shared.Process!.ProcessId));
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
        Assert.True(kills >= 8, $"expected the erasure to be killed at eight of its changes or more, saw {kills}");
        AssertSame(kept, await RowsAsync(lake, shared.Process.ProcessId));
        Assert.Empty(await Store.Catalog.ReadProcessesAsync(Tenant.Default, [own.Process!.ProcessId], Cancellation));
        Assert.True(await Erasure.VerifyAsync(receipt, Cancellation));
        Assert.Equal(0, await CanariesAsync());
        Assert.Equal(0, await CanariesInFilesAsync());
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
