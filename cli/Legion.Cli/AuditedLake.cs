using Legion.Lakehouse;
using Legion.Lakehouse.Sql;
using Legion.Store;

namespace Legion.Cli;

/// <summary>A lake that a command asks. What it asked is written down when it is done; who may read a lake and not write its catalog has his answer all the same.</summary>
/// <param name="error">Is told where that cannot be written.</param>
sealed class AuditedLake(LakeStore store, Tenant tenant, TextWriter error) : IAsyncDisposable
{
    readonly QueryAudit audit = new(store.Catalog, tenant, TimeProvider.System);

    public Lake Lake => field ??= new Lake(store, tenant, audit: audit);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await audit.DisposeAsync();
        }
        catch (StoreUnavailableException cause)
        {
            await error.WriteLineAsync($"what was asked is not written down: {cause.Message}");
        }
    }
}
