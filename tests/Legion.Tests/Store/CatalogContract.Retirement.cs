using Legion.Store;

namespace Legion.Tests.Store;

public abstract partial class CatalogContract
{
    [Fact]
    public async Task RetiredPartitionsLeaveAnEmptyRowWhichGoesInItsTurn()
    {
        var (one, two) = (Guid.CreateVersion7(DateTimeOffset.UnixEpoch), Guid.CreateVersion7()); // in order of process
        await RegisterAsync(Process(one), Process(two));
        await PublishAsync(Partition(one, 1, "old") with { BuiltAtNs = 10 });
        await PublishAsync(Partition(one, 1, "") with { Slot = 1, BuiltAtNs = 10 });
        await PublishAsync(Partition(one, 1, "young") with { Slot = 2, BuiltAtNs = 20 });
        await PublishAsync(Partition(two, 1, "newer") with { SchemaVersion = 2, BuiltAtNs = 10 });
        await PublishAsync(Partition(two, 1, "logs") with { View = "log_entries", BuiltAtNs = 10 });

        Assert.Equal([new("log_entries", 1, 1, 4), new("spans", 1, 1, 4), new("spans", 2, 1, 4)], await Catalog.ReadViewVersionsAsync(Tenant.Default, 20, Cancellation));
        Assert.Empty(await Catalog.ReadViewVersionsAsync(new Tenant("other"), 20, Cancellation));
        await Catalog.RetirePartitionsAsync(Tenant.Default, "spans", 1, builtBeforeNs: 20, nowNs: 30, Cancellation);
        await Catalog.RetirePartitionsAsync(new Tenant("other"), "spans", 2, builtBeforeNs: 20, nowNs: 30, Cancellation);
        var left = await Catalog.ReadPartitionsAsync(Tenant.Default, "spans", null, Cancellation);
        Assert.Equal(["", "young", "newer"], left.Select(row => row.Path));
        Assert.Equal((2, 0, 0, 30, "{}"), (left[0].Generation, left[0].Rows, left[0].Bytes, left[0].BuiltAtNs, left[0].Details));

        // Somebody may want it after all.
        await PublishAsync(Partition(one, 3, "again") with { BuiltAtNs = 40 });
        await Catalog.RetirePartitionsAsync(Tenant.Default, "spans", 1, builtBeforeNs: 41, nowNs: 50, Cancellation);
        await Catalog.RetirePartitionsAsync(Tenant.Default, "spans", 1, builtBeforeNs: 51, nowNs: 60, Cancellation);
        Assert.Equal("newer", Assert.Single(await Catalog.ReadPartitionsAsync(Tenant.Default, "spans", null, Cancellation)).Path);
        Assert.Single(await Catalog.ReadPartitionsAsync(Tenant.Default, "log_entries", null, Cancellation));

        async Task PublishAsync(PartitionRow row) => Assert.True(await Catalog.PublishPartitionAsync(Tenant.Default, row, row.Generation - 1, Cancellation));
    }
}
