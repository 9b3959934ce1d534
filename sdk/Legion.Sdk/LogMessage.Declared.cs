using System.Runtime.CompilerServices;
using Legion.Format;

namespace Legion.Sdk;

/// <content>
/// Logs whose template is known beforehand, from other ways to log than interpolated strings: arguments follow in the order of its holes,
/// then properties of this one log. Nothing of the rest of this type is to be called on such a log.
/// </content>
public unsafe ref partial struct LogMessage
{
    LogMessage(Cursor* begun, uint number)
    {
        cursor = begun;
        begin = begun->Position;
        this.number = number;
        offset = LogArguments.FirstOffset;
        holes = int.MaxValue;
    }

    /// <summary>A log to be committed with a declaration; it takes nothing while nothing records.</summary>
    internal static LogMessage Begin()
    {
        var cursor = Telemetry.Enter();
        if (cursor is null || (cursor = ThreadContext.BeginLogSlowly(cursor, 0, first: null)) is null) return default;
        return new LogMessage(cursor, cursor->Begun);
    }

    /// <summary>The argument of the next hole. Its own code may run, and may record; what it throws stays here.</summary>
    /// <param name="name">Of the hole, where it has one.</param>
    internal void Argument(object? value, string? format, string? name = null)
    {
        if (cursor is null || !HasPlaceFor(1)) return;
        switch (LogRedaction.Of(name, value))
        {
            case string text:
                Append(text, 0, null, "");
                break;
            case int known:
                Append(known, 0, null, "");
                break;
            case long known:
                Append(known, 0, null, "");
                break;
            case double known:
                Append(known, 0, null, "");
                break;
            case bool known:
                Append(known, 0, null, "");
                break;
            case float known:
                Append(known, 0, null, "");
                break;
            case uint known:
                Append(known, 0, null, "");
                break;
            case ulong known:
                Append(known, 0, null, "");
                break;
            case short known:
                Append(known, 0, null, "");
                break;
            case ushort known:
                Append(known, 0, null, "");
                break;
            case byte known:
                Append(known, 0, null, "");
                break;
            case sbyte known:
                Append(known, 0, null, "");
                break;
            case null:
                Append((object?)null, 0, null, "");
                break;
            case var other:
                Append(other, 0, format, "");
                break;
        }
    }

    /// <summary>A property of this log, behind all arguments. One without a name is none, and so is one that does not fit.</summary>
    internal void Property(string? key, object? value)
    {
        if (Recording.Redaction is { } redaction && key is not null && redaction.RuleOf(key) == RedactionRule.Drop) return;
        if (TryKey(key)) Argument(value, null, key);
    }

    /// <summary>The same for a number, which is not boxed.</summary>
    internal void Property(string key, ulong value)
    {
        if (TryKey(key)) Append(value, 0, null, "");
    }

    /// <summary>Commits the log.</summary>
    internal void CommitAs(Level level, Declaration declaration)
    {
        if (cursor is null) return;
        if (cursor->LogsMoved == number) end = LogArguments.Finish(begin, offset, tags);
        Commit(level, declaration.Id);
    }

    /// <summary>Adds the key of a property, and makes sure of a place for the value.</summary>
    bool TryKey(string? key)
    {
        const ValueTag tag = (ValueTag)RecordLayout.LogPropertyBits;
        if (cursor is null || string.IsNullOrEmpty(key) || !HasPlaceFor(2) || !LogArguments.Text(Place, key, tag)) return false;
        Took(tag, LogArguments.TextBytes(key.Length));
        return true;
    }

    readonly LogPlace Place => new(cursor, begin, offset, number, tags, count);

    /// <summary>Nobody knows how many arguments there will be: where there are no more tags the log goes on elsewhere.</summary>
    /// <returns>False when the recording has ended meanwhile: there is no elsewhere.</returns>
    readonly bool HasPlaceFor(int more) => cursor->LogsMoved != number || count + more <= LogArguments.Most || ThreadContext.Moved(Place) is not null;
}
