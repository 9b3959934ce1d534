using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// Puts the arguments of a log behind the thread's position while it is the pending one, and to what was moved of it otherwise.
/// Numbers take 8 bytes; a text has a u32 length in characters and UTF-16, up to a multiple of 8. Their tags are kept apart, as they mostly are constants.
/// </summary>
static unsafe class LogArguments
{
    /// <summary>A log with more goes elsewhere: their tags would not fit into a word.</summary>
    public const int Most = 64 / LogReader.TagBits;

    /// <summary>Where the first argument goes: behind the prefix and the tags.</summary>
    public const int FirstOffset = RecordLayout.PrefixBytes + sizeof(ulong);

    /// <summary>A text that ends before this leaves room for as many numbers as a log may have within what is reserved.</summary>
    const int NearOffset = Cursor.ReservedBytes - Most * sizeof(ulong);

    /// <summary>Begins a log where the site is not known yet, its template is learnt, no record has room, or the thread records for the first time.</summary>
    /// <returns>The cursor to append at, with the log's number in <see cref="Cursor.Begun"/>; null when nothing is recorded at this level.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Cursor* BeginSlowly(int literalLength, int holes, Level level, string file, int line)
    {
        var cursor = Telemetry.Enter();
        if (cursor is null) return null;
        var site = LogSite.Find(file, line, literalLength, holes);
        if (level < site.MinimumLevel) return null;
        cursor = ThreadContext.BeginLogSlowly(cursor, holes, site.First);
        if (cursor is not null && Recording.Redaction is not null) cursor->Begun |= LogPlace.Learning;
        return cursor;
    }

    /// <summary>The tag of values of the type; null where each value has its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ValueTag TagOf<T>()
    {
        if (typeof(T) == typeof(int) || typeof(T) == typeof(long) || typeof(T) == typeof(short) || typeof(T) == typeof(sbyte)) return ValueTag.I64;
        if (typeof(T) == typeof(uint) || typeof(T) == typeof(ulong) || typeof(T) == typeof(ushort) || typeof(T) == typeof(byte)) return ValueTag.U64;
        if (typeof(T) == typeof(double) || typeof(T) == typeof(float)) return ValueTag.F64;
        if (typeof(T) == typeof(bool)) return ValueTag.Bool;
        return typeof(T) == typeof(string) || typeof(T).IsEnum ? ValueTag.String : ValueTag.Null;
    }

    /// <summary>The 8 bytes of a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Bits<T>(T value)
    {
        if (typeof(T) == typeof(int)) return (ulong)Unsafe.As<T, int>(ref value);
        if (typeof(T) == typeof(long)) return (ulong)Unsafe.As<T, long>(ref value);
        if (typeof(T) == typeof(double)) return BitConverter.DoubleToUInt64Bits(Unsafe.As<T, double>(ref value));
        if (typeof(T) == typeof(float)) return BitConverter.DoubleToUInt64Bits(Unsafe.As<T, float>(ref value));
        if (typeof(T) == typeof(uint)) return Unsafe.As<T, uint>(ref value);
        if (typeof(T) == typeof(ulong)) return Unsafe.As<T, ulong>(ref value);
        if (typeof(T) == typeof(short)) return (ulong)Unsafe.As<T, short>(ref value);
        if (typeof(T) == typeof(ushort)) return Unsafe.As<T, ushort>(ref value);
        if (typeof(T) == typeof(byte)) return Unsafe.As<T, byte>(ref value);
        if (typeof(T) == typeof(sbyte)) return (ulong)Unsafe.As<T, sbyte>(ref value);
        return Unsafe.As<T, bool>(ref value) ? 1u : 0u;
    }

    /// <summary>The text of a string or of an enumeration's value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static string? TextOf<T>(T value) => typeof(T) == typeof(string) ? Unsafe.As<T, string?>(ref value) : EnumNames<T>.Of(value);

    /// <summary>Bytes of a text of the length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TextBytes(int length) => RecordLayout.Padded(sizeof(int) + sizeof(char) * length);

    /// <summary>True for a text that needs no look at the segment's end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsNear(int offset, int length) => (uint)length <= NearOffset / sizeof(char) && offset + TextBytes(length) <= NearOffset;

    /// <param name="begin">Apart from the offset, which mostly is a constant.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put(byte* begin, int offset, ReadOnlySpan<char> text)
    {
        Unsafe.WriteUnaligned(begin + offset, text.Length);
        Copy(begin, offset + sizeof(int), ref Unsafe.As<char, byte>(ref MemoryMarshal.GetReference(text)), sizeof(char) * (nint)text.Length);
    }

    /// <summary>Writes what is known of the record before it is committed: its length and its tags.</summary>
    /// <returns>Its end.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Finish(byte* begin, int bytes, ulong tags)
    {
        *(uint*)begin = (uint)RecordLayout.Prefix(RecordKind.LogInPlace, bytes, 0);
        ((ulong*)begin)[2] = tags;
        return begin + bytes;
    }

    /// <summary>A number of a log that was moved, or whose template is learnt.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void NumberElsewhere(
        Cursor* cursor, byte* begin, int offset, uint number, ulong tags, int count, bool isLast, ValueTag tag, ulong bits,
        string? literal, string name, int alignment, string? format)
    {
        var place = new LogPlace(cursor, begin, offset, number, tags, count);
        var isRedacted = LogRedaction.TryNumber(place, name, tag, bits);
        if (place.IsPending) *(ulong*)place.At = bits;
        else if (!isRedacted) ThreadContext.Moved(place)?.Append(tag, bits);
        if (isLast) place.Finish(tag, sizeof(ulong));
        if ((number & LogPlace.Learning) != 0) ThreadContext.LearnHole(place, literal, name, alignment, format);
    }

    /// <summary>The same for a text, or for one that may not fit.</summary>
    /// <param name="isNull">Only a string can be.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void TextElsewhere(
        Cursor* cursor, byte* begin, int offset, uint number, ulong tags, int count, bool isLast, bool isNull, ReadOnlySpan<char> text,
        string? literal, string name, int alignment, string? format)
    {
        var place = new LogPlace(cursor, begin, offset, number, tags, count);
        if (!isNull)
        {
            if (!LogRedaction.TryText(place, name, text)) Text(place, text, ValueTag.String);
        }
        else if (place.IsPending) *(int*)place.At = LogReader.NullLength;
        else ThreadContext.Moved(place)?.Null();
        if (isLast) place.Finish(ValueTag.String, TextBytes(text.Length));
        if ((number & LogPlace.Learning) != 0) ThreadContext.LearnHole(place, literal, name, alignment, format);
    }

    /// <summary>A value of a type without a tag of its own: nullable numbers are taken as numbers, everything else becomes text, mostly without an allocation.</summary>
    /// <returns>Its bytes, and below them its tag.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long Other<T>(Cursor* cursor, byte* begin, int offset, uint number, ulong tags, int count, bool isLast, T value, string? literal, string name, int alignment, string? format)
    {
        var place = new LogPlace(cursor, begin, offset, number, tags, count);
        if ((number & LogPlace.Learning) != 0) ThreadContext.LearnHole(place, literal, name, alignment, format);
        // The value's own code may run here, and record.
        var tag = Other(place, value, format, name, out var bytes);
        if (isLast) place.Finish(tag, bytes);
        return (long)bytes << LogReader.TagBits | (long)tag;
    }

    [SkipLocalsInit]
    static ValueTag Other<T>(in LogPlace place, T value, string? format, string name, out int bytes)
    {
        var number = value is null || default(T) is not null || !typeof(T).IsValueType ? Value.Null : NumberOf(value);
        if (value is null || number.Tag != ValueTag.Null)
        {
            bytes = value is null ? 0 : sizeof(ulong);
            var bits = number.Tag == ValueTag.Bool ? number.AsBool ? 1u : 0u : value is null ? 0 : number.AsU64;
            var isRedacted = value is not null && LogRedaction.TryNumber(place, name, number.Tag, bits);
            if (!place.IsPending && value is null) ThreadContext.Moved(place)?.Null();
            else if (!place.IsPending && !isRedacted) ThreadContext.Moved(place)?.Append(number.Tag, bits);
            else if (value is not null && !isRedacted) *(ulong*)place.At = bits;
            return number.Tag;
        }
        Span<char> room = stackalloc char[256];
        var text = HostText.Of(value, format, room);
        if (!LogRedaction.TryText(place, name, text)) Text(place, text, ValueTag.String);
        bytes = TextBytes(text.Length);
        return ValueTag.String;
    }

    /// <summary>Appends a text, or the key of a property.</summary>
    /// <returns>False for a key that does not fit.</returns>
    public static bool Text(in LogPlace place, ReadOnlySpan<char> text, ValueTag tag)
    {
        if (place.IsPending && place.Room >= sizeof(ulong) + (long)sizeof(char) * text.Length)
        {
            Put(place.At, 0, text);
            place.Cursor->Pending = place.At + TextBytes(text.Length);
            return true;
        }
        if (ThreadContext.Moved(place) is not { } log) return false;
        if ((byte)tag == RecordLayout.LogPropertyBits) return log.TryAppendPropertyKey(text);
        log.Append(text);
        return true;
    }

    /// <summary>Commits a log of which all arguments took the fast path.</summary>
    /// <param name="end">Of its record.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Commit(Cursor* cursor, byte* end, uint number, Level level, uint template)
    {
        var tick = ProcessClock.Ticks;
        if (cursor->LogsMoved != number)
        {
            ThreadContext.CommitMovedLog(cursor, number, (byte)level, template, tick);
            return;
        }
        // Read again: one register less is kept while the clock is read.
        var begin = cursor->Position;
        begin[1] = (byte)level;
        ((uint*)begin)[1] = template;
        ((ulong*)begin)[1] = tick;
        cursor->Limit = cursor->OpenLimit;
        Cursor.Commit(cursor, end);
    }

    /// <summary>Commits any other.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void CommitElsewhere(Cursor* cursor, uint number, Level level, uint template)
    {
        number &= ~LogPlace.Learning;
        if (cursor->LogsMoved == number && cursor->Pending > cursor->Position) Commit(cursor, cursor->Pending, number, level, template);
        else ThreadContext.CommitMovedLog(cursor, number, (byte)level, template, ProcessClock.Ticks);
    }

    static Value NumberOf(object value) => value switch
    {
        sbyte or short or int or long => Value.Of(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        byte or ushort or uint or ulong => Value.Of(Convert.ToUInt64(value, CultureInfo.InvariantCulture)),
        float or double => Value.Of(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
        bool truth => Value.Of(truth),
        _ => Value.Null,
    };

    /// <summary>Short texts are copied without a call: from both ends, so that the pieces meet or overlap in the middle.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Copy(byte* begin, nint offset, ref byte from, nint bytes)
    {
        if (bytes > 2 * Vector256<byte>.Count)
        {
            Unsafe.CopyBlockUnaligned(ref *(begin + offset), ref from, (uint)bytes);
        }
        else if (bytes >= 2 * Vector128<byte>.Count)
        {
            var last = Vector256.LoadUnsafe(ref Unsafe.Add(ref from, bytes - Vector256<byte>.Count));
            Vector256.LoadUnsafe(ref from).Store(begin + offset);
            last.Store(begin + (offset + bytes - Vector256<byte>.Count));
        }
        else if (bytes >= Vector128<byte>.Count)
        {
            var last = Vector128.LoadUnsafe(ref Unsafe.Add(ref from, bytes - Vector128<byte>.Count));
            Vector128.LoadUnsafe(ref from).Store(begin + offset);
            last.Store(begin + (offset + bytes - Vector128<byte>.Count));
        }
        else if (bytes >= sizeof(ulong))
        {
            CopyEnds<ulong>(begin, offset, ref from, bytes);
        }
        else if (bytes >= sizeof(uint))
        {
            CopyEnds<uint>(begin, offset, ref from, bytes);
        }
        else if (bytes > 0)
        {
            CopyEnds<char>(begin, offset, ref from, bytes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void CopyEnds<T>(byte* begin, nint offset, ref byte from, nint bytes) where T : unmanaged
    {
        var last = Unsafe.ReadUnaligned<T>(ref Unsafe.Add(ref from, bytes - sizeof(T)));
        Unsafe.WriteUnaligned(begin + offset, Unsafe.ReadUnaligned<T>(ref from));
        Unsafe.WriteUnaligned(begin + (offset + bytes - sizeof(T)), last);
    }
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
