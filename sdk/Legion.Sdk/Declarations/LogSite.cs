using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;

namespace Legion.Sdk;

/// <summary>A literal or a hole of a log's interpolated string.</summary>
/// <param name="Text">The literal, or the expression in the hole.</param>
readonly record struct LogPiece(string Text, bool IsHole, int Alignment, string? Format)
{
    public bool IsPlainHole { get; } = IsHole && Alignment == 0 && Format is null;

    /// <summary>True for a hole with the very literals of the call site.</summary>
    public bool IsSame(string name, int alignment, string? format) =>
        ReferenceEquals(Text, name) && IsHole && Alignment == alignment && ReferenceEquals(Format, format);
}

/// <summary>What the interpolated string at a call site consists of, learnt when it is first reached.</summary>
sealed class LogSite
{
    const int CacheSize = 2048;

    static readonly LogSite[] cache = MakeCache();
    static readonly ConcurrentDictionary<(string File, int Line, int Literals, int Holes), LogSite> known = new();

    readonly string file;
    readonly int line;
    readonly int literalLength;

    LogSite(string file, int line, int literalLength, int holes, LogPiece[] pieces, Declaration declaration)
    {
        this.file = file;
        this.line = line;
        this.literalLength = literalLength;
        Holes = holes;
        Pieces = pieces;
        Declaration = declaration;
    }

    public int Holes { get; }
    public LogPiece[] Pieces { get; }
    public Declaration Declaration { get; }

    /// <summary>What is known of the call site, or null. The pieces may be those of another string on the same line, and must be compared.</summary>
    public static LogSite? Find(string file, int line, int literalLength, int holes)
    {
        ref var place = ref cache[Place(file, line, holes)];
        if (place.IsAt(file, line, literalLength, holes)) return place;
        if (!known.TryGetValue((file, line, literalLength, holes), out var site)) return null;
        return place = site;
    }

    /// <summary>Remembers the pieces of the string that has just been evaluated.</summary>
    public static LogSite Learn(string file, int line, int literalLength, int holes, LogPiece[] pieces)
    {
        var declaration = DeclarationTable.FindTemplate(TemplateText(pieces), holes, file, line);
        var site = new LogSite(file, line, literalLength, holes, pieces, declaration);
        known[(file, line, literalLength, holes)] = site;
        cache[Place(file, line, holes)] = site;
        return site;
    }

    /// <summary>The text with its braces doubled, so that they stand for themselves.</summary>
    public static string Escaped(string literal) => literal.Contains('{') || literal.Contains('}')
        ? literal.Replace("{", "{{").Replace("}", "}}")
        : literal;

    bool IsAt(string file, int line, int literalLength, int holes) =>
        this.line == line && ReferenceEquals(this.file, file) && this.literalLength == literalLength && Holes == holes;

    static int Place(string file, int line, int holes) => (int)((Unsafe.As<string, nint>(ref file) >> 3) + line * 37 + holes & CacheSize - 1);

    static string TemplateText(LogPiece[] pieces)
    {
        var text = new StringBuilder();
        var hole = 0;
        foreach (var piece in pieces)
        {
            if (!piece.IsHole)
            {
                text.Append(Escaped(piece.Text));
                continue;
            }
            text.Append('{').Append(HoleName(piece.Text, hole++));
            if (piece.Alignment != 0) text.Append(',').Append(piece.Alignment);
            if (piece.Format is { Length: > 0 } format && format.AsSpan().IndexOfAny('{', '}') < 0) text.Append(':').Append(format);
            text.Append('}');
        }
        return text.ToString();
    }

    /// <summary>The expression as a name: what cannot stand in one becomes an underscore. An expression without a letter goes by its number.</summary>
    static string HoleName(string expression, int hole)
    {
        var name = new StringBuilder();
        foreach (var c in expression)
        {
            if (char.IsAsciiLetterOrDigit(c) || c == '.') name.Append(c);
            else if (name.Length > 0 && name[^1] != '_') name.Append('_');
        }
        var trimmed = name.ToString().Trim('_', '.');
        return trimmed.Any(char.IsAsciiLetter) ? trimmed : hole.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    static LogSite[] MakeCache()
    {
        var made = new LogSite[CacheSize];
        Array.Fill(made, new LogSite("", -1, -1, -1, [], Declaration.None));
        return made;
    }
}
