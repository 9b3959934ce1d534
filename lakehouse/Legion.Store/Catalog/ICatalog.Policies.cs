namespace Legion.Store;

public partial interface ICatalog
{
    // Policies: what asks for sums of spans.

    /// <summary>In order of name.</summary>
    Task<IReadOnlyList<PolicyRow>> ReadPoliciesAsync(Tenant tenant, CancellationToken cancellation);

    /// <returns>False where there is another one of its name, which stays.</returns>
    Task<bool> AddPolicyAsync(Tenant tenant, PolicyRow policy, CancellationToken cancellation);

    /// <returns>False where there is none of this name.</returns>
    Task<bool> RemovePolicyAsync(Tenant tenant, string name, CancellationToken cancellation);
}
