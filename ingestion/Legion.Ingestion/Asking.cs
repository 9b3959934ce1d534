using Legion.Store;
using Microsoft.AspNetCore.Http;

namespace Legion.Ingestion;

/// <summary>Who sends a request.</summary>
static class Asking
{
    /// <summary>The tenant of the key, or the default one where the host needs none. Nothing in a request's body or address names a tenant.</summary>
    public static Tenant TenantOf(HttpContext context) => context.Features.Get<Credential>()?.Tenant ?? Tenant.Default;

    /// <summary>Who it is, for the audit.</summary>
    public static string HolderOf(HttpContext context) => context.Features.Get<Credential>()?.Holder ?? "anybody, as no key is needed";
}
