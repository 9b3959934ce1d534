using Legion.Lakehouse.Sql;

namespace Legion.Lakehouse.Logs;

/// <summary>Messages that look alike once numbers, ids and quoted texts are left out of them.</summary>
/// <param name="Text">A message with <see cref="Hole"/> for each of those.</param>
/// <param name="Level">The most severe one.</param>
/// <param name="Example">One of the messages.</param>
public sealed record LogPattern(string Text, long Count, string Level, string Example)
{
    public const string Hole = "<*>";

    /// <summary>
    /// In this order: UUIDs, texts in quotation marks (an apostrophe within a word is none), hexadecimal numbers, words of eight and more hexadecimal digits with
    /// letters and decimal digits among them, and numbers with whatever points, colons and signs lie between their digits.
    /// </summary>
    static readonly string holes = string.Join('|',
        ["[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", "\"[^\"]*\"", @"\B'[^']*'\B", "0[xX][0-9a-fA-F]+", .. MixedWords(), "[-+]?[0-9]+([.:,/][0-9]+)*"]);

    /// <summary>What a message looks like, over <c>log_entries</c>; longer ones are told apart by their first 500 characters.</summary>
    internal static string Sql { get; } = $"regexp_replace(left(message, 500), {DuckDb.Quote(holes)}, '{Hole}', 'g')";

    /// <summary>The engine's expressions look neither ahead nor behind: so many of one kind, one of the other, and what is left of eight.</summary>
    static IEnumerable<string> MixedWords() =>
        from length in Enumerable.Range(1, 7)
        from kinds in (IEnumerable<(string, string)>)[("[0-9]", "[a-fA-F]"), ("[a-fA-F]", "[0-9]")]
        select $@"\b{kinds.Item1}{{{length}{(length == 7 ? "," : "")}}}{kinds.Item2}[0-9a-fA-F]{{{7 - length},}}\b";
}

/// <summary>Patterns of some entries, those of most entries first.</summary>
/// <param name="Read">How many entries were looked at.</param>
/// <param name="Total">How many there are.</param>
/// <param name="FromNs">Of the time that was looked at, nanoseconds UTC.</param>
/// <param name="ToNs">Exclusive.</param>
public sealed record LogPatterns(IReadOnlyList<LogPattern> Patterns, long Read, long Total, long FromNs, long ToNs);
