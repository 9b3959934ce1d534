using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Legion.Store;

/// <summary>
/// Objects as files under one folder. A put writes a temporary file, writes it through, links it under its key and writes the folder through,
/// so that a key either has all of its bytes on disk or does not exist, whatever is killed in between.
/// </summary>
public sealed class FolderObjectStore : IObjectStore
{
    readonly string root;
    readonly string temporary;
    readonly Lock making = new();
    TemporaryFolder? ownTemporary;

    /// <summary>Folders whose entries up to the root are known to be durable. Emptied when it grows, which costs a few syncs.</summary>
    readonly ConcurrentDictionary<string, bool> durableFolders = new(StringComparer.Ordinal);

    const int MostDurableFolders = 10_000;

    public FolderObjectStore(string folder)
    {
        root = Path.GetFullPath(folder);
        temporary = Path.Combine(root, StoreNames.TemporaryFolder);
    }

    public Task<bool> PutAsync(string key, IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return Storage("write", key, () =>
        {
            var file = NewTemporaryFile();
            try
            {
                using (var handle = File.OpenHandle(file, FileMode.CreateNew, FileAccess.Write))
                {
                    RandomAccess.Write(handle, parts, 0);
                    Posix.SyncData(handle, file);
                }
                return Publish(file, key);
            }
            finally
            {
                File.Delete(file);
            }
        });
    }

    public Task<bool> PutFileAsync(string key, string temporaryFile, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return Storage("write", key, () =>
        {
            try
            {
                using (var handle = File.OpenHandle(temporaryFile, FileMode.Open, FileAccess.ReadWrite)) Posix.SyncData(handle, temporaryFile);
                return Publish(temporaryFile, key);
            }
            finally
            {
                File.Delete(temporaryFile);
            }
        });
    }

    public Task ReplaceAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return Storage("write", key, () =>
        {
            var (file, path) = (NewTemporaryFile(), PathOf(key));
            try
            {
                using (var handle = File.OpenHandle(file, FileMode.CreateNew, FileAccess.Write))
                {
                    RandomAccess.Write(handle, bytes.Span, 0);
                    Posix.SyncData(handle, file);
                }
                var folder = Path.GetDirectoryName(path)!;
                MakeDurable(folder);
                Directory.CreateDirectory(folder); // somebody may have removed it since it was known
                File.Move(file, path, overwrite: true);
                Posix.SyncFolder(folder);
                return path;
            }
            finally
            {
                File.Delete(file);
            }
        });
    }

    public string NewTemporaryFile()
    {
        lock (making) return (ownTemporary ??= TemporaryFolder.CreateIn(temporary)).NewFile();
    }

    public IReadOnlyList<string> LocalFolders => [Directory.CreateDirectory(Path.Combine(root, StoreNames.ViewsPrefix)).FullName, Path.GetDirectoryName(NewTemporaryFile())!];

    public Task<int> SweepTemporaryAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (!Directory.Exists(temporary)) return Task.FromResult(0);
        return Storage("sweep", StoreNames.TemporaryFolder, () =>
        {
            var youngest = DateTime.UtcNow.AddDays(-1);
            // Files that lie in the folder itself are of programs that took no lock; nothing takes a day to write.
            var unlocked = Directory.EnumerateFiles(temporary).Where(file => File.GetLastWriteTimeUtc(file) < youngest).ToList();
            foreach (var file in unlocked) File.Delete(file);
            return unlocked.Count + TemporaryFolder.SweepDead(Directory.EnumerateDirectories(temporary), DateTime.UtcNow.AddMinutes(-1));
        });
    }

    public Task ReadAsync(string key, long offset, Memory<byte> into, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return Storage("read", key, () =>
        {
            using var handle = File.OpenHandle(Existing(key));
            if (offset < 0 || offset + into.Length > RandomAccess.GetLength(handle))
                throw new EndOfStreamException($"cannot read object '{key}': expected {into.Length} bytes at {offset}, saw {RandomAccess.GetLength(handle)} in all");
            for (var read = 0; read < into.Length;)
            {
                var count = RandomAccess.Read(handle, into.Span[read..], offset + read);
                if (count == 0) throw new EndOfStreamException($"cannot read object '{key}': it ended at {offset + read}");
                read += count;
            }
            return true;
        });
    }

    public Task<string> LocalFileAsync(string key, CancellationToken cancellation) => Storage("read", key, () => Existing(key));

    public Task<LocalFile> HoldAsync(string key, long bytes, CancellationToken cancellation) => Storage("read", key, () => new LocalFile(Existing(key)));

    public Task<bool> HasAsync(string key, CancellationToken cancellation) => Storage("find", key, () => File.Exists(PathOf(key)));

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // The prefix may end inside a name: its folder is walked and the rest compared.
        var folder = Path.Combine(root, prefix[..(prefix.LastIndexOf('/') + 1)]);
        if (!Directory.Exists(folder)) yield break;
        await Task.Yield();
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            cancellation.ThrowIfCancellationRequested();
            var key = Path.GetRelativePath(root, file.FullName).Replace(Path.DirectorySeparatorChar, '/');
            if (key.StartsWith(prefix, StringComparison.Ordinal) && key.Contains('/') && !key.StartsWith(StoreNames.TemporaryFolder + "/", StringComparison.Ordinal))
                yield return new StoredObject(key, file.Length);
        }
    }

    public Task<bool> DeleteAsync(string key, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return Storage("delete", key, () =>
        {
            var path = PathOf(key);
            if (!File.Exists(path)) return false;
            File.Delete(path);
            Posix.SyncFolder(Path.GetDirectoryName(path)!);
            return true;
        });
    }

    /// <summary>There are no copies: a file is the object.</summary>
    public Task ForgetGoneAsync(CancellationToken cancellation) => Task.CompletedTask;

    bool Publish(string file, string key)
    {
        var path = PathOf(key);
        var folder = Path.GetDirectoryName(path)!;
        MakeDurable(folder);
        bool won;
        try
        {
            won = Posix.Link(file, path);
        }
        catch (DirectoryNotFoundException)
        {
            // Retention removed the folder after this store last saw it.
            durableFolders.Clear();
            MakeDurable(folder);
            won = Posix.Link(file, path);
        }
        Posix.SyncFolder(folder);
        return won;
    }

    /// <summary>Creates the folder, and writes through the entry of each of its ancestors: who created one may have been killed before it did.</summary>
    void MakeDurable(string folder)
    {
        if (folder.Length <= root.Length || durableFolders.ContainsKey(folder)) return;
        var parent = Path.GetDirectoryName(folder)!;
        MakeDurable(parent);
        Directory.CreateDirectory(folder);
        Posix.SyncFolder(parent);
        if (durableFolders.Count >= MostDurableFolders) durableFolders.Clear();
        durableFolders[folder] = true;
    }

    string Existing(string key)
    {
        var path = PathOf(key);
        return File.Exists(path) ? path : throw new FileNotFoundException($"cannot read object '{key}': there is none");
    }

    /// <exception cref="ArgumentException">The key would leave the folder.</exception>
    string PathOf(string key)
    {
        ObjectKey.Check(key);
        return Path.Combine(root, key.Replace('/', Path.DirectorySeparatorChar));
    }

    static Task<T> Storage<T>(string verb, string key, Func<T> work)
    {
        try
        {
            return Task.FromResult(work());
        }
        catch (Exception cause) when (cause is UnauthorizedAccessException or IOException and not (StoreUnavailableException or FileNotFoundException or EndOfStreamException))
        {
            return Task.FromException<T>(new StoreUnavailableException($"cannot {verb} object '{key}': {cause.Message}", cause));
        }
        catch (Exception cause) when (cause is StoreUnavailableException or FileNotFoundException or EndOfStreamException)
        {
            return Task.FromException<T>(cause);
        }
    }
}
