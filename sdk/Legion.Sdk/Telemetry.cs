using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// Records what the program does. Calls cost some tens of nanoseconds, never wait and never throw; while nothing records they do nothing.
/// </summary>
public static unsafe partial class Telemetry
{
    /// <summary>Starts to record. Disposing what this returns ends it.</summary>
    /// <exception cref="ArgumentException">The options say nowhere to record to, or more than one place, or a size or time makes no sense.</exception>
    /// <exception cref="InvalidOperationException">The program records already.</exception>
    public static Recording Start(TelemetryOptions options) => Recording.Start(options);

    /// <summary>What the running recording has done so far; null when none runs.</summary>
    public static Statistics? Statistics => Recording.Current?.Statistics;

    /// <summary>Cuts and sends all that was recorded before the call.</summary>
    /// <returns>True if it was stored within <paramref name="timeout"/>; false also when nothing records.</returns>
    public static bool Flush(TimeSpan timeout) => Recording.Current?.Flush(timeout) ?? false;

    /// <summary>Sets a property of the process; one that it has already is replaced.</summary>
    public static void SetProperty(string key, Value value) => Recording.Current?.SetProperty(key, value);

    /// <summary>Begins a span on the calling thread; disposing it ends it.</summary>
    /// <param name="name">A literal. For others see <see cref="DynamicSpan"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SpanScope Span(string name, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        var cursor = Enter();
        if (cursor is null) return default;
        var declaration = DeclarationTable.Find(name, file, line, "");
        return declaration.NameIsDynamic ? SpanWith(declaration.Id, name, []) : Cursor.BeginSpan(cursor, declaration.Id);
    }

    /// <summary>Begins a span with arguments.</summary>
    /// <param name="name">A literal.</param>
    public static SpanScope Span(string name, ReadOnlySpan<Property> arguments, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Enter() is null) return default;
        var declaration = DeclarationTable.Find(name, file, line, "");
        return SpanWith(declaration.Id, declaration.NameIsDynamic ? name : "", arguments);
    }

    /// <summary>Begins a span whose name is made when the program runs.</summary>
    public static SpanScope DynamicSpan(string name, ReadOnlySpan<Property> arguments = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Enter() is null ? default : SpanWith(DeclarationTable.FindDynamic(file, line).Id, name, arguments);

    /// <summary>Gives a property to all that the calling thread records until the scope is disposed.</summary>
    public static ContextScope Context(string key, Value value)
    {
        if (ThreadContext.Current is not { } context) return default;
        var property = new Property(key, value);
        if (Recording.Redaction is { } redaction && !redaction.TryApply(property, out property)) return default;
        var push = context.Append(RecordKind.ContextPush, 0, 0, property, static (in Property property, ref RecordWriter writer) =>
        {
            writer.Text(property.Key);
            writer.Tagged(property.Value);
        });
        return new ContextScope(context.Cursor, push);
    }

    /// <summary>Marks a moment on the calling thread.</summary>
    /// <param name="name">A literal.</param>
    public static void Marker(string name, ReadOnlySpan<Property> arguments = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Enter() is null) return;
        var declaration = DeclarationTable.Find(name, file, line, "");
        MarkerWith(declaration.Id, declaration.NameIsDynamic ? name : "", arguments);
    }

    /// <summary>Marks this moment as one that sampling keeps, with what is recorded around it.</summary>
    /// <param name="reason">What happened, for whoever looks at it.</param>
    public static void Keep(string reason, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Enter() is not null) MarkerWith(DeclarationTable.Find(Watch.KeepName, file, line, "").Id, "", [new Property("reason", reason)]);
    }

    /// <summary>A number for a new flow, which links moments on different threads.</summary>
    public static ulong NewFlow() => ThreadContext.Current?.NextAsyncId() ?? 0;

    /// <summary>Adds this moment to a flow: the spans in which its moments lie are linked in order of time.</summary>
    /// <param name="name">A literal: what happens to the flow here.</param>
    /// <param name="flow">From <see cref="NewFlow"/>, or any number that the threads agree on.</param>
    public static void Flow(string name, ulong flow, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        var cursor = Enter();
        if (cursor is not null) Cursor.Word(cursor, RecordKind.Flow, DeclarationTable.FindMetric(name, file, line, "").Id, flow);
    }

    /// <summary>Ends a frame of a series and begins the next. The first call begins the first.</summary>
    /// <param name="name">A literal: the series, such as one for the main loop and one for the renderer.</param>
    public static void Frame(string name, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        var cursor = Enter();
        if (cursor is not null) Cursor.Word(cursor, RecordKind.Frame, DeclarationTable.FindMetric(name, file, line, "").Id, 0);
    }

    /// <summary>Records an event of the program's own type: its public fields and properties of primitive types, enumerations and strings.</summary>
    public static void Emit<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.PublicProperties)] T>(in T value) where T : struct =>
        ThreadContext.Current?.AppendUserEvent(ReflectedShape<T>.Shape.Id, value, ReflectedShape<T>.Write);

    /// <summary>Records a picture, a dump or another piece of binary data. It is copied, and goes out piece by piece behind what was recorded before.</summary>
    /// <param name="mediaType">Such as <c>image/png</c>.</param>
    /// <returns>False when nothing records, or when there is no memory for it: it then counts as dropped.</returns>
    public static bool Attach(string mediaType, ReadOnlySpan<byte> data, string name) => Recording.Current?.Attach(mediaType, data, name) ?? false;

    /// <summary>The calling thread's cursor; null when nothing records.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Cursor* Enter()
    {
        var cursor = Cursor.Current;
        return cursor is null && Recording.IsRunning ? ThreadContext.Enter() : cursor;
    }

    static SpanScope SpanWith(uint site, string name, ReadOnlySpan<Property> arguments)
    {
        if (ThreadContext.Current is not { } context) return default;
        var begin = context.Append(RecordKind.SpanBeginDynamic, 0, site, new Named(name, arguments), Named.Write);
        return begin is null ? context.LostSpan() : new SpanScope(context.Cursor, begin);
    }

    static void MarkerWith(uint site, string name, ReadOnlySpan<Property> arguments) =>
        ThreadContext.Current?.Append(RecordKind.Marker, 0, site, new Named(name, arguments), Named.Write);

    /// <summary>A name, empty where the site's counts, and arguments.</summary>
    readonly ref struct Named(string name, ReadOnlySpan<Property> arguments)
    {
        readonly string name = name;
        readonly ReadOnlySpan<Property> arguments = arguments;

        public static readonly WriteBody<Named> Write = static (in Named named, ref RecordWriter writer) =>
        {
            writer.Text(named.name);
            writer.Properties(named.arguments);
        };
    }
}
