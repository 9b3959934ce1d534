using System.Collections.Concurrent;

namespace Legion.Store;

/// <summary>
/// Local files of objects that lie elsewhere, in a folder of this store's own, each fetched once however many ask at a time.
/// The folder goes when the program ends; where it is killed, the next store on this machine removes it.
/// </summary>
sealed class LocalCopies
{
    const string Prefix = "legion-copies-";
    const string LockFile = "lock";

    readonly ConcurrentDictionary<string, Lazy<Task<string>>> copies = new(StringComparer.Ordinal);
    readonly FileStream held;
    readonly string objects;
    readonly string temporary;

    LocalCopies(string folder)
    {
        Folder = folder;
        held = Lock(folder, FileMode.CreateNew);
        objects = Path.Combine(folder, "objects");
        temporary = Path.Combine(folder, StoreNames.TemporaryFolder);
    }

    public string Folder { get; }

    /// <summary>Makes a temporary folder that this user alone may enter. A file in it is locked as long as this program lives, which is how others know.</summary>
    public static LocalCopies Create()
    {
        SweepDead();
        var copies = new LocalCopies(Directory.CreateTempSubdirectory(Prefix).FullName);
        Directory.CreateDirectory(copies.objects);
        Directory.CreateDirectory(copies.temporary);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => copies.Remove();
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

    void Remove()
    {
        try
        {
            Directory.Delete(Folder, recursive: true);
            held.Dispose();
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            // A file was made meanwhile: the next store sweeps what is left.
        }
    }

    static FileStream Lock(string folder, FileMode mode) => new(Path.Combine(folder, LockFile), mode, FileAccess.ReadWrite, FileShare.None);

    /// <summary>Removes the folders of programs that were killed: nobody holds their locks.</summary>
    static void SweepDead()
    {
        foreach (var folder in Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            try
            {
                using var dead = Lock(folder, FileMode.Open);
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
            {
                // Its program lives, another sweeps it now, or it is another user's.
            }
        }
    }
}
