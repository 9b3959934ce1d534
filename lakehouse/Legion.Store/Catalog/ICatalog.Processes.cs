namespace Legion.Store;

public partial interface ICatalog
{
    // What belongs to one process, summed up or found by the database, as its blocks may be many.

    /// <summary>The sums of each of its streams that has blocks, in no order.</summary>
    /// <param name="version">Blocks that arrived later are left out; null: none is.</param>
    Task<IReadOnlyList<StreamSums>> SumStreamsAsync(Tenant tenant, Guid processId, long? version, CancellationToken cancellation);

    /// <summary>The processes that it started, the newest first.</summary>
    Task<IReadOnlyList<ProcessRow>> ReadChildrenAsync(Tenant tenant, Guid processId, int most, CancellationToken cancellation);
}
