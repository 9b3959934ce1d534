namespace Legion.Store;

/// <summary>A short address for a page of the viewer. It opens nothing by itself: who follows it needs a right to read.</summary>
/// <param name="LinkId">What stands behind <see cref="Path"/>.</param>
/// <param name="ProcessId">The process that the page shows; null: none, or the link is empty.</param>
/// <param name="Address">The page's path and query. Empty where what it showed was erased, or its time is over.</param>
/// <param name="Version">Of a frozen link, the arrival of the last block that it shows; null: whatever is there.</param>
/// <param name="CreatedNs">When it was made, nanoseconds UTC.</param>
/// <param name="CreatedBy">Who made it: an account of the machine, or the holder of a key or a token.</param>
/// <param name="ExpiresNs">When it stops opening; null: never.</param>
public sealed record LinkRow(string LinkId, Guid? ProcessId, string Address, long? Version, long CreatedNs, string CreatedBy, long? ExpiresNs)
{
    /// <summary>Where the viewer finds links.</summary>
    public const string Path = "/l/";

    /// <summary>Most characters of an address: browsers and proxies cut longer ones.</summary>
    public const int MostAddressLength = 8000;

    /// <summary>How long the row of a link that has expired says so.</summary>
    public const long KeptNs = 90L * 24 * 3600 * 1_000_000_000;

    /// <summary>Whether what it showed was erased, or its time is over.</summary>
    public bool IsEmpty => Address.Length == 0;

    /// <summary>Whether nobody opens it any more.</summary>
    public bool HasExpired(long nowNs) => ExpiresNs <= nowNs;

    /// <summary>One that no other link has.</summary>
    public static string NewId() => ShortId.New();

    public static bool IsId(string text) => ShortId.IsId(text);
}
