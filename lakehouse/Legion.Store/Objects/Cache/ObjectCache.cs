namespace Legion.Store;

/// <summary>The local copies of one lake's objects. A copy that is held stays; others may be removed for newer ones, by any program.</summary>
/// <param name="lake">Names the lake's part of the folder.</param>
/// <param name="fetch">Reads from where the objects are.</param>
/// <param name="exists">Whether an object is still there.</param>
sealed class ObjectCache(CacheFolder folder, string lake, RangeFetch fetch, Func<string, CancellationToken, Task<bool>> exists)
{
    public const string DataFolder = "data", PartsFolder = "parts";

    /// <summary>Its time is that of the last look for copies of objects that are gone.</summary>
    const string LookFile = "looked";

    /// <summary>A program that opens the lake looks for them where none did for so long: a small part of the day that an erasure may take.</summary>
    static readonly TimeSpan lookInterval = TimeSpan.FromHours(1);

    /// <summary>Each is one request, without a body.</summary>
    const int ParallelLooks = 16;

    readonly string data = Path.Combine(folder.FolderOf(lake), DataFolder);
    readonly string parts = Path.Combine(folder.FolderOf(lake), PartsFolder);
    readonly string looked = Path.Combine(folder.FolderOf(lake), LookFile);
    readonly Lock gate = new();
    readonly Dictionary<string, CachedObject> held = new(StringComparer.Ordinal);
    readonly SemaphoreSlim looking = new(1);
    bool hasLooked;

    public string NewTemporaryFile() => folder.NewTemporaryFile();

    /// <inheritdoc cref="IObjectStore.LocalFolders"/>
    public IReadOnlyList<string> LocalFolders => [Directory.CreateDirectory(folder.FolderOf(lake)).FullName, Path.GetDirectoryName(NewTemporaryFile())!];

    /// <returns>How many files there were.</returns>
    public int SweepTemporary() => folder.SweepTemporary();

    /// <summary>Holds the object's copy, which has the bytes that were fetched into it so far.</summary>
    public async Task<LocalFile> HoldAsync(string key, long bytes, CancellationToken cancellation)
    {
        await LookOnceAsync(cancellation);
        return Storage(key, () =>
        {
            lock (gate)
            {
                if (!held.TryGetValue(key, out var copy)) held.Add(key, copy = CachedObject.Open(folder, fetch, key, bytes, PathOf(data, key), PathOf(parts, key)));
                copy.Holders++;
                copy.Touch();
                return new LocalFile(copy, this, key);
            }
        });
    }

    /// <summary>Whether there is a copy, of some bytes at least.</summary>
    public bool Has(string key) => File.Exists(PathOf(parts, key)) && File.Exists(PathOf(data, key));

    /// <summary>Makes a copy of a file that is about to become the object: whoever builds something looks at it next.</summary>
    public void Adopt(string key, string file) => Storage(key, () =>
    {
        long bytes;
        using (var handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite))
        {
            bytes = RandomAccess.GetLength(handle);
            Posix.SyncData(handle, file);
        }
        folder.MakeRoom(bytes);
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(data, key))!);
        if (Posix.Link(file, PathOf(data, key))) CachedObject.Record(folder, PathOf(parts, key), RangeSet.Empty.With([new ObjectRange(0, bytes)]));
        return bytes;
    });

    /// <summary>Removes the copy of an object that is gone, also from under its readers.</summary>
    public async Task ForgetAsync(string key)
    {
        CachedObject? copy;
        lock (gate) held.Remove(key, out copy);
        if (copy is not null) await copy.ForgetAsync();
        Storage(key, () =>
        {
            CachedObject.Remove(PathOf(data, key), PathOf(parts, key));
            return key;
        });
    }

    /// <summary>Removes the copies of all objects that are gone, whichever program made them.</summary>
    public async Task ForgetGoneAsync(CancellationToken cancellation)
    {
        await Parallel.ForEachAsync(Keys(), new ParallelOptions { MaxDegreeOfParallelism = ParallelLooks, CancellationToken = cancellation }, async (key, token) =>
        {
            if (!await exists(key, token)) await ForgetAsync(key);
        });
        Storage(LookFile, () =>
        {
            Directory.CreateDirectory(folder.FolderOf(lake));
            File.WriteAllText(looked, "");
            File.SetLastWriteTimeUtc(looked, folder.Clock.GetUtcNow().UtcDateTime);
            return looked;
        });
    }

    internal void Release(CachedObject copy, string key)
    {
        lock (gate)
        {
            if (--copy.Holders > 0) return;
            if (held.GetValueOrDefault(key) == copy) held.Remove(key);
            copy.Dispose();
        }
    }

    async Task LookOnceAsync(CancellationToken cancellation)
    {
        if (Volatile.Read(ref hasLooked)) return;
        await looking.WaitAsync(cancellation);
        try
        {
            if (hasLooked) return;
            if (!File.Exists(looked) || File.GetLastWriteTimeUtc(looked) < folder.Clock.GetUtcNow().UtcDateTime - lookInterval) await ForgetGoneAsync(cancellation);
            Volatile.Write(ref hasLooked, true);
        }
        finally
        {
            looking.Release();
        }
    }

    string[] Keys() => !Directory.Exists(data) ? []
        : [.. Directory.EnumerateFiles(data, "*", new EnumerationOptions { RecurseSubdirectories = true }).Select(file => Path.GetRelativePath(data, file).Replace(Path.DirectorySeparatorChar, '/'))];

    static string PathOf(string folder, string key) => Path.Combine(folder, key.Replace('/', Path.DirectorySeparatorChar));

    static T Storage<T>(string key, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception cause) when (cause is UnauthorizedAccessException or IOException and not StoreUnavailableException)
        {
            throw new StoreUnavailableException($"cannot keep a copy of object '{key}': {cause.Message}", cause);
        }
    }
}
