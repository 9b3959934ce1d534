using Legion.Store;

namespace Legion.Ingestion;

/// <summary>What one tenant has of ingestion at the moment, and what it may still have. Used under the lock of <see cref="Admission"/>.</summary>
sealed class TenantLane(Tenant tenant, IngestionLimits limits, TimeProvider clock)
{
    public Tenant Tenant => tenant;
    public TokenBucket Requests { get; } = new(limits.TenantRequestsPerSecond, limits.TenantBurst, clock);
    public TokenBucket Bytes { get; } = new(limits.TenantBytesPerSecond, limits.TenantBurst, clock);

    /// <summary>Places that its requests have.</summary>
    public long Places;

    /// <summary>Bytes that its requests have reserved.</summary>
    public long Reserved;
}
