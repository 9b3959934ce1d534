using Legion.Format;

namespace Legion.Store;

/// <summary>
/// The metadata: what exists, where it lies, how fresh it is. Every method is one transaction;
/// another tenant's id is simply unknown. Failures of the database are <see cref="StoreUnavailableException"/>.
/// </summary>
public partial interface ICatalog
{
    // Reading. Null for a collection of ids means all of the tenant's.

    Task<IReadOnlyList<ProcessRow>> ReadProcessesAsync(Tenant tenant, IReadOnlyCollection<Guid>? ids, CancellationToken cancellation);

    /// <summary>Changes with each process that is registered, told anew (as when it ends) or removed, and not with what is stored of them.</summary>
    Task<ProcessSetVersion> ReadProcessSetVersionAsync(Tenant tenant, CancellationToken cancellation);

    /// <summary>In order of process and registration.</summary>
    Task<IReadOnlyList<StreamRow>> ReadStreamsAsync(Tenant tenant, IReadOnlyCollection<Guid>? processIds, CancellationToken cancellation);

    /// <summary>In order of process, stream and sequence.</summary>
    Task<IReadOnlyList<BlockRow>> ReadBlocksAsync(Tenant tenant, IReadOnlyCollection<Guid>? processIds, CancellationToken cancellation);

    /// <returns>Null where the tenant has none of this id, or nobody may see it yet.</returns>
    Task<BlockRow?> FindBlockAsync(Tenant tenant, Guid blockId, CancellationToken cancellation);

    /// <returns>Null where the tenant never sent it.</returns>
    Task<Schema?> ReadSchemaAsync(Tenant tenant, SchemaHash hash, CancellationToken cancellation);

    Task<LakeTotals> ReadTotalsAsync(Tenant tenant, CancellationToken cancellation);

    // Appending.

    /// <summary>Registers what is new or of a higher version. A stream keeps its first process and class; a stream of an unknown process is left out.</summary>
    Task RegisterAsync(Tenant tenant, Registration registration, CancellationToken cancellation);

    /// <summary>What is registered of all that a batch mentions, as of one moment.</summary>
    Task<RegisteredRows> ReadRegisteredAsync(Tenant tenant, IReadOnlyCollection<Guid> processIds, IReadOnlyCollection<Guid> streamIds, IReadOnlyCollection<SchemaHash> schemas, CancellationToken cancellation);

    /// <summary>Of the blocks, those that are stored.</summary>
    Task<IReadOnlyDictionary<FiledBlock, BlockIdentity>> FindBlocksAsync(Tenant tenant, IReadOnlyCollection<FiledBlock> blocks, CancellationToken cancellation);

    /// <summary>
    /// Inserts the blocks of objects that are durable, raises the version of each process by one and gives it to its blocks as their arrival.
    /// A block that was stored meanwhile stays as it is, and is listed as dead with the new object.
    /// An object that was inserted before changes nothing and loses the same blocks again: its commit may have been one whose outcome stayed unknown.
    /// </summary>
    /// <returns>The stored identities of the blocks that lost.</returns>
    Task<IReadOnlyList<BlockIdentity>> InsertBlocksAsync(Tenant tenant, IReadOnlyList<NewObject> objects, CancellationToken cancellation);

    /// <summary>Whether the object's row is there: the answer to a commit whose outcome is unknown.</summary>
    Task<bool> HasObjectAsync(Tenant tenant, string objectKey, CancellationToken cancellation);

    // Remote commands.

    /// <summary>Keeps a command for its process until it expires, with an audit row. The same bytes again take the place of those before, and are no change.</summary>
    /// <param name="most">Commands that may wait for one process.</param>
    Task<CommandOutcome> AddCommandAsync(Tenant tenant, RemoteCommand command, SignedCommand signed, int most, long expiresNs, long nowNs, string actor, CancellationToken cancellation);

    /// <summary>Those that have not expired, in order of process and number.</summary>
    Task<IReadOnlyList<SignedCommand>> ReadCommandsAsync(Tenant tenant, IReadOnlyCollection<Guid>? processIds, long nowNs, CancellationToken cancellation);

    // Watching.

    /// <summary>Says that somebody looks at a process as it runs. Of one that is unknown or has ended nothing is kept.</summary>
    /// <param name="untilNs">When this counts no more; a later time said before stays.</param>
    Task WatchAsync(Tenant tenant, Guid processId, long untilNs, long nowNs, CancellationToken cancellation);

    /// <returns>The processes that somebody looks at now.</returns>
    Task<IReadOnlyList<Guid>> ReadWatchedAsync(Tenant tenant, long nowNs, CancellationToken cancellation);

    // Slots.

    /// <summary>In order of slot.</summary>
    Task<IReadOnlyList<SlotCut>> ReadSlotsAsync(Tenant tenant, Guid processId, CancellationToken cancellation);

    /// <returns>False where the slot is there already; it stays as it is.</returns>
    Task<bool> AddSlotAsync(Tenant tenant, Guid processId, int slot, long beginNs, CancellationToken cancellation);

    // Partitions.

    Task<IReadOnlyList<PartitionRow>> ReadPartitionsAsync(Tenant tenant, string? view, IReadOnlyCollection<Guid>? processIds, CancellationToken cancellation);

    /// <summary>Claims the right to build a partition until <paramref name="nowNs"/> + <paramref name="leaseNs"/>. The same claimant extends its claim. A claim saves work; publication alone decides.</summary>
    /// <returns>False while somebody else's claim holds.</returns>
    Task<bool> ClaimPartitionAsync(Tenant tenant, PartitionKey key, string claimant, long leaseNs, long nowNs, CancellationToken cancellation);

    /// <summary>Gives a claim up, if it is the claimant's.</summary>
    Task ReleasePartitionAsync(Tenant tenant, PartitionKey key, string claimant, CancellationToken cancellation);

    /// <summary>Makes the row current where the current generation is <paramref name="expectedGeneration"/> (0 = none), and ends all claims to it.</summary>
    /// <param name="row">Its generation is one above the expected.</param>
    /// <returns>False where somebody else was first, or where something was removed from the process after what the row was built from; the row's file is then nobody's. True where the very row is current already.</returns>
    Task<bool> PublishPartitionAsync(Tenant tenant, PartitionRow row, long expectedGeneration, CancellationToken cancellation);

    /// <summary>Drops partitions: of one view or all, of one process or all.</summary>
    /// <returns>The paths that no row names any more.</returns>
    Task<IReadOnlyList<string>> DropPartitionsAsync(Tenant tenant, string? view, Guid? processId, CancellationToken cancellation);

    // Leases keep files that a query reads from being deleted.

    Task LeaseAsync(Tenant tenant, string holder, IReadOnlyCollection<string> paths, long untilNs, CancellationToken cancellation);

    Task ReleaseLeasesAsync(Tenant tenant, string holder, CancellationToken cancellation);

    /// <returns>Paths with a lease that ends after <paramref name="nowNs"/>.</returns>
    Task<IReadOnlySet<string>> ReadLeasedPathsAsync(Tenant tenant, long nowNs, CancellationToken cancellation);
}
