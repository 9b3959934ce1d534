namespace Legion.Store;

public partial interface ICatalog
{
    /// <summary>Those that ever sent something, in order of name.</summary>
    Task<IReadOnlyList<Tenant>> ReadTenantsAsync(CancellationToken cancellation);
}
