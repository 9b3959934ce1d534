using System.Runtime.InteropServices;
using Legion.Format;

namespace Legion.Sdk;

/// <summary>Reads the arguments of a log's record in their order, then its properties. What did not fit into the record is null.</summary>
ref struct LogReader
{
    /// <summary>Bits of a tag in the word of them.</summary>
    public const int TagBits = 4;

    public const ulong TagMask = (1 << TagBits) - 1;

    /// <summary>In the place of a text's length.</summary>
    public const int NullLength = -1;

    readonly bool isInPlace;
    ulong tags;
    RecordReader body;

    /// <param name="record">With its prefix.</param>
    public LogReader(ReadOnlySpan<byte> record)
    {
        body = new RecordReader(record[RecordLayout.PrefixBytes..]);
        isInPlace = (RecordKind)record[0] == RecordKind.LogInPlace;
        if (isInPlace) tags = body.U64();
    }

    /// <summary>Bytes of a text in its place: u32 length in characters, UTF-16, up to a multiple of 8. Negative where no text has the length.</summary>
    public static int TextBytes(int length) => length switch
    {
        NullLength => sizeof(ulong),
        < 0 or > Segment.Bytes / sizeof(char) => -1,
        _ => RecordLayout.Padded(sizeof(int) + sizeof(char) * length),
    };

    public Value Argument()
    {
        if (!isInPlace) return body.Value();
        var tag = (ValueTag)(tags & TagMask);
        tags >>= TagBits;
        return tag switch
        {
            ValueTag.Bool => Value.Of(body.U64() != 0),
            ValueTag.I64 => Value.Of((long)body.U64()),
            ValueTag.U64 => Value.Of(body.U64()),
            ValueTag.F64 => Value.Of(body.F64()),
            ValueTag.String => Text() is { } text ? Value.Of(text) : Value.Null,
            _ => Value.Null,
        };
    }

    public bool TryProperty(out Property property)
    {
        property = default;
        if (!isInPlace)
        {
            if (!body.TrySkipMark(RecordLayout.LogProperty)) return false;
            property = new Property(body.Text().ToString(), body.Value());
            return true;
        }
        if ((tags & TagMask) != RecordLayout.LogPropertyBits) return false;
        tags >>= TagBits;
        var key = Text() ?? "";
        property = new Property(key, Argument());
        return true;
    }

    string? Text()
    {
        var length = body.Peek();
        var text = body.Fixed(TextBytes(length));
        return length == NullLength || text.IsEmpty ? null : MemoryMarshal.Cast<byte, char>(text[sizeof(int)..])[..length].ToString();
    }
}
