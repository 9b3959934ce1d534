using Legion.Format;

namespace Legion.Store;

/// <summary>
/// Drops what is older than its tenant keeps it: first from the catalog, process by process, so that no query shows it, then the objects.
/// Whatever is killed, the next run goes on: what is hidden already is doomed.
/// </summary>
public sealed class RetentionRun(LakeStore lake, TimeProvider clock)
{
    /// <param name="progress">Told how many objects are deleted.</param>
    public async Task<RetentionTotals> RunAsync(IProgress<long>? progress, CancellationToken cancellation)
    {
        var totals = default(RetentionTotals);
        var nowNs = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        foreach (var tenant in await lake.Catalog.ExpireReportsAsync(nowNs, cancellation)) await new DoomedObjects(lake, tenant).DeleteAsync(progress, cancellation);
        var rules = await lake.Catalog.ReadRetentionAsync(null, cancellation);
        foreach (var rule in rules)
        {
            // First: what is left of a process then stays where it is.
            await lake.Catalog.ExpireGlobalAsync(rule.Tenant, rule.Class, rule.FirstDay(nowNs), cancellation);
            totals += await lake.Catalog.ExpireArrivalsAsync(rule.Tenant, rule.Class, rule.FirstDay(nowNs), cancellation);
            foreach (var processId in await lake.Catalog.FindExpiredAsync(rule.Tenant, rule.Class, rule.FirstDay(nowNs), cancellation))
                totals += await lake.Catalog.ExpireBlocksAsync(rule.Tenant, processId, rule.Class, rule.FirstDay(nowNs), cancellation);
        }
        foreach (var ofTenant in rules.GroupBy(rule => rule.Tenant))
        {
            // The record of a process is of all classes.
            if (ofTenant.Count() == Enum.GetValues<StreamClass>().Length)
                totals += new RetentionTotals(await lake.Catalog.ExpireProcessesAsync(ofTenant.Key, RetentionRule.BeginNs(ofTenant.Min(rule => rule.FirstDay(nowNs))), cancellation), 0, 0, 0, 0);
            await new DoomedObjects(lake, ofTenant.Key).DeleteAsync(progress, cancellation);
        }
        foreach (var ofClass in rules.GroupBy(rule => rule.Class))
            totals += new RetentionTotals(0, 0, 0, 0, await lake.Catalog.DropBucketsAsync(ofClass.Key, ofClass.Min(rule => rule.FirstDay(nowNs)), cancellation));
        return totals;
    }
}
