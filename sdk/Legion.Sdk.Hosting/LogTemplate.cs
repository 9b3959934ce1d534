using Legion.Format;
using Microsoft.Extensions.Logging;

namespace Legion.Sdk.Hosting;

/// <summary>
/// A log's text with its holes, as it arrives with each log in the state's last item, and where in the state the argument of each hole stands:
/// a state has an item for each argument, but not always in the order of the holes, and it may have more.
/// </summary>
sealed class LogTemplate
{
    /// <summary>Name of the state's item that holds the text.</summary>
    public const string OriginalFormat = "{OriginalFormat}";

    const string ExceptionHoles = "\n{exception.type}: {exception.message}\n{exception.stacktrace}";

    readonly string text;
    readonly int holeCount;
    readonly Site site;
    readonly IReadOnlyList<Property> properties;
    Declaration? withException;

    LogTemplate(string text, EventId eventId, string category, LogHole[] holes, int[] extras, int stateCount)
    {
        this.text = text;
        holeCount = holes.Length;
        site = new Site("", category, "", 0);
        properties = PropertiesOf(eventId);
        Holes = holes;
        Extras = extras;
        StateCount = stateCount;
        Plain = DeclarationTable.DeclareTemplate(new Template(text, site), holeCount, properties);
    }

    public LogHole[] Holes { get; }

    /// <summary>Places of the state's items that no hole shows.</summary>
    public int[] Extras { get; }

    /// <summary>Items of the states that it was made for.</summary>
    public int StateCount { get; }

    public Declaration Plain { get; }

    /// <summary>The same with the three holes of an exception behind it.</summary>
    public Declaration WithException =>
        withException ??= DeclarationTable.DeclareTemplate(new Template(text + ExceptionHoles, site), holeCount + 3, properties);

    /// <summary>A template for texts that arrive formatted.</summary>
    public static LogTemplate Formatted(string category, EventId eventId = default) => new("{message}", eventId, category, [new LogHole("message", null, 0)], [], 0);

    /// <summary>The template for a state with these items; null where an argument is missing, so that the text must be formatted.</summary>
    /// <param name="keys">Names of the state's items.</param>
    public static LogTemplate? TryMake(string text, EventId eventId, string category, string?[] keys)
    {
        var named = LogHole.Find(text);
        var holes = new LogHole[named.Count];
        var isShown = new bool[keys.Length];
        for (var i = 0; i < holes.Length; i++)
        {
            var name = named[i].Name;
            var place = i < keys.Length && IsNamed(keys[i], name) ? i : Array.FindIndex(keys, key => IsNamed(key, name));
            if (place < 0) return null;
            isShown[place] = true;
            // The key as the state spells it, for later states to be held against.
            holes[i] = new LogHole(keys[place]!, named[i].Format, place);
        }
        var extras = Enumerable.Range(0, keys.Length).Where(place => !isShown[place] && keys[place] != OriginalFormat);
        return new LogTemplate(text, eventId, category, holes, [.. extras], keys.Length);
    }

    static bool IsNamed(string? key, string name) => string.Equals(key, name, StringComparison.OrdinalIgnoreCase);

    static IReadOnlyList<Property> PropertiesOf(EventId eventId)
    {
        var properties = new List<Property>();
        if (eventId.Id != 0) properties.Add(new Property("event_id", eventId.Id));
        if (eventId.Name is { } name) properties.Add(new Property("event_name", name));
        return properties;
    }
}

/// <summary>A hole of a template.</summary>
/// <param name="Name">Name of the argument.</param>
/// <param name="Place">Where in the state its argument stands.</param>
readonly record struct LogHole(string Name, string? Format, int Place)
{
    /// <summary>The holes of a text, <c>{name,alignment:format}</c>, as readers find them; braces doubled stand for themselves. Their places are not known.</summary>
    public static List<LogHole> Find(string text)
    {
        var holes = new List<LogHole>();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is not ('{' or '}')) continue;
            if (i + 1 < text.Length && text[i + 1] == text[i])
            {
                i++;
            }
            else if (text[i] == '{' && text.IndexOf('}', i) is var end and > 0)
            {
                holes.Add(Parse(text[(i + 1)..end]));
                i = end;
            }
        }
        return holes;
    }

    static LogHole Parse(string inner)
    {
        var colon = inner.IndexOf(':');
        var name = colon < 0 ? inner : inner[..colon];
        if (name.LastIndexOf(',') is var comma and >= 0) name = name[..comma];
        return new LogHole(name, colon < 0 ? null : inner[(colon + 1)..], -1);
    }
}
