using Apache.Arrow;

namespace Legion.Lakehouse.Sql;

/// <summary>Tables of whoever asks, as files for as long as the answer is read.</summary>
sealed class OwnTables : IDisposable
{
    readonly List<string> files = [];

    /// <returns>The file's path.</returns>
    public async Task<string> AddAsync(RecordBatch rows, CancellationToken cancellation)
    {
        var path = Path.Combine(Path.GetTempPath(), $"legion-{Guid.NewGuid():N}.parquet");
        files.Add(path);
        using (rows) await Task.Run(() => ParquetFile.Write(path, rows), cancellation);
        return path;
    }

    public void Dispose()
    {
        foreach (var file in files) File.Delete(file);
        files.Clear();
    }
}
