using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>Reads what a <see cref="RecordWriter"/> wrote. Past the end everything is zero, null or empty: what did not fit was cut off.</summary>
ref struct RecordReader(ReadOnlySpan<byte> bytes)
{
    ReadOnlySpan<byte> rest = bytes;

    public readonly bool AtEnd => rest.IsEmpty;

    public byte U8() => Take(1) is [var value] ? value : (byte)0;

    public uint U32() => Take(4) is { Length: 4 } value ? BinaryPrimitives.ReadUInt32LittleEndian(value) : 0;

    public ulong U64() => Take(8) is { Length: 8 } value ? BinaryPrimitives.ReadUInt64LittleEndian(value) : 0;

    public double F64() => BitConverter.UInt64BitsToDouble(U64());

    public Guid Id() => Take(16) is { Length: 16 } value ? MemoryMarshal.Read<Guid>(value) : default;

    public ReadOnlySpan<char> Text() => MemoryMarshal.Cast<byte, char>(Take((int)Math.Min(2L * U32(), rest.Length & ~1)));

    public ReadOnlySpan<byte> Fixed(int count) => Take(count);

    /// <summary>The next 4 bytes as a number, which stay; a negative one past the end.</summary>
    public readonly int Peek() => rest.Length >= 4 ? BinaryPrimitives.ReadInt32LittleEndian(rest) : int.MinValue;

    public Value Value() => (ValueTag)U8() switch
    {
        ValueTag.Bool => Format.Value.Of(U64() != 0),
        ValueTag.I64 => Format.Value.Of((long)U64()),
        ValueTag.U64 => Format.Value.Of(U64()),
        ValueTag.F64 => Format.Value.Of(BitConverter.UInt64BitsToDouble(U64())),
        ValueTag.String => Format.Value.Of(Text().ToString()),
        ValueTag.Bytes => Format.Value.Of(Take((int)U32()).ToArray()),
        _ => Format.Value.Null,
    };

    /// <summary>True when no more is left than what fills a record up to a multiple of 8, or what was cut off.</summary>
    public readonly bool IsPadding => rest.Length < 8;

    public bool TrySkip(int count)
    {
        if ((uint)count > (uint)rest.Length) return false;
        rest = rest[count..];
        return true;
    }

    /// <summary>Skips a byte if it is the one that comes next.</summary>
    public bool TrySkipMark(byte expected)
    {
        if (rest.IsEmpty || rest[0] != expected) return false;
        rest = rest[1..];
        return true;
    }

    public bool TrySkipText() => rest.Length >= 4 && BinaryPrimitives.ReadUInt32LittleEndian(rest) is <= RecordLayout.MaxBodyBytes and var length && TrySkip(4 + 2 * (int)length);

    public bool TrySkipValue()
    {
        if (rest.IsEmpty) return false;
        var tag = (ValueTag)rest[0];
        rest = rest[1..];
        return tag switch
        {
            ValueTag.Null => true,
            ValueTag.Bool or ValueTag.I64 or ValueTag.U64 or ValueTag.F64 => TrySkip(8),
            ValueTag.String => TrySkipText(),
            ValueTag.Bytes => rest.Length >= 4 && BinaryPrimitives.ReadUInt32LittleEndian(rest) is <= RecordLayout.MaxBodyBytes and var length && TrySkip(4 + (int)length),
            _ => false,
        };
    }

    ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)rest.Length)
        {
            rest = default;
            return default;
        }
        var taken = rest[..count];
        rest = rest[count..];
        return taken;
    }
}
