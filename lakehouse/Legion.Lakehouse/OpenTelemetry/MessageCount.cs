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
        var fields = new FieldReader(bytes);
        while (fields.Next())
            if (fields.WireType == FieldReader.Sized && type.FindFieldByNumber(fields.Number) is { FieldType: FieldType.Message } field) Check(field.MessageType, fields.Value, depth - 1, ref left);
        if (fields.Fault is { } fault) throw new InvalidDataException(fault);
    }
}
