namespace Legion.Store;

public partial interface ICatalog
{
    // Keys. Each change is an audit row of the same transaction.

    Task AddKeyAsync(KeyRow key, string actor, CancellationToken cancellation);

    /// <summary>Over all tenants.</summary>
    /// <returns>Null where there is none of this id.</returns>
    Task<KeyRow?> FindKeyAsync(string keyId, CancellationToken cancellation);

    /// <summary>In order of creation; null means all tenants'.</summary>
    Task<IReadOnlyList<KeyRow>> ReadKeysAsync(Tenant? tenant, CancellationToken cancellation);

    /// <summary>Makes a key useless for good. One that is revoked already stays as it is.</summary>
    /// <returns>False where there is none of this id.</returns>
    Task<bool> RevokeKeyAsync(string keyId, long nowNs, string actor, CancellationToken cancellation);

    /// <summary>Writes down what changes nothing in the catalog itself. Where a commit's outcome was unknown, it may stand there twice.</summary>
    Task AddAuditAsync(AuditRow row, CancellationToken cancellation);

    /// <summary>In order of time; null means all tenants'.</summary>
    Task<IReadOnlyList<AuditRow>> ReadAuditAsync(Tenant? tenant, CancellationToken cancellation);
}
