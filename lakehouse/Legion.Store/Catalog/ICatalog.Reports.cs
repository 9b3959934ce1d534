namespace Legion.Store;

public partial interface ICatalog
{
    // Reports. What is gone stays, empty, to say so; its page is doomed in the same transaction.

    /// <returns>Null where there is none of this id.</returns>
    Task<ReportRow?> FindReportAsync(Tenant tenant, string reportId, CancellationToken cancellation);

    /// <summary>Newest first, without those that are empty.</summary>
    Task<IReadOnlyList<ReportRow>> ReadReportsAsync(Tenant tenant, CancellationToken cancellation);

    /// <summary>Writes a new report down, whose page has been put.</summary>
    /// <param name="named">Ids that stand in the page. Those of the tenant's processes take the report along when they, or some of what they recorded, are removed.</param>
    Task<ReportOutcome> AddReportAsync(Tenant tenant, ReportRow report, IReadOnlyCollection<Guid> named, CancellationToken cancellation);

    /// <summary>Takes away what a report shows.</summary>
    /// <param name="nowNs">From when on it counts as expired.</param>
    Task EmptyReportAsync(Tenant tenant, string reportId, long nowNs, CancellationToken cancellation);

    /// <summary>Empties the reports of all tenants that have expired, and forgets those that did so long ago.</summary>
    /// <returns>Tenants with pages that are to be deleted.</returns>
    Task<IReadOnlyList<Tenant>> ExpireReportsAsync(long nowNs, CancellationToken cancellation);
}
