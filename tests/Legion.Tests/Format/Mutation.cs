using System.Buffers.Binary;
using System.Security.Cryptography;
using Legion.Format;

namespace Legion.Tests.Format;

/// <summary>Damages bytes, by a seeded random, in the ways that disks, networks and attackers do.</summary>
sealed class Mutation(Random random)
{
    static readonly ulong[] Extremes =
    [
        0, 1, 2, 0x7f, 0x80, 0xff, 0xffff, 0x10000, int.MaxValue - 1, int.MaxValue, 0x8000_0000, uint.MaxValue - 1, uint.MaxValue, FormatLimits.MaxContentBytes,
        FormatLimits.MaxContentBytes + 1, long.MaxValue, 1ul << 63, ulong.MaxValue - 1, ulong.MaxValue,
    ];

    /// <summary>The bytes after one to four changes; <paramref name="donor"/> gives the foreign parts.</summary>
    public byte[] Of(byte[] bytes, byte[] donor)
    {
        for (var changes = random.Next(1, 5); changes > 0; changes--) bytes = Once(bytes, donor);
        return bytes;
    }

    /// <summary>Gives a block the checksums that its bytes need, as far as its header can be walked, so that what lies behind the checks is reached.</summary>
    public static void FixBlock(Span<byte> block)
    {
        if (block.Length < BlockHeaderBytes.PrefixBytes) return;
        var entryBytes = BinaryPrimitives.ReadUInt32LittleEndian(block[8..]);
        if (entryBytes > block.Length - BlockHeaderBytes.PrefixBytes) return;
        var header = block[..(BlockHeaderBytes.PrefixBytes + (int)entryBytes)];
        BinaryPrimitives.WriteUInt32LittleEndian(block[12..], (uint)(block.Length - header.Length));
        for (var at = BlockHeaderBytes.PrefixBytes; at + 6 <= header.Length;)
        {
            var (type, length) = (BinaryPrimitives.ReadUInt16LittleEndian(header[at..]), BinaryPrimitives.ReadUInt32LittleEndian(header[(at + 2)..]));
            if (length > header.Length - at - 6) break;
            if (type == 9 && length == 4) BinaryPrimitives.WriteUInt32LittleEndian(header[(at + 6)..], Crc32C.Of(block[header.Length..]));
            at += 6 + (int)length;
        }
        header[16..20].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], Crc32C.Of(header));
    }

    /// <summary>Gives every item of a batch its checksum, as far as the items can be walked.</summary>
    public static void FixBatch(Span<byte> batch)
    {
        if (batch.Length < Batch.PrefixBytes) return;
        BinaryPrimitives.WriteUInt64LittleEndian(batch[12..], (ulong)(batch.Length - Batch.PrefixBytes));
        var items = 0u;
        for (var at = Batch.PrefixBytes; at + Batch.ItemPrefixBytes <= batch.Length; items++)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(batch[(at + 4)..]);
            if (length > batch.Length - at - Batch.ItemPrefixBytes) break;
            BinaryPrimitives.WriteUInt32LittleEndian(batch[(at + 8)..], Crc32C.Of(batch.Slice(at + Batch.ItemPrefixBytes, (int)length)));
            at += Batch.ItemPrefixBytes + (int)length;
        }
        BinaryPrimitives.WriteUInt32LittleEndian(batch[8..], items);
    }

    /// <summary>The block with other content, and sizes and checksums to match.</summary>
    public byte[] Rebuild(byte[] uncompressed, SchemaHash schema, Func<byte[], byte[]> change)
    {
        var header = BlockHeaderBytes.Read(uncompressed, out var headerBytes);
        var dependencies = uncompressed[headerBytes..(headerBytes + header.DependencyBytes)];
        var events = uncompressed[(headerBytes + header.DependencyBytes)..];
        if (random.Next(2) == 0) dependencies = change(dependencies);
        else events = change(events);
        byte[] content = [.. dependencies, .. events];
        return GoldenFiles.WithContent(header with { Schema = schema, DependencyBytes = dependencies.Length, EventBytes = events.Length, Checksum = Crc32C.Of(content) }, content);
    }

    public static SchemaHash HashOf(byte[] schema) => new(SHA256.HashData(schema));

    byte[] Once(byte[] bytes, byte[] donor)
    {
        if (bytes.Length == 0) return Part(donor);
        var at = random.Next(bytes.Length);
        switch (random.Next(9))
        {
            case 0:
                return With(bytes, copy => copy[at] ^= (byte)(1 << random.Next(8)));
            case 1:
                return With(bytes, copy => copy[at] = (byte)random.Next(256));
            case 2:
                return bytes[..at];
            case 3:
                return [.. bytes[..at], .. Part(bytes), .. bytes[at..]];
            case 4:
                return [.. bytes[..at], .. Part(donor), .. bytes[at..]];
            case 5:
                return [.. bytes[..at], .. bytes[random.Next(at, bytes.Length)..]];
            case 6:
                var foreign = Part(donor);
                return With(bytes, copy => foreign.AsSpan(0, Math.Min(foreign.Length, copy.Length - at)).CopyTo(copy.AsSpan(at)));
            default:
                var extreme = Extremes[random.Next(Extremes.Length)];
                var wide = new byte[8];
                BinaryPrimitives.WriteUInt64LittleEndian(wide, extreme);
                var size = Math.Min(1 << random.Next(4), bytes.Length - at);
                return With(bytes, copy => wide.AsSpan(0, size).CopyTo(copy.AsSpan(at)));
        }
    }

    byte[] Part(byte[] bytes)
    {
        var start = random.Next(bytes.Length + 1);
        return bytes[start..(start + random.Next(Math.Min(100, bytes.Length - start) + 1))];
    }

    static byte[] With(byte[] bytes, Action<byte[]> change)
    {
        var copy = bytes.ToArray();
        change(copy);
        return copy;
    }
}
