using Legion.Format;
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
        await Catalog.RemoveArrivalAsync(second with { Tenant = Tenant.Default }, Cancellation); // another's
        await Catalog.RemoveArrivalAsync(second, Cancellation);
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
        await Catalog.FailArrivalAsync(arrival, reader: 3, "expected this, saw that", Cancellation);
        Assert.Equal("expected this, saw that", Assert.Single(await Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation)).Failure);
        Assert.Equal(new ArrivalTotals(0, 1, 7), await Catalog.ReadArrivalTotalsAsync(Tenant.Default, Cancellation));

        await Catalog.RetryArrivalsAsync(reader: 3, Cancellation);
        Assert.Empty(await ClaimAsync(nowNs: long.MaxValue - Lease - 1));
        await Catalog.RetryArrivalsAsync(reader: 4, Cancellation);
        Assert.Equal(Arrival(1).ReceivedNs, Assert.Single(await ClaimAsync(nowNs: 20)).ReceivedNs);
    }

    [Fact]
    public async Task AnArrivalIsGivenAnotherObjectUnlessSomebodyWorksOnIt()
    {
        var arrival = Arrival(5);
        await Catalog.AddArrivalAsync(arrival, Cancellation);
        var claimed = Assert.Single(await ClaimAsync(nowNs: 10));
        var (without, erasure) = (OtherObject(arrival), Erasure());
        await Catalog.KeepErasureKeysAsync(Tenant.Default, ErasureKeys.Create(), Cancellation);
        await Catalog.BeginErasureAsync(Tenant.Default, erasure, [], Cancellation);
        Assert.False(await ReplaceAsync(nowNs: 10 + Lease - 1));
        for (var i = 0; i < 2; i++) Assert.True(await ReplaceAsync(nowNs: 10 + Lease));
        Assert.Equal(without with { Attempts = 1 }, Assert.Single(await Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation)));
        Assert.Equal([arrival.ObjectKey], await Catalog.ReadDoomedAsync(Tenant.Default, Cancellation));
        Assert.Equal(new ErasureCounts(0, 1, 3), Assert.Single(await Catalog.ReadErasuresAsync(Tenant.Default, Cancellation)).Counts);

        // Who worked on it for longer than his claim held knows the old object, and changes nothing.
        await Catalog.RemoveArrivalAsync(claimed, Cancellation);
        await Catalog.FailArrivalAsync(claimed, reader: 1, "expected this, saw that", Cancellation);
        Assert.Null(Assert.Single(await Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation)).Failure);

        Assert.True(await Catalog.ReplaceArrivalAsync(without, null, erasure.ErasureId, default, 10 + Lease, Cancellation));
        Assert.Empty(await Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation));
        Assert.Equal(new ArrivalTotals(0, 0, 0), await Catalog.ReadArrivalTotalsAsync(Tenant.Default, Cancellation));

        Task<bool> ReplaceAsync(long nowNs) => Catalog.ReplaceArrivalAsync(arrival, without, erasure.ErasureId, new ErasureCounts(0, 1, 3), nowNs, Cancellation);
    }

    [Fact]
    public async Task AnArrivalsObjectIsNamedOrSpentAndNotBoth()
    {
        var (named, unnamed, replaced) = (Arrival(1), Arrival(2), Arrival(3));
        foreach (var arrival in (ArrivalRow[])[named, replaced]) await Catalog.AddArrivalAsync(arrival, Cancellation);
        Assert.False(await SpendAsync(named));
        for (var i = 0; i < 2; i++) Assert.True(await SpendAsync(unnamed));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Catalog.AddArrivalAsync(unnamed, Cancellation));

        var erasure = Erasure();
        var (late, without) = (OtherObject(replaced), OtherObject(replaced));
        Assert.True(await SpendAsync(late));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Catalog.ReplaceArrivalAsync(replaced, late, erasure.ErasureId, default, 10, Cancellation));
        Assert.True(await Catalog.ReplaceArrivalAsync(replaced, without, erasure.ErasureId, default, 10, Cancellation));
        Assert.False(await SpendAsync(without));
        Assert.True(await SpendAsync(replaced));
        Assert.Equal([named.ObjectKey, without.ObjectKey], (await Catalog.FindLivingArrivalsAsync(NameOf(named),
            [named.ObjectKey, unnamed.ObjectKey, replaced.ObjectKey, late.ObjectKey, without.ObjectKey], Cancellation)).Order());
        Assert.Equal(2, (await ClaimAsync(nowNs: long.MaxValue - Lease - 1)).Count);
        await Catalog.RemoveArrivalAsync(without, Cancellation);
        Assert.True(await SpendAsync(without));

        Task<bool> SpendAsync(ArrivalRow arrival) => Catalog.SpendArrivalAsync(NameOf(arrival), Cancellation);

        static ArrivalObjectName NameOf(ArrivalRow arrival) => StoreNames.TryReadArrivalObject(arrival.ObjectKey, out var name) ? name : throw new InvalidDataException(arrival.ObjectKey);
    }

    [Fact]
    public async Task OfArrivalsThatCannotBeReadThoseOfOldDaysGo()
    {
        const long NsPerDay = 86_400_000_000_000;
        ArrivalRow[] arrivals = [Arrival(20 * NsPerDay - 1), Arrival(20 * NsPerDay), Arrival(0) with { Signal = ExportSignal.Logs }, Arrival(0) with { Tenant = new Tenant("one") }, Arrival(0)];
        foreach (var arrival in arrivals) await Catalog.AddArrivalAsync(arrival, Cancellation);
        foreach (var arrival in arrivals[..4]) await Catalog.FailArrivalAsync(arrival, reader: 1, "expected this, saw that", Cancellation);
        Assert.Equal(default, await Catalog.ExpireArrivalsAsync(Tenant.Default, StreamClass.Other, 20, Cancellation));
        Assert.Equal(new RetentionTotals(0, 0, 7, 1, 0), await Catalog.ExpireArrivalsAsync(Tenant.Default, StreamClass.Metric, 20, Cancellation));
        Assert.Equal([arrivals[0].ObjectKey], await Catalog.ReadDoomedAsync(Tenant.Default, Cancellation));
        Assert.Equal(arrivals.Skip(1).Where(arrival => arrival.Tenant == Tenant.Default).Select(arrival => arrival.ArrivalId).Order(),
            (await Catalog.ReadArrivalsAsync(Tenant.Default, Cancellation)).Select(arrival => arrival.ArrivalId).Order());
    }

    [Fact]
    public async Task AResourceWhoseProcessIsErasedHasAnotherForWhatCameLater()
    {
        var resource = Resource([.. Enumerable.Range(0, 32).Select(i => (byte)i)], startNs: 1);
        await Catalog.AddResourceAsync(Tenant.Default, resource, receivedNs: 5, Cancellation);
        await RegisterAsync(Process(resource.ProcessId));
        var digest = await Catalog.FindResourceAsync(Tenant.Default, resource.ProcessId, Cancellation);
        Assert.Equal(Convert.ToHexStringLower(resource.Digest.Span), digest);
        var keys = ErasureKeys.Create();
        await Catalog.KeepErasureKeysAsync(Tenant.Default, keys, Cancellation);
        var erasure = Erasure() with { Kind = ErasureKind.Process, Property = "", Value = digest, Digest = keys.DigestOf(resource.ProcessId), RequestedNs = 10 };
        await Catalog.BeginErasureAsync(Tenant.Default, erasure, [resource.ProcessId], Cancellation);
        Assert.Null(await Catalog.FindResourceAsync(Tenant.Default, resource.ProcessId, Cancellation));

        var late = Resource(resource.Digest.ToArray(), startNs: 2);
        Assert.Equal(late.ProcessId, (await Catalog.AddResourceAsync(Tenant.Default, late, receivedNs: 10, Cancellation)).ProcessId);
        await RegisterAsync(Process(late.ProcessId));
        Assert.Empty(await Catalog.ReadProcessesAsync(Tenant.Default, null, Cancellation));
        var later = Resource(resource.Digest.ToArray(), startNs: 3);
        Assert.Equal(later.ProcessId, (await Catalog.AddResourceAsync(Tenant.Default, later, receivedNs: 11, Cancellation)).ProcessId);
        Assert.NotEqual(later.ProcessId, (await Catalog.AddResourceAsync(Tenant.Default, late, receivedNs: 9, Cancellation)).ProcessId);
        await RegisterAsync(Process(later.ProcessId));
        Assert.Single(await Catalog.ReadProcessesAsync(Tenant.Default, null, Cancellation));
    }

    [Fact]
    public async Task OfTwoProcessesForOneResourceTheFirstCounts()
    {
        var digest = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
        var counted = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => Open().AddResourceAsync(Tenant.Default, Resource(digest, i), receivedNs: 0, Cancellation))));
        Assert.Single(counted.Select(resource => (resource.ProcessId, resource.TraceStreamId, resource.MetricStreamId, resource.LogStreamId, resource.StartNs)).Distinct());
        Assert.Equal(digest, counted[0].Digest.ToArray());
        Assert.NotEqual(counted[0].ProcessId, (await Catalog.AddResourceAsync(new Tenant("one"), Resource(digest, 9), receivedNs: 0, Cancellation)).ProcessId);
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

    static ArrivalRow OtherObject(ArrivalRow arrival) => arrival with { ObjectKey = StoreNames.ArrivalObject(20_000, Tenant.Default, Guid.CreateVersion7()), Bytes = 5 };

    static ErasureRow Erasure() => new()
    {
        ErasureId = Guid.CreateVersion7(), Kind = ErasureKind.Property, Property = "user_id", Value = "bob", Digest = new byte[32], RequestedNs = 10, Counts = default,
    };

    static ResourceRow Resource(byte[] digest, long startNs) =>
        new(digest, Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), startNs);
}
