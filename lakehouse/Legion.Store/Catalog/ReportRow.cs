using System.Text.RegularExpressions;

namespace Legion.Store;

/// <summary>A page that somebody published. Who opens it needs a right to read.</summary>
/// <param name="ReportId">What stands behind <see cref="Path"/>.</param>
/// <param name="Title">Any text.</param>
/// <param name="CreatedNs">When it was published, nanoseconds UTC.</param>
/// <param name="CreatedBy">Who published it: an account of the machine, or the holder of a key or a token.</param>
/// <param name="ExpiresNs">When it stops opening; null: never.</param>
/// <param name="ObjectKey">The object that is the page. Empty where it is gone.</param>
/// <param name="Bytes">Those of the object.</param>
/// <param name="Sha256">Of the object's bytes, in lower-case hexadecimal digits.</param>
/// <param name="Scripts">What a policy says of scripts that run in it: <c>'sha256-...'</c> of each, with spaces between.</param>
public sealed partial record ReportRow(string ReportId, string Title, long CreatedNs, string CreatedBy, long? ExpiresNs, string ObjectKey, int Bytes, string Sha256, string Scripts)
{
    /// <summary>Where the viewer shows reports.</summary>
    public const string Path = "/report/";

    /// <summary>Most characters of a title.</summary>
    public const int MostTitleLength = 200;

    /// <summary>How long the row of a report that has expired or was removed says so.</summary>
    public const long KeptNs = LinkRow.KeptNs;

    /// <summary>Whether it was removed or erased, or its time is over.</summary>
    public bool IsEmpty => ObjectKey.Length == 0;

    /// <summary>Whether nobody opens it any more.</summary>
    public bool HasExpired(long nowNs) => ExpiresNs <= nowNs;

    /// <summary>One that no other report has.</summary>
    public static string NewId() => ShortId.New();

    public static bool IsId(string text) => ShortId.IsId(text);

    /// <summary>Whether a text is what <see cref="Scripts"/> may be, and so can stand in a header.</summary>
    public static bool AreScripts(string text) => text.Length == 0 || Hashes().IsMatch(text);

    [GeneratedRegex(@"^'sha256-[A-Za-z0-9+/]{43}='( 'sha256-[A-Za-z0-9+/]{43}=')*\z")]
    private static partial Regex Hashes();
}

/// <summary>What became of a report that was to be published.</summary>
public enum ReportOutcome
{
    Added,

    /// <summary>Its page was put so long ago that a sweep has taken it.</summary>
    Swept,

    /// <summary>It names a process that was erased.</summary>
    Erased,
}
