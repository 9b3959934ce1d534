using Legion.Store;

namespace Legion.Tests.Store;

/// <summary>Objects in memory, listed in the order in which they were put. Every call has ended when it returns its task.</summary>
/// <param name="folder">For files, which are made when somebody asks for one.</param>
sealed class MemoryObjectStore(string folder) : IObjectStore
{
    readonly Lock gate = new();
    readonly OrderedDictionary<string, byte[]> objects = new(StringComparer.Ordinal);
    int files;

    public Task<bool> PutAsync(string key, IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken cancellation) => Put(key, [.. parts.SelectMany(part => part.ToArray())]);

    public Task<bool> PutFileAsync(string key, string temporaryFile, CancellationToken cancellation)
    {
        var bytes = File.ReadAllBytes(temporaryFile);
        File.Delete(temporaryFile);
        return Put(key, bytes);
    }

    public Task ReplaceAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        lock (gate) objects[key] = bytes.ToArray();
        return Task.CompletedTask;
    }

    public string NewTemporaryFile() => Path.Combine(folder, $"{Interlocked.Increment(ref files)}");

    public IReadOnlyList<string> LocalFolders => [folder];

    public Task<int> SweepTemporaryAsync(CancellationToken cancellation) => Task.FromResult(0);

    public Task ReadAsync(string key, long offset, Memory<byte> into, CancellationToken cancellation)
    {
        if (Find(key) is not { } found) return Task.FromException(Missing(key));
        if (offset < 0 || offset + into.Length > found.Length)
            return Task.FromException(new EndOfStreamException($"cannot read object '{key}': expected {into.Length} bytes at {offset}, saw {found.Length} in all"));
        found.AsMemory((int)offset, into.Length).CopyTo(into);
        return Task.CompletedTask;
    }

    public Task<string> LocalFileAsync(string key, CancellationToken cancellation)
    {
        if (Find(key) is not { } found) return Task.FromException<string>(Missing(key));
        var file = Path.Combine(folder, key.Replace('/', '_'));
        if (!File.Exists(file)) File.WriteAllBytes(file, found);
        return Task.FromResult(file);
    }

    public async Task<LocalFile> HoldAsync(string key, long bytes, CancellationToken cancellation) => new(await LocalFileAsync(key, cancellation));

    public Task<bool> HasAsync(string key, CancellationToken cancellation) => Task.FromResult(Find(key) is not null);

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        StoredObject[] listed;
        lock (gate) listed = [.. objects.Where(stored => stored.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(stored => new StoredObject(stored.Key, stored.Value.Length))];
        foreach (var stored in listed) yield return stored;
        await Task.CompletedTask;
    }

    public Task<bool> DeleteAsync(string key, CancellationToken cancellation)
    {
        lock (gate) return Task.FromResult(objects.Remove(key));
    }

    public Task ForgetGoneAsync(CancellationToken cancellation) => Task.CompletedTask;

    Task<bool> Put(string key, byte[] bytes)
    {
        if (!ObjectKey.IsOne(key)) return Task.FromException<bool>(new ArgumentException($"cannot use '{key}' as an object key", nameof(key)));
        lock (gate) return Task.FromResult(objects.TryAdd(key, bytes));
    }

    byte[]? Find(string key)
    {
        lock (gate) return objects.GetValueOrDefault(key);
    }

    static FileNotFoundException Missing(string key) => new($"cannot read object '{key}': there is none");
}

/// <summary>What the simulation runs on keeps to what the real stores keep to.</summary>
public sealed class MemoryObjectStoreTests : ObjectStoreContract
{
    readonly string folder;
    readonly MemoryObjectStore store;

    public MemoryObjectStoreTests()
    {
        folder = Directory.CreateTempSubdirectory("legion-memory-").FullName;
        store = new MemoryObjectStore(folder);
    }

    protected override Task<IObjectStore> OpenAsync() => Task.FromResult<IObjectStore>(store);

    public override ValueTask DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        return base.DisposeAsync();
    }
}
