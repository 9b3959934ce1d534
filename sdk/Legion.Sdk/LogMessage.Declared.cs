using System.Runtime.CompilerServices;
using Legion.Format;

namespace Legion.Sdk;

/// <content>
/// Logs whose template is known beforehand, from other ways to log than interpolated strings: arguments follow in the order of its holes,
/// then properties of this one log. Nothing of the rest of this type is to be called on such a log.
/// </content>
public unsafe ref partial struct LogMessage
{
    LogMessage(Cursor* begun)
    {
        cursor = begun;
        number = begun->LogNumber - 1 | 1;
        at = begun->Pending;
    }

    /// <summary>A log to be committed with a declaration; it takes nothing while nothing records.</summary>
    internal static LogMessage Begin()
    {
        var cursor = Telemetry.Enter();
        if (cursor is not null) cursor = ThreadContext.BeginLogSlowly(cursor, 0);
        return cursor is null ? default : new LogMessage(cursor);
    }

    /// <summary>The argument of the next hole. Its own code may run, and may record; what it throws stays here.</summary>
    internal void Argument(object? value, string? format)
    {
        if (cursor is null || !HasRoom(0)) return;
        at = value switch
        {
            string text => LogArguments.Append(cursor, number, at, text, null),
            int known => LogArguments.Append(cursor, number, at, known, null),
            long known => LogArguments.Append(cursor, number, at, known, null),
            double known => LogArguments.Append(cursor, number, at, known, null),
            bool known => LogArguments.Append(cursor, number, at, known, null),
            float known => LogArguments.Append(cursor, number, at, known, null),
            uint known => LogArguments.Append(cursor, number, at, known, null),
            ulong known => LogArguments.Append(cursor, number, at, known, null),
            short known => LogArguments.Append(cursor, number, at, known, null),
            ushort known => LogArguments.Append(cursor, number, at, known, null),
            byte known => LogArguments.Append(cursor, number, at, known, null),
            sbyte known => LogArguments.Append(cursor, number, at, known, null),
            _ => LogArguments.Append(cursor, number, at, value, format),
        };
    }

    /// <summary>A property of this log, behind all arguments. One without a name is none, and so is one that does not fit.</summary>
    internal void Property(string? key, object? value)
    {
        if (cursor is null || string.IsNullOrEmpty(key) || !HasRoom(2L * key.Length)) return;
        if (LogArguments.TryPropertyKey(cursor, number, ref at, key)) Argument(value, null);
    }

    /// <summary>The same for a number, which is not boxed.</summary>
    internal void Property(string key, ulong value)
    {
        if (cursor is null || !HasRoom(2L * key.Length)) return;
        if (LogArguments.TryPropertyKey(cursor, number, ref at, key) && HasRoom(0)) at = LogArguments.Append(cursor, number, at, value, null);
    }

    /// <summary>Commits the log.</summary>
    internal void CommitAs(Level level, Declaration declaration)
    {
        if (cursor is not null) Commit(level, declaration.Id);
    }

    /// <summary>Nobody knows how many arguments there will be: where the segment is nearly full the log goes on elsewhere.</summary>
    /// <returns>False when the recording has ended meanwhile: there is no elsewhere.</returns>
    readonly bool HasRoom(long bytes)
    {
        if (cursor->LogNumber != number || cursor->OpenLimit - at >= bytes) return true;
        ThreadContext.Spilled(cursor, number, at);
        return cursor->LogNumber != number;
    }
}
