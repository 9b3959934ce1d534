using K4os.Compression.LZ4;

namespace Legion.Format;

/// <summary>
/// Collects the events of one block and what they refer to. Well-known events write themselves (<see cref="WellKnown"/>);
/// others go through <see cref="Begin"/>. The caller counts events and ordinals, which it alone knows.
/// </summary>
public sealed class BlockWriter(Schema schema)
{
    readonly ByteWriter content = new(4096);

    public Schema Schema { get; } = schema;
    public ByteWriter Events { get; } = new(64 << 10);
    public DependencyWriter Dependencies { get; } = new();

    /// <summary>Writes the type index and, for a variable type, a length that <see cref="End"/> fills in. The caller then writes the event's bytes to <see cref="Events"/>.</summary>
    /// <returns>Position of the event's first byte.</returns>
    public int Begin(ushort type)
    {
        Events.U16(type);
        if (Schema.Types[type].IsVariable) Events.U32(0);
        return Events.Length;
    }

    /// <summary>Fills in the length of a variable event.</summary>
    public void End(ushort type, int position)
    {
        if (Schema.Types[type].IsVariable) Events.PatchU32(position - 4, (uint)(Events.Length - position));
    }

    /// <summary>Points the variable field whose fixed part lies at <paramref name="fixedOffset"/> of the event at the bytes written since <paramref name="start"/>.</summary>
    public void Point(int position, int fixedOffset, int start)
    {
        Events.PatchU32(position + fixedOffset, (uint)(start - position));
        Events.PatchU32(position + fixedOffset + 4, (uint)(Events.Length - start));
    }

    /// <summary>
    /// The bytes of the block. Sizes, checksum, codec and schema of <paramref name="header"/> are filled in here; content that LZ4 does not shrink is stored as it is.
    /// </summary>
    public byte[] Finish(BlockHeader header)
    {
        content.Clear();
        Dependencies.Write(content);
        var dependencyBytes = content.Length;
        content.Bytes(Events.Written);
        var raw = content.Written;

        var compressed = new byte[LZ4Codec.MaximumOutputSize(raw.Length)];
        var compressedBytes = LZ4Codec.Encode(raw, compressed);
        var shrinks = compressedBytes > 0 && compressedBytes < raw.Length;
        var stored = shrinks ? compressed.AsSpan(0, compressedBytes) : raw;

        var writer = new ByteWriter(stored.Length + 1024);
        BlockHeaderBytes.Write(writer, header with
        {
            Schema = Schema.Hash,
            Encoding = (ushort)BlockEncoding.Rows,
            Codec = shrinks ? BlockCodec.Lz4 : BlockCodec.None,
            DependencyBytes = dependencyBytes,
            EventBytes = Events.Length,
            StoredBytes = stored.Length,
            Checksum = Crc32C.Of(raw),
        });
        writer.Bytes(stored);
        return writer.ToArray();
    }
}
