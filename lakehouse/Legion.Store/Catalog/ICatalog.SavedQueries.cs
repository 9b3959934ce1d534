namespace Legion.Store;

public partial interface ICatalog
{
    // Saved queries. Names are in lower case.

    /// <summary>In order of name.</summary>
    Task<IReadOnlyList<SavedQueryRow>> ReadSavedQueriesAsync(Tenant tenant, CancellationToken cancellation);

    /// <summary>Saves a query, in place of the one of its name.</summary>
    Task SaveQueryAsync(Tenant tenant, SavedQueryRow query, CancellationToken cancellation);

    /// <returns>False where there is none of this name.</returns>
    Task<bool> DeleteSavedQueryAsync(Tenant tenant, string name, CancellationToken cancellation);
}
