using Legion.Store;

namespace Legion.Tests.Support;

/// <summary>Objects whose puts wait until they are released: a disk that stands still.</summary>
sealed class HeldStore(IObjectStore objects) : IObjectStore
{
    readonly TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly SemaphoreSlim arrivals = new(0);

    /// <summary>Whether a put that waits cannot even be given up.</summary>
    public bool Hangs { get; init; }

    /// <summary>Waits until one more put has come.</summary>
    public Task ArrivalAsync() => arrivals.WaitAsync(TestContext.Current.CancellationToken);

    public void Release() => released.TrySetResult();

    public async Task<bool> PutAsync(string key, IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken cancellation)
    {
        arrivals.Release();
        await released.Task.WaitAsync(Hangs ? CancellationToken.None : cancellation);
        return await objects.PutAsync(key, parts, cancellation);
    }

    public Task<bool> PutFileAsync(string key, string temporaryFile, CancellationToken cancellation) => objects.PutFileAsync(key, temporaryFile, cancellation);

    public Task ReplaceAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => objects.ReplaceAsync(key, bytes, cancellation);

    public string NewTemporaryFile() => objects.NewTemporaryFile();

    public IReadOnlyList<string> LocalFolders => objects.LocalFolders;

    public Task ReadAsync(string key, long offset, Memory<byte> into, CancellationToken cancellation) => objects.ReadAsync(key, offset, into, cancellation);

    public Task<string> LocalFileAsync(string key, CancellationToken cancellation) => objects.LocalFileAsync(key, cancellation);

    public Task<LocalFile> HoldAsync(string key, long bytes, CancellationToken cancellation) => objects.HoldAsync(key, bytes, cancellation);

    public Task<bool> HasAsync(string key, CancellationToken cancellation) => objects.HasAsync(key, cancellation);

    public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellation) => objects.ListAsync(prefix, cancellation);

    public Task<bool> DeleteAsync(string key, CancellationToken cancellation) => objects.DeleteAsync(key, cancellation);

    public Task ForgetGoneAsync(CancellationToken cancellation) => objects.ForgetGoneAsync(cancellation);

    public Task<int> SweepTemporaryAsync(CancellationToken cancellation) => objects.SweepTemporaryAsync(cancellation);
}
