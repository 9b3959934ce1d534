using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Legion.Format;

/// <summary>
/// Reads little-endian values from bytes that nobody has checked yet.
/// Every method throws <see cref="InvalidDataException"/> that names what was read, what was expected and what was seen;
/// nothing is allocated before its declared size has been compared with the bytes that are there.
/// </summary>
public ref struct ByteReader(ReadOnlySpan<byte> bytes, string what)
{
    static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    readonly ReadOnlySpan<byte> bytes = bytes;
    readonly string what = what;
    int position;

    /// <summary>Bytes read so far.</summary>
    public readonly int Position => position;

    /// <summary>Bytes not read yet.</summary>
    public readonly int Remaining => bytes.Length - position;

    public byte U8() => Take(1)[0];
    public ushort U16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));
    public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
    public ulong U64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
    public long I64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));
    public double F64() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8));

    /// <summary>16 bytes in the order of RFC 9562 (most significant first).</summary>
    public Guid Id() => new(Take(16), bigEndian: true);

    /// <summary>The next <paramref name="count"/> bytes, not copied.</summary>
    public ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)Remaining) ThrowShort(count);
        var taken = bytes.Slice(position, count);
        position += count;
        return taken;
    }

    /// <summary>A u32 length followed by that many bytes, not copied.</summary>
    public ReadOnlySpan<byte> Sized()
    {
        var length = U32();
        if (length > (uint)Remaining) ThrowShort(length);
        return Take((int)length);
    }

    /// <summary>A u32 length followed by that many bytes of UTF-8.</summary>
    public string String() => Utf8(Sized(), what);

    /// <summary>Passes over what <see cref="String"/> reads, with the same checks, without making it.</summary>
    public void SkipString() => CheckUtf8(Sized(), what);

    /// <summary>All that is left, as UTF-8.</summary>
    public string Text() => Utf8(Take(Remaining), what);

    /// <summary>A u32 count of elements of which each takes at least <paramref name="leastBytes"/>, so that a hostile count cannot ask for memory.</summary>
    public int Count(int leastBytes)
    {
        var count = U32();
        if (count > (uint)(Remaining / leastBytes)) ThrowCount(count, leastBytes);
        return (int)count;
    }

    /// <summary>Throws unless everything has been read.</summary>
    public readonly void End()
    {
        if (Remaining != 0) throw new InvalidDataException($"{what}: expected the end at byte {position}, saw {Remaining} more bytes");
    }

    /// <summary>Decodes UTF-8 strictly: broken sequences are damage, not text.</summary>
    public static string Utf8(ReadOnlySpan<byte> utf8, string what)
    {
        try
        {
            return StrictUtf8.GetString(utf8);
        }
        catch (DecoderFallbackException cause)
        {
            throw new InvalidDataException($"{what}: expected UTF-8 text, saw an invalid sequence at byte {cause.Index}", cause);
        }
    }

    /// <summary>Throws as <see cref="Utf8"/> does.</summary>
    public static void CheckUtf8(ReadOnlySpan<byte> utf8, string what)
    {
        if (!System.Text.Unicode.Utf8.IsValid(utf8)) throw new InvalidDataException($"{what}: expected UTF-8 text, saw an invalid sequence");
    }

    [DoesNotReturn]
    readonly void ThrowShort(long wanted) =>
        throw new InvalidDataException($"{what}: expected {wanted} bytes at byte {position}, saw {Remaining}");

    [DoesNotReturn]
    readonly void ThrowCount(uint count, int leastBytes) =>
        throw new InvalidDataException($"{what}: declares {count} elements of at least {leastBytes} bytes, saw {Remaining} bytes");
}
