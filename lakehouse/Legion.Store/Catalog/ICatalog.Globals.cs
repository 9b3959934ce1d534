using Legion.Format;

namespace Legion.Store;

public partial interface ICatalog
{
    // Global views: files with the rows of many processes. What they have is told process by process by two versions, so that what they lack is found by comparing integers;
    // they change as a whole, by compare-and-swap of the view's generation.

    /// <summary>A global view, and processes beside what its files have of them.</summary>
    /// <param name="after">Only processes of higher ids that are behind; null: all processes.</param>
    /// <param name="most">So many processes.</param>
    Task<GlobalState> ReadGlobalAsync(Tenant tenant, GlobalName name, Guid? after, int most, CancellationToken cancellation);

    /// <summary>What the files of a global view have, of each process.</summary>
    Task<IReadOnlyList<GlobalCover>> ReadGlobalCoversAsync(Tenant tenant, GlobalName name, CancellationToken cancellation);

    /// <returns>False where the files have changed since the expected generation; those of the publication are then nobody's. True where this very publication took effect before.</returns>
    Task<bool> PublishGlobalAsync(Tenant tenant, GlobalPublication publication, CancellationToken cancellation);

    /// <summary>Drops the files of global views of a class that are of days before one, and dooms them. What blocks of such days there still are is not among the views' rows from then on, but told by <see cref="GlobalState.EarlierBlocks"/>.</summary>
    Task ExpireGlobalAsync(Tenant tenant, StreamClass streamClass, int firstDay, CancellationToken cancellation);
}
