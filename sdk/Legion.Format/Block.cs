using K4os.Compression.LZ4;

namespace Legion.Format;

/// <summary>A block whose content has been decompressed and verified; its events are read with <see cref="EventReader"/>.</summary>
public sealed class Block
{
    readonly byte[] content;

    Block(BlockHeader header, byte[] content, Dependencies dependencies)
    {
        Header = header;
        this.content = content;
        Dependencies = dependencies;
    }

    public BlockHeader Header { get; }
    public Dependencies Dependencies { get; }
    public ReadOnlySpan<byte> Events => EventMemory.Span;
    internal ReadOnlyMemory<byte> EventMemory => content.AsMemory(Header.DependencyBytes);

    /// <summary>Reads header and content from the bytes of one whole block.</summary>
    /// <exception cref="InvalidDataException">The bytes are damaged, or use an unknown codec.</exception>
    public static Block Read(ReadOnlySpan<byte> bytes)
    {
        var header = BlockHeaderBytes.Read(bytes, out var headerBytes);
        if (bytes.Length - headerBytes != header.StoredBytes)
            throw new InvalidDataException($"block {header.BlockId}: expected {header.StoredBytes} bytes of content, saw {bytes.Length - headerBytes}");
        var content = Decompress(header, bytes[headerBytes..]);
        var checksum = Crc32C.Of(content);
        if (checksum != header.Checksum)
            throw new InvalidDataException($"block {header.BlockId}: expected content checksum {header.Checksum:x8}, saw {checksum:x8}");
        return new Block(header, content, Dependencies.Read(content.AsMemory(0, header.DependencyBytes)));
    }

    /// <summary>The events, decoded with the schema that the header names.</summary>
    /// <exception cref="InvalidDataException">The schema is another, or the encoding is unknown.</exception>
    public EventReader ReadEvents(Schema schema)
    {
        if (schema.Hash != Header.Schema) throw new InvalidDataException($"block {Header.BlockId}: expected schema {Header.Schema}, saw {schema.Hash}");
        if (Header.Encoding > (ushort)BlockEncoding.Columns) throw new InvalidDataException($"block {Header.BlockId}: expected encoding 0 (rows) or 1 (columns), saw {Header.Encoding}");
        return new EventReader(this, schema);
    }

    static byte[] Decompress(BlockHeader header, ReadOnlySpan<byte> stored)
    {
        switch (header.Codec)
        {
            case BlockCodec.None:
                if (header.RawBytes != stored.Length) throw new InvalidDataException($"block {header.BlockId}: expected {header.RawBytes} bytes uncompressed, saw {stored.Length}");
                return stored.ToArray();
            case BlockCodec.Lz4:
                if (header.RawBytes > (long)stored.Length * FormatLimits.MaxExpansion)
                    throw new InvalidDataException($"block {header.BlockId}: declares {header.RawBytes} bytes, {stored.Length} of LZ4 hold at most {(long)stored.Length * FormatLimits.MaxExpansion}");
                var content = new byte[header.RawBytes];
                var decoded = LZ4Codec.Decode(stored, content);
                if (decoded != content.Length) throw new InvalidDataException($"block {header.BlockId}: expected {content.Length} bytes from LZ4, saw {decoded}");
                return content;
            default:
                throw new InvalidDataException($"block {header.BlockId}: expected codec 0 (none) or 1 (LZ4), saw {(int)header.Codec}");
        }
    }
}
