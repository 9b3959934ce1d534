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

    [Theory]
    [InlineData(3, 12)] // never three lost in a row: some try of each request is answered
    [InlineData(5, 1)] // the first three are: no try of the put is answered, and the object is found
    public async Task APutWhoseAnswerIsLostIsStillItsOwn(int seed, int puts)
    {
        await using var proxy = new FaultProxy(location.Settings.Endpoint!, swallowedShare: 0.4, seed);
        using var far = S3Gateway.Client(location with { Settings = location.Settings with { Endpoint = proxy.Url } });
        var store = new S3ObjectStore(far, location);

        for (var i = 0; i < puts; i++) Assert.True(await store.PutAsync($"far/{i}", [Bytes($"{i:D2}")], Cancellation));

        Assert.True(proxy.Swallowed > 0, "no answer was lost");
        for (var i = 0; i < puts; i++)
        {
            Assert.False(await Store.PutAsync($"far/{i}", [Bytes($"{i:D2}")], Cancellation)); // the same bytes, another put
            Assert.Equal($"{i:D2}", Text(await Store.ReadAsync($"far/{i}", 0, 2, Cancellation)));
        }
    }

    [Fact]
    public async Task AServerThatIsAwayIsUnavailable()
    {
        await using var proxy = new FaultProxy(location.Settings.Endpoint!) { IsAway = true };
        var away = S3Gateway.Open(location with { Settings = location.Settings with { Endpoint = proxy.Url } });

        await Assert.ThrowsAsync<StoreUnavailableException>(() => away.PutAsync("a/1", [Bytes("x")], Cancellation));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => away.ReadAsync("a/1", 0, 1, Cancellation));

        proxy.IsAway = false;
        Assert.True(await away.PutAsync("a/1", [Bytes("x")], Cancellation));
    }

    [Fact]
    public async Task ABucketThatIsMissingIsNoMissingObject()
    {
        var nowhere = S3Gateway.Open(location with { Bucket = "nowhere" });

        await Assert.ThrowsAsync<StoreUnavailableException>(() => nowhere.PutAsync("a/1", [Bytes("x")], Cancellation));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => nowhere.ReadAsync("a/1", 0, 1, Cancellation));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => nowhere.LocalFileAsync("a/1", Cancellation));
    }

    [Fact]
    public async Task AnObjectIsFetchedOnceHoweverManyAsk()
    {
        await Store.PutAsync("a/1", [Bytes("abc")], Cancellation);

        var files = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Store.LocalFileAsync("a/1", Cancellation)));
        Assert.Single(files.Distinct());

        await File.WriteAllTextAsync(files[0], "its", Cancellation);
        Assert.Equal(files[0], await Store.LocalFileAsync("a/1", Cancellation));
        Assert.Equal("its", await File.ReadAllTextAsync(files[0], Cancellation));

        await Store.DeleteAsync("a/1", Cancellation);
        Assert.False(File.Exists(files[0]));
        await Assert.ThrowsAsync<FileNotFoundException>(() => Store.LocalFileAsync("a/1", Cancellation));
        await Store.PutAsync("a/1", [Bytes("new")], Cancellation);
        Assert.Equal("new", await File.ReadAllTextAsync(await Store.LocalFileAsync("a/1", Cancellation), Cancellation));
    }
}
