using Legion.Format;

namespace Legion.Store;

public partial interface ICatalog
{
    // Erasing. What nobody is to find any more leaves the catalog's rows in one transaction, which also says which objects are doomed;
    // they are deleted afterwards, as often as it takes.

    /// <returns>Null where the tenant never erased anything.</returns>
    Task<ErasureKeys?> ReadErasureKeysAsync(Tenant tenant, CancellationToken cancellation);

    /// <summary>Keeps the keys where the tenant has none.</summary>
    Task KeepErasureKeysAsync(Tenant tenant, ErasureKeys keys, CancellationToken cancellation);

    /// <summary>Begins an erasure: from then on nothing shows the processes, which leave tombstones. One of this id that is there already stays as it is.</summary>
    /// <param name="processes">That go whole. Those that are not there leave tombstones all the same.</param>
    Task BeginErasureAsync(Tenant tenant, ErasureRow erasure, IReadOnlyCollection<Guid> processes, CancellationToken cancellation);

    /// <summary>Removes more processes for an erasure that runs.</summary>
    Task EraseProcessesAsync(Tenant tenant, Guid erasureId, IReadOnlyCollection<Guid> processes, CancellationToken cancellation);

    /// <summary>In order of request.</summary>
    Task<IReadOnlyList<ErasureRow>> ReadErasuresAsync(Tenant tenant, CancellationToken cancellation);

    /// <summary>Values of properties whose rows queries leave out: their erasure is not through all blocks yet.</summary>
    Task<IReadOnlyList<Property>> FindHiddenAsync(Tenant tenant, CancellationToken cancellation);

    /// <summary>Tenants with an erasure that is not finished, a doomed object or a block in quarantine.</summary>
    Task<IReadOnlyList<Tenant>> FindErasingTenantsAsync(CancellationToken cancellation);

    /// <returns>Those of the blocks that were rewritten.</returns>
    Task<IReadOnlySet<Guid>> FindRewrittenBlocksAsync(Tenant tenant, IReadOnlyCollection<Guid> blockIds, CancellationToken cancellation);

    /// <summary>As <see cref="ReadBlocksAsync"/> of one process, with those in quarantine, once all that were inserted by somebody who did not know of the tenant's erasures are there.</summary>
    Task<IReadOnlyList<BlockRow>> ReadAllBlocksAsync(Tenant tenant, Guid processId, CancellationToken cancellation);

    /// <summary>Objects of the process that hold dead blocks, or dead blocks alone.</summary>
    Task<IReadOnlyList<string>> FindObjectsWithDeadAsync(Tenant tenant, Guid processId, CancellationToken cancellation);

    /// <summary>
    /// Gives an object's blocks another place: the old object is doomed, all partitions of the process are dropped and doomed, what was built from the old blocks is stale, and reports that name the process are emptied.
    /// Rows say what the new bytes say, but their ids, stream, sequence and ordinals stay.
    /// </summary>
    /// <returns>False where the old object has other blocks than the new one, as somebody else replaced it.</returns>
    Task<bool> ReplaceObjectAsync(Tenant tenant, ObjectReplacement replacement, CancellationToken cancellation);

    /// <summary>Shows blocks that were in quarantine, as if they came now.</summary>
    Task ReleaseBlocksAsync(Tenant tenant, Guid processId, IReadOnlyCollection<Guid> blockIds, CancellationToken cancellation);

    /// <summary>Processes with blocks in quarantine.</summary>
    Task<IReadOnlyList<Guid>> FindQuarantinedAsync(Tenant tenant, CancellationToken cancellation);

    /// <summary>Replaces a stream's properties, whatever the version of its record.</summary>
    Task CleanStreamAsync(Tenant tenant, Guid streamId, string properties, CancellationToken cancellation);

    /// <summary>Says that an erasure is done with the processes up to one, and what it took from them.</summary>
    Task AdvanceErasureAsync(Tenant tenant, Guid erasureId, Guid position, ErasureCounts taken, CancellationToken cancellation);

    /// <summary>Says that no block has what was erased any more, and forgets the value.</summary>
    Task EndRewritingAsync(Tenant tenant, Guid erasureId, long nowNs, CancellationToken cancellation);

    Task FinishErasureAsync(Tenant tenant, Guid erasureId, string receipt, long nowNs, CancellationToken cancellation);

    /// <summary>Keys of objects to be deleted.</summary>
    Task<IReadOnlyList<string>> ReadDoomedAsync(Tenant tenant, CancellationToken cancellation);

    /// <summary>Says that these were deleted.</summary>
    Task ForgetDoomedAsync(Tenant tenant, IReadOnlyCollection<string> keys, CancellationToken cancellation);

    /// <summary>Rewrites the database's own files, so that nothing of deleted rows remains in them, as far as the database can.</summary>
    Task PurgeAsync(CancellationToken cancellation);
}
