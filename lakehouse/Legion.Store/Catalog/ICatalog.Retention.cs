using Legion.Format;

namespace Legion.Store;

public partial interface ICatalog
{
    // Retention. A day of a class that is over is hidden process by process, and its objects are doomed as those of an erasure are.

    /// <summary>In order of tenant and class; null means all tenants'.</summary>
    Task<IReadOnlyList<RetentionRule>> ReadRetentionAsync(Tenant? tenant, CancellationToken cancellation);

    /// <param name="days">Null: for good.</param>
    Task SetRetentionAsync(Tenant tenant, StreamClass streamClass, int? days, CancellationToken cancellation);

    /// <summary>Processes with blocks of the class that are filed under days before one.</summary>
    Task<IReadOnlyList<Guid>> FindExpiredAsync(Tenant tenant, StreamClass streamClass, int firstDay, CancellationToken cancellation);

    /// <summary>Removes those blocks of a process: at once nothing shows them.</summary>
    Task<RetentionTotals> ExpireBlocksAsync(Tenant tenant, Guid processId, StreamClass streamClass, int firstDay, CancellationToken cancellation);

    /// <summary>Removes processes that were last seen before a time and have no block: their records outlive them no longer.</summary>
    /// <returns>How many there were.</returns>
    Task<long> ExpireProcessesAsync(Tenant tenant, long seenBeforeNs, CancellationToken cancellation);

    /// <summary>Where the database keeps a class of a day apart: drops those before a day, in which every tenant's rule has ended. Nobody's block is left in them.</summary>
    /// <returns>How many were dropped.</returns>
    Task<int> DropBucketsAsync(StreamClass streamClass, int firstDay, CancellationToken cancellation);
}
