namespace Legion.Lakehouse;

/// <summary>
/// A lake with one of its processes as it was at a version: whatever is asked of that process is answered from the blocks that had arrived then. What was erased since is in no answer.
/// Disposed when nobody asks any more.
/// </summary>
public sealed class FrozenLake : IDisposable
{
    readonly FrozenPartitions partitions;

    /// <param name="version">The arrival of the process's last block that counts, see <see cref="Lake.FindVersionAsync"/>.</param>
    public FrozenLake(Lake lake, Guid processId, long version)
    {
        partitions = new FrozenPartitions(lake.Store.Objects, new Dictionary<Guid, long> { [processId] = version });
        Lake = lake.With(partitions);
    }

    public Lake Lake { get; }

    public void Dispose() => partitions.Dispose();
}
