using Legion.Format;

namespace Legion.Sdk;

/// <summary>
/// How far a stream had been cut when a block of it was finished, so that whoever reads the segments of a dead process goes on exactly there.
/// Which spans and contexts were open at that point, the header of the block's own gap record says.
/// </summary>
sealed record CutState
{
    /// <summary>How far into what each thread recorded the stream's blocks reach; threads that are not named have nothing in them.</summary>
    public required IReadOnlyList<(Guid Thread, ulong Position)> Positions { get; init; }

    /// <summary>Of a thread's stream: by which address each open span is ended, outermost first.</summary>
    public IReadOnlyList<ulong> OpenSpans { get; init; } = [];

    /// <summary>Of the stream of frames: the frame in progress of each series.</summary>
    public IReadOnlyList<(uint Series, ulong BeginTick, ulong Number)> Frames { get; init; } = [];

    public byte[] ToBytes()
    {
        var writer = new ByteWriter(256);
        writer.U32(RecordLayout.Version);
        writer.U32((uint)Positions.Count);
        foreach (var (thread, position) in Positions)
        {
            writer.Id(thread);
            writer.U64(position);
        }
        writer.U32((uint)OpenSpans.Count);
        foreach (var address in OpenSpans) writer.U64(address);
        writer.U32((uint)Frames.Count);
        foreach (var (series, beginTick, number) in Frames)
        {
            writer.U32(series);
            writer.U64(beginTick);
            writer.U64(number);
        }
        return writer.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no state, or one of another version.</exception>
    public static CutState Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes, "cut state");
        var version = reader.U32();
        if (version != RecordLayout.Version) throw new InvalidDataException($"cut state: expected record layout {RecordLayout.Version}, saw {version}");
        var positions = new (Guid, ulong)[reader.Count(24)];
        for (var i = 0; i < positions.Length; i++) positions[i] = (reader.Id(), reader.U64());
        var openSpans = new ulong[reader.Count(8)];
        for (var i = 0; i < openSpans.Length; i++) openSpans[i] = reader.U64();
        var frames = new (uint, ulong, ulong)[reader.Count(20)];
        for (var i = 0; i < frames.Length; i++) frames[i] = (reader.U32(), reader.U64(), reader.U64());
        return new CutState { Positions = positions, OpenSpans = openSpans, Frames = frames };
    }
}
