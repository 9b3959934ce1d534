using System.Text.RegularExpressions;

namespace Legion.Store;

/// <summary>What asks for sums of spans.</summary>
/// <param name="ProcessFilter">The condition that a process meets, over the columns of <c>processes</c>; empty: each does.</param>
/// <param name="SpanFilter">The condition that a span of it meets, over its name and site; empty: each does.</param>
/// <param name="CreatedNs">When it was added, nanoseconds UTC.</param>
/// <param name="CreatedBy">Who added it: an account of the machine.</param>
public sealed partial record PolicyRow(string Name, string ProcessFilter, string SpanFilter, long CreatedNs, string CreatedBy)
{
    /// <summary>Most characters of a name.</summary>
    public const int MostNameLength = 128;

    public static bool IsName(string text) => text.Length <= MostNameLength && PlainName().IsMatch(text);

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.-]*\z")]
    private static partial Regex PlainName();
}
