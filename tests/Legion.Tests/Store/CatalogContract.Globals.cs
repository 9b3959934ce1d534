using Legion.Format;
using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Store;

public abstract partial class CatalogContract
{
    static readonly GlobalName logs = new("all_log_entries", "log_rollups", StreamClass.Log);

    [Fact]
    public async Task FilesOfManyProcessesChangeAsAWholeAndWhereNothingChangedBefore()
    {
        var (one, two) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await RegisterAsync(Process(one), Process(two));
        var first = new GlobalPublication
        {
            Id = Guid.NewGuid(),
            Name = logs,
            ExpectedGeneration = 0,
            Partitions = [GlobalPartition(0, "a"), GlobalPartition(1, "b")],
            Covers = [new GlobalCover(one, 3, 0, 10, 11), new GlobalCover(two, 4, 0, 10, 10)],
        };
        Assert.True(await Catalog.PublishGlobalAsync(Tenant.Default, first, Cancellation));
        Assert.True(await Catalog.PublishGlobalAsync(Tenant.Default, first, Cancellation)); // the same again, as its outcome may be unknown
        Assert.False(await Catalog.PublishGlobalAsync(Tenant.Default, first with { Id = Guid.NewGuid(), Partitions = [] }, Cancellation));
        Assert.Empty((await Catalog.ReadGlobalAsync(other, logs, null, 10, Cancellation)).Partitions);

        Assert.True(await Catalog.PublishGlobalAsync(Tenant.Default, new GlobalPublication
        {
            Id = Guid.NewGuid(),
            Name = logs,
            ExpectedGeneration = 1,
            Partitions = [GlobalPartition(1, "c") with { Generation = 2 }],
            Removed = [GlobalPartition(0, "").Key],
            Covers = [new GlobalCover(one, 5, 0, 9, 11)],
            Forgotten = [two],
            DoomsReplaced = true,
        }, Cancellation));
        var state = await Catalog.ReadGlobalAsync(Tenant.Default, logs, null, 10, Cancellation);
        Assert.Equal((2L, 0), (state.Generation, state.FirstDay));
        Assert.Equal("c", Assert.Single(state.Partitions).Path);
        Assert.Equal(2, state.Processes.Count);
        Assert.Equal(new GlobalCover(one, 5, 0, 9, 11), Assert.Single(state.Processes, process => process.Covered is not null).Covered);
        Assert.Equal(["a", "b"], (await Catalog.ReadDoomedAsync(Tenant.Default, Cancellation)).Order());

        // Nothing is in files any more.
        Assert.Equal(["c"], await Catalog.DropPartitionsAsync(Tenant.Default, null, null, Cancellation));
        state = await Catalog.ReadGlobalAsync(Tenant.Default, logs, null, 10, Cancellation);
        Assert.Equal(3, state.Generation);
        Assert.All(state.Processes, process => Assert.Null(process.Covered));
    }

    [Fact]
    public async Task WhatFilesOfManyProcessesLackIsToldByVersions()
    {
        using var folder = new TemporaryFolder();
        var (store, clock) = (StoreIn(folder), new ManualClock());
        var recording = new Recording { Class = StreamClass.Log };
        await AppendAsync(store, clock, Tenant.Default, recording, BlockCode.Stored, "", BlockOf(recording, clock, 40), BlockOf(recording, clock, 5));
        await AppendAsync(store, clock, Tenant.Default, recording, BlockCode.Stored, "", BlockOf(recording, clock, 5));
        var all = await Catalog.ReadBlocksAsync(Tenant.Default, null, Cancellation);
        var state = await Catalog.ReadGlobalAsync(Tenant.Default, logs, Guid.Empty, 10, Cancellation);
        var process = Assert.Single(state.Processes);
        Assert.Equal((true, false, null), (process.IsBehind, process.IsRemoved, process.Covered));
        Assert.Equal(all.Select(block => block.BlockId).Order(), state.Blocks.Select(block => block.BlockId).Order());
        Assert.Empty((await Catalog.ReadGlobalAsync(Tenant.Default, logs, recording.ProcessId, 10, Cancellation)).Processes);
        Assert.Empty((await Catalog.ReadGlobalAsync(Tenant.Default, logs with { Class = StreamClass.Trace }, Guid.Empty, 10, Cancellation)).Blocks);

        // Of the first arrival all is in files: the second is not.
        var first = all.Min(block => block.Arrival);
        await PublishAsync(0, new GlobalCover(recording.ProcessId, first, 0, 0, 100_000));
        state = await Catalog.ReadGlobalAsync(Tenant.Default, logs, Guid.Empty, 10, Cancellation);
        Assert.Equal(all.Where(block => block.Arrival > first).Select(block => block.BlockId), state.Blocks.Select(block => block.BlockId));
        await PublishAsync(1, new GlobalCover(recording.ProcessId, process.Version, 0, 0, 100_000));
        Assert.Empty((await Catalog.ReadGlobalAsync(Tenant.Default, logs, Guid.Empty, 10, Cancellation)).Processes);

        // Retention drops old days, of which files have nothing then, and what they have of other days counts.
        await Catalog.SetRetentionAsync(Tenant.Default, StreamClass.Log, 30, Cancellation);
        await new RetentionRun(store, clock).RunAsync(null, Cancellation);
        state = await Catalog.ReadGlobalAsync(Tenant.Default, logs, null, 10, Cancellation);
        process = Assert.Single(state.Processes);
        Assert.Equal((3L, false, true, 0), (state.Generation, process.IsRemoved, process.RemovedVersion > 0, state.Blocks.Count));
        Assert.True(state.FirstDay > 0);

        // Retention that takes blocks which the files still have leaves none of its rows in them to count.
        await Catalog.ExpireBlocksAsync(Tenant.Default, recording.ProcessId, StreamClass.Log, state.FirstDay + 28, Cancellation);
        process = Assert.Single((await Catalog.ReadGlobalAsync(Tenant.Default, logs, Guid.Empty, 0, Cancellation)).Processes);
        Assert.Equal((true, false), (process.IsRemoved, process.IsGone));

        // A process that is gone is told as long as files may have rows of it.
        foreach (var streamClass in Enum.GetValues<StreamClass>()) await Catalog.SetRetentionAsync(Tenant.Default, streamClass, 1, Cancellation);
        clock.Advance(TimeSpan.FromDays(500));
        await new RetentionRun(store, clock).RunAsync(null, Cancellation);
        Assert.Empty(await Catalog.ReadProcessesAsync(Tenant.Default, null, Cancellation));
        process = Assert.Single((await Catalog.ReadGlobalAsync(Tenant.Default, logs, Guid.Empty, 10, Cancellation)).Processes);
        Assert.Equal((true, true, false), (process.IsRemoved, process.IsGone, process.IsBehind));

        Task PublishAsync(long generation, GlobalCover cover) => Catalog.PublishGlobalAsync(Tenant.Default, new GlobalPublication { Id = Guid.NewGuid(), Name = logs, ExpectedGeneration = generation, Covers = [cover] }, Cancellation);
    }

    static PartitionRow GlobalPartition(int place, string path) => Partition(Guid.Empty, 1, path) with { View = logs.View, Slot = GlobalSlot.Of(20_000, place) };
}
