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
        // Message and stack may be the program's own code, which must not harm a program that only wants to report.
        string message, stack;
        try
        {
            (message, stack) = (exception.Message, exception.StackTrace ?? "");
        }
        catch (Exception inner)
        {
            (message, stack) = (inner.GetType().FullName ?? "", "");
        }
        LogWith(level, declaration.Id, [Value.Of(exception.GetType().FullName ?? ""), Value.Of(message), Value.Of(stack)]);
    }

    /// <summary>Appends a log of a declared template.</summary>
    internal static void LogWith(Level level, uint template, ReadOnlySpan<Value> arguments) =>
        ThreadContext.Current?.Append(RecordKind.Log, (byte)level, template, arguments, static (in ReadOnlySpan<Value> values, ref RecordWriter writer) =>
        {
            foreach (var value in values) writer.Tagged(value);
        });
}
