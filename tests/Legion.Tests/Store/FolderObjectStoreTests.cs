using System.IO.Pipes;
using Legion.Store;
using Microsoft.Win32.SafeHandles;

namespace Legion.Tests.Store;

public sealed class FolderObjectStoreTests : ObjectStoreContract
{
    readonly string folder = Directory.CreateTempSubdirectory("legion-objects-").FullName;

    protected override Task<IObjectStore> OpenAsync() => Task.FromResult<IObjectStore>(new FolderObjectStore(folder));

    [Fact]
    public async Task APutLeavesNoTemporaryFileWhetherItWinsOrNot()
    {
        Assert.True(await Store.PutAsync("k/x", [Bytes("first")], Cancellation));
        Assert.False(await Store.PutAsync("k/x", [Bytes("second")], Cancellation));

        Assert.Empty(Temporary());
    }

    [Fact]
    public async Task APutCreatesAgainAFolderThatWasRemoved()
    {
        await Store.PutAsync("day/a", [Bytes("a")], Cancellation);
        Directory.Delete(Path.Combine(folder, "day"), recursive: true);

        Assert.True(await Store.PutAsync("day/a", [Bytes("b")], Cancellation));
    }

    [Fact]
    public async Task APutThatTheDiskRefusesSaysSoAndLeavesNothing()
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "blocks"), "a file where a folder is needed", Cancellation);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => Store.PutAsync("blocks/a", [Bytes("x")], Cancellation));
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

    public override async ValueTask DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        await base.DisposeAsync();
    }

    string[] Temporary() => Directory.GetFiles(Path.Combine(folder, StoreNames.TemporaryFolder));
}
