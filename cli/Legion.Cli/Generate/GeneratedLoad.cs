namespace Legion.Cli.Generate;

/// <summary>What load to make. All but ids follows from this alone.</summary>
public sealed record GeneratedLoad
{
    /// <summary>Spans of each process, exactly.</summary>
    public required long Spans { get; init; }

    /// <summary>Log entries of each process, exactly.</summary>
    public long Logs { get; init; }

    public int Processes { get; init; } = 1;
    public int Threads { get; init; } = 4;

    /// <summary>Most spans open at a time on one thread.</summary>
    public int Depth { get; init; } = 8;

    public ulong Seed { get; init; } = 1;
    public DateTimeOffset Start { get; init; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Size at which a block is cut.</summary>
    public int BlockBytes { get; init; } = 1 << 20;

    internal long StartNs => (Start.UtcTicks - DateTime.UnixEpoch.Ticks) * 100;
}
