using System.Reflection;

namespace Microsoft.DotNet.Interactive.Formatting;

public sealed record FormattedValue(string MimeType, string Value);

public sealed class DisplayedValue
{
    readonly string[] _mimeTypes;

    internal DisplayedValue(object value, string[] mimeTypes)
    {
        _mimeTypes = mimeTypes;
        FormattedValues = Formatter.Format(value, mimeTypes);
    }

    public IReadOnlyList<FormattedValue> FormattedValues { get; private set; }

    /// <summary>In the forms in which it was shown first.</summary>
    public void Update(object updatedValue) => FormattedValues = Formatter.Format(updatedValue, _mimeTypes);
}

/// <summary>What formats values; a type names its own formatters by an attribute of this name, whichever assembly declares that.</summary>
public static class Formatter
{
    static readonly HashSet<Type> Seen = [];
    static readonly Dictionary<Type, string[]> Preferred = [];
    static readonly Dictionary<(Type Type, string MimeType), Func<object, TextWriter, bool>> Registered = [];

    public static void SetPreferredMimeTypesFor(Type type, params string[] preferredMimeTypes) => Preferred[type] = preferredMimeTypes;

    public static void Register<T>(Action<T, TextWriter> formatter, string mimeType = "text/plain") => Registered[(typeof(T), mimeType)] = (value, writer) =>
    {
        formatter((T)value, writer);
        return true;
    };

    /// <summary>What the type's attribute names when it is seen for the first time overrules what was set before.</summary>
    public static IReadOnlyCollection<string> GetPreferredMimeTypesFor(Type type)
    {
        if (Seen.Add(type) && SourceOf(type) is { } source)
            Preferred[type] = (string[])((dynamic)source).PreferredMimeTypes;
        return Preferred.GetValueOrDefault(type) ?? ["text/html", "text/plain"];
    }

    internal static IReadOnlyList<FormattedValue> Format(object value, IReadOnlyCollection<string> mimeTypes) =>
        [.. (mimeTypes.Count > 0 ? mimeTypes : GetPreferredMimeTypesFor(value.GetType())).Select(mimeType => new FormattedValue(mimeType, Text(value, mimeType)))];

    static string Text(object value, string mimeType)
    {
        var writer = new StringWriter();
        foreach (var format in Sources(value.GetType(), mimeType))
            if (format(value, writer))
                return writer.ToString();
        return value.ToString() ?? "";
    }

    static IEnumerable<Func<object, TextWriter, bool>> Sources(Type type, string mimeType)
    {
        if (Registered.TryGetValue((type, mimeType), out var registered))
            yield return registered;
        if (SourceOf(type) is not { } named)
            yield break;
        dynamic source = Activator.CreateInstance((Type)((dynamic)named).FormatterSourceType)!;
        foreach (var formatter in source.CreateTypeFormatters())
            if (formatter.MimeType == mimeType)
                yield return (value, writer) => formatter.Format(value, writer);
    }

    static Attribute? SourceOf(Type type) => type.GetCustomAttributes().FirstOrDefault(attribute => attribute.GetType().Name == "TypeFormatterSourceAttribute");
}
