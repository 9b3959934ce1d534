namespace Legion.Store;

public partial interface ICatalog
{
    // Links. When their process is removed they stay, empty, to say so.

    /// <returns>Null where there is none of this id.</returns>
    Task<LinkRow?> FindLinkAsync(Tenant tenant, string linkId, CancellationToken cancellation);

    /// <summary>In order of id.</summary>
    Task<IReadOnlyList<LinkRow>> ReadLinksAsync(Tenant tenant, CancellationToken cancellation);

    /// <summary>Writes a new link down, and forgets those that expired long ago.</summary>
    /// <returns>False, and nothing is written, where the tenant has no such process.</returns>
    Task<bool> AddLinkAsync(Tenant tenant, LinkRow link, CancellationToken cancellation);

    /// <summary>Takes away what a link shows.</summary>
    Task EmptyLinkAsync(Tenant tenant, string linkId, CancellationToken cancellation);
}
