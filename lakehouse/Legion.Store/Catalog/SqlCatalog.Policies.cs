using System.Data.Common;

namespace Legion.Store;

public abstract partial class SqlCatalog
{
    const string PolicyColumns = "name, process_filter, span_filter, created_ns, created_by";

    public Task<IReadOnlyList<PolicyRow>> ReadPoliciesAsync(Tenant tenant, CancellationToken cancellation) => LookAsync<IReadOnlyList<PolicyRow>>(async look => await look.ReadAsync(
        $"SELECT {PolicyColumns} FROM policies WHERE tenant = @tenant ORDER BY name", new { tenant = tenant.Name }, Policy), cancellation);

    public Task<bool> AddPolicyAsync(Tenant tenant, PolicyRow policy, CancellationToken cancellation) => WriteAsync(async transaction =>
    {
        var parameters = new { tenant = tenant.Name, policy.Name, policy.ProcessFilter, policy.SpanFilter, policy.CreatedNs, policy.CreatedBy };
        if (await transaction.ExecuteAsync(
            $"INSERT INTO policies (tenant, {PolicyColumns}) VALUES (@tenant, @Name, @ProcessFilter, @SpanFilter, @CreatedNs, @CreatedBy) {OrLeave("policies")}", parameters) > 0) return true;
        // Where this very one is there, this ran before.
        return (await transaction.ReadAsync($"SELECT {PolicyColumns} FROM policies WHERE tenant = @tenant AND name = @Name", parameters, Policy)).Contains(policy);
    }, cancellation);

    public Task<bool> RemovePolicyAsync(Tenant tenant, string name, CancellationToken cancellation) => WriteAsync(async transaction =>
        await transaction.ExecuteAsync("DELETE FROM policies WHERE tenant = @tenant AND name = @name", new { tenant = tenant.Name, name }) > 0, cancellation);

    static PolicyRow Policy(DbDataReader row) => new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetString(4));
}
