using System.Text.RegularExpressions;
using Legion.Lakehouse;

namespace Legion.Notebook.Grammar;

/// <summary>
/// <c>#!legion VERB [ARGS] [--key value | --key=value] [-> name]</c> and a body;
/// <c>#!legion-sql</c> is the verb sql with the rest of the cell as its body.
/// </summary>
static partial class MagicParser
{
    public const string Directive = "#!legion";
    public const string SqlDirective = "#!legion-sql";

    /// <summary>Reads a magic: its line, and the body below it.</summary>
    /// <exception cref="MagicException">With the column of what was not understood.</exception>
    public static MagicCall Parse(string text, IReadOnlyList<Verb> verbs)
    {
        var end = text.IndexOf('\n');
        var line = (end < 0 ? text : text[..end]).TrimEnd();
        var body = end < 0 ? "" : text[(end + 1)..];
        return ReadCall(line, body, verbs);
    }

    /// <summary>Whether the lines below belong to the magic on this line. A line with an error has no body.</summary>
    public static bool TakesBody(string line, IReadOnlyList<Verb> verbs)
    {
        try
        {
            var call = ReadCall(line.TrimEnd(), "", verbs);
            return call.Verb.TakesBody && call.Arguments.Count == 0;
        }
        catch (MagicException)
        {
            return FirstWord(line) == SqlDirective;
        }
    }

    /// <summary>The directive a line begins with, or an empty text where it begins with none.</summary>
    public static string FirstWord(string line)
    {
        var text = line.AsSpan().TrimStart();
        if (!text.StartsWith("#!"))
            return "";
        var end = 2;
        while (end < text.Length && !char.IsWhiteSpace(text[end]))
            end++;
        return text[..end].ToString();
    }

    /// <summary>Where the verb stands on a line that was understood, counted from 1; for the SQL directive, where that stands.</summary>
    public static int VerbColumn(string line)
    {
        var at = line.Length - line.TrimStart().Length;
        if (FirstWord(line) == SqlDirective)
            return at + 1;
        at += Directive.Length;
        while (char.IsWhiteSpace(line[at]))
            at++;
        return at + 1;
    }

    static MagicCall ReadCall(string line, string body, IReadOnlyList<Verb> verbs)
    {
        var directive = FirstWord(line);
        var indent = line.Length - line.TrimStart().Length;
        var start = indent + directive.Length;
        if (directive == SqlDirective)
        {
            var sql = Verbs.Sql with { Arguments = [] };
            var usage = SqlDirective + sql.Usage[(Directive.Length + 1 + sql.Name.Length)..];
            return ReadVerb(line, body, sql, MagicToken.Split(line, start, usage), usage);
        }
        if (directive != Directive)
            throw new MagicException($"unknown magic '{directive}'{NearestName.Suggestion(directive, [Directive, SqlDirective])}", line, indent + 1, null);

        var names = verbs.Select(verb => verb.Name).ToList();
        var tokens = MagicToken.Split(line, start, null);
        if (tokens.Count == 0)
            throw new MagicException($"expected a verb: {string.Join(", ", names)}", line, line.Length + 2, $"{Directive} VERB [ARGS] [--key value] [-> name]");
        var first = tokens[0];
        if (Verbs.Reserved.Contains(first.Text))
            throw new MagicException($"'{first.Text}' is a verb of a later version", line, first.Column, null);
        var found = verbs.FirstOrDefault(verb => verb.Name == first.Text)
            ?? throw new MagicException(
                $"unknown verb '{first.Text}'{NearestName.Suggestion(first.Text, names)}", line, first.Column, $"{Directive} {string.Join('|', names)} ...");
        return ReadVerb(line, body, found, tokens[1..], found.Usage);
    }

    static MagicCall ReadVerb(string line, string body, Verb verb, List<MagicToken> tokens, string usage)
    {
        var arguments = new List<MagicValue>();
        var options = new Dictionary<string, MagicValue>();
        string? name = null;
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            if (token.Kind == MagicTokenKind.Word)
            {
                if (arguments.Count >= verb.Arguments.Count && verb.Arguments is not [.., { Many: true }])
                    throw Error(Unexpected(verb, token), token.Column);
                arguments.Add(Value(token));
            }
            else if (token.Kind == MagicTokenKind.Arrow || token.Text == "--name")
            {
                if (!verb.HasResult)
                    throw Error($"'{verb.Name}' has no result to keep", token.Column);
                if (name is not null)
                    throw Error("the result has a name already", token.Column);
                if (!TryValue(i, out var target))
                    throw Error($"expected a variable name after '{token.Text}'", End(token));
                if (!IdentifierPattern().IsMatch(target.Text))
                    throw Error($"'{target.Text}' cannot be the name of a C# variable", target.Column);
                name = target.Text;
                i++;
            }
            else
            {
                var key = token.Text[2..];
                var option = verb.Option(key)
                    ?? throw Error($"unknown option '{token.Text}'{NearestName.Suggestion(key, verb.Options.Select(o => o.Name), "--")}", token.Column);
                if (options.ContainsKey(key))
                    throw Error($"'{token.Text}' was given twice", token.Column);
                var given = TryValue(i, out var value);
                if (option.Value is null)
                {
                    if (given && value.Attached)
                        throw Error($"'{token.Text}' takes no value", value.Column);
                    options[key] = new("true", token.Column, IsReference: false);
                    continue;
                }
                if (!given)
                    throw Error($"expected a value after '{token.Text}'", End(token));
                options[key] = Value(value);
                i++;
            }
        }

        if (verb.Arguments.Skip(arguments.Count).FirstOrDefault(argument => argument.Required) is { } missing)
            throw Error($"expected {missing.Name}: {missing.Summary}", line.Length + 2);
        return new(line, verb) { Arguments = arguments, Options = options, Name = name, Body = body };

        bool TryValue(int at, out MagicToken value)
        {
            value = at + 1 < tokens.Count ? tokens[at + 1] : default;
            return at + 1 < tokens.Count && value.Kind == MagicTokenKind.Word;
        }

        MagicValue Value(MagicToken token)
        {
            if (token.Quoted || !token.Text.StartsWith('@'))
                return new(token.Text, token.Column, IsReference: false);
            return ReferencePattern().IsMatch(token.Text)
                ? new(token.Text[1..], token.Column, IsReference: true)
                : throw Error($"'{token.Text}' is no reference: expected @name or @name.member", token.Column);
        }

        int End(MagicToken token) => token.Column + token.Length + 1;

        MagicException Error(string problem, int column) => new(problem, line, column, usage);
    }

    static string Unexpected(Verb verb, MagicToken token) =>
        verb.TakesBody && !token.Quoted
            ? $"unexpected '{token.Text}': put the statement in quotes, or on the lines below"
            : $"unexpected '{token.Text}': '{verb.Name}' takes {(verb.Arguments.Count == 0 ? "no argument" : string.Join(' ', verb.Arguments.Select(a => a.Shown)))}";

    [GeneratedRegex(@"^[\p{L}_][\p{L}\p{Nd}_]*$")]
    private static partial Regex IdentifierPattern();

    [GeneratedRegex(@"^@[\p{L}_][\p{L}\p{Nd}_]*(\.[\p{L}_][\p{L}\p{Nd}_]*)*$")]
    private static partial Regex ReferencePattern();
}
