using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Legion.Format;

/// <summary>LEB128: seven bits a byte, the least significant first; a byte with the high bit set is not the last.</summary>
static class Varint
{
    /// <summary>Most bytes that a value takes.</summary>
    public const int MaxBytes = 10;

    /// <summary>Bytes that must be free where a value is written.</summary>
    public const int SlackBytes = 16;

    /// <summary>Writes at <paramref name="at"/>, where <see cref="SlackBytes"/> are free.</summary>
    /// <returns>Bytes that the value took.</returns>
    public static int Write(ref byte at, ulong value)
    {
        var bytes = 0;
        for (; value >= 0x80; value >>= 7) Unsafe.Add(ref at, bytes++) = (byte)(value | 0x80);
        Unsafe.Add(ref at, bytes++) = (byte)value;
        return bytes;
    }

    /// <summary>Bytes that a value takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Bytes(ulong value) => (64 - BitOperations.LeadingZeroCount(value | 1)) * 37 + 222 >> 8;

    /// <summary>A signed number as an unsigned one that is small where the number is near zero: 0, -1, 1, -2 become 0, 1, 2, 3.</summary>
    public static ulong ZigZag(long value) => (ulong)(value << 1 ^ value >> 63);

    public static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    /// <summary>Reads at <paramref name="position"/> and moves it behind the value.</summary>
    /// <exception cref="InvalidDataException">The bytes end within the value, or it has more than 64 bits.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read(ReadOnlySpan<byte> bytes, ref int position)
    {
        var at = position;
        if ((uint)at < (uint)bytes.Length && bytes[at] < 0x80)
        {
            position = at + 1;
            return bytes[at];
        }
        return ReadLong(bytes, ref position);
    }

    static ulong ReadLong(ReadOnlySpan<byte> bytes, ref int position)
    {
        // Up to eight bytes at once: where each has its seven bits is known as soon as the last one is.
        if ((uint)position <= (uint)(bytes.Length - sizeof(ulong)) && bytes.Length >= sizeof(ulong))
        {
            var word = BinaryPrimitives.ReadUInt64LittleEndian(bytes[position..]);
            var ends = ~word & 0x8080808080808080;
            if (ends != 0)
            {
                var bits = BitOperations.TrailingZeroCount(ends) + 1;
                position += bits >> 3;
                word &= 0x7f7f7f7f7f7f7f7f & ulong.MaxValue >> (64 - bits);
                word = (word & 0x7f007f007f007f00) >> 1 | (word & 0x007f007f007f007f);
                word = (word & 0x3fff00003fff0000) >> 2 | (word & 0x00003fff00003fff);
                return (word & 0x0fffffff00000000) >> 4 | (word & 0x000000000fffffff);
            }
        }
        var value = 0ul;
        for (var shift = 0; shift < 7 * MaxBytes; shift += 7)
        {
            if ((uint)position >= (uint)bytes.Length) throw new InvalidDataException($"column: expected a number to go on at byte {position}, saw the end");
            var part = bytes[position++];
            if (shift == 63 && part > 1) break;
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80) return value;
        }
        throw new InvalidDataException($"column: expected a number of 64 bits before byte {position}, saw a longer one");
    }
}
