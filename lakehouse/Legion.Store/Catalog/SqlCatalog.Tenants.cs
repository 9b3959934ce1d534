namespace Legion.Store;

public abstract partial class SqlCatalog
{
    public Task<IReadOnlyList<Tenant>> ReadTenantsAsync(CancellationToken cancellation) => ReadAsync<IReadOnlyList<Tenant>>(async transaction =>
        await transaction.ReadAsync("SELECT tenant FROM tenants ORDER BY tenant", new { }, row => new Tenant(row.GetString(0))), cancellation);
}
