using System.Collections.Concurrent;
using Legion.Lakehouse.Sql;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>The files of partitions that one query reads: until it ends none is removed to make room for others.</summary>
sealed class HeldFiles(IObjectStore objects) : IDisposable
{
    /// <summary>Mostly waits for the store; each fetches up to four ranges at once.</summary>
    const int ParallelFiles = 8;

    readonly ConcurrentBag<IDisposable> files = [];

    /// <summary>Holds the partitions' files, with what is to be read of them.</summary>
    /// <param name="columns">Null: all.</param>
    /// <returns>Their paths, in the partitions' order.</returns>
    /// <exception cref="RemovedMeanwhileException">One is gone.</exception>
    public async Task<IReadOnlyList<string>> AddAsync(IReadOnlyList<PartitionRow> partitions, IReadOnlySet<string>? columns, RowBounds bounds, CancellationToken cancellation)
    {
        var paths = new string[partitions.Count];
        await Parallel.ForAsync(0, paths.Length, new ParallelOptions { MaxDegreeOfParallelism = ParallelFiles, CancellationToken = cancellation }, async (i, token) =>
        {
            try
            {
                var path = partitions[i].Path;
                var file = FrozenPartitions.IsFile(path) ? new LocalFile(path) : await objects.HoldAsync(path, partitions[i].Bytes, token);
                files.Add(file);
                await ParquetParts.FetchAsync(file, columns, bounds, token);
                paths[i] = file.Path;
            }
            catch (FileNotFoundException)
            {
                throw new RemovedMeanwhileException(partitions[i].ProcessId);
            }
        });
        return paths;
    }

    /// <summary>Holds what is there already.</summary>
    public void Add(IDisposable file) => files.Add(file);

    public void Dispose()
    {
        foreach (var file in files) file.Dispose();
    }
}
