using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>
/// Partitions of an older snapshot, for one query: what is published is newer, and stays. Their files go when the query is done.
/// </summary>
sealed class PrivatePartitions(LakeStore store, Tenant tenant, PartitionWriter write) : IDisposable
{
    readonly BlockSource source = new(store.Objects, store.Catalog, tenant);
    readonly List<string> files = [];

    /// <summary>Builds a view's rows of a slot.</summary>
    /// <returns>The file; null where there are no rows.</returns>
    public async Task<(string? File, BuildTotals Totals)> BuildAsync(View view, ProcessSnapshot snapshot, Slot slot, CancellationToken cancellation)
    {
        var file = store.Objects.NewTemporaryFile();
        files.Add(file);
        var written = await write(view, snapshot, slot, source, file, cancellation);
        var blockBytes = PartitionBuilder.BlocksOf(view, snapshot, slot).Sum(block => (long)block.Bytes);
        return (written.Rows > 0 ? file : null, new BuildTotals(1, 0, written.Rows, written.Bytes, blockBytes));
    }

    public void Dispose()
    {
        foreach (var file in files) File.Delete(file);
    }
}
