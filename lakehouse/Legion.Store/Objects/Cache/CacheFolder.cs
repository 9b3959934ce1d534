namespace Legion.Store;

/// <summary>
/// A folder of local copies, of all lakes and of all programs of a user. Beside the copy <c>LAKE/data/KEY</c> lies <c>LAKE/parts/KEY</c>, which says what bytes of it there are,
/// and whose time is that of its last use. Who uses a copy has it open under a shared lock; it is removed under an exclusive one, and so never while some program uses it.
/// </summary>
sealed class CacheFolder
{
    /// <summary>Each look reads the sizes of all copies: after one that found too many, this share of the bound is free.</summary>
    const int FreedShare = 10;

    /// <summary>A look comes after this share of the bound, as other programs add to the folder, too: so much of each may be above it.</summary>
    const int LookShare = 16;

    /// <summary>What nobody used for so long goes, however much room there is: erasures are looked for in lakes that somebody opens.</summary>
    static readonly TimeSpan longestUnused = TimeSpan.FromDays(30);

    readonly string root;
    readonly long limit;
    readonly TimeProvider clock;
    readonly TemporaryFolder temporary;
    readonly Lock gate = new();
    long used, sinceLook;
    bool hasLooked;

    CacheFolder(string root, long limit, long requestBytes, TimeProvider clock)
    {
        RequestBytes = requestBytes;
        this.root = root;
        this.limit = limit;
        this.clock = clock;
        temporary = TemporaryFolder.CreateIn(Path.Combine(root, StoreNames.TemporaryFolder));
    }

    /// <exception cref="StoreUnavailableException">The folder cannot be made or written to.</exception>
    public static CacheFolder Open(CacheSettings settings, TimeProvider clock)
    {
        var root = settings.FolderPath;
        try
        {
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(root);
            else Directory.CreateDirectory(root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            SweepTemporary(root);
            return new CacheFolder(root, settings.BytesIn(root), settings.RequestBytes, clock);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StoreUnavailableException($"cannot keep copies of objects in '{root}': {cause.Message}; name another folder with --cache or {CacheSettings.FolderVariable}", cause);
        }
    }

    public TimeProvider Clock => clock;

    /// <summary>As <see cref="CacheSettings.RequestBytes"/>.</summary>
    public long RequestBytes { get; }

    public string FolderOf(string lake) => Path.Combine(root, lake);

    public string NewTemporaryFile() => temporary.NewFile();

    /// <returns>How many files there were.</returns>
    public int SweepTemporary() => SweepTemporary(root);

    /// <summary>Removes copies, those whose last use is longest ago first, until there is room for so many bytes, or only copies in use are left.</summary>
    public void MakeRoom(long bytes)
    {
        lock (gate)
        {
            if (!hasLooked || used + bytes > limit || sinceLook + bytes > limit / LookShare) Look(bytes);
            used += bytes;
            sinceLook += bytes;
        }
    }

    /// <summary>Removes a copy that nobody uses.</summary>
    /// <returns>False where somebody uses it.</returns>
    public static bool TryRemove(string data, string parts)
    {
        try
        {
            using var alone = File.OpenHandle(data, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            // Before the copy itself: another one of the key is made once this is gone, and must not find them.
            File.Delete(parts);
            // Who has opened it meanwhile sees by its length that it is none any more.
            RandomAccess.SetLength(alone, 0);
            File.Delete(data);
            return true;
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return true;
        }
        catch (Exception inUse) when (inUse is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    static int SweepTemporary(string root)
    {
        var folder = Path.Combine(root, StoreNames.TemporaryFolder);
        return Directory.Exists(folder) ? TemporaryFolder.SweepDead(Directory.EnumerateDirectories(folder), DateTime.UtcNow.AddMinutes(-1)) : 0;
    }

    void Look(long bytes)
    {
        var copies = Directory.EnumerateDirectories(root).SelectMany(CopiesOf).OrderBy(copy => copy.LastUse).ToList();
        used = copies.Sum(copy => copy.Bytes);
        var most = used + bytes > limit ? Math.Max(0, limit - limit / FreedShare - bytes) : limit;
        var oldest = clock.GetUtcNow().UtcDateTime - longestUnused;
        foreach (var copy in copies)
        {
            if (used <= most && copy.LastUse > oldest) break;
            if (TryRemove(copy.Data, copy.Parts)) used -= copy.Bytes;
        }
        sinceLook = 0;
        hasLooked = true;
    }

    /// <summary>Copies of which nothing is recorded go first: whoever began them was killed, or is about to record what it has.</summary>
    static IEnumerable<(string Data, string Parts, long Bytes, DateTime LastUse)> CopiesOf(string lake)
    {
        var (data, parts) = (Path.Combine(lake, ObjectCache.DataFolder), Path.Combine(lake, ObjectCache.PartsFolder));
        if (!Directory.Exists(data)) yield break;
        foreach (var file in Directory.EnumerateFiles(data, "*", new EnumerationOptions { RecurseSubdirectories = true }))
        {
            var recorded = Path.Combine(parts, Path.GetRelativePath(data, file));
            yield return (file, recorded, CachedObject.ReadParts(recorded).Bytes, File.Exists(recorded) ? File.GetLastWriteTimeUtc(recorded) : DateTime.MinValue);
        }
    }
}
