using System.Buffers.Binary;

namespace Legion.Format;

/// <summary>What an item of a batch is. The numbers are those of the wire; a reader skips kinds it does not know.</summary>
public enum BatchItemKind : ushort
{
    Process = 1,
    Stream = 2,
    Schema = 3,
    Block = 4,
}

/// <summary>One item of a batch; <see cref="Bytes"/> is a part of the batch, not a copy.</summary>
public readonly record struct BatchItem(BatchItemKind Kind, ReadOnlyMemory<byte> Bytes);

/// <summary>
/// The unit of upload: process and stream records, schemas and blocks. It has no identity of its own.
/// A <c>.legion</c> file and a spool file are batches one after the other.
/// </summary>
public static class Batch
{
    public const string MediaType = "application/vnd.legion.batch";

    /// <summary>magic, u16 version, u16 zero, u32 items, u64 bytes of items.</summary>
    public const int PrefixBytes = 20;

    /// <summary>u16 kind, u16 zero, u32 length, u32 CRC-32C of the item's bytes.</summary>
    public const int ItemPrefixBytes = 12;

    internal static ReadOnlySpan<byte> Magic => "LGBT"u8;

    /// <summary>Bytes that the batch takes whose first <see cref="PrefixBytes"/> bytes these are.</summary>
    /// <exception cref="InvalidDataException">The bytes are no batch.</exception>
    public static long TotalBytes(ReadOnlySpan<byte> prefix)
    {
        var reader = new ByteReader(prefix, "batch");
        return PrefixBytes + ReadPrefix(ref reader).ItemBytes;
    }

    /// <summary>Reads the batch that fills <paramref name="bytes"/>; items keep pointing into it.</summary>
    /// <exception cref="InvalidDataException">The bytes are no whole batch, or an item is damaged.</exception>
    public static IReadOnlyList<BatchItem> Read(ReadOnlyMemory<byte> bytes)
    {
        var reader = new ByteReader(bytes.Span, "batch");
        var (count, itemBytes) = ReadPrefix(ref reader);
        if (itemBytes != reader.Remaining) throw new InvalidDataException($"batch: expected {itemBytes} bytes of items, saw {reader.Remaining}");
        if (count > reader.Remaining / ItemPrefixBytes) throw new InvalidDataException($"batch: declares {count} items, saw {reader.Remaining} bytes");
        var items = new BatchItem[count];
        for (var i = 0; i < items.Length; i++)
        {
            var kind = (BatchItemKind)reader.U16();
            reader.U16();
            var length = reader.U32();
            var checksum = reader.U32();
            if (length > (uint)reader.Remaining) throw new InvalidDataException($"batch: expected {length} bytes of item {i}, saw {reader.Remaining}");
            var start = reader.Position;
            var seen = Crc32C.Of(reader.Take((int)length));
            if (seen != checksum) throw new InvalidDataException($"batch: expected checksum {checksum:x8} of item {i}, saw {seen:x8}");
            items[i] = new BatchItem(kind, bytes.Slice(start, (int)length));
        }
        reader.End();
        return items;
    }

    static (uint Count, long ItemBytes) ReadPrefix(ref ByteReader reader)
    {
        if (!reader.Take(4).SequenceEqual(Magic)) throw new InvalidDataException("batch: expected the magic LGBT");
        var version = reader.U16();
        if (version != FormatLimits.Version) throw new InvalidDataException($"batch: expected format version {FormatLimits.Version}, saw {version}");
        reader.U16();
        var count = reader.U32();
        var itemBytes = reader.U64();
        if (itemBytes > int.MaxValue) throw new InvalidDataException($"batch: expected at most {int.MaxValue} bytes, saw {itemBytes}");
        return (count, (long)itemBytes);
    }
}

/// <summary>Collects the items of a batch.</summary>
public sealed class BatchWriter
{
    readonly ByteWriter items = new(64 << 10);
    uint count;

    /// <summary>Bytes the batch takes with what was added so far.</summary>
    public int TotalBytes => Batch.PrefixBytes + items.Length;

    public int Count => (int)count;

    public void Add(ProcessRecord record) => Add(BatchItemKind.Process, record.ToBytes());
    public void Add(StreamRecord record) => Add(BatchItemKind.Stream, record.ToBytes());
    public void Add(Schema schema) => Add(BatchItemKind.Schema, schema.Bytes);
    public void AddBlock(ReadOnlySpan<byte> block) => Add(BatchItemKind.Block, block);

    public byte[] ToArray()
    {
        var bytes = new byte[TotalBytes];
        Batch.Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), FormatLimits.Version);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), count);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(12), (ulong)items.Length);
        items.Written.CopyTo(bytes.AsSpan(Batch.PrefixBytes));
        return bytes;
    }

    /// <summary>An item of any kind; readers skip those they do not know.</summary>
    public void Add(BatchItemKind kind, ReadOnlySpan<byte> bytes)
    {
        items.U16((ushort)kind);
        items.U16(0);
        items.U32((uint)bytes.Length);
        items.U32(Crc32C.Of(bytes));
        items.Bytes(bytes);
        count++;
    }
}
