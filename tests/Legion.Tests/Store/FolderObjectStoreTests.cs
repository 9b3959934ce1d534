using System.IO.Pipes;
using System.Text;
using Legion.Store;
using Microsoft.Win32.SafeHandles;

namespace Legion.Tests.Store;

public sealed class FolderObjectStoreTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("legion-objects-").FullName;
    readonly FolderObjectStore store;

    public FolderObjectStoreTests() => store = new FolderObjectStore(folder);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PartsAreReadBackInOrderAndByRange()
    {
        Assert.True(await store.PutAsync("a/b/c", [Bytes("one"), Bytes(""), Bytes("two")], Cancellation));

        Assert.Equal("onetwo", Text(await store.ReadAsync("a/b/c", 0, 6, Cancellation)));
        Assert.Equal("etw", Text(await store.ReadAsync("a/b/c", 2, 3, Cancellation)));
        Assert.Empty(await store.ReadAsync("a/b/c", 6, 0, Cancellation));
        Assert.Equal("onetwo", await File.ReadAllTextAsync(await store.LocalFileAsync("a/b/c", Cancellation), Cancellation));
    }

    [Fact]
    public async Task ASecondPutLeavesTheFirstBytes()
    {
        Assert.True(await store.PutAsync("k/x", [Bytes("first")], Cancellation));
        Assert.False(await store.PutAsync("k/x", [Bytes("second")], Cancellation));

        Assert.Equal("first", Text(await store.ReadAsync("k/x", 0, 5, Cancellation)));
        Assert.Empty(Temporary());
    }

    [Fact]
    public async Task OfRacingPutsOneWinsAndItsBytesStay()
    {
        const int Writers = 4, Keys = 25;
        var wins = await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            var own = new FolderObjectStore(folder);
            var won = new List<int>();
            for (var key = 0; key < Keys; key++)
                if (await own.PutAsync($"race/{key / 5}/{key}", [Bytes($"{writer}")], Cancellation)) won.Add(key);
            return won;
        })));

        for (var key = 0; key < Keys; key++)
        {
            var winner = Assert.Single(Enumerable.Range(0, Writers), writer => wins[writer].Contains(key));
            Assert.Equal($"{winner}", Text(await store.ReadAsync($"race/{key / 5}/{key}", 0, 1, Cancellation)));
        }
        Assert.Empty(Temporary());
    }

    [Fact]
    public async Task AFileBecomesAnObjectAndIsGone()
    {
        var file = store.NewTemporaryFile();
        await File.WriteAllTextAsync(file, "rows", Cancellation);

        Assert.True(await store.PutFileAsync("views/x", file, Cancellation));

        Assert.Equal("rows", Text(await store.ReadAsync("views/x", 0, 4, Cancellation)));
        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task AListingNamesWhatBeginsWithThePrefix()
    {
        foreach (var key in (string[])["a/1", "a/12", "a/2/3", "b/1"]) await store.PutAsync(key, [Bytes(key)], Cancellation);
        await File.WriteAllTextAsync(store.NewTemporaryFile(), "left behind", Cancellation);

        Assert.Equal(["a/1", "a/12", "a/2/3"], await KeysAsync("a/"));
        Assert.Equal(["a/1", "a/12"], await KeysAsync("a/1"));
        Assert.Equal(["a/1", "a/12", "a/2/3", "b/1"], await KeysAsync(""));
        Assert.Empty(await KeysAsync("c/"));
    }

    [Fact]
    public async Task WhatIsDeletedIsGoneAndItsKeyIsFree()
    {
        await store.PutAsync("a/1", [Bytes("old")], Cancellation);

        Assert.True(await store.DeleteAsync("a/1", Cancellation));
        Assert.False(await store.DeleteAsync("a/1", Cancellation));
        Assert.True(await store.PutAsync("a/1", [Bytes("new")], Cancellation));
    }

    [Fact]
    public async Task APutCreatesAgainAFolderThatWasRemoved()
    {
        await store.PutAsync("day/a", [Bytes("a")], Cancellation);
        Directory.Delete(Path.Combine(folder, "day"), recursive: true);

        Assert.True(await store.PutAsync("day/a", [Bytes("b")], Cancellation));
    }

    [Fact]
    public async Task ReadingSaysWhatIsMissing()
    {
        await store.PutAsync("a/1", [Bytes("abc")], Cancellation);

        await Assert.ThrowsAsync<FileNotFoundException>(() => store.ReadAsync("a/2", 0, 1, Cancellation));
        await Assert.ThrowsAsync<FileNotFoundException>(() => store.LocalFileAsync("a", Cancellation));
        await Assert.ThrowsAsync<EndOfStreamException>(() => store.ReadAsync("a/1", 1, 3, Cancellation));
        await Assert.ThrowsAsync<EndOfStreamException>(() => store.ReadAsync("a/1", -1, 1, Cancellation));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../../b")]
    [InlineData("a//b")]
    [InlineData("a/.")]
    public async Task AKeyCannotLeaveTheFolder(string key) =>
        await Assert.ThrowsAsync<ArgumentException>(() => store.PutAsync(key, [Bytes("x")], Cancellation));

    [Fact]
    public async Task APutThatTheDiskRefusesSaysSoAndLeavesNothing()
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "blocks"), "a file where a folder is needed", Cancellation);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.PutAsync("blocks/a", [Bytes("x")], Cancellation));
        Assert.Empty(Temporary());
    }

    [Fact]
    public void ASyncThatFailsIsNotSwallowed()
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        using var notAFile = new SafeFileHandle(pipe.SafePipeHandle.DangerousGetHandle(), ownsHandle: false);

        Assert.Throws<StoreUnavailableException>(() => Posix.SyncData(notAFile, "pipe"));
        Assert.Throws<StoreUnavailableException>(() => Posix.SyncFolder(Path.Combine(folder, "missing")));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    async Task<List<string>> KeysAsync(string prefix)
    {
        var keys = new List<string>();
        await foreach (var stored in store.ListAsync(prefix, Cancellation)) keys.Add(stored.Key);
        keys.Sort(StringComparer.Ordinal);
        return keys;
    }

    string[] Temporary() => Directory.GetFiles(Path.Combine(folder, StoreNames.TemporaryFolder));

    static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
    static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
