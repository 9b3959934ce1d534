using System.Globalization;

namespace Legion.Format;

/// <summary>What a <see cref="Value"/> holds. The numbers are those of the wire.</summary>
public enum ValueTag : byte
{
    Null = 0,
    Bool = 1,
    I64 = 2,
    U64 = 3,
    F64 = 4,
    String = 5,
    Bytes = 6,
}

/// <summary>
/// A tagged value: an argument of a log, or the value of a property.
/// On the wire: u8 tag, u32 length, payload; a reader that does not know the tag skips the payload and sees null.
/// </summary>
public readonly struct Value : IEquatable<Value>
{
    readonly long bits;
    readonly object? reference;

    Value(ValueTag tag, long bits, object? reference)
    {
        Tag = tag;
        this.bits = bits;
        this.reference = reference;
    }

    public ValueTag Tag { get; }

    public static Value Null => default;
    public static Value Of(bool value) => new(ValueTag.Bool, value ? 1 : 0, null);
    public static Value Of(long value) => new(ValueTag.I64, value, null);
    public static Value Of(ulong value) => new(ValueTag.U64, (long)value, null);
    public static Value Of(double value) => new(ValueTag.F64, BitConverter.DoubleToInt64Bits(value), null);
    public static Value Of(string? value) => value is null ? Null : new(ValueTag.String, 0, value);
    public static Value Of(byte[] value) => new(ValueTag.Bytes, 0, value);

    public static implicit operator Value(string? value) => Of(value);
    public static implicit operator Value(long value) => Of(value);
    public static implicit operator Value(int value) => Of((long)value);
    public static implicit operator Value(double value) => Of(value);
    public static implicit operator Value(bool value) => Of(value);

    public bool AsBool => bits != 0;
    public long AsI64 => bits;
    public ulong AsU64 => (ulong)bits;
    public double AsF64 => BitConverter.Int64BitsToDouble(bits);
    public string AsString => (string)reference!;
    public byte[] AsBytes => (byte[])reference!;

    /// <summary>The value as the object it holds (bool, long, ulong, double, string, byte[]) or null.</summary>
    public object? ToObject() => Tag switch
    {
        ValueTag.Bool => AsBool,
        ValueTag.I64 => AsI64,
        ValueTag.U64 => AsU64,
        ValueTag.F64 => AsF64,
        ValueTag.String or ValueTag.Bytes => reference,
        _ => null,
    };

    public void Write(ByteWriter writer)
    {
        writer.U8((byte)Tag);
        switch (Tag)
        {
            case ValueTag.Bool:
                writer.U32(1);
                writer.U8((byte)bits);
                break;
            case ValueTag.I64 or ValueTag.U64 or ValueTag.F64:
                writer.U32(8);
                writer.I64(bits);
                break;
            case ValueTag.String:
                writer.String(AsString);
                break;
            case ValueTag.Bytes:
                writer.Sized(AsBytes);
                break;
            default:
                writer.U32(0);
                break;
        }
    }

    public static Value Read(ref ByteReader reader)
    {
        var tag = (ValueTag)reader.U8();
        var payload = reader.Sized();
        switch (tag)
        {
            case ValueTag.Bool:
                Expect(payload, 1, tag);
                return Of(payload[0] != 0);
            case ValueTag.I64 or ValueTag.U64 or ValueTag.F64:
                Expect(payload, 8, tag);
                return new Value(tag, System.Buffers.Binary.BinaryPrimitives.ReadInt64LittleEndian(payload), null);
            case ValueTag.String:
                return Of(ByteReader.Utf8(payload, "value"));
            case ValueTag.Bytes:
                return Of(payload.ToArray());
            default:
                return Null;
        }
    }

    /// <summary>Passes over what <see cref="Read"/> reads, with the same checks, without making it.</summary>
    internal static void Skip(ref ByteReader reader)
    {
        var tag = (ValueTag)reader.U8();
        var payload = reader.Sized();
        switch (tag)
        {
            case ValueTag.Bool: Expect(payload, 1, tag); break;
            case ValueTag.I64 or ValueTag.U64 or ValueTag.F64: Expect(payload, 8, tag); break;
            case ValueTag.String: ByteReader.CheckUtf8(payload, "value"); break;
        }
    }

    static void Expect(ReadOnlySpan<byte> payload, int bytes, ValueTag tag)
    {
        if (payload.Length != bytes) throw new InvalidDataException($"value of tag {tag}: expected {bytes} bytes, saw {payload.Length}");
    }

    public bool Equals(Value other) => Tag == other.Tag && Tag switch
    {
        ValueTag.String => AsString == other.AsString,
        ValueTag.Bytes => AsBytes.AsSpan().SequenceEqual(other.AsBytes),
        _ => bits == other.bits,
    };

    public override bool Equals(object? other) => other is Value value && Equals(value);

    public override int GetHashCode() => Tag switch
    {
        ValueTag.String => AsString.GetHashCode(StringComparison.Ordinal),
        ValueTag.Bytes => AsBytes.Length,
        _ => bits.GetHashCode(),
    };

    public override string ToString() => Convert.ToString(ToObject(), CultureInfo.InvariantCulture) ?? "null";
}
