using Legion.Format;

namespace Legion.Store;

/// <summary>A block of a batch on its way into the store: its bytes, what its header says, and its answer as soon as there is one.</summary>
sealed class BlockCandidate
{
    readonly BlockHeader? header;

    BlockCandidate(ReadOnlyMemory<byte> bytes, BlockHeader? header, int headerBytes, BlockAnswer? answer)
    {
        Bytes = bytes;
        this.header = header;
        HeaderBytes = headerBytes;
        Answer = answer;
    }

    public ReadOnlyMemory<byte> Bytes { get; }
    public int HeaderBytes { get; }

    /// <summary>Null until it is decided.</summary>
    public BlockAnswer? Answer { get; private set; }

    public bool IsOpen => Answer is null;

    /// <exception cref="InvalidOperationException">The header could not be read; the answer says so.</exception>
    public BlockHeader Header => header ?? throw new InvalidOperationException("the block has no readable header");

    public BlockIdentity Identity => new(Header.BlockId, Header.RawBytes, Header.Checksum);

    /// <summary>Days since the Unix epoch; set once the process is known.</summary>
    public int Day { get; set; }

    /// <summary>What it is found by; once <see cref="Day"/> is set.</summary>
    public FiledBlock Filed => new(Header.BlockId, Day, Header.Class);

    /// <summary>Reads the header and holds what it declares against the bytes that are there; never looks into the events.</summary>
    public static BlockCandidate Read(ReadOnlyMemory<byte> bytes)
    {
        BlockHeader header;
        int headerBytes;
        try
        {
            header = BlockHeaderBytes.Read(bytes.Span, out headerBytes);
        }
        catch (InvalidDataException cause)
        {
            return new BlockCandidate(bytes, null, 0, new BlockAnswer(Guid.Empty, BlockCode.Refused, cause.Message));
        }
        var fault = Fault(header, bytes.Length - headerBytes);
        return new BlockCandidate(bytes, header, headerBytes, fault is null ? null : new BlockAnswer(header.BlockId, BlockCode.Refused, fault));
    }

    public void Decide(BlockCode code, string? reason = null) => Answer = new BlockAnswer(Header.BlockId, code, reason);

    /// <summary>Decides that the block is stored already, or another of its id is.</summary>
    public void DecideAgainst(BlockIdentity stored)
    {
        if (stored == Identity) Decide(BlockCode.Exists);
        else Decide(BlockCode.Conflict, $"stored before with {stored.RawBytes} bytes of content and checksum {stored.Checksum:x8}, saw {Identity.RawBytes} bytes and {Identity.Checksum:x8}");
    }

    /// <summary>The row, but for its arrival.</summary>
    public BlockRow Row(string objectKey, long objectOffset) => new()
    {
        BlockId = Header.BlockId,
        StreamId = Header.StreamId,
        ProcessId = Header.ProcessId,
        Class = Header.Class,
        Sequence = Header.Sequence,
        FirstOrdinal = Header.FirstOrdinal,
        NextOrdinal = Header.NextOrdinal,
        Events = Header.Events,
        FirstTick = Header.FirstTick,
        LastTick = Header.LastTick,
        BeginNs = Header.BeginNs,
        EndNs = Header.EndNs,
        Bytes = Bytes.Length,
        HeaderBytes = HeaderBytes,
        RawBytes = Header.RawBytes,
        Encoding = Header.Encoding,
        Flags = Header.Flags,
        Schema = Header.Schema,
        Checksum = Header.Checksum,
        Arrival = 0,
        ObjectKey = objectKey,
        ObjectOffset = objectOffset,
        StoredChecksum = Crc32C.Of(Bytes.Span),
    };

    /// <summary>An unknown encoding or codec is no fault: a later reader may know it.</summary>
    static string? Fault(BlockHeader header, int contentBytes)
    {
        if (header.BlockId == Guid.Empty || header.StreamId == Guid.Empty || header.ProcessId == Guid.Empty)
            return "expected ids of block, stream and process, saw the nil UUID";
        if (header.StoredBytes != contentBytes)
            return $"expected {header.StoredBytes} bytes of content, saw {contentBytes}";
        if (header.Codec == BlockCodec.None && header.RawBytes != contentBytes)
            return $"expected {header.RawBytes} bytes of uncompressed content, saw {contentBytes}";
        if (header.Codec == BlockCodec.Lz4 && header.RawBytes > (long)contentBytes * FormatLimits.MaxExpansion)
            return $"declares {header.RawBytes} bytes of content, {contentBytes} bytes of LZ4 hold at most {(long)contentBytes * FormatLimits.MaxExpansion}";
        return null;
    }
}
