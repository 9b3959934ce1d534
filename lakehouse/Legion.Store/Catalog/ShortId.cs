using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Legion.Store;

/// <summary>Ids that stand in addresses which people pass on: short, and nobody guesses one.</summary>
static partial class ShortId
{
    /// <summary>No vowels, so that no word comes of it, and nothing that looks like something else.</summary>
    const string Letters = "23456789bcdfghjkmnpqrstvwxz";

    const int Length = 12;

    /// <summary>One that is given out once: there are 10^17.</summary>
    public static string New() => RandomNumberGenerator.GetString(Letters, Length);

    public static bool IsId(string text) => Id().IsMatch(text);

    [GeneratedRegex(@"^[2-9b-z]{12}\z")]
    private static partial Regex Id();
}
