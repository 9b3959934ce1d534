using Legion.Store;
using Legion.Tests.Store;
using Microsoft.Win32.SafeHandles;

namespace Legion.Tests.Support;

/// <summary>Objects that lie elsewhere, as far as their readers can tell: files of them are copies, and each request for bytes is counted.</summary>
sealed class RemoteStore : IObjectStore, IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("legion-remote-").FullName;
    readonly MemoryObjectStore objects;
    readonly long requestBytes;
    ObjectCache cache;
    long requests, bytes;

    public RemoteStore(long requestBytes)
    {
        this.requestBytes = requestBytes;
        objects = new MemoryObjectStore(folder);
        cache = NewCache();
    }

    public long Requests => Interlocked.Read(ref requests);

    public long Bytes => Interlocked.Read(ref bytes);

    /// <summary>As on another machine: without copies, and with nothing counted.</summary>
    public void ForgetAll()
    {
        cache = NewCache();
        (requests, bytes) = (0, 0);
    }

    public Task<bool> PutAsync(string key, IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken cancellation) => objects.PutAsync(key, parts, cancellation);
    public Task<bool> PutFileAsync(string key, string temporaryFile, CancellationToken cancellation) => objects.PutFileAsync(key, temporaryFile, cancellation);
    public Task ReplaceAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => objects.ReplaceAsync(key, bytes, cancellation);
    public string NewTemporaryFile() => objects.NewTemporaryFile();
    public IReadOnlyList<string> LocalFolders => [.. objects.LocalFolders, .. cache.LocalFolders];
    public Task<int> SweepTemporaryAsync(CancellationToken cancellation) => Task.FromResult(0);
    public Task ReadAsync(string key, long offset, Memory<byte> into, CancellationToken cancellation) => objects.ReadAsync(key, offset, into, cancellation);
    public Task<string> LocalFileAsync(string key, CancellationToken cancellation) => objects.LocalFileAsync(key, cancellation);
    public Task<LocalFile> HoldAsync(string key, long bytes, CancellationToken cancellation) => cache.HoldAsync(key, bytes, cancellation);
    public Task<bool> HasAsync(string key, CancellationToken cancellation) => objects.HasAsync(key, cancellation);
    public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellation) => objects.ListAsync(prefix, cancellation);
    public Task ForgetGoneAsync(CancellationToken cancellation) => cache.ForgetGoneAsync(cancellation);

    public async Task<bool> DeleteAsync(string key, CancellationToken cancellation)
    {
        await cache.ForgetAsync(key);
        return await objects.DeleteAsync(key, cancellation);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    ObjectCache NewCache()
    {
        var settings = new CacheSettings { Folder = Path.Combine(folder, "cache", Guid.NewGuid().ToString("N")), Bytes = 1L << 30, RequestBytes = requestBytes };
        return new ObjectCache(CacheFolder.Open(settings, TimeProvider.System), "lake", FetchAsync, objects.HasAsync);
    }

    async Task FetchAsync(string key, ObjectRange range, SafeFileHandle into, CancellationToken cancellation)
    {
        Interlocked.Increment(ref requests);
        Interlocked.Add(ref bytes, range.Bytes);
        await RandomAccess.WriteAsync(into, await objects.ReadAsync(key, range.Begin, (int)range.Bytes, cancellation), range.Begin, cancellation);
    }
}
