namespace Legion.Notebook.Grammar;

/// <summary>Finds what somebody probably meant to type.</summary>
static class Nearest
{
    /// <summary>
    /// "; did you mean 'x'?" for the candidate with the smallest edit distance, or nothing
    /// where more than a third of the word would have to change.
    /// </summary>
    public static string Suggestion(string typed, IEnumerable<string> candidates, string prefix = "")
    {
        var best = candidates
            .Select(candidate => (candidate, distance: EditDistance(typed, candidate)))
            .OrderBy(pair => pair.distance)
            .FirstOrDefault();
        return best.candidate is not null && best.distance <= Math.Max(1, (Math.Max(typed.Length, best.candidate.Length) + 1) / 3)
            ? $"; did you mean '{prefix}{best.candidate}'?"
            : "";
    }

    /// <summary>Insertions, deletions, replacements and swaps of neighbours, ignoring case (optimal string alignment).</summary>
    internal static int EditDistance(string a, string b)
    {
        var cost = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            cost[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            cost[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
            for (var j = 1; j <= b.Length; j++)
            {
                var same = Same(a[i - 1], b[j - 1]);
                cost[i, j] = Math.Min(cost[i - 1, j - 1] + (same ? 0 : 1), Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
                if (i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1]))
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }
        return cost[a.Length, b.Length];

        static bool Same(char x, char y) => char.ToLowerInvariant(x) == char.ToLowerInvariant(y);
    }
}
