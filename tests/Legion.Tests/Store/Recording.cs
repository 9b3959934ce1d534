using Legion.Format;

namespace Legion.Tests.Store;

/// <summary>A small process as a client would send it: its records, the schema, and blocks of spans on one stream.</summary>
sealed class Recording
{
    static readonly BlockClock Clock = new(1_790_000_000_000_000_000, [new ClockKnot(0, 0, 0), new ClockKnot(1_000_000_000, 1_000_000_000, 1_000_000_000)]);

    ulong sequence;
    ulong ordinal;

    public Guid ProcessId { get; init; } = Guid.CreateVersion7();
    public Guid StreamId { get; init; } = Guid.CreateVersion7();
    public StreamClass Class { get; init; } = StreamClass.Trace;

    public ProcessRecord Process => new()
    {
        ProcessId = ProcessId,
        Version = 1,
        Exe = "game",
        StartNs = 1_790_000_000_000_000_000,
        LastSeenNs = 1_790_000_000_000_000_001,
        Properties = [new Property("build", "1234"), new Property("branch", "main")],
    };

    public StreamRecord Stream => new() { StreamId = StreamId, ProcessId = ProcessId, Version = 1, Class = Class, Name = "main", ThreadId = 7 };

    /// <summary>The next block of the stream, of <paramref name="spans"/> spans.</summary>
    public byte[] Block(int spans = 3, Guid? id = null, Guid? processId = null, StreamClass? streamClass = null)
    {
        var writer = new BlockWriter(WellKnown.Schema);
        var site = writer.Dependencies.Site(new Site("tick", "game", "game.cs", 1));
        var first = ordinal;
        for (var i = 0; i < spans; i++)
        {
            SpanBeginEvent.Write(writer, ordinal++, site);
            SpanEndEvent.Write(writer, ordinal++);
        }
        return writer.Finish(new BlockHeader
        {
            BlockId = id ?? Guid.CreateVersion7(),
            StreamId = StreamId,
            ProcessId = processId ?? ProcessId,
            Schema = WellKnown.Schema.Hash,
            Class = streamClass ?? Class,
            Sequence = sequence++,
            FirstOrdinal = first,
            NextOrdinal = ordinal,
            Events = (uint)(ordinal - first),
            FirstTick = first,
            LastTick = ordinal,
            Clock = Clock,
        });
    }

    public byte[][] Blocks(int count) => [.. Enumerable.Range(0, count).Select(_ => Block())];

    /// <summary>Records, schema and blocks.</summary>
    public BatchWriter Batch(params IEnumerable<byte[]> blocks)
    {
        var batch = new BatchWriter();
        batch.Add(Process);
        batch.Add(Stream);
        batch.Add(WellKnown.Schema);
        foreach (var block in blocks) batch.AddBlock(block);
        return batch;
    }

    /// <summary>Records, schema and blocks, as <see cref="Legion.Format.Batch.Read"/> gives them.</summary>
    public IReadOnlyList<BatchItem> Items(params IEnumerable<byte[]> blocks) => Legion.Format.Batch.Read(Batch(blocks).ToArray());

    /// <summary>Blocks alone, as a client sends them once it has sent the rest.</summary>
    public static IReadOnlyList<BatchItem> BlockItems(params IEnumerable<byte[]> blocks) => [.. blocks.Select(block => new BatchItem(BatchItemKind.Block, block))];

    public static Guid IdOf(byte[] block) => BlockHeaderBytes.Read(block, out _).BlockId;
}
