using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Legion.Sdk;

/// <summary>
/// All names in a spool: a folder for each process, named by its id. In it the lock that the living process holds, its segments,
/// what their records refer to, the record of the process, and a file for each block that is not known to be stored.
/// </summary>
static class SpoolNames
{
    public const string Lock = "lock";
    public const string Segments = "segments";
    public const string Definitions = "definitions";
    public const string Process = "process.legion";

    /// <summary>What is being written has this behind its name until it is whole.</summary>
    public const string Unfinished = ".new";

    const string BlockSuffix = ".block.legion";

    /// <summary>
    /// A folder in the user's local data for each endpoint and key, as whoever finds something in it sends it there. Null where the user has no such place.
    /// </summary>
    public static string? DefaultFolder(Uri endpoint, string? apiKey)
    {
        var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        if (data.Length == 0) return null;
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{endpoint.AbsoluteUri}\n{apiKey}"));
        return Path.Combine(data, "legion", "spool", $"{endpoint.Host}-{endpoint.Port}-{Convert.ToHexStringLower(hash.AsSpan(0, 6))}".Replace(':', '_'));
    }

    /// <summary>Names of blocks ascend in the order in which they were cut.</summary>
    public static string Block(long number) => number.ToString("x12", CultureInfo.InvariantCulture) + BlockSuffix;

    /// <summary>Paths of the blocks in a process's folder, in the order in which they were cut.</summary>
    public static string[] Blocks(string folder)
    {
        var paths = Directory.GetFiles(folder, "*" + BlockSuffix);
        Array.Sort(paths, StringComparer.Ordinal);
        return paths;
    }

    /// <summary>Number of the last block in the folder, -1 for none.</summary>
    public static long LastBlock(string folder) =>
        Blocks(folder) is [.., var last] && long.TryParse(Path.GetFileName(last).AsSpan(0, 12), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var number) ? number : -1;
}
