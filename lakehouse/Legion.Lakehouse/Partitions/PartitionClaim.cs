using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>
/// The right to build a partition until it is disposed. It lasts for some seconds and is renewed while the work goes on, so that who was killed holds others up shortly,
/// and who takes long is not joined. Who was paused for longer builds beside the next one: publication decides.
/// </summary>
sealed class PartitionClaim : IAsyncDisposable
{
    /// <summary>How long others wait for somebody who was killed. Three renewals fit in, as a busy machine or database is late.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    static readonly TimeSpan RenewalInterval = TimeSpan.FromSeconds(3);

    readonly ICatalog catalog;
    readonly Tenant tenant;
    readonly PartitionKey key;
    readonly string claimant;
    readonly TimeProvider time;
    readonly CancellationTokenSource ending = new();
    Task renewing = Task.CompletedTask;

    PartitionClaim(ICatalog catalog, Tenant tenant, PartitionKey key, string claimant, TimeProvider time)
    {
        this.catalog = catalog;
        this.tenant = tenant;
        this.key = key;
        this.claimant = claimant;
        this.time = time;
    }

    /// <returns>Null while somebody else's claim holds.</returns>
    public static async Task<PartitionClaim?> TryTakeAsync(ICatalog catalog, Tenant tenant, PartitionKey key, string claimant, TimeProvider time, CancellationToken cancellation)
    {
        var claim = new PartitionClaim(catalog, tenant, key, claimant, time);
        if (!await claim.ClaimAsync(cancellation)) return null;
        claim.renewing = claim.RenewAsync();
        return claim;
    }

    public async ValueTask DisposeAsync()
    {
        ending.Cancel();
        await renewing;
        ending.Dispose();
        await catalog.ReleasePartitionAsync(tenant, key, claimant, CancellationToken.None);
    }

    async Task RenewAsync()
    {
        while (true)
        {
            await Task.Delay(RenewalInterval, time, ending.Token).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
            if (ending.IsCancellationRequested) return;
            try
            {
                if (!await ClaimAsync(CancellationToken.None)) return; // it ended, and somebody else has it now
            }
            catch (StoreUnavailableException)
            {
                // Again after the interval: the claim lasts longer than that.
            }
        }
    }

    Task<bool> ClaimAsync(CancellationToken cancellation) =>
        catalog.ClaimPartitionAsync(tenant, key, claimant, Lease.Ticks * TimeSpan.NanosecondsPerTick, (time.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) * TimeSpan.NanosecondsPerTick, cancellation);
}
