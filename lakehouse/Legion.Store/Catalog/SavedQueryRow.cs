using System.Text.RegularExpressions;

namespace Legion.Store;

/// <summary>A SELECT that somebody gave a name, by which other queries read it.</summary>
/// <param name="Name">In lower case, as names in SQL are the same in either.</param>
/// <param name="UpdatedNs">When it was saved last, nanoseconds UTC.</param>
/// <param name="UpdatedBy">Who saved it: an account of the machine, or the holder of a key or a token.</param>
public sealed partial record SavedQueryRow(string Name, string Sql, long UpdatedNs, string UpdatedBy)
{
    /// <summary>Most characters of a name.</summary>
    public const int MostNameLength = 128;

    /// <summary>Whether SQL can say it without quotes.</summary>
    public static bool IsName(string text) => text.Length <= MostNameLength && PlainName().IsMatch(text);

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex PlainName();
}
