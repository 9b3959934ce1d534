namespace Legion.Store;

/// <summary>What the catalog has of one schema version of a view.</summary>
/// <param name="Partitions">Those that have a file.</param>
/// <param name="Bytes">Size of their files.</param>
public readonly record struct ViewVersion(string View, int SchemaVersion, long Partitions, long Bytes);

public partial interface ICatalog
{
    // Retirement. What no program asks for any more leaves an empty row of one generation more, so that a sweep sees since when its file is nobody's.

    /// <summary>Schema versions of views of which partitions were built before a time, in order of view and version.</summary>
    Task<IReadOnlyList<ViewVersion>> ReadViewVersionsAsync(Tenant tenant, long builtBeforeNs, CancellationToken cancellation);

    /// <summary>Of the partitions of one schema version that were built before a time: those with a file leave it to the sweep, and those without go.</summary>
    Task RetirePartitionsAsync(Tenant tenant, string view, int schemaVersion, long builtBeforeNs, long nowNs, CancellationToken cancellation);
}
