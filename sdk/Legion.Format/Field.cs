using System.Buffers.Binary;

namespace Legion.Format;

/// <summary>
/// A field of an event type: where it lies in the event and what it holds.
/// An attribute <c>unit</c> names its unit; an attribute <c>role</c> says what it means to a reader (<see cref="FieldRole"/>).
/// </summary>
public sealed record Field(string Name, FieldType Type, int Offset, int Size, FieldType Element = 0)
{
    /// <summary>Sorted by key.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Attributes { get; init; } = [];

    /// <summary>The value of an attribute, or null.</summary>
    public string? Attribute(string key)
    {
        foreach (var attribute in Attributes)
            if (attribute.Key == key) return attribute.Value;
        return null;
    }

    public string? Role => Attribute("role");

    /// <summary>Value of an unsigned integer, tick, enum, bool or reference field of <paramref name="body"/>.</summary>
    public ulong ReadU64(ReadOnlySpan<byte> body) => Size switch
    {
        1 => body[Offset],
        2 => BinaryPrimitives.ReadUInt16LittleEndian(body[Offset..]),
        4 => BinaryPrimitives.ReadUInt32LittleEndian(body[Offset..]),
        8 => BinaryPrimitives.ReadUInt64LittleEndian(body[Offset..]),
        _ => throw Mismatch("an integer"),
    };

    /// <summary>Value of a reference field: an index into the table of its type, or <see cref="FormatLimits.NoReference"/>.</summary>
    public uint ReadReference(ReadOnlySpan<byte> body) => Type is >= FieldType.SiteReference and <= FieldType.PropertySetReference
        ? BinaryPrimitives.ReadUInt32LittleEndian(body[Offset..])
        : throw Mismatch("a reference");

    /// <summary>Value of any integer field, sign-extended where the type is signed.</summary>
    public long ReadI64(ReadOnlySpan<byte> body) => Type switch
    {
        FieldType.I8 => (sbyte)body[Offset],
        FieldType.I16 => BinaryPrimitives.ReadInt16LittleEndian(body[Offset..]),
        FieldType.I32 => BinaryPrimitives.ReadInt32LittleEndian(body[Offset..]),
        _ => (long)ReadU64(body),
    };

    /// <summary>Value of any numeric field.</summary>
    public double ReadF64(ReadOnlySpan<byte> body) => Type switch
    {
        FieldType.F32 => BinaryPrimitives.ReadSingleLittleEndian(body[Offset..]),
        FieldType.F64 => BinaryPrimitives.ReadDoubleLittleEndian(body[Offset..]),
        FieldType.U8 or FieldType.U16 or FieldType.U32 or FieldType.U64 or FieldType.Enum or FieldType.Tick or FieldType.Bool => ReadU64(body),
        FieldType.I8 or FieldType.I16 or FieldType.I32 or FieldType.I64 or FieldType.TickDelta => ReadI64(body),
        _ => throw Mismatch("a number"),
    };

    /// <summary>The bytes of a fixed-bytes field, or those a variable field points at.</summary>
    public ReadOnlySpan<byte> ReadBytes(ReadOnlySpan<byte> body)
    {
        if (Type == FieldType.FixedBytes) return body.Slice(Offset, Size);
        if (!FieldTypes.IsVariable(Type)) throw Mismatch("bytes");
        var offset = BinaryPrimitives.ReadUInt32LittleEndian(body[Offset..]);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(body[(Offset + 4)..]);
        if ((ulong)offset + length > (ulong)body.Length)
            throw new InvalidDataException($"field {Name}: expected bytes {offset} to {(ulong)offset + length} within the event, saw {body.Length} bytes");
        return body.Slice((int)offset, (int)length);
    }

    public string ReadString(ReadOnlySpan<byte> body) => ByteReader.Utf8(ReadBytes(body), "field " + Name);

    /// <summary>The tagged values of a <see cref="FieldType.Values"/> field.</summary>
    public Value[] ReadValues(ReadOnlySpan<byte> body)
    {
        var bytes = ReadBytes(body);
        if (bytes.IsEmpty) return [];
        var reader = new ByteReader(bytes, "field " + Name);
        var values = new Value[reader.Count(leastBytes: 5)];
        for (var i = 0; i < values.Length; i++) values[i] = Value.Read(ref reader);
        reader.End();
        return values;
    }

    /// <summary>The properties of a <see cref="FieldType.Properties"/> field.</summary>
    public Property[] ReadProperties(ReadOnlySpan<byte> body) => Property.ReadList(ReadBytes(body));

    InvalidDataException Mismatch(string expected) => new($"field {Name}: expected {expected}, saw type {Type} of {Size} bytes");
}

/// <summary>Values of the attribute <c>role</c>: what a field means, whatever its name.</summary>
public static class FieldRole
{
    /// <summary>When the event happened (tick). A type without it has the time of its block's first tick.</summary>
    public const string Time = "time";

    /// <summary>Name of the thread (string or string reference).</summary>
    public const string Thread = "thread";

    /// <summary>The operating system's number of the thread (integer).</summary>
    public const string ThreadId = "thread_id";

    /// <summary>Properties of the event (property set reference or properties).</summary>
    public const string Properties = "properties";
}
