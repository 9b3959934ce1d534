using System.Text;

namespace Legion.Notebook.Grammar;

enum MagicTokenKind
{
    Word,
    Option,
    Arrow,
}

/// <summary>A piece of a magic's line.</summary>
/// <param name="Text">Without quotes; an option with its dashes.</param>
/// <param name="Column">Of its first character, quotes included, counted from 1.</param>
/// <param name="Length">In the line, quotes included.</param>
/// <param name="Quoted">A quoted word is never a reference to a variable.</param>
/// <param name="Attached">The value of <c>--key=value</c>, which follows the token of its option.</param>
readonly record struct MagicToken(MagicTokenKind Kind, string Text, int Column, int Length, bool Quoted, bool Attached)
{
    /// <summary>Splits a line.</summary>
    /// <param name="line">The whole line.</param>
    /// <param name="start">Where to begin, counted from 0.</param>
    /// <param name="usage">For the message of an error.</param>
    public static List<MagicToken> Split(string line, int start, string? usage)
    {
        var tokens = new List<MagicToken>();
        var at = start;
        while (true)
        {
            while (at < line.Length && char.IsWhiteSpace(line[at]))
                at++;
            if (at == line.Length)
                return tokens;

            var rest = line.AsSpan(at);
            if (rest.StartsWith("->"))
            {
                tokens.Add(new(MagicTokenKind.Arrow, "->", at + 1, 2, false, false));
                at += 2;
            }
            else if (rest.StartsWith("--"))
            {
                var end = at;
                while (end < line.Length && line[end] != '=' && !char.IsWhiteSpace(line[end]))
                    end++;
                tokens.Add(new(MagicTokenKind.Option, line[at..end], at + 1, end - at, false, false));
                at = end;
                if (at < line.Length && line[at] == '=')
                {
                    at++;
                    tokens.Add(ReadWord(line, ref at, attached: true, usage));
                }
            }
            else
            {
                tokens.Add(ReadWord(line, ref at, attached: false, usage));
            }
        }
    }

    static MagicToken ReadWord(string line, ref int at, bool attached, string? usage)
    {
        var start = at;
        if (at < line.Length && line[at] is '"' or '\'')
        {
            var text = ReadQuoted(line, ref at, usage);
            return new(MagicTokenKind.Word, text, start + 1, at - start, true, attached);
        }
        while (at < line.Length && !char.IsWhiteSpace(line[at]))
            at++;
        return new(MagicTokenKind.Word, line[start..at], start + 1, at - start, false, attached);
    }

    // A backslash escapes the quote and itself, and stands for itself elsewhere: paths of Windows stay readable.
    static string ReadQuoted(string line, ref int at, string? usage)
    {
        var start = at;
        var quote = line[at++];
        var text = new StringBuilder();
        while (at < line.Length && line[at] != quote)
        {
            if (line[at] == '\\' && at + 1 < line.Length && (line[at + 1] == quote || line[at + 1] == '\\'))
                at++;
            text.Append(line[at++]);
        }
        if (at == line.Length)
            throw new MagicException($"found no closing {quote} for this one", line, start + 1, usage);
        at++;
        if (at < line.Length && !char.IsWhiteSpace(line[at]))
            throw new MagicException("expected a space after the closing quote", line, at + 1, usage);
        return text.ToString();
    }
}
