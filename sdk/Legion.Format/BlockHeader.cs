namespace Legion.Format;

/// <summary>How the events of a block are laid out. A reader that meets another value reports the block and goes on.</summary>
public enum BlockEncoding : ushort
{
    /// <summary>Each event: u16 index of its type in the schema, u32 length where the type is variable, then its bytes at the schema's offsets.</summary>
    Rows = 0,

    /// <summary>All events' types, then all their ticks, then the values of each other field of each type one after the other.</summary>
    Columns = 1,

    /// <summary>No events of a schema, but an export request of OpenTelemetry as its protobuf has it, of one resource. The class says which.</summary>
    OpenTelemetry = 2,
}

/// <summary>How a block's content is compressed.</summary>
public enum BlockCodec : byte
{
    None = 0,

    /// <summary>LZ4 block format (not the frame format); the size comes from the header.</summary>
    Lz4 = 1,
}

[Flags]
public enum BlockFlags : uint
{
    None = 0,

    /// <summary>The client gives no open-span stack; the stream is read from its start.</summary>
    StackOmitted = 1,

    /// <summary>The last knot lies before the last tick: the end was extrapolated, as for what is recovered from a dead process.</summary>
    ClockExtrapolated = 2,

    /// <summary>Sequence and ordinals only say in which order the blocks of a stream came: they have holes, and nothing is lost there.</summary>
    Unnumbered = 4,
}

/// <summary>
/// All that is known of a block without decoding its events: the field's own bytes are in FORMAT.md, "Block header".
/// </summary>
public sealed record BlockHeader
{
    public required Guid BlockId { get; init; }
    public required Guid StreamId { get; init; }
    public required Guid ProcessId { get; init; }
    public required SchemaHash Schema { get; init; }
    public required StreamClass Class { get; init; }
    public ushort Encoding { get; init; }
    public BlockCodec Codec { get; init; }
    public BlockFlags Flags { get; init; }

    /// <summary>0 for the stream's first block, then one more each.</summary>
    public required ulong Sequence { get; init; }

    /// <summary>The producer's count of the stream's events before this block, dropped ones included.</summary>
    public required ulong FirstOrdinal { get; init; }

    /// <summary>The same count after this block: the next block's <see cref="FirstOrdinal"/>.</summary>
    public required ulong NextOrdinal { get; init; }

    /// <summary>Events in the block; gap records are not events.</summary>
    public required uint Events { get; init; }

    public required ulong FirstTick { get; init; }
    public required ulong LastTick { get; init; }

    public required BlockClock Clock { get; init; }

    /// <summary>Spans open at the first event (after a leading gap), outermost first.</summary>
    public IReadOnlyList<OpenSpan> OpenSpans { get; init; } = [];

    /// <summary>Contexts open at the first event, outermost first: references into the block's property sets.</summary>
    public IReadOnlyList<uint> OpenContexts { get; init; } = [];

    /// <summary>Bytes of the dependency section, with which the uncompressed content begins.</summary>
    public int DependencyBytes { get; init; }

    /// <summary>Bytes of the events, which follow it.</summary>
    public int EventBytes { get; init; }

    /// <summary>Bytes of the content as stored.</summary>
    public int StoredBytes { get; init; }

    /// <summary>CRC-32C of the uncompressed content.</summary>
    public uint Checksum { get; init; }

    public bool IsOpenTelemetry => Encoding == (ushort)BlockEncoding.OpenTelemetry;

    public int RawBytes => DependencyBytes + EventBytes;

    public long BeginNs => Clock.Ns(FirstTick);
    public long EndNs => Clock.Ns(LastTick);
}
