using Legion.Format;

namespace Legion.Tests.Format;

/// <summary>The process, the clock and the ids that all golden files share. Fixed for ever: the files are compared byte for byte.</summary>
static class GoldenScene
{
    public const long UtcOffsetNs = 1_700_000_000_000_000_000;

    static readonly ClockKnot[] Knots =
    [
        new(1_000, 500, UtcOffsetNs + 500),
        new(10_000, 3_500, UtcOffsetNs + 3_500),
        new(20_000, 7_001, UtcOffsetNs - 2_000),
        new(30_000, 10_000, UtcOffsetNs + 10_000),
    ];

    public static readonly Guid Process = Id(0x100), MainStream = Id(0x200), WorkerStream = Id(0x201), LogStream = Id(0x202),
        MetricStream = Id(0x203), UserStream = Id(0x204), AttachmentStream = Id(0x205), FrameStream = Id(0x206);

    /// <summary>The whole clock of the process; a block carries a part of it.</summary>
    public static BlockClock Clock { get; } = new(UtcOffsetNs, Knots);

    public static Guid Id(int number) => Guid.Parse($"018bcfe5-6800-7000-8000-{number:x12}");

    public static readonly Site
        Frame = new("frame", "Game.Loop", "Loop.cs", 12),
        Draw = new("draw", "Game.Renderer", "Renderer.cs", 40),
        Load = new("load", "Game.Assets", "Assets.cs", 7);

    public static readonly ProcessRecord Game = new()
    {
        ProcessId = Process,
        Version = 3,
        ParentProcessId = Id(0x99),
        Exe = "game",
        User = "ada",
        Computer = "desk-7",
        Os = "Linux 6.1",
        Cpu = "a processor",
        Runtime = ".NET 10.0",
        StartNs = Clock.Ns(1_000),
        EndNs = Clock.Ns(30_000),
        EndReason = "exit",
        LastSeenNs = Clock.Ns(30_000),
        Properties = [new("build", "1234"), new("cores", 8), new("branch", "größer")],
    };

    public static IReadOnlyList<StreamRecord> StreamRecords { get; } =
    [
        Stream(MainStream, StreamClass.Trace, "main") with { ThreadId = 41, Tags = ["game", "render"], Properties = [new("priority", 1.5)] },
        Stream(WorkerStream, StreamClass.Trace, "worker") with { ThreadId = 42 },
        Stream(LogStream, StreamClass.Log, "log"),
        Stream(MetricStream, StreamClass.Metric, "metric"),
        Stream(UserStream, StreamClass.Other, GoldenUserType.Name),
        Stream(AttachmentStream, StreamClass.Other, "attachments"),
        Stream(FrameStream, StreamClass.Metric, "frames"),
    ];

    /// <summary>A header whose clock has the knots from the last at or before the first tick to the first at or after the last tick.</summary>
    public static BlockHeader Header(int block, Guid stream, StreamClass streamClass, ulong sequence, (ulong First, ulong Next) ordinals, uint events, (ulong First, ulong Last) ticks)
    {
        var from = Math.Max(0, Array.FindLastIndex(Knots, knot => knot.Ticks <= ticks.First));
        var to = Array.FindIndex(Knots, knot => knot.Ticks >= ticks.Last);
        return new BlockHeader
        {
            BlockId = Id(block),
            StreamId = stream,
            ProcessId = Process,
            Schema = default, // the block writer names its own
            Class = streamClass,
            Sequence = sequence,
            FirstOrdinal = ordinals.First,
            NextOrdinal = ordinals.Next,
            Events = events,
            FirstTick = ticks.First,
            LastTick = ticks.Last,
            Clock = new BlockClock(UtcOffsetNs, Knots.AsSpan(from..(to + 1))),
        };
    }

    static StreamRecord Stream(Guid id, StreamClass streamClass, string name) =>
        new() { StreamId = id, ProcessId = Process, Version = 1, Class = streamClass, Name = name };
}
