namespace Legion.Store;

public partial interface ICatalog
{
    // Queries that were asked.

    /// <summary>Writes queries down, and forgets those that began before a time. Where a commit's outcome was unknown, one may stand there twice.</summary>
    Task AddQueryAuditAsync(Tenant tenant, IReadOnlyCollection<QueryAuditRow> rows, long forgetBeforeNs, CancellationToken cancellation);

    /// <summary>The newest first.</summary>
    Task<IReadOnlyList<QueryAuditRow>> ReadQueryAuditAsync(Tenant tenant, int most, CancellationToken cancellation);

    /// <summary>Forgets the queries of these texts.</summary>
    Task ForgetQueryAuditAsync(Tenant tenant, IReadOnlyCollection<string> sql, CancellationToken cancellation);
}
