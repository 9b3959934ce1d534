using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Legion.Sdk.Hosting;

/// <summary>The templates of a category, made once for each text and event. Lives as long as the program, as its declarations do.</summary>
sealed class LogCategory
{
    const int CacheSize = 64;

    /// <summary>A category with more texts than this has texts made at run time: they are then kept with each log and not declared.</summary>
    const int MostTemplates = 512;

    static readonly ConcurrentDictionary<string, LogCategory> all = new(StringComparer.Ordinal);

    readonly string name;
    readonly Known?[] cache = new Known?[CacheSize];
    readonly ConcurrentDictionary<(string Text, int EventId, string? EventName, int Items), LogTemplate> templates = new();
    readonly ConcurrentDictionary<(int EventId, string? EventName), LogTemplate> formatted = new();
    int count;

    LogCategory(string name)
    {
        this.name = name;
        Formatted = LogTemplate.Formatted(name);
    }

    /// <summary>For texts that arrive formatted. Its declaration's level is the category's.</summary>
    public LogTemplate Formatted { get; }

    public static LogCategory Of(string name) => all.GetOrAdd(name, static name => new LogCategory(name));

    /// <summary>The template of a text, by its reference, which is a literal's as a rule; null where it has not been seen with so many items.</summary>
    public LogTemplate? Find(string text, EventId eventId, int items)
    {
        ref var place = ref cache[Place(text, eventId)];
        if (place is { } known && ReferenceEquals(known.Text, text) && known.Template.StateCount == items && known.EventId == eventId.Id && known.EventName == eventId.Name)
            return known.Template;
        if (!templates.TryGetValue((text, eventId.Id, eventId.Name, items), out var template)) return null;
        place = new Known(text, eventId.Id, eventId.Name, template);
        return template;
    }

    /// <summary>Makes the template of a text that was not found.</summary>
    /// <param name="keys">Names of the state's items.</param>
    /// <returns>Null where the text must be formatted: an argument is missing, or the category has too many texts to declare each.</returns>
    public LogTemplate? Learn(string text, EventId eventId, string?[] keys)
    {
        if (Volatile.Read(ref count) >= MostTemplates || LogTemplate.TryMake(text, eventId, name, keys) is not { } made) return null;
        if (templates.TryAdd((text, eventId.Id, eventId.Name, keys.Length), made)) Interlocked.Increment(ref count);
        return made;
    }

    /// <summary>The template of formatted texts of an event.</summary>
    public LogTemplate FormattedOf(EventId eventId)
    {
        if (eventId.Id == 0 && eventId.Name is null) return Formatted;
        if (formatted.TryGetValue((eventId.Id, eventId.Name), out var known)) return known;
        if (Interlocked.Increment(ref count) > MostTemplates) return Formatted;
        return formatted.GetOrAdd((eventId.Id, eventId.Name), _ => LogTemplate.Formatted(name, eventId));
    }

    static int Place(string text, EventId eventId) => (int)((Unsafe.As<string, nint>(ref text) >> 3) + eventId.Id * 37 & CacheSize - 1);

    sealed record Known(string Text, int EventId, string? EventName, LogTemplate Template);
}
