using System.Runtime.CompilerServices;
using System.Text;

namespace Legion.Sdk;

/// <summary>
/// A literal or a hole of a log's interpolated string, behind those before it. Strings that share a line, and cannot be told apart when they begin, branch where they differ:
/// what was learnt of one is not forgotten for another.
/// </summary>
sealed class LogPiece
{
    /// <summary>A call site that goes on in more ways than this passes strings of its own making; the others are learnt each time.</summary>
    const int MostBranches = 64;

    readonly LogPiece? before;
    readonly string text;
    readonly bool isHole;
    readonly int alignment;
    readonly string? format;
    LogPiece? next;
    LogPiece? beside;

    /// <summary>The begin of a string.</summary>
    public LogPiece() : this(null, "", false, 0, null)
    {
    }

    LogPiece(LogPiece? before, string text, bool isHole, int alignment, string? format)
    {
        this.before = before;
        this.text = text;
        this.isHole = isHole;
        this.alignment = alignment;
        this.format = format;
    }

    /// <summary>The template of the string that ends here; null until one has.</summary>
    public Declaration? Declaration { get; set; }

    /// <summary>What comes next: a literal.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public LogPiece Literal(string literal) =>
        next is { isHole: false } known && ReferenceEquals(known.text, literal) ? known : Branch(literal, false, 0, null);

    /// <summary>What comes next: a hole with its expression.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public LogPiece Hole(string name, int alignment, string? format) =>
        next is { isHole: true } known && ReferenceEquals(known.text, name) && known.alignment == alignment && ReferenceEquals(known.format, format)
            ? known : Branch(name, true, alignment, format);

    /// <summary>The pieces up to this one as the text of a template.</summary>
    public string TemplateText()
    {
        var pieces = new List<LogPiece>();
        for (var piece = this; piece.before is not null; piece = piece.before) pieces.Insert(0, piece);
        var template = new StringBuilder();
        var hole = 0;
        foreach (var piece in pieces) piece.AppendTo(template, ref hole);
        return template.ToString();
    }

    void AppendTo(StringBuilder template, ref int hole)
    {
        if (!isHole)
        {
            template.Append(LogSite.Escaped(text));
            return;
        }
        template.Append('{').Append(HoleName(text, hole++));
        if (alignment != 0) template.Append(',').Append(alignment);
        if (format is { Length: > 0 } && format.AsSpan().IndexOfAny('{', '}') < 0) template.Append(':').Append(format);
        template.Append('}');
    }

    LogPiece Branch(string text, bool isHole, int alignment, string? format)
    {
        var branches = 0;
        for (var known = Volatile.Read(ref next); known is not null; known = known.beside, branches++)
            if (known.isHole == isHole && known.text == text && known.alignment == alignment && known.format == format) return known;
        var made = new LogPiece(this, text, isHole, alignment, format);
        if (branches >= MostBranches) return made;
        // Of two threads that learn the same one may lose its piece, which is then learnt again.
        made.beside = next;
        Volatile.Write(ref next, made);
        return made;
    }

    /// <summary>The expression as a name: what cannot stand in one becomes an underscore. An expression without a letter goes by its number.</summary>
    public static string HoleName(string expression, int hole)
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
}
