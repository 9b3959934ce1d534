using System.ComponentModel;
using System.Runtime.CompilerServices;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// Takes the arguments of a log's interpolated string as they are; the text is put together by whoever reads it.
/// Literals, names and formats come from the source generator, or are learnt when a call site is first reached.
/// </summary>
/// <remarks>
/// No call takes the address of this or of a field, and only a slow way is a call at all: so the fields stay in registers from one argument to the next.
/// Tags, counts and most offsets are constants for the runtime's compiler. Each argument asks one question: is this log still behind the thread's position,
/// with nothing to be learnt of it.
/// </remarks>
[InterpolatedStringHandler]
[EditorBrowsable(EditorBrowsableState.Never)]
public unsafe ref partial struct LogMessage
{
    /// <summary>Null where nothing is recorded.</summary>
    readonly Cursor* cursor;

    /// <summary>Where the record will be while the log is the pending one.</summary>
    readonly byte* begin;

    /// <summary>What the cursor counted when the log began: while it still does, the log is the pending one. No count where the template is learnt.</summary>
    readonly uint number;

    readonly LogSite? site;
    readonly int holes;

    /// <summary>From the begin of the record to the next argument.</summary>
    int offset;

    ulong tags;
    int count;

    /// <summary>The literal before the next argument.</summary>
    string? literal;

    /// <summary>Of the record, once the last argument has taken the fast path; null otherwise.</summary>
    byte* end;

    /// <param name="enabled">False when nothing is recorded at this level: the arguments are then not evaluated.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public LogMessage(int literalLength, int formattedCount, Level level, out bool enabled, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        offset = LogArguments.FirstOffset;
        holes = formattedCount;
        var cursor = Cursor.Current;
        var site = LogSite.Cached(file, line, literalLength, formattedCount);
        if (cursor is not null && formattedCount <= LogArguments.Most && site.IsGeneratedAt(file, line, literalLength, formattedCount))
        {
            if (level < site.MinimumLevel)
            {
                enabled = false;
                return;
            }
            var begin = cursor->Position;
            if (begin < cursor->Limit)
            {
                enabled = true;
                this.cursor = cursor;
                this.site = site;
                this.begin = begin;
                number = cursor->LogsMoved;
                // Records that the evaluation of an argument makes find no room, and move this one out of their way.
                cursor->Limit = null;
                return;
            }
        }
        // All is looked at again, so that nothing has to be kept meanwhile.
        cursor = LogArguments.BeginSlowly(literalLength, formattedCount, level, file, line);
        enabled = cursor is not null;
        if (cursor is null) return;
        this.cursor = cursor;
        this.site = LogSite.Find(file, line, literalLength, formattedCount);
        this.begin = cursor->Position;
        number = cursor->Begun;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AppendLiteral(string value)
    {
        // Two in a row, as of strings that are added.
        if (literal is not null) ThreadContext.LearnLiteral(cursor, number, literal);
        literal = value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AppendFormatted<T>(T value, [CallerArgumentExpression(nameof(value))] string name = "") => Append(value, 0, null, name);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AppendFormatted<T>(T value, string? format, [CallerArgumentExpression(nameof(value))] string name = "") => Append(value, 0, format, name);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AppendFormatted<T>(T value, int alignment, [CallerArgumentExpression(nameof(value))] string name = "") => Append(value, alignment, null, name);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AppendFormatted<T>(T value, int alignment, string? format, [CallerArgumentExpression(nameof(value))] string name = "") => Append(value, alignment, format, name);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AppendFormatted(ReadOnlySpan<char> value, int alignment = 0, string? format = null, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (cursor->LogsMoved == number && LogArguments.IsNear(offset, value.Length))
        {
            LogArguments.Put(begin, offset, value);
            if (IsLast) end = Finished(ValueTag.String, LogArguments.TextBytes(value.Length));
        }
        else
        {
            LogArguments.TextElsewhere(cursor, begin, offset, number, tags, count, IsLast, false, value, literal, name, alignment, format);
        }
        Took(ValueTag.String, LogArguments.TextBytes(value.Length));
    }

    /// <summary>Completes a log whose template has been learnt, or now is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly void Commit(Level level)
    {
        if (cursor is null) return;
        var last = ThreadContext.TakeLearnt(cursor, number, literal);
        Commit(level, (last?.Declaration ?? site!.Learn(last)).Id);
    }

    /// <summary>Completes a log of a template that is known.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly void Commit(Level level, uint template)
    {
        if (end is not null) LogArguments.Commit(cursor, end, number, level, template);
        else if (cursor is not null) LogArguments.CommitElsewhere(cursor, number, level, template);
    }

    readonly bool IsLast
    {
        // Also where it is asked for a call that is never made: that would take the address of this.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => count + 1 == holes;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly byte* Finished(ValueTag tag, int bytes) => LogArguments.Finish(begin, offset + bytes, tags | (ulong)tag << LogReader.TagBits * count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Append<T>(T value, int alignment, string? format, string name)
    {
        var tag = LogArguments.TagOf<T>();
        if (tag == ValueTag.Null)
        {
            var taken = LogArguments.Other(cursor, begin, offset, number, tags, count, IsLast, value, literal, name, alignment, format);
            Took((ValueTag)(taken & (long)LogReader.TagMask), (int)(taken >> LogReader.TagBits));
        }
        else if (tag == ValueTag.String)
        {
            var text = LogArguments.TextOf(value);
            if (text is not null && cursor->LogsMoved == number && LogArguments.IsNear(offset, text.Length))
            {
                LogArguments.Put(begin, offset, text);
                if (IsLast) end = Finished(tag, LogArguments.TextBytes(text.Length));
            }
            else
            {
                LogArguments.TextElsewhere(cursor, begin, offset, number, tags, count, IsLast, text is null, text, literal, name, alignment, format);
            }
            Took(tag, LogArguments.TextBytes(text?.Length ?? 0));
        }
        else
        {
            var bits = LogArguments.Bits(value);
            if (cursor->LogsMoved == number)
            {
                *(ulong*)(begin + offset) = bits;
                if (IsLast) end = Finished(tag, sizeof(ulong));
            }
            else
            {
                LogArguments.NumberElsewhere(cursor, begin, offset, number, tags, count, IsLast, tag, bits, literal, name, alignment, format);
            }
            Took(tag, sizeof(ulong));
        }
    }

    /// <summary>Counts the argument. Of a log that was moved the offset says nothing, and is not used.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Took(ValueTag tag, int bytes)
    {
        tags |= (ulong)tag << LogReader.TagBits * count;
        count++;
        offset += bytes;
        literal = null;
    }
}
