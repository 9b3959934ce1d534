using Legion.Store;

namespace Legion.Tests.Support;

/// <summary>An object store that runs something around each call, as <see cref="CatalogHooks"/> does.</summary>
sealed class ObjectHooks(IObjectStore real, Func<string, Func<Task>, Task> around) : IObjectStore
{
    public Task<bool> PutAsync(string key, IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken cancellation) =>
        RunAsync(nameof(PutAsync), () => real.PutAsync(key, parts, cancellation));

    public Task<bool> PutFileAsync(string key, string temporaryFile, CancellationToken cancellation) =>
        RunAsync(nameof(PutFileAsync), () => real.PutFileAsync(key, temporaryFile, cancellation));

    public Task ReplaceAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => around(nameof(ReplaceAsync), () => real.ReplaceAsync(key, bytes, cancellation));

    public string NewTemporaryFile() => real.NewTemporaryFile();

    public IReadOnlyList<string> LocalFolders => real.LocalFolders;

    public Task<int> SweepTemporaryAsync(CancellationToken cancellation) => RunAsync(nameof(SweepTemporaryAsync), () => real.SweepTemporaryAsync(cancellation));

    public Task ReadAsync(string key, long offset, Memory<byte> into, CancellationToken cancellation) => around(nameof(ReadAsync), () => real.ReadAsync(key, offset, into, cancellation));

    public Task<string> LocalFileAsync(string key, CancellationToken cancellation) => RunAsync(nameof(LocalFileAsync), () => real.LocalFileAsync(key, cancellation));

    public Task<LocalFile> HoldAsync(string key, long bytes, CancellationToken cancellation) => RunAsync(nameof(HoldAsync), () => real.HoldAsync(key, bytes, cancellation));

    public Task<bool> HasAsync(string key, CancellationToken cancellation) => RunAsync(nameof(HasAsync), () => real.HasAsync(key, cancellation));

    public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellation) => real.ListAsync(prefix, cancellation);

    public Task<bool> DeleteAsync(string key, CancellationToken cancellation) => RunAsync(nameof(DeleteAsync), () => real.DeleteAsync(key, cancellation));

    public Task ForgetGoneAsync(CancellationToken cancellation) => around(nameof(ForgetGoneAsync), () => real.ForgetGoneAsync(cancellation));

    async Task<T> RunAsync<T>(string method, Func<Task<T>> call)
    {
        Task<T>? last = null;
        await around(method, () => last = call());
        return await last!;
    }
}
