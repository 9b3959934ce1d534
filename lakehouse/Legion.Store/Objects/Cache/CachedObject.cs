using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Legion.Store;

/// <summary>Writes bytes of an object into a file, where they lie in the object.</summary>
delegate Task RangeFetch(string key, ObjectRange range, SafeFileHandle into, CancellationToken cancellation);

/// <summary>
/// The copy of one object that this program uses: a file as long as the object, with holes for what nobody asked for. What one fetches, others find;
/// as an object never changes, it does not matter who writes its bytes, or how often.
/// </summary>
sealed class CachedObject : IDisposable
{
    /// <summary>Enough to hide the latency of a request behind another, and few enough for hundreds of objects at once.</summary>
    const int ParallelFetches = 4;

    /// <summary>Of 10 ms each, while somebody removes the copy that was to be opened, which takes less.</summary>
    const int MostOpenings = 500;

    readonly CacheFolder folder;
    readonly RangeFetch fetch;
    readonly string key, parts;
    readonly SafeFileHandle data;
    readonly SemaphoreSlim flight = new(1);
    volatile RangeSet present;
    volatile bool isForgotten;

    CachedObject(CacheFolder folder, RangeFetch fetch, string key, long bytes, string path, string parts, SafeFileHandle data)
    {
        this.folder = folder;
        this.fetch = fetch;
        this.key = key;
        this.parts = parts;
        this.data = data;
        Bytes = bytes;
        Path = path;
        present = ReadParts(parts);
    }

    public string Path { get; }
    public long Bytes { get; }
    public long RequestBytes => folder.RequestBytes;

    public bool IsWhole => present.Bytes == Bytes;

    /// <summary>How many use it; kept by <see cref="ObjectCache"/>.</summary>
    public int Holders { get; set; }

    /// <summary>Opens the copy, and makes an empty one where there is none.</summary>
    public static CachedObject Open(CacheFolder folder, RangeFetch fetch, string key, long bytes, string path, string parts)
    {
        for (var opening = 1; ; opening++)
        {
            try
            {
                var data = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
                if (RandomAccess.GetLength(data) == bytes) return new CachedObject(folder, fetch, key, bytes, path, parts, data);
                // Whoever removes it has not come to its end, or was killed before it.
                data.Dispose();
                CacheFolder.TryRemove(path, parts);
            }
            catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
            {
                Create(folder, bytes, path, parts);
            }
            catch (IOException removed) when (removed is not StoreUnavailableException && opening < MostOpenings)
            {
                Thread.Sleep(10);
            }
        }
    }

    /// <summary>Fetches what is missing of the ranges. Who comes while another fetches waits, and fetches what is still missing then.</summary>
    /// <exception cref="FileNotFoundException">The object is gone.</exception>
    public async Task FetchAsync(IReadOnlyList<ObjectRange> wanted, CancellationToken cancellation)
    {
        if (present.Missing(wanted, 0).Count == 0 && File.Exists(Path)) return;
        await flight.WaitAsync(cancellation);
        try
        {
            if (isForgotten) throw Gone();
            present = present.With(ReadParts(parts).Ranges); // of other programs
            var missing = present.Missing(wanted, folder.RequestBytes);
            if (missing.Count == 0) return;
            folder.MakeRoom(missing.Sum(range => range.Bytes));
            await Parallel.ForEachAsync(missing, new ParallelOptions { MaxDegreeOfParallelism = ParallelFetches, CancellationToken = cancellation },
                async (range, token) => await fetch(key, range, data, token));
            // What is recorded must be there after a power cut, too: a hole would be read as zeros.
            Posix.SyncData(data, Path);
            if (!File.Exists(Path)) throw Gone(); // another program heard that the object is gone
            present = present.With(missing);
            Record(folder, parts, present);
        }
        finally
        {
            flight.Release();
        }
    }

    /// <summary>Removes the copy, once nobody fetches any more, whoever reads it.</summary>
    public async Task ForgetAsync()
    {
        await flight.WaitAsync();
        try
        {
            isForgotten = true;
            Remove(Path, parts);
        }
        finally
        {
            flight.Release();
        }
    }

    /// <summary>Says that it was used now.</summary>
    public void Touch()
    {
        try
        {
            File.SetLastWriteTimeUtc(parts, folder.Clock.GetUtcNow().UtcDateTime);
        }
        catch (IOException)
        {
            // Nothing is recorded yet.
        }
    }

    public void Dispose() => data.Dispose();

    public static void Remove(string path, string parts)
    {
        if (File.Exists(parts)) File.Delete(parts);
        if (File.Exists(path)) File.Delete(path);
    }

    /// <summary>Replaces what is recorded as a whole, so that others see all of it or what was before.</summary>
    public static void Record(CacheFolder folder, string parts, RangeSet present)
    {
        var file = folder.NewTemporaryFile();
        File.WriteAllLines(file, present.Ranges.Select(range => string.Create(CultureInfo.InvariantCulture, $"{range.Begin} {range.End}")));
        File.SetLastWriteTimeUtc(file, folder.Clock.GetUtcNow().UtcDateTime);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(parts)!);
        File.Move(file, parts, overwrite: true);
    }

    /// <summary>What is recorded; a line that is damaged costs a fetch.</summary>
    public static RangeSet ReadParts(string parts)
    {
        try
        {
            return RangeSet.Empty.With(File.ReadLines(parts).Select(line => line.Split(' ') is [var begin, var end]
                && long.TryParse(begin, NumberStyles.None, CultureInfo.InvariantCulture, out var from)
                && long.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out var to) ? new ObjectRange(from, to) : default));
        }
        catch (Exception none) when (none is FileNotFoundException or DirectoryNotFoundException)
        {
            return RangeSet.Empty;
        }
    }

    static void Create(CacheFolder folder, long bytes, string path, string parts)
    {
        var file = folder.NewTemporaryFile();
        try
        {
            using (var handle = File.OpenHandle(file, FileMode.CreateNew, FileAccess.Write)) RandomAccess.SetLength(handle, bytes);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            if (File.Exists(parts)) File.Delete(parts); // of a copy that somebody deleted by hand
            Posix.Link(file, path);
        }
        finally
        {
            File.Delete(file);
        }
    }

    FileNotFoundException Gone() => new($"cannot read object '{key}': it was deleted meanwhile");
}
