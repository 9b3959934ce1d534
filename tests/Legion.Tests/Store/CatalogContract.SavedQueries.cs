using Legion.Store;

namespace Legion.Tests.Store;

public abstract partial class CatalogContract
{
    [Fact]
    public async Task ASavedQueryIsItsTenantsAndTheLastOneOfItsName()
    {
        var (first, second) = (new SavedQueryRow("b", "SELECT 'Ä'", 1, "ann"), new SavedQueryRow("a", new string('x', 100_000), 2, ""));
        foreach (var query in (SavedQueryRow[])[first, second, first]) await Catalog.SaveQueryAsync(Tenant.Default, query, Cancellation);
        Assert.Equal([second, first], await Catalog.ReadSavedQueriesAsync(Tenant.Default, Cancellation));
        await Catalog.SaveQueryAsync(Tenant.Default, first with { Sql = "SELECT 2", UpdatedBy = "bob", UpdatedNs = 3 }, Cancellation);
        Assert.Equal([second, first with { Sql = "SELECT 2", UpdatedBy = "bob", UpdatedNs = 3 }], await Catalog.ReadSavedQueriesAsync(Tenant.Default, Cancellation));
        Assert.Empty(await Catalog.ReadSavedQueriesAsync(new Tenant("other"), Cancellation));
        Assert.False(await Catalog.DeleteSavedQueryAsync(new Tenant("other"), "a", Cancellation));
        Assert.True(await Catalog.DeleteSavedQueryAsync(Tenant.Default, "a", Cancellation));
        Assert.False(await Catalog.DeleteSavedQueryAsync(Tenant.Default, "a", Cancellation));
    }
}
