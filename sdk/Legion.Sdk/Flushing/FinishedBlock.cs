using Legion.Format;

namespace Legion.Sdk;

/// <summary>A block ready to be stored.</summary>
public sealed class FinishedBlock
{
    readonly OpenScopes after;

    internal FinishedBlock(BlockHeader header, Schema schema, byte[] bytes, int rawBytes, OpenScopes after)
    {
        Header = header;
        Schema = schema;
        Bytes = bytes;
        RawBytes = rawBytes;
        this.after = after;
    }

    public BlockHeader Header { get; }
    public Schema Schema { get; }
    public byte[] Bytes { get; }

    /// <summary>Bytes that the events would take as rows.</summary>
    public int RawBytes { get; }

    /// <summary>
    /// What stands for the block when it must be given up: a block with the same id, sequence and ordinals that holds a gap record alone.
    /// Should the original have been stored after all, the server keeps that and answers "conflict".
    /// </summary>
    public FinishedBlock ToGap(GapReason reason)
    {
        var block = new BlockWriter(Schema);
        var gap = new Gap(Header.FirstTick, Header.LastTick, Header.NextOrdinal - Header.FirstOrdinal, (ulong)RawBytes, reason);
        GapEvent.Write(block, Schema.IndexOf(WellKnown.Gap), gap);
        var (spans, contexts) = after.ToHeader(block.Dependencies, Header.Clock);
        var header = Header with { Events = 0, OpenSpans = spans, OpenContexts = contexts };
        return new FinishedBlock(header, Schema, block.Finish(header), block.RowBytes, after);
    }
}
