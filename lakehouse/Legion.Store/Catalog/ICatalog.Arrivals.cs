namespace Legion.Store;

public partial interface ICatalog
{
    // Arrivals: requests in another protocol until they are blocks. Who works on them does so for all tenants.

    /// <summary>Names an object that is durable. One that is there already stays as it is.</summary>
    Task AddArrivalAsync(ArrivalRow arrival, CancellationToken cancellation);

    /// <summary>Claims the oldest arrivals that nobody works on and that nobody failed to read, until <paramref name="nowNs"/> + <paramref name="leaseNs"/>.</summary>
    /// <param name="claim">Names this call and no other, so that running it again gives the same arrivals.</param>
    Task<IReadOnlyList<ArrivalRow>> ClaimArrivalsAsync(Guid claim, int most, long leaseNs, long nowNs, CancellationToken cancellation);

    /// <summary>Gives an arrival back that could not be worked on for a reason not its own; the attempt does not count.</summary>
    Task ReleaseArrivalAsync(Tenant tenant, Guid arrivalId, CancellationToken cancellation);

    /// <summary>Forgets an arrival, whose blocks are stored. Its object is the caller's to delete.</summary>
    Task RemoveArrivalAsync(Tenant tenant, Guid arrivalId, CancellationToken cancellation);

    /// <summary>Keeps an arrival that cannot be read, for a later version of the reader.</summary>
    /// <param name="reader">The version of the reader that failed.</param>
    Task FailArrivalAsync(Tenant tenant, Guid arrivalId, int reader, string failure, CancellationToken cancellation);

    /// <summary>Lets arrivals be claimed again that readers of lower versions failed at.</summary>
    Task RetryArrivalsAsync(int reader, CancellationToken cancellation);

    /// <summary>In order of receipt.</summary>
    Task<IReadOnlyList<ArrivalRow>> ReadArrivalsAsync(Tenant tenant, CancellationToken cancellation);

    Task<ArrivalTotals> ReadArrivalTotalsAsync(Tenant tenant, CancellationToken cancellation);

    /// <summary>Keeps which ids stand for a resource; of two for one digest the first counts.</summary>
    /// <returns>The one that counts.</returns>
    Task<ResourceRow> AddResourceAsync(Tenant tenant, ResourceRow resource, CancellationToken cancellation);

    /// <summary>Keeps the secret by which hashed properties are made; of two the first counts.</summary>
    /// <returns>The one that counts.</returns>
    Task<string> AddRedactionKeyAsync(Tenant tenant, string key, CancellationToken cancellation);
}
