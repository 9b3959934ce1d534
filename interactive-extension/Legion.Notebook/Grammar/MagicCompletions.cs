namespace Legion.Notebook.Grammar;

/// <summary>One offer.</summary>
public sealed record MagicCompletion(string Text, string Summary);

/// <summary>What could stand at a place of a magic.</summary>
/// <param name="Start">Index of the first character that an offer replaces.</param>
/// <param name="End">Index after the last one.</param>
public sealed record MagicCompletions(int Start, int End, IReadOnlyList<MagicCompletion> Items)
{
    /// <param name="magic">Its own line and its body.</param>
    internal static async Task<MagicCompletions> AtAsync(string magic, int cursor, INotebookHost host, MagicOffer offer, CancellationToken cancel)
    {
        var lineEnd = magic.IndexOf('\n') is var at && at < 0 ? magic.Length : at;
        return cursor <= lineEnd
            ? await AtLineAsync(magic[..lineEnd], cursor, host, offer, cancel)
            : await AtBodyAsync(magic, lineEnd + 1, cursor, host, offer, cancel);
    }

    static async Task<MagicCompletions> AtLineAsync(string line, int cursor, INotebookHost host, MagicOffer offer, CancellationToken cancel)
    {
        var start = cursor;
        while (start > 0 && !char.IsWhiteSpace(line[start - 1]) && !(line[start - 1] == '=' && IsOption(line, start - 1)))
            start--;
        var end = cursor;
        while (end < line.Length && !char.IsWhiteSpace(line[end]))
            end++;

        var typed = line[start..cursor];
        var before = line[..start].Split([' ', '\t', '='], StringSplitOptions.RemoveEmptyEntries);
        var offers = await OffersAsync(before, typed, host, offer, cancel);
        return new(start, end, [.. offers.Where(item => item.Text.StartsWith(typed, StringComparison.OrdinalIgnoreCase))]);
    }

    static async Task<IEnumerable<MagicCompletion>> OffersAsync(string[] before, string typed, INotebookHost host, MagicOffer offer, CancellationToken cancel)
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
            return Variables(host, '@');

        var last = before[^1];
        var words = Words(verb, before.Skip(isSql ? 1 : 2)).ToList();
        if (last.StartsWith("--") && verb.Option(last[2..]) is { Value: not null } option)
            return option.Choices.Count > 0 ? option.Choices.Select(choice => new MagicCompletion(choice, option.Summary))
                : await ValuesAsync(option.Kind, Process(verb, words, before), host, offer, cancel);
        if (last == "->" || last == "--name")
            return [];
        var offers = verb.Options
            .Where(option => !before.Contains($"--{option.Name}"))
            .Select(option => new MagicCompletion($"--{option.Name}", option.Summary));
        if (verb.HasResult && !before.Contains("--name") && !before.Contains("->"))
            offers = offers.Append(new("--name", "keeps the result in a C# variable"));
        if (typed.StartsWith('-'))
            return offers;
        var argument = words.Count < verb.Arguments.Count ? verb.Arguments[words.Count] : verb.Arguments.LastOrDefault(last => last.Many);
        return argument is null ? offers : (await ValuesAsync(argument.Kind, Process(verb, words, before), host, offer, cancel)).Concat(offers);
    }

    static async Task<IEnumerable<MagicCompletion>> ValuesAsync(ValueKind kind, string? process, INotebookHost host, MagicOffer offer, CancellationToken cancel) => kind switch
    {
        ValueKind.Text or ValueKind.Sql => [],
        ValueKind.Verb => Verbs.All.Select(known => new MagicCompletion(known.Name, known.Summary)),
        // The next thing that is typed is mostly a variable.
        ValueKind.Process => Variables(host, '@').Concat(await offer(new(kind), host, cancel)),
        _ => await offer(new(kind, process), host, cancel),
    };

    static IEnumerable<MagicCompletion> Variables(INotebookHost host, char prefix) => host.VariableNames.Select(name => new MagicCompletion($"{prefix}{name}", "variable"));

    /// <summary>The words that are arguments: neither options nor their values.</summary>
    static IEnumerable<string> Words(Verb verb, IEnumerable<string> words)
    {
        var isValue = false;
        foreach (var word in words)
        {
            if (isValue)
                isValue = false;
            else if (word == "->")
                isValue = true;
            else if (word.StartsWith("--", StringComparison.Ordinal))
                isValue = word == "--name" || verb.Option(word[2..]) is { Value: not null };
            else
                yield return word;
        }
    }

    static string? Process(Verb verb, List<string> words, string[] before)
    {
        if (verb.Arguments.FirstOrDefault()?.Kind == ValueKind.Process && words.Count > 0)
            return words[0];
        var option = Array.IndexOf(before, "--process");
        return option >= 0 && option + 1 < before.Length ? before[option + 1] : null;
    }

    static bool IsOption(string line, int equals)
    {
        var start = equals;
        while (start > 0 && !char.IsWhiteSpace(line[start - 1]))
            start--;
        return line.AsSpan(start).StartsWith("--");
    }

    /// <summary>In the SQL of a body: views, columns, functions, and <c>$</c> before a variable.</summary>
    static async Task<MagicCompletions> AtBodyAsync(string magic, int bodyStart, int cursor, INotebookHost host, MagicOffer offer, CancellationToken cancel)
    {
        var (start, end) = SqlWord(magic, bodyStart, cursor);
        var typed = magic[start..cursor];
        if (start > bodyStart && magic[start - 1] == '$')
            return new(start - 1, end, [.. Variables(host, '$').Where(item => item.Text.AsSpan(1).StartsWith(typed, StringComparison.OrdinalIgnoreCase))]);
        var offers = await offer(new(ValueKind.Sql, Sql: magic[bodyStart..]), host, cancel);
        return new(start, end, [.. offers.Where(item => item.Text.StartsWith(typed, StringComparison.OrdinalIgnoreCase))]);
    }

    /// <summary>Where the word around the cursor lies.</summary>
    internal static (int Start, int End) SqlWord(string text, int from, int cursor)
    {
        var (start, end) = (cursor, cursor);
        while (start > from && IsOfWord(text[start - 1]))
            start--;
        while (end < text.Length && IsOfWord(text[end]))
            end++;
        return (start, end);

        static bool IsOfWord(char c) => char.IsLetterOrDigit(c) || c == '_';
    }
}
