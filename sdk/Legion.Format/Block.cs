using System.Buffers;
using K4os.Compression.LZ4;

namespace Legion.Format;

/// <summary>
/// A block whose content has been decompressed and verified; its events are read with <see cref="EventReader"/>. Its memory is rented: who reads many blocks
/// disposes each when nothing reads it any more, and the next ones need none of their own.
/// </summary>
public sealed class Block : IDisposable
{
    byte[] content;

    Block(BlockHeader header, byte[] content, Dependencies dependencies)
    {
        Header = header;
        this.content = content;
        Dependencies = dependencies;
    }

    public BlockHeader Header { get; }
    public Dependencies Dependencies { get; }
    public ReadOnlySpan<byte> Events => EventMemory.Span;
    internal ReadOnlyMemory<byte> EventMemory => content.AsMemory(Header.DependencyBytes..(int)Header.RawBytes);

    /// <summary>Reads header and content from the bytes of one whole block.</summary>
    /// <exception cref="InvalidDataException">The bytes are damaged, or use an unknown codec.</exception>
    public static Block Read(ReadOnlySpan<byte> bytes)
    {
        var header = BlockHeaderBytes.Read(bytes, out var headerBytes);
        if (bytes.Length - headerBytes != header.StoredBytes)
            throw new InvalidDataException($"block {header.BlockId}: expected {header.StoredBytes} bytes of content, saw {bytes.Length - headerBytes}");
        CheckSize(header);
        var content = ArrayPool<byte>.Shared.Rent((int)header.RawBytes);
        try
        {
            var whole = content.AsMemory(0, (int)header.RawBytes);
            Decompress(header, bytes[headerBytes..], whole.Span);
            var checksum = Crc32C.Of(whole.Span);
            if (checksum != header.Checksum)
                throw new InvalidDataException($"block {header.BlockId}: expected content checksum {header.Checksum:x8}, saw {checksum:x8}");
            return new Block(header, content, Dependencies.Read(whole[..header.DependencyBytes]));
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(content);
            throw;
        }
    }

    /// <summary>Gives the memory back: from here on neither the block nor what it gave as spans is to be read.</summary>
    public void Dispose()
    {
        if (content.Length > 0) ArrayPool<byte>.Shared.Return(content);
        content = [];
    }

    /// <summary>The events, decoded with the schema that the header names.</summary>
    /// <exception cref="InvalidDataException">The schema is another, or the encoding is unknown.</exception>
    public EventReader ReadEvents(Schema schema)
    {
        if (schema.Hash != Header.Schema) throw new InvalidDataException($"block {Header.BlockId}: expected schema {Header.Schema}, saw {schema.Hash}");
        if (Header.Encoding > (ushort)BlockEncoding.Columns) throw new InvalidDataException($"block {Header.BlockId}: expected encoding 0 (rows) or 1 (columns), saw {Header.Encoding}");
        return new EventReader(this, schema);
    }

    /// <summary>
    /// False where none of the events is of a wanted type, told without decoding any. True where some are, and where only <see cref="ReadEvents"/> can tell:
    /// of rows, of another schema's events, of damage.
    /// </summary>
    /// <param name="wanted">By index of the schema's types.</param>
    public bool MayHold(Schema schema, ReadOnlySpan<bool> wanted)
    {
        if (schema.Hash != Header.Schema) return true;
        return Header.Encoding switch
        {
            (ushort)BlockEncoding.Rows => wanted.Contains(true),
            (ushort)BlockEncoding.Columns => ColumnReader.MayHold(schema, Events, wanted),
            _ => true,
        };
    }

    /// <summary>Before any memory is taken for it.</summary>
    static void CheckSize(BlockHeader header)
    {
        switch (header.Codec)
        {
            case BlockCodec.None:
                if (header.RawBytes != header.StoredBytes) throw new InvalidDataException($"block {header.BlockId}: expected {header.RawBytes} bytes uncompressed, saw {header.StoredBytes}");
                break;
            case BlockCodec.Lz4:
                if (header.RawBytes > (long)header.StoredBytes * FormatLimits.MaxExpansion)
                    throw new InvalidDataException($"block {header.BlockId}: declares {header.RawBytes} bytes, {header.StoredBytes} of LZ4 hold at most {(long)header.StoredBytes * FormatLimits.MaxExpansion}");
                break;
            default:
                throw new InvalidDataException($"block {header.BlockId}: expected codec 0 (none) or 1 (LZ4), saw {(int)header.Codec}");
        }
    }

    static void Decompress(BlockHeader header, ReadOnlySpan<byte> stored, Span<byte> content)
    {
        if (header.Codec == BlockCodec.None)
        {
            stored.CopyTo(content);
            return;
        }
        var decoded = LZ4Codec.Decode(stored, content);
        if (decoded != content.Length) throw new InvalidDataException($"block {header.BlockId}: expected {content.Length} bytes from LZ4, saw {decoded}");
    }
}
