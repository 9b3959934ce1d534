using Legion.Store;

namespace Legion.Tests.Store;

public abstract partial class CatalogContract
{
    const long Lease = 100;

    [Fact]
    public async Task AnArrivalComesBackAsItWasAdded()
    {
        var (first, second) = (Arrival(5), Arrival(6) with { Tenant = new Tenant("one"), Signal = ExportSignal.Logs, MediaType = ArrivalRow.Json, IsGzip = true });
        foreach (var arrival in (ArrivalRow[])[second, first, first]) await Catalog.AddArrivalAsync(arrival, Cancellation);
        Assert.Equal(first, Assert.Single(await Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation)));
        Assert.Equal(second, Assert.Single(await Catalog.ReadArrivalsAsync(new Tenant("one"), Cancellation)));
        Assert.Equal(new ArrivalTotals(1, 0, 7), await Catalog.ReadArrivalTotalsAsync(Tenant.Default, Cancellation));

        // Who works on them does so for all tenants, the oldest first.
        Assert.Equal([first with { Attempts = 1 }, second with { Attempts = 1 }], await ClaimAsync(nowNs: 10));
        await Catalog.RemoveArrivalAsync(Tenant.Default, second.ArrivalId, Cancellation); // another's
        await Catalog.RemoveArrivalAsync(new Tenant("one"), second.ArrivalId, Cancellation);
        Assert.Equal([first.ArrivalId], (await ClaimAsync(nowNs: 10 + Lease)).Select(arrival => arrival.ArrivalId));
    }

    [Fact]
    public async Task AnArrivalIsClaimedByOneUntilItsLeaseEnds()
    {
        for (var i = 0; i < 20; i++) await Catalog.AddArrivalAsync(Arrival(i), Cancellation);
        var claimed = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var (catalog, own) = (Open(), new List<Guid>());
            while (await catalog.ClaimArrivalsAsync(Guid.NewGuid(), 3, Lease, 1000, Cancellation) is { Count: > 0 } some) own.AddRange(some.Select(arrival => arrival.ArrivalId));
            return own;
        })));
        Assert.Equal(20, claimed.SelectMany(own => own).Distinct().Count());
        Assert.Equal(20, claimed.Sum(own => own.Count));
        Assert.Empty(await ClaimAsync(nowNs: 1000 + Lease - 1));
        Assert.Equal(Enumerable.Repeat(2, 20), (await ClaimAsync(nowNs: 1000 + Lease)).Select(arrival => arrival.Attempts));
    }

    [Fact]
    public async Task AClaimThatRunsAgainHasTheSameArrivals()
    {
        for (var i = 0; i < 5; i++) await Catalog.AddArrivalAsync(Arrival(i), Cancellation);
        var claim = Guid.NewGuid();
        var claimed = await Catalog.ClaimArrivalsAsync(claim, 5, Lease, 10, Cancellation);
        await Catalog.AddArrivalAsync(Arrival(9), Cancellation);
        Assert.Equal(claimed, (await Catalog.ClaimArrivalsAsync(claim, 5, Lease, 10, Cancellation)).Take(5));
    }

    [Fact]
    public async Task AnArrivalThatWasGivenBackCountsNoAttempt()
    {
        await Catalog.AddArrivalAsync(Arrival(1), Cancellation);
        var arrival = Assert.Single(await ClaimAsync(nowNs: 10));
        for (var i = 0; i < 2; i++) await Catalog.ReleaseArrivalAsync(Tenant.Default, arrival.ArrivalId, Cancellation);
        Assert.Equal(1, Assert.Single(await ClaimAsync(nowNs: 10)).Attempts);
    }

    [Fact]
    public async Task AnArrivalThatCannotBeReadWaitsForANewerReader()
    {
        await Catalog.AddArrivalAsync(Arrival(1), Cancellation);
        var arrival = Assert.Single(await ClaimAsync(nowNs: 10));
        await Catalog.FailArrivalAsync(Tenant.Default, arrival.ArrivalId, reader: 3, "expected this, saw that", Cancellation);
        Assert.Equal("expected this, saw that", Assert.Single(await Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation)).Failure);
        Assert.Equal(new ArrivalTotals(0, 1, 7), await Catalog.ReadArrivalTotalsAsync(Tenant.Default, Cancellation));

        await Catalog.RetryArrivalsAsync(reader: 3, Cancellation);
        Assert.Empty(await ClaimAsync(nowNs: long.MaxValue - Lease - 1));
        await Catalog.RetryArrivalsAsync(reader: 4, Cancellation);
        Assert.Equal(Arrival(1).ReceivedNs, Assert.Single(await ClaimAsync(nowNs: 20)).ReceivedNs);
    }

    [Fact]
    public async Task OfTwoProcessesForOneResourceTheFirstCounts()
    {
        var digest = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
        var counted = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => Open().AddResourceAsync(Tenant.Default, Resource(digest, i), Cancellation))));
        Assert.Single(counted.Select(resource => (resource.ProcessId, resource.TraceStreamId, resource.MetricStreamId, resource.LogStreamId, resource.StartNs)).Distinct());
        Assert.Equal(digest, counted[0].Digest.ToArray());
        Assert.NotEqual(counted[0].ProcessId, (await Catalog.AddResourceAsync(new Tenant("one"), Resource(digest, 9), Cancellation)).ProcessId);
    }

    [Fact]
    public async Task OfTwoSecretsForHashesTheFirstCounts()
    {
        var counted = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => Open().AddRedactionKeyAsync(Tenant.Default, $"secret {i}", Cancellation))));
        Assert.StartsWith("secret ", Assert.Single(counted.Distinct()), StringComparison.Ordinal);
        Assert.Equal("another", await Catalog.AddRedactionKeyAsync(new Tenant("one"), "another", Cancellation));
    }

    Task<IReadOnlyList<ArrivalRow>> ClaimAsync(long nowNs) => Catalog.ClaimArrivalsAsync(Guid.NewGuid(), 100, Lease, nowNs, Cancellation);

    static ArrivalRow Arrival(long receivedNs)
    {
        var id = Guid.CreateVersion7();
        return new ArrivalRow
        {
            Tenant = Tenant.Default, ArrivalId = id, Signal = ExportSignal.Metrics, MediaType = ArrivalRow.Protobuf, IsGzip = false,
            ObjectKey = StoreNames.ArrivalObject(20_000, Tenant.Default, id), Bytes = 7, ReceivedNs = receivedNs,
        };
    }

    static ResourceRow Resource(byte[] digest, long startNs) =>
        new(digest, Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), startNs);
}
