using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// A block on disk, with all that a server or a reader needs for it: a batch, which `legion import` reads too.
/// Two more items, which others skip, say how far the stream was cut and hold the block of a gap record that stands for this one if it must be given up.
/// </summary>
sealed record SpoolFile
{
    /// <summary>Kinds of items that are this SDK's own.</summary>
    const BatchItemKind StateKind = (BatchItemKind)0x8001, GapKind = (BatchItemKind)0x8002;

    public required ProcessRecord Process { get; init; }
    public required StreamRecord Stream { get; init; }
    public required Schema Schema { get; init; }
    public required BlockHeader Header { get; init; }
    public required byte[] Block { get; init; }

    /// <summary>Null where the block is the gap record itself.</summary>
    public byte[]? Gap { get; init; }

    public required byte[] State { get; init; }

    public byte[] ToBytes()
    {
        var writer = new BatchWriter();
        writer.Add(Process);
        writer.Add(Stream);
        writer.Add(Schema);
        writer.AddBlock(Block);
        writer.Add(StateKind, State);
        if (Gap is not null) writer.Add(GapKind, Gap);
        return writer.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no such file, or damaged.</exception>
    public static SpoolFile Read(ReadOnlyMemory<byte> bytes)
    {
        ReadOnlyMemory<byte>? process = null, stream = null, schema = null, block = null, state = null, gap = null;
        foreach (var item in Batch.Read(bytes))
        {
            switch (item.Kind)
            {
                case BatchItemKind.Process: process = item.Bytes; break;
                case BatchItemKind.Stream: stream = item.Bytes; break;
                case BatchItemKind.Schema: schema = item.Bytes; break;
                case BatchItemKind.Block: block = item.Bytes; break;
                case StateKind: state = item.Bytes; break;
                case GapKind: gap = item.Bytes; break;
                default: break;
            }
        }
        if (process is null || stream is null || schema is null || block is null || state is null)
            throw new InvalidDataException("spool file: expected a process, a stream, a schema, a block and its state");
        var header = BlockHeaderBytes.Read(block.Value.Span, out _);
        if (gap is null && header.Events > 0) throw new InvalidDataException("spool file: expected a gap record beside a block of events");
        return new SpoolFile
        {
            Process = ProcessRecord.Read(process.Value.Span),
            Stream = StreamRecord.Read(stream.Value.Span),
            Schema = Schema.Read(schema.Value.Span),
            Header = header,
            Block = block.Value.ToArray(),
            State = state.Value.ToArray(),
            Gap = gap?.ToArray(),
        };
    }

    /// <summary>The file with the gap record in the block's place; null where that is what it holds.</summary>
    public SpoolFile? GivenUp() => Gap is null ? null : this with { Block = Gap, Gap = null, Header = BlockHeaderBytes.Read(Gap, out _) };
}
