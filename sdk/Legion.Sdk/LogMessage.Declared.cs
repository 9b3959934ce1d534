using System.Runtime.CompilerServices;
using Legion.Format;

namespace Legion.Sdk;

/// <content>
/// Logs whose template is known beforehand, from other ways to log than interpolated strings: arguments follow in the order of its holes,
/// then properties of this one log. Nothing of the rest of this type is to be called on such a log.
/// </content>
public unsafe ref partial struct LogMessage
{
    /// <summary>A log to be committed with a declaration; it takes nothing while nothing records.</summary>
    internal static LogMessage Begin()
    {
        var message = new LogMessage();
        var cursor = Telemetry.Enter();
        if (cursor is not null) message.TryBegin(cursor);
        return message;
    }

    /// <summary>The argument of the next hole. Its own code may run, and may record; what it throws stays here.</summary>
    internal void Argument(object? value, string? format)
    {
        if (cursor is null) return;
        switch (value)
        {
            case null: Null(); break;
            case string text: Text(text.AsSpan()); break;
            case int number: Number(ValueTag.I64, (ulong)number); break;
            case long number: Number(ValueTag.I64, (ulong)number); break;
            case double number: Number(ValueTag.F64, BitConverter.DoubleToUInt64Bits(number)); break;
            case bool truth: Number(ValueTag.Bool, truth ? 1u : 0u); break;
            case float number: Number(ValueTag.F64, BitConverter.DoubleToUInt64Bits(number)); break;
            case uint number: Number(ValueTag.U64, number); break;
            case ulong number: Number(ValueTag.U64, number); break;
            case short number: Number(ValueTag.I64, (ulong)number); break;
            case ushort number: Number(ValueTag.U64, number); break;
            case byte number: Number(ValueTag.U64, number); break;
            case sbyte number: Number(ValueTag.I64, (ulong)number); break;
            case ISpanFormattable: AppendOther(value, format); break;
            default: Text(HostValue.Text(value, format).AsSpan()); break;
        }
    }

    /// <summary>A property of this log, behind all arguments. One without a name is none, and so is one that does not fit.</summary>
    internal void Property(string? key, object? value)
    {
        if (cursor is null || string.IsNullOrEmpty(key)) return;
        var bytes = 2 * NumberBytes + 2L * key.Length;
        if ((cursor->PendingLog != number || end - at < bytes) && !TryMove(bytes)) return;
        *at = RecordLayout.LogProperty;
        Unsafe.WriteUnaligned(at + 1, key.Length);
        key.AsSpan().CopyTo(new Span<char>(at + 5, key.Length));
        Advance(at + 5 + 2 * key.Length);
        Argument(value, null);
    }

    /// <summary>Commits the log.</summary>
    internal void CommitAs(Level level, Declaration declaration)
    {
        if (cursor is not null) Commit(level, declaration);
    }
}
