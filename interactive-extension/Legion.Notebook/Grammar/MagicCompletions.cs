namespace Legion.Notebook.Grammar;

/// <summary>One offer.</summary>
public sealed record MagicCompletion(string Text, string Summary);

/// <summary>What could stand at a place of a magic's line.</summary>
/// <param name="Start">Index of the first character that an offer replaces.</param>
/// <param name="End">Index after the last one.</param>
public sealed record MagicCompletions(int Start, int End, IReadOnlyList<MagicCompletion> Items)
{
    internal static MagicCompletions At(string line, int cursor, INotebookHost host)
    {
        var start = cursor;
        while (start > 0 && !char.IsWhiteSpace(line[start - 1]) && !(line[start - 1] == '=' && IsOption(line, start - 1)))
            start--;
        var end = cursor;
        while (end < line.Length && !char.IsWhiteSpace(line[end]))
            end++;

        var typed = line[start..cursor];
        var before = line[..start].Split([' ', '\t', '='], StringSplitOptions.RemoveEmptyEntries);
        var items = Offers(before, typed, host).Where(item => item.Text.StartsWith(typed, StringComparison.OrdinalIgnoreCase));
        return new(start, end, items.ToList());
    }

    static IEnumerable<MagicCompletion> Offers(string[] before, string typed, INotebookHost host)
    {
        if (before.Length == 0)
            return [new(MagicParser.Directive, "a verb of the lake"), new(MagicParser.SqlDirective, "the whole cell is SQL")];
        var isSql = before[0] == MagicParser.SqlDirective;
        if (!isSql && before.Length == 1)
            return Verbs.All.Select(verb => new MagicCompletion(verb.Name, verb.Summary));
        var verb = isSql ? Verbs.Sql : Verbs.All.FirstOrDefault(known => known.Name == before[1]);
        if (verb is null)
            return [];
        if (typed.StartsWith('@'))
            return host.VariableNames.Select(name => new MagicCompletion($"@{name}", "variable"));

        var last = before[^1];
        if (last.StartsWith("--") && verb.Option(last[2..]) is { Value: not null } option)
            return option.Choices.Select(choice => new MagicCompletion(choice, option.Summary));
        if (last == "->" || last == "--name")
            return [];
        var offers = verb.Options
            .Where(option => !before.Contains($"--{option.Name}"))
            .Select(option => new MagicCompletion($"--{option.Name}", option.Summary));
        if (verb.HasResult && !before.Contains("--name") && !before.Contains("->"))
            offers = offers.Append(new("--name", "keeps the result in a C# variable"));
        return verb.Name == "help" ? Verbs.All.Select(known => new MagicCompletion(known.Name, known.Summary)) : offers;
    }

    static bool IsOption(string line, int equals)
    {
        var start = equals;
        while (start > 0 && !char.IsWhiteSpace(line[start - 1]))
            start--;
        return line.AsSpan(start).StartsWith("--");
    }
}
