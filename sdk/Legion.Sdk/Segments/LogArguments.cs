using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// Appends arguments to the log of a number: behind the thread's position while it is the pending one, to what was spilled of it otherwise.
/// An argument is a <see cref="ValueTag"/> and a u64, or a u32 length in characters and UTF-16. Each method returns where the next one goes.
/// </summary>
static unsafe class LogArguments
{
    const int NumberBytes = 9;
    const int TextBytes = 5;

    /// <summary>As many numbers fit without a look at the segment's end, behind the prefix or a text, and a whole word of padding behind them.</summary>
    public const int MostReserved = (Cursor.ReservedBytes - RecordLayout.PrefixBytes - TextBytes - sizeof(ulong)) / NumberBytes;

    /// <summary>Begins a log where the site is not known yet, no record has room, or the thread records for the first time.</summary>
    /// <returns>The cursor to append at, see <see cref="ThreadContext.BeginLogSlowly"/>; null when nothing is recorded at this level.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Cursor* BeginSlowly(int literalLength, int holes, Level level, string file, int line)
    {
        var cursor = Telemetry.Enter();
        if (cursor is null || level < LogSite.Find(file, line, literalLength, holes).MinimumLevel) return null;
        return ThreadContext.BeginLogSlowly(cursor, holes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Append<T>(Cursor* cursor, uint number, byte* at, T value, string? format)
    {
        if (typeof(T) == typeof(int)) return Number(cursor, number, at, ValueTag.I64, (ulong)Unsafe.As<T, int>(ref value));
        if (typeof(T) == typeof(long)) return Number(cursor, number, at, ValueTag.I64, (ulong)Unsafe.As<T, long>(ref value));
        if (typeof(T) == typeof(double)) return Number(cursor, number, at, ValueTag.F64, BitConverter.DoubleToUInt64Bits(Unsafe.As<T, double>(ref value)));
        if (typeof(T) == typeof(float)) return Number(cursor, number, at, ValueTag.F64, BitConverter.DoubleToUInt64Bits(Unsafe.As<T, float>(ref value)));
        if (typeof(T) == typeof(uint)) return Number(cursor, number, at, ValueTag.U64, Unsafe.As<T, uint>(ref value));
        if (typeof(T) == typeof(ulong)) return Number(cursor, number, at, ValueTag.U64, Unsafe.As<T, ulong>(ref value));
        if (typeof(T) == typeof(short)) return Number(cursor, number, at, ValueTag.I64, (ulong)Unsafe.As<T, short>(ref value));
        if (typeof(T) == typeof(ushort)) return Number(cursor, number, at, ValueTag.U64, Unsafe.As<T, ushort>(ref value));
        if (typeof(T) == typeof(byte)) return Number(cursor, number, at, ValueTag.U64, Unsafe.As<T, byte>(ref value));
        if (typeof(T) == typeof(sbyte)) return Number(cursor, number, at, ValueTag.I64, (ulong)Unsafe.As<T, sbyte>(ref value));
        if (typeof(T) == typeof(bool)) return Number(cursor, number, at, ValueTag.Bool, Unsafe.As<T, bool>(ref value) ? 1u : 0u);
        if (typeof(T) == typeof(string)) return Text(cursor, number, at, Unsafe.As<T, string?>(ref value));
        if (typeof(T).IsEnum) return Text(cursor, number, at, EnumNames<T>.Of(value));
        return Other(cursor, number, at, value, format);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Text(Cursor* cursor, uint number, byte* at, ReadOnlySpan<char> text)
    {
        if (cursor->LogNumber != number || cursor->OpenLimit - at < 2L * text.Length) return SpilledText(cursor, number, at, text);
        *at = (byte)ValueTag.String;
        Unsafe.WriteUnaligned(at + 1, text.Length);
        var bytes = 2 * (nint)text.Length;
        Copy(at + TextBytes, ref Unsafe.As<char, byte>(ref MemoryMarshal.GetReference(text)), bytes);
        return cursor->Pending = at + TextBytes + bytes;
    }

    /// <summary>Adds the key of a property, for which there is room where the log is the pending one; its value is to follow.</summary>
    /// <returns>False when it does not fit.</returns>
    public static bool TryPropertyKey(Cursor* cursor, uint number, ref byte* at, string key)
    {
        if (cursor->LogNumber != number) return ThreadContext.Spilled(cursor, number, at)?.TryAppendPropertyKey(key) ?? false;
        *at = RecordLayout.LogProperty;
        Unsafe.WriteUnaligned(at + 1, key.Length);
        key.AsSpan().CopyTo(new Span<char>(at + TextBytes, key.Length));
        cursor->Pending = at += TextBytes + 2 * key.Length;
        return true;
    }

    /// <summary>Completes the log and commits it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Commit(Cursor* cursor, uint number, byte* at, Level level, uint template)
    {
        var tick = ProcessClock.Ticks;
        if (cursor->LogNumber != number)
        {
            ThreadContext.CommitLogSlowly(cursor, number, (byte)level, template, tick);
            return;
        }
        // Zero up to the next multiple of 8: for a reader nothing comes after the last argument. What lies beyond is not read, but there is room for it.
        Unsafe.WriteUnaligned(at, 0ul);
        var begin = cursor->Position;
        var end = (byte*)((nint)at + 7 & ~7);
        ((ulong*)begin)[0] = RecordLayout.Prefix(RecordKind.Log, (int)(end - begin), template, (byte)level);
        ((ulong*)begin)[1] = tick;
        cursor->LogNumber = number + 1;
        cursor->Limit = cursor->OpenLimit;
        Cursor.Commit(cursor, end);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static byte* Text(Cursor* cursor, uint number, byte* at, string? text) =>
        text is null ? Null(cursor, number, at) : Text(cursor, number, at, text.AsSpan());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static byte* Number(Cursor* cursor, uint number, byte* at, ValueTag tag, ulong bits)
    {
        if (cursor->LogNumber != number) return SpilledNumber(cursor, number, at, tag, bits);
        *at = (byte)tag;
        Unsafe.WriteUnaligned(at + 1, bits);
        return cursor->Pending = at + NumberBytes;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static byte* Null(Cursor* cursor, uint number, byte* at)
    {
        if (cursor->LogNumber == number)
        {
            *at = (byte)ValueTag.Null;
            cursor->Pending = ++at;
        }
        else
        {
            ThreadContext.Spilled(cursor, number, at)?.Null();
        }
        return at;
    }

    /// <summary>Short texts are copied without a call: from both ends, so that the pieces meet or overlap in the middle.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Copy(byte* to, ref byte from, nint bytes)
    {
        if (bytes > 2 * Vector256<byte>.Count)
        {
            Unsafe.CopyBlockUnaligned(ref *to, ref from, (uint)bytes);
        }
        else if (bytes >= 2 * Vector128<byte>.Count)
        {
            var last = Vector256.LoadUnsafe(ref Unsafe.Add(ref from, bytes - Vector256<byte>.Count));
            Vector256.LoadUnsafe(ref from).Store(to);
            last.Store(to + bytes - Vector256<byte>.Count);
        }
        else if (bytes >= Vector128<byte>.Count)
        {
            var last = Vector128.LoadUnsafe(ref Unsafe.Add(ref from, bytes - Vector128<byte>.Count));
            Vector128.LoadUnsafe(ref from).Store(to);
            last.Store(to + bytes - Vector128<byte>.Count);
        }
        else if (bytes >= sizeof(ulong))
        {
            CopyEnds<ulong>(to, ref from, bytes);
        }
        else if (bytes >= sizeof(uint))
        {
            CopyEnds<uint>(to, ref from, bytes);
        }
        else if (bytes > 0)
        {
            CopyEnds<char>(to, ref from, bytes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void CopyEnds<T>(byte* to, ref byte from, nint bytes) where T : unmanaged
    {
        var last = Unsafe.ReadUnaligned<T>(ref Unsafe.Add(ref from, bytes - sizeof(T)));
        Unsafe.WriteUnaligned(to, Unsafe.ReadUnaligned<T>(ref from));
        Unsafe.WriteUnaligned(to + bytes - sizeof(T), last);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static byte* SpilledNumber(Cursor* cursor, uint number, byte* at, ValueTag tag, ulong bits)
    {
        ThreadContext.Spilled(cursor, number, at)?.Append(tag, bits);
        return at;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static byte* SpilledText(Cursor* cursor, uint number, byte* at, ReadOnlySpan<char> text)
    {
        ThreadContext.Spilled(cursor, number, at)?.Append(text);
        return at;
    }

    /// <summary>Nullable numbers are taken as numbers. Values that no tag stands for become text, most of them without an allocation.</summary>
    [MethodImpl(MethodImplOptions.NoInlining), SkipLocalsInit]
    static byte* Other<T>(Cursor* cursor, uint number, byte* at, T value, string? format)
    {
        if (value is null) return Null(cursor, number, at);
        if (default(T) is null && typeof(T).IsValueType && NumberOf(value) is { Tag: not ValueTag.Null } known)
            return Number(cursor, number, at, known.Tag, known.Tag == ValueTag.Bool ? known.AsBool ? 1u : 0u : known.AsU64);
        Span<char> room = stackalloc char[256];
        return Text(cursor, number, at, HostText.Of(value, format, room));
    }

    static Value NumberOf(object value) => value switch
    {
        sbyte or short or int or long => Value.Of(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        byte or ushort or uint or ulong => Value.Of(Convert.ToUInt64(value, CultureInfo.InvariantCulture)),
        float or double => Value.Of(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
        bool truth => Value.Of(truth),
        _ => Value.Null,
    };
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
