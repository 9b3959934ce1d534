namespace Legion.Store;

public partial interface ICatalog
{
    // Backup. A dump is JSON, a line each: a table with its columns, its rows after it, and at the end the number of rows; it reads the same whatever database wrote it.
    // Partitions, what global ones have, claims and leases are left out: they name what a backup does not have.

    /// <summary>Writes all tables as they are at one moment.</summary>
    /// <param name="open">Opens the dump, empty; called again where reading has to begin again.</param>
    Task DumpAsync(Func<TextWriter> open, CancellationToken cancellation);

    /// <summary>Fills an empty catalog, all or nothing.</summary>
    /// <param name="open">Opens the dump; called more than once.</param>
    /// <exception cref="InvalidDataException">It is no dump, breaks off, or has a table or a column that this catalog has not.</exception>
    Task LoadAsync(Func<TextReader> open, CancellationToken cancellation);
}
