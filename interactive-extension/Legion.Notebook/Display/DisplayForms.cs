namespace Legion.Notebook;

/// <summary>What a result shows: the same value in several forms.</summary>
public interface IDisplayForms
{
    /// <summary>The form of a mime type; null where there is none.</summary>
    string? Form(string mimeType);
}

/// <summary>The mime types that results have forms of.</summary>
static class MimeType
{
    public const string Plain = "text/plain";
    public const string Html = "text/html";

    /// <summary>A Plotly figure: an object with data and layout.</summary>
    public const string Plotly = "application/vnd.plotly.v1+json";

    /// <summary>A live cell: <c>{"module": "flame", "model": {...}}</c>.</summary>
    public const string Cell = "application/vnd.legion.cell+json";
}

/// <summary>
/// Names what formats a type. Kernels know this attribute by its name and its members, so that nothing of them is referenced here.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class TypeFormatterSourceAttribute(Type formatterSourceType) : Attribute
{
    public Type FormatterSourceType { get; } = formatterSourceType;

    /// <summary>In which forms a value is shown.</summary>
    public string[] PreferredMimeTypes { get; set; } = [];
}

/// <summary>Gives kernels a formatter for each form of our results, by the names that they look for.</summary>
public sealed class DisplayFormatters
{
    /// <summary>The mime type of the form that only front ends with our modules can show.</summary>
    public const string LiveCell = MimeType.Cell;

    /// <summary>The types of our results, each of which names in which forms it is shown.</summary>
    public static IReadOnlyList<Type> Types { get; } =
        [.. typeof(DisplayFormatters).Assembly.GetExportedTypes().Where(type => type.IsDefined(typeof(TypeFormatterSourceAttribute), inherit: false))];

    public IEnumerable<object> CreateTypeFormatters() =>
        new[] { MimeType.Plain, MimeType.Html, MimeType.Plotly, MimeType.Cell }.Select(mimeType => new DisplayFormatter(mimeType));
}

/// <summary>Writes one form.</summary>
public sealed class DisplayFormatter
{
    internal DisplayFormatter(string mimeType) => MimeType = mimeType;

    public string MimeType { get; }

    /// <returns>Whether the value has this form.</returns>
    public bool Format(object instance, TextWriter writer)
    {
        if ((instance as IDisplayForms)?.Form(MimeType) is not { } form)
            return false;
        writer.Write(form);
        return true;
    }
}
