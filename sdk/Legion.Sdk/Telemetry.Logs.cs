using System.Runtime.CompilerServices;
using Legion.Format;

namespace Legion.Sdk;

/// <content>Logs.</content>
public static unsafe partial class Telemetry
{
    /// <summary>Records a log. The arguments are kept as they are; nothing is formatted here.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Log(Level level, [InterpolatedStringHandlerArgument(nameof(level))] ref LogMessage message) => message.Commit(level);

    /// <summary>Records a log without arguments.</summary>
    /// <param name="text">A literal. Texts made at run time are taken too, and kept as the argument of a template.</param>
    public static void Log(Level level, string text, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Enter() is null) return;
        var declaration = DeclarationTable.FindText(text, file, line);
        if (level < declaration.MinimumLevel) return;
        if (declaration.Holes > 0) LogWith(level, declaration.Id, [Value.Of(text)]);
        else LogWith(level, declaration.Id, []);
    }

    /// <summary>Records an exception: its type, message and stack.</summary>
    public static void Exception(Exception exception, Level level = Level.Error, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Enter() is null) return;
        var declaration = DeclarationTable.FindTemplate("{exception.type}: {exception.message}\n{exception.stacktrace}", 3, file, line);
        if (level < declaration.MinimumLevel) return;
        var (type, message, stack) = ExceptionText.Of(exception);
        LogWith(level, declaration.Id, [Value.Of(type), Value.Of(message), Value.Of(stack)]);
    }

    /// <summary>Appends a log of a declared template.</summary>
    internal static void LogWith(Level level, uint template, ReadOnlySpan<Value> arguments) =>
        ThreadContext.Current?.Append(RecordKind.Log, (byte)level, template, arguments, static (in ReadOnlySpan<Value> values, ref RecordWriter writer) =>
        {
            foreach (var value in values) writer.Tagged(value);
        });
}
