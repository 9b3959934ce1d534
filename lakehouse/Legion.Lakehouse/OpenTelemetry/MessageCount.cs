using Google.Protobuf.Reflection;

namespace Legion.Lakehouse.OpenTelemetry;

/// <summary>
/// Counts the messages in bytes of protobuf before any is made. An empty one takes two bytes there and a hundred in memory,
/// so that the size of a request does not say what reading it costs.
/// </summary>
static class MessageCount
{
    /// <summary>Ten spans a kilobyte with five attributes each are a hundred thousand messages in ten megabytes.</summary>
    public const int Most = 2_000_000;

    /// <summary>As the parser's own: deeper is refused there, too.</summary>
    public const int MostDepth = 100;

    const int Varint = 0, Fixed64 = 1, Sized = 2, Fixed32 = 5;

    /// <exception cref="InvalidDataException">There are too many, too deep, or the bytes are no protobuf.</exception>
    public static void Check(MessageDescriptor type, ReadOnlySpan<byte> bytes)
    {
        var left = Most;
        Check(type, bytes, MostDepth, ref left);
    }

    static void Check(MessageDescriptor type, ReadOnlySpan<byte> bytes, int depth, ref int left)
    {
        if (--left < 0) throw new InvalidDataException($"expected at most {Most} messages in a request, saw more");
        if (depth == 0) throw new InvalidDataException($"expected messages at most {MostDepth} deep, saw more");
        while (!bytes.IsEmpty)
        {
            var tag = ReadVarint(ref bytes);
            switch ((int)(tag & 7))
            {
                case Varint: ReadVarint(ref bytes); break;
                case Fixed64: Take(ref bytes, 8); break;
                case Fixed32: Take(ref bytes, 4); break;
                case Sized:
                    var value = Take(ref bytes, ReadVarint(ref bytes));
                    if (tag >> 3 <= int.MaxValue && type.FindFieldByNumber((int)(tag >> 3)) is { FieldType: FieldType.Message } field) Check(field.MessageType, value, depth - 1, ref left);
                    break;
                default: throw new InvalidDataException($"expected a field of wire type 0, 1, 2 or 5, saw {tag & 7}");
            }
        }
    }

    static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> bytes, ulong length)
    {
        if (length > (ulong)bytes.Length) throw new InvalidDataException($"expected {length} bytes of a field, saw {bytes.Length}");
        var taken = bytes[..(int)length];
        bytes = bytes[(int)length..];
        return taken;
    }

    static ulong ReadVarint(ref ReadOnlySpan<byte> bytes)
    {
        var value = 0ul;
        for (var i = 0; i < bytes.Length && i < 10; i++)
        {
            value |= (ulong)(bytes[i] & 0x7F) << 7 * i;
            if (bytes[i] >= 0x80) continue;
            bytes = bytes[(i + 1)..];
            return value;
        }
        throw new InvalidDataException("expected a varint of at most ten bytes, saw it go on");
    }
}
