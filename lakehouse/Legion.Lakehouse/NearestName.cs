namespace Legion.Lakehouse;

/// <summary>Finds what somebody probably meant.</summary>
public static class NearestName
{
    /// <summary>
    /// The candidate with the least edit distance (insertions, deletions, replacements, swaps of neighbours), if that is at most
    /// a third of the text, or one; case counts nothing.
    /// </summary>
    public static string? Of(string text, IEnumerable<string> candidates)
    {
        var (best, bestDistance) = ((string?)null, Math.Max(1, text.Length / 3) + 1);
        foreach (var candidate in candidates)
        {
            var distance = Distance(text.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (distance < bestDistance) (best, bestDistance) = (candidate, distance);
        }
        return best;
    }

    /// <summary>The end of a sentence: "; did you mean 'x'?", or nothing.</summary>
    /// <param name="prefix">Stands before the name, as dashes before an option.</param>
    public static string Suggestion(string text, IEnumerable<string> candidates, string prefix = "") =>
        Of(text, candidates) is { } nearest ? $"; did you mean '{prefix}{nearest}'?" : "";

    /// <summary>Optimal string alignment.</summary>
    static int Distance(string a, string b)
    {
        var cost = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) cost[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) cost[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                cost[i, j] = Math.Min(cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1), Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }
        }
        return cost[a.Length, b.Length];
    }
}
