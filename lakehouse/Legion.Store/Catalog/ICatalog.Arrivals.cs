using Legion.Format;

namespace Legion.Store;

public partial interface ICatalog
{
    // Arrivals: requests in another protocol until they are blocks. Who works on them does so for all tenants.

    /// <summary>Names an object that is durable. One that is there already stays as it is.</summary>
    /// <exception cref="StoreUnavailableException">The object was swept before.</exception>
    Task AddArrivalAsync(ArrivalRow arrival, CancellationToken cancellation);

    /// <summary>Claims the oldest arrivals that nobody works on and that nobody failed to read, until <paramref name="nowNs"/> + <paramref name="leaseNs"/>.</summary>
    /// <param name="claim">Names this call and no other, so that running it again gives the same arrivals.</param>
    Task<IReadOnlyList<ArrivalRow>> ClaimArrivalsAsync(Guid claim, int most, long leaseNs, long nowNs, CancellationToken cancellation);

    /// <summary>Gives an arrival back that could not be worked on for a reason not its own; the attempt does not count.</summary>
    Task ReleaseArrivalAsync(Tenant tenant, Guid arrivalId, CancellationToken cancellation);

    /// <summary>Forgets an arrival, whose blocks are stored, unless it was given another object meanwhile. Its object is the caller's to delete.</summary>
    Task RemoveArrivalAsync(ArrivalRow arrival, CancellationToken cancellation);

    /// <summary>Keeps an arrival that cannot be read, for a later version of the reader, unless it was given another object meanwhile.</summary>
    /// <param name="reader">The version of the reader that failed.</param>
    Task FailArrivalAsync(ArrivalRow arrival, int reader, string failure, CancellationToken cancellation);

    /// <summary>Lets arrivals be claimed again that readers of lower versions failed at.</summary>
    Task RetryArrivalsAsync(int reader, CancellationToken cancellation);

    /// <summary>In order of receipt.</summary>
    Task<IReadOnlyList<ArrivalRow>> ReadArrivalsAsync(Tenant tenant, CancellationToken cancellation);

    Task<ArrivalTotals> ReadArrivalTotalsAsync(Tenant tenant, CancellationToken cancellation);

    /// <summary>Removes arrivals of a class that cannot be read and came before a day, and dooms their objects.</summary>
    Task<RetentionTotals> ExpireArrivalsAsync(Tenant tenant, StreamClass streamClass, int firstDay, CancellationToken cancellation);

    /// <summary>
    /// Gives an arrival that nobody works on another object, or removes it, and dooms the old one. What it took counts for the erasure.
    /// Its id stays: where blocks of it are stored already, those that are made again have theirs.
    /// </summary>
    /// <param name="without">The same without what was erased, at a key that was never spent; null where nothing is left.</param>
    /// <returns>False where somebody works on it, or it is not there as it was.</returns>
    Task<bool> ReplaceArrivalAsync(ArrivalRow arrival, ArrivalRow? without, Guid erasureId, ErasureCounts taken, long nowNs, CancellationToken cancellation);

    /// <summary>Keeps which ids stand for a resource; of two for one digest the first counts.</summary>
    /// <param name="receivedNs">When the request came that names it. Where that is before an erasure of the resource's process that is not through all requests yet, the ids given are those of an erased process.</param>
    /// <returns>The one that counts.</returns>
    Task<ResourceRow> AddResourceAsync(Tenant tenant, ResourceRow resource, long receivedNs, CancellationToken cancellation);

    /// <returns>The digest of the resource that a process stands for, in lower-case hexadecimal digits; null where it stands for none.</returns>
    Task<string?> FindResourceAsync(Tenant tenant, Guid processId, CancellationToken cancellation);

    /// <summary>Keeps the secret by which hashed properties are made; of two the first counts.</summary>
    /// <returns>The one that counts.</returns>
    Task<string> AddRedactionKeyAsync(Tenant tenant, string key, CancellationToken cancellation);
}
