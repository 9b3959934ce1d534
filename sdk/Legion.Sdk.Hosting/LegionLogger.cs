using System.Diagnostics;
using Legion.Format;
using Microsoft.Extensions.Logging;

namespace Legion.Sdk.Hosting;

/// <summary>Records logs of a category: the arguments as they are, under the text with its holes, which readers fill.</summary>
sealed class LegionLogger(LogCategory category, LogScopes? scopes, bool includesTraceIds) : ILogger
{
    readonly Declaration ofCategory = category.Formatted.Plain;

    /// <summary>Scopes are the logger factory's.</summary>
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None && Recording.IsRunning && Severity(logLevel) >= ofCategory.MinimumLevel;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        var entry = new Entry<TState>(this, Severity(logLevel), eventId, state, exception, formatter);
        if (HostText.Thrown(ref entry, Entry<TState>.Record) is { } thrown) LogText(entry.Level, eventId, $"cannot log: {thrown}", exception);
    }

    void Log<TState>(ref Entry<TState> entry)
    {
        var (level, eventId, exception) = (entry.Level, entry.EventId, entry.Exception);
        var items = StateItems<TState>.Reader;
        if (items is null) LogText(level, eventId, entry.Text, exception);
        else if (TemplateOf(items, ref entry.State, eventId) is { } template) LogState(level, template, items, ref entry.State, exception);
        else LogFormatted(level, eventId, entry.Text, items, ref entry.State, exception);
    }

    /// <summary>The template of a state that has the text among its items, and an argument for each hole; null where the text must be formatted.</summary>
    LogTemplate? TemplateOf<TState>(StateItems<TState> items, ref TState state, EventId eventId)
    {
        var count = items.Count(ref state);
        string? text = null;
        // As a rule the last.
        for (var place = count - 1; text is null && place >= 0; place--)
            if (items.At(ref state, place) is { Key: LogTemplate.OriginalFormat } item) text = item.Value as string;
        if (text is null) return null;
        if (category.Find(text, eventId, count) is { } known) return known;
        var keys = new string?[count];
        for (var place = 0; place < count; place++) keys[place] = items.At(ref state, place).Key;
        return category.Learn(text, eventId, keys);
    }

    void LogState<TState>(Level level, LogTemplate template, StateItems<TState> items, ref TState state, Exception? exception)
    {
        var message = LogMessage.Begin();
        foreach (var (name, format, place) in template.Holes)
        {
            var item = items.At(ref state, place);
            message.Argument(ReferenceEquals(item.Key, name) || item.Key == name ? item.Value : Named(items, ref state, name), format, name);
        }
        Append(ref message, exception);
        foreach (var place in template.Extras)
        {
            var item = items.At(ref state, place);
            message.Property(item.Key, item.Value);
        }
        Commit(ref message, level, template, exception);
    }

    /// <summary>The formatted text, and the state's items as properties.</summary>
    void LogFormatted<TState>(Level level, EventId eventId, string text, StateItems<TState> items, ref TState state, Exception? exception)
    {
        var message = LogMessage.Begin();
        message.Argument(text, null);
        Append(ref message, exception);
        for (var place = 0; place < items.Count(ref state); place++)
            if (items.At(ref state, place) is var item && item.Key != LogTemplate.OriginalFormat) message.Property(item.Key, item.Value);
        Commit(ref message, level, category.FormattedOf(eventId), exception);
    }

    void LogText(Level level, EventId eventId, string text, Exception? exception)
    {
        var message = LogMessage.Begin();
        message.Argument(text, null);
        Append(ref message, exception);
        Commit(ref message, level, category.FormattedOf(eventId), exception);
    }

    void Commit(ref LogMessage message, Level level, LogTemplate template, Exception? exception)
    {
        scopes?.AddTo(ref message);
        if (includesTraceIds && Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity)
        {
            message.Property("trace_id", activity.TraceId.ToHexString());
            message.Property("span_id", ActivityIds.NumberOf(activity));
        }
        message.CommitAs(level, exception is null ? template.Plain : template.WithException);
    }

    static void Append(ref LogMessage message, Exception? exception)
    {
        if (exception is null) return;
        var (type, text, stack) = ExceptionText.Of(exception);
        message.Argument(type, null);
        message.Argument(text, null);
        message.Argument(stack, null);
    }

    static object? Named<TState>(StateItems<TState> items, ref TState state, string name)
    {
        for (var place = 0; place < items.Count(ref state); place++)
            if (items.At(ref state, place) is var item && item.Key == name) return item.Value;
        return null;
    }

    static Level Severity(LogLevel level) => level switch
    {
        LogLevel.Trace => Level.Trace,
        LogLevel.Debug => Level.Debug,
        LogLevel.Information => Level.Info,
        LogLevel.Warning => Level.Warn,
        LogLevel.Error => Level.Error,
        _ => Level.Fatal,
    };

    /// <summary>What a call of the program's hands over; its state is the program's own code.</summary>
    struct Entry<TState>(LegionLogger logger, Level level, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        public static readonly HostCode.Code<Entry<TState>> Record = static (ref Entry<TState> entry) => entry.Logger.Log(ref entry);

        public TState State = state;

        public readonly Level Level => level;
        public readonly EventId EventId => eventId;
        public readonly Exception? Exception => exception;
        public readonly string Text => formatter(State, exception);
        readonly LegionLogger Logger => logger;
    }
}
