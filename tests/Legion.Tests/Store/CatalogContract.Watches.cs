using Legion.Store;

namespace Legion.Tests.Store;

public abstract partial class CatalogContract
{
    [Fact]
    public async Task AProcessIsWatchedUntilTheLatestTimeThatWasSaid()
    {
        var (process, ended, other) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await RegisterAsync(Process(process), Process(other));
        await RegisterAsync(Process(ended) with { EndNs = 5, EndReason = "exit" });
        await Catalog.WatchAsync(Tenant.Default, process, untilNs: 100, nowNs: 10, Cancellation);
        await Catalog.WatchAsync(Tenant.Default, process, untilNs: 50, nowNs: 10, Cancellation);
        await Catalog.WatchAsync(Tenant.Default, other, untilNs: 60, nowNs: 10, Cancellation);
        foreach (var unknown in (Guid[])[ended, Guid.NewGuid()]) await Catalog.WatchAsync(Tenant.Default, unknown, untilNs: 100, nowNs: 10, Cancellation);
        await Catalog.WatchAsync(new Tenant("other"), process, untilNs: 100, nowNs: 10, Cancellation);

        Assert.Equivalent((Guid[])[process, other], await Catalog.ReadWatchedAsync(Tenant.Default, 59, Cancellation), strict: true);
        Assert.Equal([process], await Catalog.ReadWatchedAsync(Tenant.Default, 60, Cancellation));
        Assert.Empty(await Catalog.ReadWatchedAsync(Tenant.Default, 100, Cancellation));
        Assert.Empty(await Catalog.ReadWatchedAsync(new Tenant("other"), 11, Cancellation));

        await Catalog.WatchAsync(Tenant.Default, other, untilNs: 200, nowNs: 100, Cancellation);
        Assert.Equal([other], await Catalog.ReadWatchedAsync(Tenant.Default, 11, Cancellation));
    }
}
