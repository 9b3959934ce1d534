using Legion.Store;

namespace Legion.Lakehouse;

/// <summary>
/// Retires partitions that no query of this program reads: those of schema versions that were replaced, and those of views that there are no more, of all tenants.
/// A partition that somebody asks for is built anew anyway; these nobody asked for. Their files go with the sweep after its grace, as a program of an older version may read them.
/// </summary>
public sealed class PartitionRetirement
{
    /// <summary>
    /// How long a partition stays that was built for another version: while the programs of a lake are exchanged one by one, older and newer ones build for themselves.
    /// A view that an older program does not know may be a newer one's, which then builds again.
    /// </summary>
    public static readonly TimeSpan Unused = TimeSpan.FromDays(7);

    readonly LakeStore lake;
    readonly TimeProvider clock;
    readonly Func<string, int?> versionOf;

    public PartitionRetirement(LakeStore lake, TimeProvider clock) : this(lake, clock, Views.VersionOf)
    {
    }

    /// <param name="versionOf">The schema version of the view with partitions of a name; null for none.</param>
    internal PartitionRetirement(LakeStore lake, TimeProvider clock, Func<string, int?> versionOf)
    {
        this.lake = lake;
        this.clock = clock;
        this.versionOf = versionOf;
    }

    /// <param name="dryRun">Counts, and changes nothing.</param>
    /// <exception cref="StoreUnavailableException">The disk or the database refused; what was retired until then is.</exception>
    public async Task<RetirementTotals> RunAsync(bool dryRun, CancellationToken cancellation)
    {
        var totals = default(RetirementTotals);
        var nowNs = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        var beforeNs = nowNs - Unused.Ticks * TimeSpan.NanosecondsPerTick;
        foreach (var tenant in await lake.Catalog.ReadTenantsAsync(cancellation))
        {
            foreach (var version in await lake.Catalog.ReadViewVersionsAsync(tenant, beforeNs, cancellation))
            {
                if (!IsRetired(version.View, version.SchemaVersion)) continue;
                totals = totals with { Partitions = totals.Partitions + version.Partitions, Bytes = totals.Bytes + version.Bytes };
                if (!dryRun) await lake.Catalog.RetirePartitionsAsync(tenant, version.View, version.SchemaVersion, beforeNs, nowNs, cancellation);
            }
            if (!dryRun) totals = totals with { Manifests = totals.Manifests + await new PublishedManifests(lake, tenant).RetireAsync(IsRetired, view => versionOf(view) is null, cancellation) };
        }
        return totals;
    }

    /// <summary>A version above this program's is a newer program's.</summary>
    bool IsRetired(string view, int schemaVersion) => versionOf(view) is not { } current || schemaVersion < current;
}

/// <summary>What a retirement took, or would take.</summary>
/// <param name="Partitions">Those with a file.</param>
/// <param name="Bytes">Size of their files, which a sweep deletes.</param>
/// <param name="Manifests">Texts for other engines that named files of replaced versions; a dry run does not count them.</param>
public readonly record struct RetirementTotals(long Partitions, long Bytes, long Manifests);
