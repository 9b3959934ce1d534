using Legion.Store;
using Legion.Tests.Support;

namespace Legion.Tests.Store;

public sealed class S3ObjectStoreTests(S3Gateway gateway) : ObjectStoreContract
{
    S3Location location = null!;

    public override async ValueTask InitializeAsync()
    {
        location = await gateway.NewLocationAsync();
        await base.InitializeAsync();
    }

    protected override Task<IObjectStore> OpenAsync() => Task.FromResult<IObjectStore>(S3Gateway.Open(location));

    [Fact]
    public async Task AListingGoesOnWhereAnAnswerEnds()
    {
        const int Objects = 1_001; // one more than an answer holds
        await Parallel.ForAsync(0, Objects, Cancellation, async (i, cancellation) => await Store.PutAsync($"many/{i:D4}", [Bytes("x")], cancellation));

        Assert.Equal(Enumerable.Range(0, Objects).Select(i => $"many/{i:D4}"), await KeysAsync("many/"));
    }

    [Fact]
    public async Task APutWhoseAnswerIsLostIsStillItsOwn()
    {
        await using var proxy = new FaultProxy(location.Settings.Endpoint!, swallowedShare: 0.4, seed: 3);
        var far = S3Gateway.Open(location with { Settings = location.Settings with { Endpoint = proxy.Url } });

        for (var i = 0; i < 12; i++) Assert.True(await far.PutAsync($"far/{i}", [Bytes($"{i}")], Cancellation));

        Assert.True(proxy.Swallowed > 0, "no answer was lost");
        for (var i = 0; i < 12; i++)
        {
            Assert.False(await far.PutAsync($"far/{i}", [Bytes($"{i}")], Cancellation)); // the same bytes, another put
            Assert.Equal($"{i}", Text(await Store.ReadAsync($"far/{i}", 0, i < 10 ? 1 : 2, Cancellation)));
        }
    }

    [Fact]
    public async Task AServerThatIsAwayIsUnavailable()
    {
        await using var proxy = new FaultProxy(location.Settings.Endpoint!) { IsAway = true };
        var away = S3Gateway.Open(location with { Settings = location.Settings with { Endpoint = proxy.Url } });

        await Assert.ThrowsAsync<StoreUnavailableException>(() => away.PutAsync("a/1", [Bytes("x")], Cancellation));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => away.ReadAsync("a/1", 0, 1, Cancellation));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => away.DeleteAsync("a/1", Cancellation));
    }
}
