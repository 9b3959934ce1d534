using System.Collections.Concurrent;
using Legion.Lakehouse;
using Legion.Store;
using Microsoft.AspNetCore.Http;

namespace Legion.Viewer;

/// <summary>The lake as each tenant sees it, one for all who ask for it: what one builds, others wait for.</summary>
sealed class TenantLakes(LakeStore store)
{
    readonly ConcurrentDictionary<Tenant, Lake> lakes = new();

    /// <summary>Whose the request is says what the host found out about its key.</summary>
    public Lake Of(HttpContext context) => lakes.GetOrAdd(context.Features.Get<Credential>()?.Tenant ?? Tenant.Default, tenant => new Lake(store, tenant));
}
