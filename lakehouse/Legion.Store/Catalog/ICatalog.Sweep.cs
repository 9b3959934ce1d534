namespace Legion.Store;

public partial interface ICatalog
{
    // Sweeping. Before an object of blocks is deleted its key is spent: an object row of no bytes stays behind,
    // and whoever put the object and has been slow since can no longer name it. That row and the one of an object that counts have the same key,
    // so that one of the two is refused, whichever comes second.

    /// <summary>Of objects of blocks that are of one tenant, day, class and process, those that hold a block that counts.</summary>
    Task<IReadOnlySet<string>> FindLivingObjectsAsync(BlocksObjectName of, IReadOnlyCollection<string> keys, CancellationToken cancellation);

    /// <summary>Spends the key of an object, unless it holds a block that counts. It stays spent for good: <see cref="InsertBlocksAsync"/> refuses it from then on.</summary>
    /// <returns>Whether the object may be deleted.</returns>
    Task<bool> SpendObjectAsync(BlocksObjectName name, CancellationToken cancellation);

    // Requests that are not blocks yet likewise: the row by which an arrival is named and the one by which its key is spent have the same key.

    /// <summary>Of objects of arrivals that are of one tenant, those that an arrival names.</summary>
    Task<IReadOnlySet<string>> FindLivingArrivalsAsync(ArrivalObjectName of, IReadOnlyCollection<string> keys, CancellationToken cancellation);

    /// <summary>Spends the key of an arrival's object, unless an arrival names it. It stays spent for good: <see cref="AddArrivalAsync"/> refuses it from then on.</summary>
    /// <returns>Whether the object may be deleted.</returns>
    Task<bool> SpendArrivalAsync(ArrivalObjectName name, CancellationToken cancellation);

    // Pages of reports as objects of blocks.

    /// <summary>Of pages of one tenant's reports, those that a report names.</summary>
    Task<IReadOnlySet<string>> FindLivingReportsAsync(ReportObjectName of, IReadOnlyCollection<string> keys, CancellationToken cancellation);

    /// <summary>Spends the key of a report's page, unless a report names it. It stays spent for good: <see cref="AddReportAsync"/> refuses it from then on.</summary>
    /// <returns>Whether the object may be deleted.</returns>
    Task<bool> SpendReportAsync(ReportObjectName name, CancellationToken cancellation);
}
