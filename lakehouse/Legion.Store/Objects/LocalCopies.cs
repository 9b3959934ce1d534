using System.Collections.Concurrent;

namespace Legion.Store;

/// <summary>
/// Local files of objects that lie elsewhere, in a folder of this store's own, each fetched once however many ask at a time.
/// The folder goes when the program ends; where it is killed, the next store on this machine removes it.
/// </summary>
sealed class LocalCopies
{
    const string Prefix = "legion-copies-";
    readonly ConcurrentDictionary<string, Lazy<Task<string>>> copies = new(StringComparer.Ordinal);
    readonly TemporaryFolder folder;
    readonly string objects;
    readonly string temporary;

    LocalCopies(TemporaryFolder folder)
    {
        this.folder = folder;
        objects = Path.Combine(folder.Path, "objects");
        temporary = Path.Combine(folder.Path, StoreNames.TemporaryFolder);
    }

    public string Folder => folder.Path;

    /// <summary>Makes a temporary folder that this user alone may enter. A file in it is locked as long as this program lives, which is how others know.</summary>
    public static LocalCopies Create()
    {
        SweepDead();
        var copies = new LocalCopies(TemporaryFolder.In(Directory.CreateTempSubdirectory(Prefix).FullName));
        Directory.CreateDirectory(copies.objects);
        Directory.CreateDirectory(copies.temporary);
        return copies;
    }

    public string NewTemporaryFile() => Path.Combine(temporary, Guid.NewGuid().ToString("N"));

    /// <summary>The object's file; <paramref name="fetch"/> writes it to the path it is given where there is none yet.</summary>
    /// <remarks>Who gives up waiting does not end a fetch that others wait for.</remarks>
    public async Task<string> FileAsync(string key, Func<string, Task> fetch, CancellationToken cancellation)
    {
        var copy = copies.GetOrAdd(key, _ => new Lazy<Task<string>>(() => FetchAsync(key, fetch)));
        try
        {
            return await copy.Value.WaitAsync(cancellation);
        }
        catch when (copy.Value.IsFaulted)
        {
            copies.TryRemove(KeyValuePair.Create(key, copy)); // the next who asks tries again
            throw;
        }
    }

    /// <summary>Of what there are files, or soon will be.</summary>
    public IReadOnlyCollection<string> Keys => [.. copies.Keys];

    /// <summary>Deletes the object's file, if there is one or one is being fetched.</summary>
    public async Task ForgetAsync(string key)
    {
        if (!copies.TryRemove(key, out var copy)) return;
        await ((Task)copy.Value).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // a fetch that failed left none
        var path = PathOf(key);
        if (File.Exists(path)) File.Delete(path);
    }

    async Task<string> FetchAsync(string key, Func<string, Task> fetch)
    {
        var (file, path) = (NewTemporaryFile(), PathOf(key));
        try
        {
            await fetch(file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Move(file, path, overwrite: true);
            return path;
        }
        finally
        {
            File.Delete(file);
        }
    }

    string PathOf(string key) => Path.Combine(objects, key.Replace('/', Path.DirectorySeparatorChar));

    /// <returns>How many files were swept.</returns>
    public static int SweepDead() => TemporaryFolder.SweepDead(Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*"), DateTime.UtcNow.AddMinutes(-1));
}
