using Legion.Store;

namespace Legion.Tests.Store;

public abstract partial class CatalogContract
{
    [Fact]
    public async Task QueriesThatWereAskedAreTheirTenantsUntilTheyAreForgotten()
    {
        QueryAuditRow Row(long atNs, string sql) => new(atNs, "ann", sql, 1, 2, 3, 4, QueryOutcome.Failed, "why 'Ä'", 5);
        QueryAuditRow[] rows = [Row(10, "SELECT 1"), Row(20, "SELECT 2"), Row(30, "SELECT 2")];
        await Catalog.AddQueryAuditAsync(Tenant.Default, rows, 0, Cancellation);
        await Catalog.AddQueryAuditAsync(new Tenant("other"), [rows[0]], 0, Cancellation);
        Assert.Equal([rows[2], rows[1]], await Catalog.ReadQueryAuditAsync(Tenant.Default, 2, Cancellation));
        await Catalog.AddQueryAuditAsync(Tenant.Default, [], 20, Cancellation);
        Assert.Equal([rows[2], rows[1]], await Catalog.ReadQueryAuditAsync(Tenant.Default, 10, Cancellation));
        await Catalog.ForgetQueryAuditAsync(Tenant.Default, ["SELECT 2"], Cancellation);
        Assert.Empty(await Catalog.ReadQueryAuditAsync(Tenant.Default, 10, Cancellation));
        Assert.Equal([rows[0]], await Catalog.ReadQueryAuditAsync(new Tenant("other"), 10, Cancellation));
    }
}
