using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// Records what the program does. Calls cost some tens of nanoseconds, never wait and never throw; while nothing records they do nothing.
/// </summary>
public static partial class Telemetry
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
        var context = ThreadContext.Current;
        if (context is null) return default;
        var declaration = DeclarationTable.Find(name, file, line, "");
        var depth = declaration.NameIsDynamic ? context.BeginSpan(declaration.Id, name, []) : context.BeginSpan(declaration.Id);
        return new SpanScope(context, depth);
    }

    /// <summary>Begins a span with arguments.</summary>
    /// <param name="name">A literal.</param>
    public static SpanScope Span(string name, ReadOnlySpan<Property> arguments, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        var context = ThreadContext.Current;
        if (context is null) return default;
        var declaration = DeclarationTable.Find(name, file, line, "");
        return new SpanScope(context, context.BeginSpan(declaration.Id, declaration.NameIsDynamic ? name : "", arguments));
    }

    /// <summary>Begins a span whose name is made when the program runs.</summary>
    public static SpanScope DynamicSpan(string name, ReadOnlySpan<Property> arguments = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        var context = ThreadContext.Current;
        return context is null ? default : new SpanScope(context, context.BeginSpan(DeclarationTable.FindDynamic(file, line).Id, name, arguments));
    }

    /// <summary>Gives a property to all that the calling thread records until the scope is disposed.</summary>
    public static ContextScope Context(string key, Value value)
    {
        var context = ThreadContext.Current;
        return context is null ? default : new ContextScope(context, context.PushContext(key, value));
    }

    /// <summary>Records a sample of a metric.</summary>
    /// <param name="name">A literal.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Metric(string name, double value, Unit unit = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        ThreadContext.Current?.Metric(DeclarationTable.FindMetric(name, file, line, unit.Name ?? "").Id, value);

    /// <summary>Records a sample of a metric. Values of more than 53 bits lose their lowest ones.</summary>
    /// <param name="name">A literal.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Metric(string name, long value, Unit unit = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        ThreadContext.Current?.Metric(DeclarationTable.FindMetric(name, file, line, unit.Name ?? "").Id, value);

    /// <summary>Records a log. The arguments are kept as they are; nothing is formatted here.</summary>
    public static void Log(Level level, [InterpolatedStringHandlerArgument(nameof(level))] ref LogMessage message) => message.Commit(level);

    /// <summary>Records a log without arguments.</summary>
    /// <param name="text">A literal. Texts made at run time are taken too, and kept as the argument of a template.</param>
    public static void Log(Level level, string text, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        var context = ThreadContext.Current;
        if (context is null || level < context.Recording.MinimumLevel) return;
        var declaration = DeclarationTable.FindText(text, file, line);
        var arguments = context.BeginRecord();
        if (declaration.Holes > 0) arguments.TaggedText(text);
        context.Log(level, declaration.Id, arguments);
        context.EndRecord(arguments);
    }

    /// <summary>Records an event of the program's own type: its public fields and properties of primitive types, enumerations and strings.</summary>
    public static void Emit<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.PublicProperties)] T>(in T value) where T : struct
    {
        var context = ThreadContext.Current;
        if (context is null) return;
        var fields = context.BeginRecord();
        context.Hold(fields);
        ReflectedShape<T>.Write(value, ref fields);
        context.UserEvent(ReflectedShape<T>.Shape.Id, fields);
        context.EndRecord(fields);
    }
}
