using System.Text;
using Legion.Lakehouse.Sql;

namespace Legion.Lakehouse.Logs;

/// <summary>Which log entries somebody wants to see.</summary>
/// <param name="LeastLevel">As in <c>log_entries</c>; those below are left out.</param>
/// <param name="With">Texts that message or target has, each of them, in whichever case.</param>
/// <param name="Without">Texts that neither has.</param>
/// <param name="Pattern">What all messages look like, see <see cref="LogPattern"/>; null: as they do.</param>
public sealed record LogFilter(string LeastLevel, IReadOnlyList<string> With, IReadOnlyList<string> Without, string? Pattern)
{
    /// <summary>From the least severe.</summary>
    public static IReadOnlyList<string> Levels { get; } = ["trace", "debug", "info", "warn", "error", "fatal"];

    public static LogFilter None { get; } = new(Levels[0], [], [], null);

    /// <summary>Whether entries are left out by more than their level.</summary>
    public bool Searches => With.Count + Without.Count > 0 || Pattern is not null;

    public bool IsNone => !Searches && LeastLevel == Levels[0];

    /// <summary>The same for all filters that leave out the same, but for their level.</summary>
    internal string SearchKey => string.Concat(With.Select(text => $"+{text.Length}:{text}").Concat(Without.Select(text => $"-{text.Length}:{text}")).Append(Pattern is null ? "" : "=" + Pattern));

    internal IEnumerable<string> ShownLevels => Levels.Skip(Levels.Index().First(level => level.Item == LeastLevel).Index);

    /// <summary>Reads words, and texts in quotation marks, each of which is wanted; with a minus before it, none of them.</summary>
    public static LogFilter Of(string search, string leastLevel = "trace", string? pattern = null)
    {
        var (with, without) = (new List<string>(), new List<string>());
        for (var at = 0; at < search.Length;)
        {
            if (char.IsWhiteSpace(search[at]))
            {
                at++;
                continue;
            }
            var isWithout = search[at] == '-' && at + 1 < search.Length && !char.IsWhiteSpace(search[at + 1]);
            if (isWithout) at++;
            var isQuoted = search[at] == '"';
            if (isQuoted) at++;
            var text = new StringBuilder();
            // A quotation that somebody has not ended yet goes to the end.
            for (; at < search.Length && (isQuoted ? search[at] != '"' : !char.IsWhiteSpace(search[at])); at++) text.Append(search[at]);
            if (isQuoted) at++;
            if (text.Length > 0) (isWithout ? without : with).Add(text.ToString());
        }
        return new LogFilter(leastLevel, with, without, pattern);
    }

    /// <summary>The same without regard to levels.</summary>
    public LogFilter OfAllLevels() => this with { LeastLevel = Levels[0] };

    /// <summary>A condition over <c>log_entries</c>, and what its parameters stand for.</summary>
    internal string Condition(IDictionary<string, object?> parameters)
    {
        var conditions = new List<string> { "process_id = $process" };
        if (LeastLevel != Levels[0]) conditions.Add($"level IN ({string.Join(", ", ShownLevels.Select(DuckDb.Quote))})");
        foreach (var (i, text) in With.Index()) conditions.Add(Has($"with{i}", text));
        foreach (var (i, text) in Without.Index()) conditions.Add("NOT " + Has($"without{i}", text));
        if (Pattern is not null)
        {
            parameters["pattern"] = Pattern;
            conditions.Add($"{LogPattern.Sql} = $pattern");
        }
        return string.Join(" AND ", conditions);

        string Has(string name, string text)
        {
            parameters[name] = text;
            return $"(contains(lower(message), lower(${name})) OR contains(lower(target), lower(${name})))";
        }
    }
}
