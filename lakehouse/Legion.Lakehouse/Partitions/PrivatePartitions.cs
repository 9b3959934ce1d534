using Legion.Lakehouse.Sql;
using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>
/// Rows that are decoded for one query: of an older snapshot, as what is published is newer, and stays; and of blocks that files of many processes have not yet. Their files go when the query is done.
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

    /// <summary>Writes a view's rows of some blocks, of whichever processes.</summary>
    /// <param name="policies">Of a view by policy, what is asked for; otherwise null.</param>
    /// <returns>The file; null where there are no rows.</returns>
    public async Task<string?> WriteAsync(View view, IReadOnlyList<BlockRow> blocks, SpanPolicies? policies, CancellationToken cancellation)
    {
        if (blocks.Count == 0) return null;
        var file = store.Objects.NewTemporaryFile();
        files.Add(file);
        return await new BlockRows(store.Catalog, tenant, source).WriteAsync(view, blocks, policies, file, cancellation) > 0 ? file : null;
    }

    public void Dispose()
    {
        foreach (var file in files) File.Delete(file);
    }
}
