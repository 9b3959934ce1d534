using System.Globalization;

namespace Legion.Store;

/// <summary>Where local copies of objects that lie elsewhere are kept, and how many. Programs of one user share the folder.</summary>
public sealed record CacheSettings
{
    /// <summary>Name of the environment variable that names the folder where nothing else does.</summary>
    public const string FolderVariable = "LEGION_CACHE";

    /// <summary>Name of the environment variable that says how many bytes it may hold where nothing else does.</summary>
    public const string BytesVariable = "LEGION_CACHE_BYTES";

    /// <summary>A few hundred partitions of two million spans: what some people look at in some weeks.</summary>
    const long UsualBytes = 10L << 30;

    /// <summary>Null: <c>legion</c> in the user's cache folder.</summary>
    public string? Folder { get; init; }

    /// <summary>Null: 10 GiB, or a quarter of what its disk has free when it is opened where that is less.</summary>
    public long? Bytes { get; init; }

    /// <summary>What a request costs, in bytes that could be fetched in its time: two ranges that lie no further apart are fetched together. Within a region some 10 ms, at 30 MB/s.</summary>
    internal long RequestBytes { get; init; } = 256 << 10;

    /// <summary>What <see cref="FolderVariable"/> and <see cref="BytesVariable"/> say.</summary>
    /// <exception cref="FormatException">The second is no number of bytes.</exception>
    public static CacheSettings FromEnvironment() => new()
    {
        Folder = Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder ? folder : null,
        Bytes = Environment.GetEnvironmentVariable(BytesVariable) is { Length: > 0 } bytes ? ParseBytes(bytes) : null,
    };

    /// <exception cref="FormatException">The text is no whole number above 0.</exception>
    public static long ParseBytes(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) && bytes > 0
            ? bytes : throw new FormatException($"cannot use '{text}' as the size of the cache: expected a whole number of bytes above 0");

    internal string FolderPath => Path.GetFullPath(Folder ?? Path.Combine(UserCache(), "legion"));

    /// <param name="folder">Exists.</param>
    internal long BytesIn(string folder) => Bytes ?? Math.Min(UsualBytes, new DriveInfo(folder).AvailableFreeSpace / 4);

    static string UserCache()
    {
        if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { } named && Path.IsPathRooted(named)) return named;
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
        if (home.Length == 0) return Path.Combine(Path.GetTempPath(), $"cache-{Environment.UserName}");
        return OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Caches") : Path.Combine(home, ".cache");
    }
}
