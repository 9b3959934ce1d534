namespace Legion.Store;

/// <summary>
/// A local file that stands for an object, for readers that need files. Until it is disposed nobody removes it to make room.
/// Of an object that lies elsewhere it is as long as the object, and has the bytes that somebody fetched.
/// </summary>
public sealed class LocalFile : IDisposable
{
    readonly CachedObject? copy;
    readonly ObjectCache? cache;
    readonly string key = "";
    bool isReleased;

    /// <summary>A file that is the object.</summary>
    public LocalFile(string path) => Path = path;

    internal LocalFile(CachedObject copy, ObjectCache cache, string key)
    {
        this.copy = copy;
        this.cache = cache;
        this.key = key;
        Path = copy.Path;
    }

    public string Path { get; }

    /// <summary>Whether every byte of the object is there.</summary>
    public bool IsWhole => copy is null || copy.IsWhole;

    public long Bytes => copy?.Bytes ?? new FileInfo(Path).Length;

    /// <summary>As many bytes cost no more than another request.</summary>
    public long RequestBytes => copy?.RequestBytes ?? 0;

    /// <summary>Fetches what is missing of these ranges. Two ranges that lie close to each other are one request.</summary>
    /// <exception cref="FileNotFoundException">The object is gone.</exception>
    /// <exception cref="StoreUnavailableException">It cannot be read, or the copy not be written.</exception>
    public async Task FetchAsync(IReadOnlyList<ObjectRange> ranges, CancellationToken cancellation)
    {
        if (copy is null) return;
        try
        {
            await copy.FetchAsync(ranges, cancellation);
        }
        catch (FileNotFoundException)
        {
            await cache!.ForgetAsync(key);
            throw;
        }
        catch (Exception cause) when (cause is UnauthorizedAccessException or IOException and not StoreUnavailableException)
        {
            throw new StoreUnavailableException($"cannot keep a copy of object '{key}': {cause.Message}", cause);
        }
    }

    public void Dispose()
    {
        if (isReleased) return;
        isReleased = true;
        if (copy is not null) cache!.Release(copy, key);
    }
}
