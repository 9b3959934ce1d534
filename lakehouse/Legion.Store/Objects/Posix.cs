using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Legion.Store;

/// <summary>
/// The calls whose result decides about durability.
/// They go to the C library themselves because the runtime's own flush was seen to return normally where the disk had failed.
/// </summary>
static partial class Posix
{
    const int NoEntry = 2, Exists = 17;

    /// <summary>Writes the file's data through to the disk. After a failure the file must be discarded: the next call on it would report success.</summary>
    /// <exception cref="StoreUnavailableException">The disk refused.</exception>
    public static void SyncData(SafeFileHandle file, string path)
    {
        if (fdatasync(file) != 0) throw Failed("write through", path);
    }

    /// <summary>Makes the folder's entries durable.</summary>
    /// <exception cref="StoreUnavailableException">The disk refused, or there is no such folder.</exception>
    public static void SyncFolder(string path)
    {
        var folder = open(path, 0);
        if (folder < 0) throw Failed("open folder", path);
        var result = fsync(folder);
        var error = Marshal.GetLastPInvokeError();
        close(folder);
        if (result != 0) throw Failed("write through folder", path, error);
    }

    /// <summary>Gives the file a second name.</summary>
    /// <returns>False where the name is taken.</returns>
    /// <exception cref="DirectoryNotFoundException">A folder of the new name is missing.</exception>
    /// <exception cref="StoreUnavailableException">The disk refused.</exception>
    public static bool Link(string from, string to)
    {
        if (link(from, to) == 0) return true;
        var error = Marshal.GetLastPInvokeError();
        return error switch
        {
            Exists => false,
            NoEntry => throw new DirectoryNotFoundException($"cannot create '{to}': its folder is missing"),
            _ => throw Failed("create", to, error),
        };
    }

    static StoreUnavailableException Failed(string what, string path) => Failed(what, path, Marshal.GetLastPInvokeError());

    static StoreUnavailableException Failed(string what, string path, int error) => new($"cannot {what} '{path}': {Marshal.GetPInvokeErrorMessage(error)}");

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fdatasync(SafeFileHandle file);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int file);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc")]
    private static partial int close(int file);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int link(string from, string to);
}
