using System.Collections.Concurrent;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Store;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Legion.Viewer;

/// <summary>
/// The lake as each tenant sees it, one for all who ask for it: what one builds, others wait for.
/// What is asked is written down with who asked it, and the rest of that when the host ends.
/// </summary>
sealed partial class TenantLakes(LakeStore store, IHttpContextAccessor request, TimeProvider clock, ILogger<TenantLakes> log) : IAsyncDisposable
{
    /// <summary>Who asks where nobody needs a key.</summary>
    const string Anybody = "anybody";

    readonly ConcurrentDictionary<Tenant, Lazy<(Lake Lake, QueryAudit Audit)>> lakes = new();

    /// <summary>Whose the request is says what the host found out about its key.</summary>
    public Lake Of(HttpContext context) => lakes.GetOrAdd(CredentialOf(context)?.Tenant ?? Tenant.Default, tenant => new(() => Open(tenant))).Value.Lake;

    public async ValueTask DisposeAsync()
    {
        foreach (var (tenant, lake) in lakes)
        {
            try
            {
                await lake.Value.Audit.DisposeAsync();
            }
            catch (StoreUnavailableException cause)
            {
                NotWritten(log, tenant.Name, cause);
            }
        }
    }

    (Lake, QueryAudit) Open(Tenant tenant)
    {
        var audit = new QueryAudit(store.Catalog, tenant, clock, () => CredentialOf(request.HttpContext)?.Holder ?? Anybody);
        return (new Lake(store, tenant, clock, audit), audit);
    }

    static Credential? CredentialOf(HttpContext? context) => context?.Features.Get<Credential>();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Some of what was asked of tenant {Tenant} is not written down")]
    static partial void NotWritten(ILogger log, string tenant, Exception cause);
}
