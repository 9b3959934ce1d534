using System.Collections.Concurrent;
using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Store;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Legion.Viewer;

/// <summary>
/// The lake as each tenant sees it, one for all who ask for it: what one builds, others wait for; and as frozen links show it.
/// What is asked is written down with who asked it, and the rest of that when the host ends.
/// </summary>
sealed partial class TenantLakes(LakeStore store, IHttpContextAccessor request, TimeProvider clock, ILogger<TenantLakes> log) : IAsyncDisposable
{
    /// <summary>Who asks where nobody needs a key.</summary>
    const string Anybody = "anybody";

    /// <summary>How long what a frozen link shows is kept after somebody looked: longer than any question takes.</summary>
    static readonly TimeSpan kept = TimeSpan.FromMinutes(30);

    readonly ConcurrentDictionary<Tenant, Lazy<(Lake Lake, QueryAudit Audit)>> lakes = new();
    readonly Lock freezing = new();
    readonly Dictionary<(Tenant Tenant, Guid ProcessId, long Version), (FrozenLake Lake, DateTimeOffset UsedAt)> frozen = [];

    /// <summary>Who makes the request.</summary>
    public static string ActorOf(HttpContext? context) => CredentialOf(context)?.Holder ?? Anybody;

    /// <summary>Whose the request is says what the host found out about its key.</summary>
    public Lake Of(HttpContext context) => lakes.GetOrAdd(CredentialOf(context)?.Tenant ?? Tenant.Default, tenant => new(() => Open(tenant))).Value.Lake;

    /// <summary>As the frozen link shows it that the request names, if any.</summary>
    /// <exception cref="NotInLakeException">There is no such link.</exception>
    /// <exception cref="LinkClosedException">It opens nothing any more.</exception>
    public async Task<Lake> OfAsync(HttpContext context)
    {
        var lake = Of(context);
        if (new Question(context).Value(LakeLinks.Parameter) is not { } named) return lake;
        var link = await new LakeLinks(lake).OpenAsync(named, context.RequestAborted);
        return link is { ProcessId: { } process, Version: { } version } ? Frozen(lake, process, version) : lake;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (lake, _) in frozen.Values) lake.Dispose();
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

    Lake Frozen(Lake of, Guid processId, long version)
    {
        var now = clock.GetUtcNow();
        lock (freezing)
        {
            foreach (var (key, (old, _)) in frozen.Where(entry => now - entry.Value.UsedAt > kept).ToArray())
            {
                frozen.Remove(key);
                old.Dispose();
            }
            var lake = frozen.TryGetValue((of.Tenant, processId, version), out var known) ? known.Lake : new FrozenLake(of, processId, version);
            frozen[(of.Tenant, processId, version)] = (lake, now);
            return lake.Lake;
        }
    }

    (Lake, QueryAudit) Open(Tenant tenant)
    {
        var audit = new QueryAudit(store.Catalog, tenant, clock, () => ActorOf(request.HttpContext));
        return (new Lake(store, tenant, clock, audit), audit);
    }

    /// <summary>Whose key the request has; null where nobody needs one.</summary>
    public static Credential? CredentialOf(HttpContext? context) => context?.Features.Get<Credential>();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Some of what was asked of tenant {Tenant} is not written down")]
    static partial void NotWritten(ILogger log, string tenant, Exception cause);
}
