using System.Collections.Concurrent;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>
/// Partitions of processes as they were at older versions. What is published is of a newer one, and stays: these are files of this program alone, until it is disposed.
/// </summary>
/// <param name="versions">Of each process the arrival of its last block that counts.</param>
sealed class FrozenPartitions(IObjectStore objects, IReadOnlyDictionary<Guid, long> versions) : IDisposable
{
    readonly ConcurrentDictionary<PartitionKey, PartitionRow> rows = new();
    readonly ConcurrentBag<string> files = [];

    public IReadOnlyDictionary<Guid, long> Versions => versions;

    /// <summary>Whether a partition's path is that of such a file, and no object's key.</summary>
    public static bool IsFile(string path) => Path.IsPathRooted(path);

    /// <param name="sources">Name of what it would be made from: another version has other blocks.</param>
    /// <param name="removedVersion">When something was removed from the process last: what was made before may rest on it, in whichever slot.</param>
    public PartitionRow? Find(PartitionKey key, string sources, long removedVersion) =>
        rows.TryGetValue(key, out var row) && row.BuiltVersion >= removedVersion && PartitionDetails.FromJson(row.Details).Blocks == sources ? row : null;

    public void Keep(PartitionRow row) => rows[row.Key] = row;

    public string NewFile()
    {
        var file = objects.NewTemporaryFile();
        files.Add(file);
        return file;
    }

    public void Dispose()
    {
        foreach (var file in files) File.Delete(file);
    }
}
