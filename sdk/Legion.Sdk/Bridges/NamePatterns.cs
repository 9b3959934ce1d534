namespace Legion.Sdk;

/// <summary>Which names are chosen: those that a pattern names and no pattern with an exclamation mark takes away.</summary>
sealed class NamePatterns(IReadOnlyList<string> patterns)
{
    readonly string[] chosen = [.. patterns.Where(pattern => !pattern.StartsWith('!'))];
    readonly string[] excluded = [.. patterns.Where(pattern => pattern.StartsWith('!')).Select(pattern => pattern[1..])];

    public bool IsEmpty => chosen.Length == 0;

    public bool Match(string name) => Array.Exists(chosen, pattern => Matches(pattern, name)) && !Array.Exists(excluded, pattern => Matches(pattern, name));

    static bool Matches(string pattern, string name) =>
        pattern.EndsWith('*') ? name.AsSpan().StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.OrdinalIgnoreCase) : pattern.Equals(name, StringComparison.OrdinalIgnoreCase);
}
