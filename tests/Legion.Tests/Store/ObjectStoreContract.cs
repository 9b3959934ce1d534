using System.Text;
using Legion.Store;

namespace Legion.Tests.Store;

/// <summary>What every object store keeps to. Each test has a store of its own.</summary>
public abstract class ObjectStoreContract : IAsyncLifetime
{
    IObjectStore? opened;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected IObjectStore Store => opened!;

    /// <summary>The same store once more, as another process would open it.</summary>
    protected abstract Task<IObjectStore> OpenAsync();

    public virtual async ValueTask InitializeAsync() => opened = await OpenAsync();

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task PartsAreReadBackInOrderAndByRange()
    {
        Assert.True(await Store.PutAsync("a/b/c", [Bytes("one"), Bytes(""), Bytes("two")], Cancellation));

        Assert.Equal("onetwo", Text(await Store.ReadAsync("a/b/c", 0, 6, Cancellation)));
        Assert.Equal("etw", Text(await Store.ReadAsync("a/b/c", 2, 3, Cancellation)));
        Assert.Empty(await Store.ReadAsync("a/b/c", 6, 0, Cancellation));
        Assert.Equal("onetwo", await File.ReadAllTextAsync(await Store.LocalFileAsync("a/b/c", Cancellation), Cancellation));
    }

    [Fact]
    public async Task ASecondPutLeavesTheFirstBytes()
    {
        Assert.True(await Store.PutAsync("k/x", [Bytes("first")], Cancellation));
        Assert.False(await Store.PutAsync("k/x", [Bytes("second")], Cancellation));

        Assert.Equal("first", Text(await Store.ReadAsync("k/x", 0, 5, Cancellation)));
    }

    [Fact]
    public async Task AReplacedObjectHasTheLastBytes()
    {
        foreach (var text in (string[])["first", "second, which is longer", "3"])
        {
            await Store.ReplaceAsync("k/x", Bytes(text), Cancellation);
            Assert.Equal(text, Text(await Store.ReadAsync("k/x", 0, text.Length, Cancellation)));
        }
        Assert.Equal(["k/x"], await KeysAsync("k/"));
    }

    [Fact]
    public async Task OfRacingPutsOneWinsAndItsBytesStay()
    {
        const int Writers = 4, Keys = 25;
        var wins = await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            var own = await OpenAsync();
            var won = new List<int>();
            for (var key = 0; key < Keys; key++)
                if (await own.PutAsync($"race/{key / 5}/{key}", [Bytes($"{writer}")], Cancellation)) won.Add(key);
            return won;
        })));

        for (var key = 0; key < Keys; key++)
        {
            var winner = Assert.Single(Enumerable.Range(0, Writers), writer => wins[writer].Contains(key));
            Assert.Equal($"{winner}", Text(await Store.ReadAsync($"race/{key / 5}/{key}", 0, 1, Cancellation)));
        }
    }

    [Fact]
    public async Task AFileBecomesAnObjectAndIsGone()
    {
        var file = Store.NewTemporaryFile();
        await File.WriteAllTextAsync(file, "rows", Cancellation);

        Assert.True(await Store.PutFileAsync("views/x", file, Cancellation));

        Assert.Equal("rows", Text(await Store.ReadAsync("views/x", 0, 4, Cancellation)));
        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task AListingNamesWhatBeginsWithThePrefix()
    {
        foreach (var key in (string[])["a/1", "a/12", "a/2/3", "b/1"]) await Store.PutAsync(key, [Bytes(key)], Cancellation);
        await File.WriteAllTextAsync(Store.NewTemporaryFile(), "left behind", Cancellation);

        Assert.Equal(["a/1", "a/12", "a/2/3"], await KeysAsync("a/"));
        Assert.Equal(["a/1", "a/12"], await KeysAsync("a/1"));
        Assert.Equal(["a/1", "a/12", "a/2/3", "b/1"], await KeysAsync(""));
        Assert.Empty(await KeysAsync("c/"));
    }

    [Fact]
    public async Task WhatIsDeletedIsGoneAndItsKeyIsFree()
    {
        await Store.PutAsync("a/1", [Bytes("old")], Cancellation);

        Assert.True(await Store.DeleteAsync("a/1", Cancellation));
        Assert.False(await Store.DeleteAsync("a/1", Cancellation));
        Assert.True(await Store.PutAsync("a/1", [Bytes("new")], Cancellation));
    }

    [Fact]
    public async Task ReadingSaysWhatIsMissing()
    {
        await Store.PutAsync("a/1", [Bytes("abc")], Cancellation);

        await Assert.ThrowsAsync<FileNotFoundException>(() => Store.ReadAsync("a/2", 0, 1, Cancellation));
        await Assert.ThrowsAsync<FileNotFoundException>(() => Store.LocalFileAsync("a", Cancellation));
        await Assert.ThrowsAsync<EndOfStreamException>(() => Store.ReadAsync("a/1", 1, 3, Cancellation));
        await Assert.ThrowsAsync<EndOfStreamException>(() => Store.ReadAsync("a/1", -1, 1, Cancellation));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../../b")]
    [InlineData("a//b")]
    [InlineData("a/.")]
    public async Task AKeyCannotLeaveTheStore(string key) =>
        await Assert.ThrowsAsync<ArgumentException>(() => Store.PutAsync(key, [Bytes("x")], Cancellation));

    protected async Task<List<string>> KeysAsync(string prefix)
    {
        var keys = new List<string>();
        await foreach (var stored in Store.ListAsync(prefix, Cancellation)) keys.Add(stored.Key);
        keys.Sort(StringComparer.Ordinal);
        return keys;
    }

    protected static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
    protected static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
