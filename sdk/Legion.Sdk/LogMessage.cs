using System.ComponentModel;
using System.Globalization;
using System.Runtime.CompilerServices;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// Takes the arguments of a log's interpolated string as they are; the text is put together by whoever reads it.
/// Literals, names and formats are learnt when a call site is first reached.
/// </summary>
[InterpolatedStringHandler]
[EditorBrowsable(EditorBrowsableState.Never)]
public unsafe ref partial struct LogMessage
{
    /// <summary>Bytes that an argument which is not a text may need at once: a tag and a number.</summary>
    const int NumberBytes = 16;

    Cursor* cursor;
    readonly LogPiece[] expected = [];
    readonly LogSite? site;
    uint number;

    // Where the next argument goes: behind the thread's position, or in a spilled log.
    byte* at;
    byte* end;
    SpilledLog? spilled;
    List<LogPiece>? learnt;
    int piece;
    bool isLost;

    readonly string file = "";
    readonly int line;
    readonly int literalLength;
    readonly int holes;

    /// <param name="enabled">False when nothing is recorded at this level: the arguments are then not evaluated.</param>
    public LogMessage(int literalLength, int formattedCount, Level level, out bool enabled, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        enabled = false;
        var cursor = Cursor.Current;
        if (cursor is null && (cursor = ThreadContext.Enter()) is null) return;
        var site = LogSite.Find(file, line, literalLength, formattedCount);
        if (level < (site is null ? Verbosity.MinimumOf(file) : site.Declaration.MinimumLevel)) return;
        this.site = site;
        if (site is not null) expected = site.Pieces;
        this.file = file;
        this.line = line;
        this.literalLength = literalLength;
        holes = formattedCount;
        enabled = TryBegin(cursor);
    }

    /// <summary>Begins to put the log together behind the thread's position.</summary>
    /// <returns>False when nothing records.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    bool TryBegin(Cursor* cursor)
    {
        if (cursor->Position >= cursor->Limit)
        {
            if (ThreadContext.Of(cursor) is not { } context) return false;
            cursor = context.Cursor;
            isLost = !context.TryBeginLog();
        }
        this.cursor = cursor;
        if (isLost) return true;
        number = cursor->LogNumber + 1 is var next && next != 0 ? next : 1;
        at = cursor->Position + RecordLayout.PrefixBytes;
        end = cursor->End;
        cursor->LogNumber = cursor->PendingLog = number;
        cursor->Pending = at;
        // Records that the evaluation of an argument makes find no room, and move this one out of their way.
        cursor->Limit = null;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AppendLiteral(string value)
    {
        var at = piece;
        if ((uint)at < (uint)expected.Length && ReferenceEquals(expected[at].Text, value) && learnt is null) piece = at + 1;
        else Learn(new LogPiece(value, false, 0, null));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AppendFormatted<T>(T value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        var at = piece;
        if ((uint)at < (uint)expected.Length && ReferenceEquals(expected[at].Text, name) && expected[at].IsPlainHole && learnt is null) piece = at + 1;
        else Learn(new LogPiece(name, true, 0, null));
        Append(value, null);
    }

    public void AppendFormatted<T>(T value, string? format, [CallerArgumentExpression(nameof(value))] string name = "") => AppendFormatted(value, 0, format, name);

    public void AppendFormatted<T>(T value, int alignment, [CallerArgumentExpression(nameof(value))] string name = "") => AppendFormatted(value, alignment, null, name);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AppendFormatted<T>(T value, int alignment, string? format, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        var at = piece;
        if ((uint)at < (uint)expected.Length && expected[at].IsSame(name, alignment, format) && learnt is null) piece = at + 1;
        else Learn(new LogPiece(name, true, alignment, format));
        Append(value, format);
    }

    public void AppendFormatted(ReadOnlySpan<char> value, int alignment = 0, string? format = null, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        Learn(new LogPiece(name, true, alignment, format));
        Text(value);
    }

    internal void Commit(Level level)
    {
        if (cursor is not null) Commit(level, site is not null && learnt is null && piece == expected.Length ? site.Declaration : Learnt());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Commit(Level level, Declaration declaration)
    {
        if (cursor->PendingLog == number && !isLost)
        {
            var tick = ProcessClock.Ticks;
            var start = cursor->Position;
            // Zero up to the next multiple of 8: for a reader nothing comes after the last argument. The segment's end is one.
            var last = (byte*)((nint)at + 7 & ~7);
            for (var padding = at; padding < last; padding++) *padding = 0;
            ((ulong*)start)[0] = RecordLayout.Prefix(RecordKind.Log, (int)(last - start), declaration.Id, (byte)level);
            ((ulong*)start)[1] = tick;
            cursor->PendingLog = 0;
            ThreadContext.Reopen(cursor);
            Cursor.Commit(cursor, last);
        }
        else
        {
            CommitSlowly(level, declaration);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Append<T>(T value, string? format)
    {
        if (typeof(T) == typeof(int)) Number(ValueTag.I64, (ulong)Unsafe.As<T, int>(ref value));
        else if (typeof(T) == typeof(long)) Number(ValueTag.I64, (ulong)Unsafe.As<T, long>(ref value));
        else if (typeof(T) == typeof(double)) Number(ValueTag.F64, BitConverter.DoubleToUInt64Bits(Unsafe.As<T, double>(ref value)));
        else if (typeof(T) == typeof(float)) Number(ValueTag.F64, BitConverter.DoubleToUInt64Bits(Unsafe.As<T, float>(ref value)));
        else if (typeof(T) == typeof(uint)) Number(ValueTag.U64, Unsafe.As<T, uint>(ref value));
        else if (typeof(T) == typeof(ulong)) Number(ValueTag.U64, Unsafe.As<T, ulong>(ref value));
        else if (typeof(T) == typeof(short)) Number(ValueTag.I64, (ulong)Unsafe.As<T, short>(ref value));
        else if (typeof(T) == typeof(ushort)) Number(ValueTag.U64, Unsafe.As<T, ushort>(ref value));
        else if (typeof(T) == typeof(byte)) Number(ValueTag.U64, Unsafe.As<T, byte>(ref value));
        else if (typeof(T) == typeof(sbyte)) Number(ValueTag.I64, (ulong)Unsafe.As<T, sbyte>(ref value));
        else if (typeof(T) == typeof(bool)) Number(ValueTag.Bool, Unsafe.As<T, bool>(ref value) ? 1u : 0u);
        else if (typeof(T) == typeof(string)) Text(Unsafe.As<T, string>(ref value));
        else if (typeof(T).IsEnum) Text(EnumNames<T>.Of(value));
        else AppendOther(value, format);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Number(ValueTag tag, ulong bits)
    {
        if ((cursor->PendingLog != number || end - at < NumberBytes) && !TryMove(NumberBytes)) return;
        *at = (byte)tag;
        Unsafe.WriteUnaligned(at + 1, bits);
        Advance(at + 9);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Text(string? text)
    {
        if (text is null) Null();
        else Text(text.AsSpan());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Text(scoped ReadOnlySpan<char> text)
    {
        if ((cursor->PendingLog != number || end - at < NumberBytes + 2L * text.Length) && !TryMove(NumberBytes + 2L * text.Length))
        {
            if (end - at < NumberBytes) return;
            // The last that fits, in part.
            text = text[..(int)((end - at - NumberBytes) / 2)];
        }
        *at = (byte)ValueTag.String;
        Unsafe.WriteUnaligned(at + 1, text.Length);
        Unsafe.CopyBlockUnaligned(ref *(at + 5), ref Unsafe.As<char, byte>(ref Unsafe.AsRef(in text.GetPinnableReference())), (uint)(2 * text.Length));
        Advance(at + 5 + 2 * text.Length);
    }

    void Null()
    {
        if ((cursor->PendingLog != number || end - at < NumberBytes) && !TryMove(NumberBytes)) return;
        *at = (byte)ValueTag.Null;
        Advance(at + 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Advance(byte* to)
    {
        at = to;
        if (spilled is null) cursor->Pending = to;
        else spilled.Length = (int)(to - spilled.Start);
    }

    /// <summary>Goes on in a spilled log, where there is room for more.</summary>
    /// <returns>False when there is not, or when the log is lost.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    bool TryMove(long bytes)
    {
        if (spilled is null && !isLost)
        {
            spilled = ThreadContext.Of(cursor)?.Resume(number, at);
            isLost = spilled is null;
            at = isLost ? null : spilled!.Start + spilled.Length;
            end = isLost ? null : spilled!.End;
        }
        return end - at >= bytes;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    void CommitSlowly(Level level, Declaration declaration)
    {
        if (ThreadContext.Of(cursor) is not { } context) return;
        if (!isLost && spilled is null) spilled = context.Resume(number, at);
        if (spilled is null) context.Lose(LostKind.Log, ProcessClock.Ticks, RecordLayout.PrefixBytes);
        else context.AppendLog(spilled, (byte)level, declaration.Id);
    }

    /// <summary>Nullable numbers are taken as numbers. Values that no tag stands for become text, most of them without an allocation.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    void AppendOther<T>(T value, string? format)
    {
        if (value is null)
        {
            Null();
            return;
        }
        if (default(T) is null && typeof(T).IsValueType && NumberOf(value) is { Tag: not ValueTag.Null } known)
        {
            Number(known.Tag, known.Tag == ValueTag.Bool ? known.AsBool ? 1u : 0u : known.AsU64);
            return;
        }
        Span<char> text = stackalloc char[256];
        // The value's own code runs here. What it throws must not reach a program that only wanted to log it.
        try
        {
            if (value is ISpanFormattable && ((ISpanFormattable)value).TryFormat(text, out var length, format, CultureInfo.InvariantCulture))
                Text(text[..length]);
            else
                Text(value is IFormattable formattable ? formattable.ToString(format, CultureInfo.InvariantCulture) : value.ToString());
        }
        catch (Exception exception)
        {
            Text(exception.GetType().FullName);
        }
    }

    static Value NumberOf(object value) => value switch
    {
        sbyte or short or int or long => Value.Of(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        byte or ushort or uint or ulong => Value.Of(Convert.ToUInt64(value, CultureInfo.InvariantCulture)),
        float or double => Value.Of(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
        bool truth => Value.Of(truth),
        _ => Value.Null,
    };

    /// <summary>Keeps the pieces of this string from here on; where it began like the expected one, those come first.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    void Learn(in LogPiece seen)
    {
        if (learnt is null && (uint)piece < (uint)expected.Length && expected[piece] == seen) piece++;
        else (learnt ??= [.. expected.AsSpan(0, piece)]).Add(seen);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    readonly Declaration Learnt() => LogSite.Learn(file, line, literalLength, holes, learnt is null ? expected[..piece] : [.. learnt]).Declaration;
}

/// <summary>Names of an enumeration's values, so that a log of one allocates nothing.</summary>
static class EnumNames<T>
{
    static readonly Dictionary<Named, string> names = Make();

    public static string Of(T value) => names.TryGetValue(new Named(value), out var name) ? name : value!.ToString()!;

    static Dictionary<Named, string> Make()
    {
        var made = new Dictionary<Named, string>();
        foreach (var bits in Enum.GetValuesAsUnderlyingType(typeof(T)))
        {
            var value = Enum.ToObject(typeof(T), bits);
            made[new Named((T)value)] = value.ToString()!;
        }
        return made;
    }

    readonly record struct Named(T Value);
}
