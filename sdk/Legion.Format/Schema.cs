using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Legion.Format;

/// <summary>
/// Event types with their layout. An event names its type by index in here.
/// Identified by the SHA-256 of its bytes (FORMAT.md, "Schema"); sent once, stored once, named by every block that needs it.
/// </summary>
public sealed class Schema
{
    static ReadOnlySpan<byte> Magic => "LGSC"u8;

    readonly byte[] bytes;

    /// <summary>A schema of these types, in this order.</summary>
    /// <exception cref="InvalidDataException">A type or a field is malformed.</exception>
    public Schema(IReadOnlyList<EventType> types)
    {
        if (types.Count > ushort.MaxValue) throw new InvalidDataException($"schema: expected at most {ushort.MaxValue} types, saw {types.Count}");
        foreach (var type in types) type.Check();
        Types = types;
        bytes = Encode(types);
        Hash = SchemaHash.Of(bytes);
    }

    Schema(IReadOnlyList<EventType> types, byte[] bytes)
    {
        Types = types;
        this.bytes = bytes;
        Hash = SchemaHash.Of(bytes);
    }

    /// <summary>The schema of blocks whose events are not laid out by one.</summary>
    public static Schema Empty { get; } = new([]);

    public IReadOnlyList<EventType> Types { get; }

    public SchemaHash Hash { get; }

    /// <summary>The canonical bytes, whose hash names the schema.</summary>
    public ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>Index of the type of this name.</summary>
    /// <exception cref="ArgumentException">The schema has no such type.</exception>
    public ushort IndexOf(string typeName)
    {
        for (var i = 0; i < Types.Count; i++)
            if (Types[i].Name == typeName) return (ushort)i;
        throw new ArgumentException($"cannot find event type '{typeName}' in schema {Hash}", nameof(typeName));
    }

    /// <summary>Reads canonical bytes.</summary>
    /// <exception cref="InvalidDataException">The bytes are malformed, or not in canonical form.</exception>
    public static Schema Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > FormatLimits.MaxSchemaBytes) throw new InvalidDataException($"schema: expected at most {FormatLimits.MaxSchemaBytes} bytes, saw {bytes.Length}");
        var reader = new ByteReader(bytes, "schema");
        if (!reader.Take(4).SequenceEqual(Magic)) throw new InvalidDataException("schema: expected the magic LGSC");
        var version = reader.U16();
        if (version != FormatLimits.Version) throw new InvalidDataException($"schema: expected version {FormatLimits.Version}, saw {version}");
        var types = new EventType[CheckedTypeCount(reader.U16(), reader.Remaining)];
        for (var i = 0; i < types.Length; i++)
        {
            types[i] = ReadType(ref reader);
            types[i].Check();
        }
        reader.End();
        return new Schema(types, bytes.ToArray());
    }

    static int CheckedTypeCount(int count, int remaining)
    {
        const int leastTypeBytes = 20;
        if (count > remaining / leastTypeBytes) throw new InvalidDataException($"schema: declares {count} types, saw {remaining} bytes");
        return count;
    }

    static byte[] Encode(IReadOnlyList<EventType> types)
    {
        var writer = new ByteWriter();
        writer.Bytes(Magic);
        writer.U16(FormatLimits.Version);
        writer.U16((ushort)types.Count);
        foreach (var type in types)
        {
            writer.String(type.Name);
            writer.U32(type.Version);
            writer.U32((uint)type.Size);
            WriteAttributes(writer, type.Attributes);
            writer.U32((uint)type.Fields.Count);
            foreach (var field in type.Fields)
            {
                writer.String(field.Name);
                writer.U8((byte)field.Type);
                writer.U8((byte)field.Element);
                writer.U32((uint)field.Offset);
                writer.U32((uint)field.Size);
                WriteAttributes(writer, field.Attributes);
            }
        }
        return writer.ToArray();
    }

    static EventType ReadType(ref ByteReader reader)
    {
        var name = reader.String();
        var version = reader.U32();
        var size = Bounded(reader.U32());
        var attributes = ReadAttributes(ref reader);
        var fields = new Field[reader.Count(leastBytes: 18)];
        for (var i = 0; i < fields.Length; i++)
        {
            var fieldName = reader.String();
            var fieldType = (FieldType)reader.U8();
            var element = (FieldType)reader.U8();
            var offset = Bounded(reader.U32());
            fields[i] = new Field(fieldName, fieldType, offset, Bounded(reader.U32()), element) { Attributes = ReadAttributes(ref reader) };
        }
        return new EventType(name, version, size, fields) { Attributes = attributes };
    }

    static int Bounded(uint bytes) => bytes <= FormatLimits.MaxFixedBytes
        ? (int)bytes
        : throw new InvalidDataException($"schema: expected sizes and offsets of at most {FormatLimits.MaxFixedBytes} bytes, saw {bytes}");

    static void WriteAttributes(ByteWriter writer, IReadOnlyList<KeyValuePair<string, string>> attributes)
    {
        writer.U32((uint)attributes.Count);
        foreach (var (key, value) in attributes.OrderBy(attribute => attribute.Key, StringComparer.Ordinal))
        {
            writer.String(key);
            writer.String(value);
        }
    }

    static KeyValuePair<string, string>[] ReadAttributes(ref ByteReader reader)
    {
        var attributes = new KeyValuePair<string, string>[reader.Count(leastBytes: 8)];
        for (var i = 0; i < attributes.Length; i++)
        {
            attributes[i] = new(reader.String(), reader.String());
            if (i > 0 && string.CompareOrdinal(attributes[i - 1].Key, attributes[i].Key) >= 0)
                throw new InvalidDataException($"schema: expected attributes in ascending order of key, saw '{attributes[i].Key}' after '{attributes[i - 1].Key}'");
        }
        return attributes;
    }
}

/// <summary>SHA-256 of a schema's canonical bytes.</summary>
public readonly record struct SchemaHash : IComparable<SchemaHash>
{
    readonly UInt128 high, low;

    /// <param name="bytes">The 32 bytes of the hash.</param>
    public SchemaHash(ReadOnlySpan<byte> bytes)
    {
        high = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        low = BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]);
    }

    public static SchemaHash Of(ReadOnlySpan<byte> schemaBytes)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(schemaBytes, hash);
        return new SchemaHash(hash);
    }

    /// <summary>Reads 64 hexadecimal digits.</summary>
    /// <exception cref="FormatException">The text is something else.</exception>
    public static SchemaHash Parse(string hex) => hex.Length == 64
        ? new(Convert.FromHexString(hex))
        : throw new FormatException($"schema hash: expected 64 hexadecimal digits, saw {hex.Length} characters");

    public byte[] ToBytes()
    {
        var bytes = new byte[32];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, high);
        BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(16), low);
        return bytes;
    }

    public int CompareTo(SchemaHash other) => high != other.high ? high.CompareTo(other.high) : low.CompareTo(other.low);

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override string ToString() => $"{high:x32}{low:x32}";
}
