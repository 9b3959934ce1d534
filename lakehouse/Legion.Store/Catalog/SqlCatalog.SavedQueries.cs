namespace Legion.Store;

public abstract partial class SqlCatalog
{
    public Task<IReadOnlyList<SavedQueryRow>> ReadSavedQueriesAsync(Tenant tenant, CancellationToken cancellation) => LookAsync<IReadOnlyList<SavedQueryRow>>(async look => await look.ReadAsync(
        "SELECT name, sql_text, updated_ns, updated_by FROM saved_queries WHERE tenant = @tenant ORDER BY name", new { tenant = tenant.Name },
        row => new SavedQueryRow(row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetString(3))), cancellation);

    public Task SaveQueryAsync(Tenant tenant, SavedQueryRow query, CancellationToken cancellation) => WriteAsync(async transaction =>
    {
        var parameters = new { tenant = tenant.Name, query.Name, query.Sql, query.UpdatedNs, query.UpdatedBy };
        await transaction.ExecuteAsync($"INSERT INTO saved_queries (tenant, name, sql_text, updated_ns, updated_by) VALUES (@tenant, @Name, @Sql, @UpdatedNs, @UpdatedBy) {OrLeave("saved_queries")}", parameters);
        await transaction.ExecuteAsync("UPDATE saved_queries SET sql_text = @Sql, updated_ns = @UpdatedNs, updated_by = @UpdatedBy WHERE tenant = @tenant AND name = @Name", parameters);
        return true;
    }, cancellation);

    public Task<bool> DeleteSavedQueryAsync(Tenant tenant, string name, CancellationToken cancellation) => WriteAsync(async transaction =>
        await transaction.ExecuteAsync("DELETE FROM saved_queries WHERE tenant = @tenant AND name = @name", new { tenant = tenant.Name, name }) > 0, cancellation);
}
