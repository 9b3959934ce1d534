using Legion.Format;

namespace Legion.Sdk;

/// <summary>A block ready to be stored.</summary>
public sealed class FinishedBlock
{
    readonly OpenScopes after;
    byte[]? bytes;

    internal FinishedBlock(BlockHeader header, Schema schema, byte[] bytes, int rawBytes, OpenScopes after)
    {
        Header = header;
        Schema = schema;
        this.bytes = bytes;
        StoredBytes = bytes.Length;
        RawBytes = rawBytes;
        this.after = after;
    }

    public BlockHeader Header { get; }
    public Schema Schema { get; }

    /// <exception cref="IOException">The block lay on disk alone, and cannot be read.</exception>
    public byte[] Bytes => bytes ?? Spooled!.ReadBlock();

    /// <summary>Length of <see cref="Bytes"/>.</summary>
    public int StoredBytes { get; }

    /// <summary>The record of its stream, for a server that lacks it; null where no server is asked.</summary>
    internal StreamRecord? Stream { get; set; }

    /// <summary>Where it lies on disk as well; null where it does not.</summary>
    internal SpooledBlock? Spooled { get; set; }

    internal bool IsInMemory => bytes is not null;

    /// <summary>Keeps the block on disk alone, if it is there.</summary>
    internal void LeaveMemory()
    {
        if (Spooled is not null) bytes = null;
    }

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
        return new FinishedBlock(header, Schema, block.Finish(header), block.RowBytes, after) { Stream = Stream };
    }
}
