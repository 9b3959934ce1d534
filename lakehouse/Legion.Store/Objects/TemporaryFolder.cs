namespace Legion.Store;

/// <summary>
/// A folder of files that are not objects yet, of this program alone. A file in it is locked as long as the program lives, which is how others know;
/// where the program was killed, they remove the folder.
/// </summary>
public sealed class TemporaryFolder : IDisposable
{
    const string LockFile = "lock";

    readonly FileStream held;

    TemporaryFolder(string path)
    {
        Path = path;
        held = Lock(path, FileMode.CreateNew);
    }

    public string Path { get; }

    /// <param name="parent">Holds the folders of all programs; made where it is missing.</param>
    public static TemporaryFolder CreateIn(string parent) => In(Directory.CreateDirectory(System.IO.Path.Combine(parent, Guid.NewGuid().ToString("N"))).FullName);

    /// <param name="path">A new folder. It goes when the program ends.</param>
    public static TemporaryFolder In(string path)
    {
        var folder = new TemporaryFolder(path);
        // Weakly, so that a store that nobody uses any more gives its lock back.
        var reference = new WeakReference<TemporaryFolder>(folder);
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            if (reference.TryGetTarget(out var living)) living.Dispose();
        };
        return folder;
    }

    /// <summary>Path for a new file; nothing is there yet.</summary>
    public string NewFile()
    {
        Directory.CreateDirectory(Path);
        return System.IO.Path.Combine(Path, Guid.NewGuid().ToString("N"));
    }

    /// <summary>Removes the folder, with what is in it.</summary>
    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
            held.Dispose();
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            // A file was made meanwhile: the next sweep finds what is left.
        }
    }

    /// <summary>Removes the folders of programs that were killed: nobody holds their locks.</summary>
    /// <param name="youngestUtc">Folders that were made later stay: between making the file and locking it lies a moment in which a living program's looks dead.</param>
    /// <returns>How many files were in them, locks not counted.</returns>
    public static int SweepDead(IEnumerable<string> folders, DateTime youngestUtc)
    {
        var files = 0;
        foreach (var folder in folders)
        {
            try
            {
                // Nobody writes to the file: its time is that of the folder's making.
                var file = System.IO.Path.Combine(folder, LockFile);
                if ((File.Exists(file) ? File.GetLastWriteTimeUtc(file) : Directory.GetLastWriteTimeUtc(folder)) > youngestUtc) continue;
                using var dead = Lock(folder, FileMode.OpenOrCreate);
                var left = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Count() - 1;
                Directory.Delete(folder, recursive: true);
                files += left;
            }
            catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
            {
                // Its program lives, another sweeps it now, or it is another user's.
            }
        }
        return files;
    }

    static FileStream Lock(string folder, FileMode mode) => new(System.IO.Path.Combine(folder, LockFile), mode, FileAccess.ReadWrite, FileShare.None);
}
