using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Legion.Sdk;

/// <summary>
/// A place in the program that begins spans of one name. Kept in a <c>static readonly</c> field it costs a call nothing to name it;
/// the source generator makes such fields for calls that pass a literal.
/// </summary>
/// <remarks>Each name lives as long as the program: not to be made of names that change, for which <see cref="Telemetry.DynamicSpan"/> is.</remarks>
public readonly struct SpanSite
{
    public SpanSite(string name, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        : this(name, DeclarationTable.Target(file), file, line)
    {
    }

    [EditorBrowsable(EditorBrowsableState.Never)]
    public SpanSite(string name, string target, string file, int line) => Id = DeclarationTable.FindSite(name, target, file, line).Id;

    internal uint Id { get; }
}

/// <summary>A place in the program that records a metric; see <see cref="SpanSite"/>.</summary>
public readonly struct MetricSite
{
    public MetricSite(string name, Unit unit = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        : this(name, DeclarationTable.Target(file), file, line, unit)
    {
    }

    [EditorBrowsable(EditorBrowsableState.Never)]
    public MetricSite(string name, string target, string file, int line, Unit unit) => Id = DeclarationTable.FindSite(name, target, file, line, unit.Name ?? "").Id;

    internal uint Id { get; }
}

/// <summary>A place in the program that logs one text without arguments; see <see cref="SpanSite"/>.</summary>
public readonly struct LogTextSite
{
    public LogTextSite(string text, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        : this(text, DeclarationTable.Target(file), file, line)
    {
    }

    [EditorBrowsable(EditorBrowsableState.Never)]
    public LogTextSite(string text, string target, string file, int line) => Id = DeclarationTable.FindTextSite(text, target, file, line).Id;

    internal uint Id { get; }
}

/// <summary>A place in the program that logs an interpolated string, as the source generator knows it; see <see cref="SpanSite"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct LogTemplateSite
{
    /// <param name="literalLength">What the compiler says of the string together with <paramref name="holes"/>: calls on one line are told apart by it.</param>
    public LogTemplateSite(string template, string target, string file, int line, int literalLength, int holes)
    {
        Id = DeclarationTable.FindTemplate(template, holes, target, file, line).Id;
        LogSite.Generated(target, file, line, literalLength, holes);
    }

    internal uint Id { get; }
}
