using System.Buffers;
using K4os.Compression.LZ4;

namespace Legion.Format;

/// <summary>
/// Collects the events of one block and what they refer to. Well-known events write themselves (<see cref="WellKnown"/>);
/// others go through <see cref="Begin"/>. The caller counts events and ordinals, which it alone knows.
/// After <see cref="Clear"/> it takes the next block, with the buffers of the last one.
/// </summary>
public sealed class BlockWriter
{
    [ThreadStatic]
    static ByteWriter? threadContent, threadBlock;

    readonly EventColumns? columns;
    readonly bool takesSpans;

    /// <param name="encoding">Of columns where the schema allows it: see <see cref="Encoding"/>.</param>
    public BlockWriter(Schema schema, BlockEncoding encoding = BlockEncoding.Rows)
    {
        Schema = schema;
        if (encoding == BlockEncoding.Columns && EventColumns.CanHold(schema)) columns = new EventColumns(schema);
        takesSpans = columns is { TakesSpans: true };
    }

    public Schema Schema { get; }

    /// <summary>What is asked for, or rows where the schema has types that columns cannot hold.</summary>
    public BlockEncoding Encoding => columns is null ? BlockEncoding.Rows : BlockEncoding.Columns;

    /// <summary>The events as rows; in columns without the begins and ends of spans that go there directly.</summary>
    public ByteWriter Events { get; } = new(1024);

    public DependencyWriter Dependencies { get; } = new();

    /// <summary>Bytes that all events so far take as rows, whatever the encoding: what a block is cut by.</summary>
    public int RowBytes => Events.Length + (columns?.SpanRowBytes ?? 0);

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
    /// The bytes of the block. Sizes, checksum, encoding, codec and schema of <paramref name="header"/> are filled in here; content that LZ4 does not shrink is stored as it is.
    /// </summary>
    public byte[] Finish(BlockHeader header)
    {
        var content = threadContent ??= new ByteWriter();
        content.Clear();
        Dependencies.Write(content);
        var dependencyBytes = content.Length;
        if (columns is null) content.Bytes(Events.Written);
        else columns.Write(content, Events.Written);
        return Pack(content.Written, header with { Schema = Schema.Hash, Encoding = (ushort)Encoding, DependencyBytes = dependencyBytes });
    }

    /// <summary>
    /// The bytes of a block of <see cref="BlockEncoding.OpenTelemetry"/>. Schema, encoding, codec, sizes and checksum of <paramref name="header"/> are filled in here.
    /// </summary>
    /// <param name="request">The export request of one resource.</param>
    public static byte[] OfOpenTelemetry(BlockHeader header, ReadOnlySpan<byte> request)
    {
        var content = threadContent ??= new ByteWriter();
        content.Clear();
        new DependencyWriter().Write(content);
        var dependencyBytes = content.Length;
        content.Bytes(request);
        return Pack(content.Written, header with { Schema = Schema.Empty.Hash, Encoding = (ushort)BlockEncoding.OpenTelemetry, DependencyBytes = dependencyBytes });
    }

    static byte[] Pack(ReadOnlySpan<byte> raw, BlockHeader header)
    {
        var compressed = ArrayPool<byte>.Shared.Rent(LZ4Codec.MaximumOutputSize(raw.Length));
        var compressedBytes = LZ4Codec.Encode(raw, compressed);
        var shrinks = compressedBytes > 0 && compressedBytes < raw.Length;
        var stored = shrinks ? compressed.AsSpan(0, compressedBytes) : raw;

        var block = threadBlock ??= new ByteWriter();
        block.Clear();
        BlockHeaderBytes.Write(block, header with
        {
            Codec = shrinks ? BlockCodec.Lz4 : BlockCodec.None,
            EventBytes = raw.Length - header.DependencyBytes,
            StoredBytes = stored.Length,
            Checksum = Crc32C.Of(raw),
        });
        block.Bytes(stored);
        ArrayPool<byte>.Shared.Return(compressed);
        return block.ToArray();
    }

    /// <summary>Forgets all events and dependencies.</summary>
    public void Clear()
    {
        Events.Clear();
        Dependencies.Clear();
        columns?.Clear();
    }

    /// <summary>Writes begins and ends of spans, in their order, to a block of <see cref="WellKnown.Schema"/>. Many at a time take a third of the time of one by one.</summary>
    /// <param name="types">The index of each in the schema.</param>
    /// <param name="ticks">The tick of each.</param>
    /// <param name="sites">Of each begin one more than its reference, so that none is 0.</param>
    public void Spans(ReadOnlySpan<byte> types, ReadOnlySpan<ulong> ticks, ReadOnlySpan<uint> sites)
    {
        if (takesSpans)
        {
            columns!.Spans(Events, types, ticks, sites);
            return;
        }
        var begins = 0;
        for (var i = 0; i < types.Length; i++)
        {
            if (types[i] == SpanEndEvent.Index) SpanEnd(ticks[i]);
            else SpanBegin(ticks[i], sites[begins++] - 1);
        }
    }

    /// <summary>Begin of a span, in a block of <see cref="WellKnown.Schema"/>.</summary>
    internal void SpanBegin(ulong tick, uint site)
    {
        if (takesSpans)
        {
            columns!.SpanBegin(Events, tick, site);
            return;
        }
        Events.U16(SpanBeginEvent.Index);
        Events.U64(tick);
        Events.U32(site);
    }

    /// <summary>End of a span, in a block of <see cref="WellKnown.Schema"/>.</summary>
    internal void SpanEnd(ulong tick)
    {
        if (takesSpans)
        {
            columns!.SpanEnd(Events, tick);
            return;
        }
        Events.U16(SpanEndEvent.Index);
        Events.U64(tick);
    }
}
