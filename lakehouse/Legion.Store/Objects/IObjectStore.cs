namespace Legion.Store;

/// <summary>An object as a listing names it.</summary>
public readonly record struct StoredObject(string Key, long Bytes);

/// <summary>
/// Immutable bytes by key. A key is written once and, but for <see cref="ReplaceAsync"/>, never overwritten; what a call reports as put is durable.
/// Failures of the storage are <see cref="StoreUnavailableException"/>.
/// </summary>
public interface IObjectStore
{
    /// <summary>Creates an object of the parts in order.</summary>
    /// <returns>False where the key exists already; its first bytes stay.</returns>
    Task<bool> PutAsync(string key, IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken cancellation);

    /// <summary>Creates an object of a closed file made with <see cref="NewTemporaryFile"/>, which is gone afterwards.</summary>
    /// <returns>False where the key exists already; its first bytes stay.</returns>
    Task<bool> PutFileAsync(string key, string temporaryFile, CancellationToken cancellation);

    /// <summary>Puts an object in place of the one that is there, if any; whoever reads sees all of one of them. For texts that are about other objects and that only other programs read: copies are kept of what never changes.</summary>
    Task ReplaceAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellation);

    /// <summary>Path for a file that will become an object; nothing is there yet.</summary>
    string NewTemporaryFile();

    /// <summary>Folders, which exist, of whatever local files it gives: objects or copies of them, and temporary files of this program.</summary>
    IReadOnlyList<string> LocalFolders { get; }

    /// <summary>Deletes what programs that were killed have left of such files.</summary>
    /// <returns>How many files there were.</returns>
    Task<int> SweepTemporaryAsync(CancellationToken cancellation);

    /// <summary>Reads as many bytes as there is room for.</summary>
    /// <exception cref="FileNotFoundException">There is no such object.</exception>
    /// <exception cref="EndOfStreamException">The object ends before that.</exception>
    Task ReadAsync(string key, long offset, Memory<byte> into, CancellationToken cancellation);

    /// <summary>Path of a local file with all of the object's bytes, which may go when others need its room.</summary>
    /// <exception cref="FileNotFoundException">There is no such object.</exception>
    Task<string> LocalFileAsync(string key, CancellationToken cancellation);

    /// <summary>Holds a local file for an object. Where objects lie elsewhere nothing is asked of them before bytes of it are fetched.</summary>
    /// <param name="bytes">Those of the object.</param>
    /// <exception cref="FileNotFoundException">It is known that there is no such object.</exception>
    Task<LocalFile> HoldAsync(string key, long bytes, CancellationToken cancellation);

    /// <summary>Whether there is such an object. A local copy answers for it.</summary>
    Task<bool> HasAsync(string key, CancellationToken cancellation);

    /// <summary>Objects whose key begins with <paramref name="prefix"/>, in no particular order.</summary>
    IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellation);

    /// <returns>False where there was none.</returns>
    Task<bool> DeleteAsync(string key, CancellationToken cancellation);

    /// <summary>Deletes local copies of objects that somebody else has deleted, also those that programs made which do not run.</summary>
    Task ForgetGoneAsync(CancellationToken cancellation);
}

public static class ObjectReading
{
    /// <summary>Reads exactly <paramref name="bytes"/> bytes into memory of their own.</summary>
    /// <exception cref="FileNotFoundException">There is no such object.</exception>
    /// <exception cref="EndOfStreamException">The object ends before that.</exception>
    public static async Task<byte[]> ReadAsync(this IObjectStore objects, string key, long offset, int bytes, CancellationToken cancellation)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(bytes);
        await objects.ReadAsync(key, offset, buffer, cancellation);
        return buffer;
    }
}
